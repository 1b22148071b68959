# The ledger: "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn".

# $came (text): what came in
# $found (text): where it is now
books-balanced = { $came } = { $found }
# $came (text): what came in
# $found (text): where it is now
books-unbalanced = { $came } ≠ { $found }
# $count (number): how many
books-carried = { $count } carried over
# $count (number): how many
books-came-in = { $count } came in
# $count (number): how many
books-held = { $count } here
# $count (number): how many
books-passed = { $count } let through
# $count (number): how many
books-withdrawn = { $count } withdrawn
# $count (number): how many
books-muted = { $count } muted
# $count (number): how many
books-expired = { $count } expired
# $count (number): how many
books-released = { $count } released
# $count (number): how many
books-done = { $count } done
# $count (number): how many
books-feedback = not counted: { $count } of feedback such as volume
# $count (number): how many
# $apps (text): which apps sent it, with how many each
books-feedback-of = not counted: { $count } of feedback such as volume ({ $apps })
# $count (number): how many
books-only-counted =
    { $count ->
        [one] 1 more was shown, only the count is kept: the store could not be written
       *[other] { $count } more were shown, only the count is kept: the store could not be written
    }
# $since (second): when it began
# $length (brief): how long
books-absence = gate away { $since } for { $length }: what came then was shown, not counted
