# Tidegate's own notices on the screen: at a check-in, at a block's end, after a time away.

## What they begin with

# $held (number): how many are held
# $apps (number): from how many apps
notice-check-in =
    { $apps ->
        [one] Check-in: { $held } held from 1 app
       *[other] Check-in: { $held } held from { $apps } apps
    }
notice-check-in-nothing = Check-in: nothing is held
# $withdrawn (number): how many their apps took back
notice-check-in-withdrawn = Check-in: { $withdrawn } withdrawn
# $held (number): how many are held
# $app (text): which app asked for quiet
notice-quiet-is-over = { $held } held while { $app } asked for quiet
# $all (number): how many are held
# $held (number): how many of them since the app asked for quiet
# $app (text): its name
notice-quiet-is-over-of-all = { $all } held, { $held } of them while { $app } asked for quiet
# $length (length): how long the block was
# $intention (text): what it was for
notice-block-is-over = { $length } of { $intention }
# $length (length): how long the block was
notice-block-is-over-unnamed = { $length } of deep work
# $intention (text): what the block before the break was for
notice-break-is-over = Back to { $intention }?
notice-break-is-over-unnamed = The break is over
# $length (length): how long the user was away
notice-away = You were away { $length }: count it?
# $back (number): how many came back
notice-snooze-is-over =
    { $back ->
        [one] { $back } snoozed is back
       *[other] { $back } snoozed are back
    }
# $back (number): how many came back
# $held (number): how many are held with them
notice-snooze-is-over-of-all =
    { $back ->
        [one] { $back } snoozed is back, { $held } held in all
       *[other] { $back } snoozed are back, { $held } held in all
    }

## Their lines

# $names (text): of conversations, with how many each has where that is more than one
# $more (number): how many others
notice-conversations =
    { $more ->
        [0] { $names }
       *[other] { $names } and { $more } more
    }
# $apps (text): their names, with how many each sent
# $others (number): how many other apps
notice-apps =
    { $others ->
        [0] { $apps }
        [one] { $apps } and 1 other app
       *[other] { $apps } and { $others } other apps
    }
notice-nothing-held = Nothing is held
# $held (number): how many
# $who (message): from whom
notice-held = { $held } held: { $who }
notice-counts-until-left-out = It counts until you leave it out.
# $intention (text): what the block was for
notice-counts-until-left-out-of = In { $intention }. It counts until you leave it out.
# $withdrawn (number): how many their apps took back
notice-withdrawn = { $withdrawn } withdrawn
# $count (number): how many it took back
# $app (text): its name
notice-withdrawn-by = { $count } withdrawn by { $app }
# Follows the one above after a comma.
# $count (number): how many it took back
# $app (text): its name
notice-by = { $count } by { $app }
# $by (text): those above
# $others (number): how many others
notice-withdrawn-by-others =
    { $others ->
        [0] { $by }
       *[other] { $by } and { $others } by others
    }
# $released (number): how many
notice-released = and { $released } on the way to the screen
# $since (instant): when the period began
# $books (message): what came in and where it is
notice-since = Since { $since }: { $books }

## Their buttons

notice-review = Review
notice-release-all = Release all
notice-another = Another
# $minutes (number): how long
notice-another-minutes = Another { $minutes }
notice-another-until-check-in = Another, until the check-in
notice-back-to-work = Back to work
# $minutes (number): how long
notice-break = Break { $minutes }
notice-count-it = Count it
notice-leave-it-out = Leave it out
