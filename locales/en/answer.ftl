# What came of a command: one line each.

# $ends (instant): when the block ends
answer-started = Block until { $ends }
answer-started-open = Block until you end it
# Added to the start of a block while Tidegate does not stand in the path.
# $started (message): one of the two above
# $why (message): what is waited for, a sentence
# $remedy (message): how to go on at once, a sentence
answer-nothing-is-held = { $started }, but nothing is held: Tidegate is not in the path yet. { $why } { $remedy }
answer-waits-for-popups = It waits until the notification daemon that runs shows nothing any more.
answer-waits-for-popups-remedy = `tidegate take-over now` goes on at once, and what is on the screen is lost.
# $held (number): how many are held
answer-ended =
    { $held ->
        [0] Block ended, nothing is held
       *[other] Block ended, { $held } held
    }
# $ends (instant): when the break ends
# $held (number): how many are held
answer-on-break =
    { $held ->
        [0] Break until { $ends }, nothing is held
       *[other] Break until { $ends }, { $held } held
    }
# $length (length): how long the user was away
answer-away-counts = { $length } away count
# $length (length): how long the user was away
answer-away-left-out = { $length } away are left out
# $held (number): how many are held
answer-opened =
    { $held ->
        [0] Gate open, nothing is held
       *[other] Gate open, { $held } held
    }
# $held (number): how many the digest hands over
answer-checked-in =
    { $held ->
        [0] Checked in: nothing is held
       *[other] Checked in: { $held } handed over
    }
# $checked-in (message): the one above
# $withdrawn (number): how many their apps took back
answer-checked-in-withdrawn = { $checked-in }, { $withdrawn } withdrawn
# $skipped (instant): the check-in that is passed over
# $next (instant): the one after it
answer-skipped = The check-in at { $skipped } is skipped, the next is { $next }
# $skipped (instant): the check-in that is passed over
answer-skipped-last = The check-in at { $skipped } is skipped, no other is set
# $check-in (instant): the check-in that was passed over
answer-on-again = The check-in at { $check-in } is on again
answer-acted-default = Opened by its app
# $key (text): what the app calls its button
answer-acted = Pressed: { $key }
answer-replied = Reply sent
# $count (number): how many are done
answer-done =
    { $count ->
        [0] Nothing was here to be done
       *[other] { $count } done
    }
# $count (number): how many are held again
# $out (number): how many are on the screen already
answer-undone =
    { $out ->
        [0] { $count } held again
        [one] { $count } held again, 1 is out already
       *[other] { $count } held again, { $out } are out already
    }
# $count (number): how many were put off
# $until (instant): the next check-in
answer-put-off =
    { $count ->
        [0] Nothing was here to be put off
       *[other] { $count } put off to { $until }
    }
# $count (number): how many were put off; no check-in is set
answer-put-off-to-some-check-in =
    { $count ->
        [0] Nothing was here to be put off
       *[other] { $count } put off to the next check-in
    }
# $count (number): how many were snoozed
# $until (instant): when they come back
answer-snoozed = { $count } snoozed until { $until }
answer-noted = Noted for the next check-in
answer-remembered = Remembered
answer-seen = Seen
# $place (text): in the user's own words
answer-check-in-closed-place = Check-in closed. You were at: { $place }
answer-check-in-closed = Check-in closed
# $count (number): how many are being released
answer-releasing =
    { $count ->
        [0] Nothing was here to be released
       *[other] { $count } on the way to the screen
    }
# $app (text): its name
answer-opening = Opening { $app }
answer-window-opens = The window opens
answer-in-path-already = Tidegate is in the path already
answer-takes-over = Tidegate takes over now; `tidegate status` says once it holds
# $key (text): a setting
# $value (text): what holds now
answer-set = { $key } is { $value }
# $key (text): a setting
# $value (text): what holds now
answer-set-to-default = { $key } is { $value }, its default
answer-settings-read = The settings are in force
# $held (number): how many are held
answer-ends =
    { $held ->
        [0] Tidegate ends; nothing was held
       *[other] Tidegate ends; { $held } stay held on disk
    }
# $held (number): how many are held
answer-releases-and-ends = Tidegate releases { $held } and ends
