# Sizes, as they stand in other messages.

# $bytes (number): how many
size-bytes = { $bytes } bytes
# $size (text): how many, with a tenth where they are few
size-kib = { $size } KiB
# $size (text): how many, with a tenth where they are few
size-mib = { $size } MiB
# $size (text): how many, with a tenth where they are few
size-gib = { $size } GiB
