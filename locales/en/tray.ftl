# The tray's menu.

# $held (number): how many are held
tray-held = Held ({ $held })
tray-open = Open Tidegate
# $minutes (number): how many
tray-extend = Extend the block by { $minutes } minutes
tray-end = End the block
# $minutes (number): how many
tray-block = Block for { $minutes } minutes
tray-block-until-check-in = Block until the next check-in
tray-check-in = Check in now
tray-skip-ready = Skip this check-in
# $check-in (instant): when it is
tray-skip = Skip the check-in at { $check-in }
tray-quit = Quit, keep what is held
# $tooltip (message): how the gate stands
tray-title = Tidegate: { $tooltip }
