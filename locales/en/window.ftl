### What every part of the window says: times, how the gate stands, the books, keys, and what could not be done.
### Each other part has a file of its own, called after it.

## The language

# The tag of the language that dates are written in, for the names of days and months. Not shown.
window-dates = en-GB

## The window itself

window-name = Tidegate
# $left: how long a block still lasts, such as "47 min".
window-title = { $left } left – Tidegate

## Buttons and marks that are found in more than one place

window-cancel = Cancel
window-close = Close
window-check-in-now = Check in now
window-back-to-work = Back to work
window-check-in-ready = check-in ready

# On a line that can be copied: the line follows, and is read out after this.
window-copy = Copy:
    .title = Copy this line
window-copied = Copied
window-copy-failed = It could not be copied

## Instants. $time is a time of day as the user writes it, such as "11:30" or "11:30 am"; $day a weekday or a date.

window-when-tomorrow = { $time } tomorrow
window-when-on-day = { $time } on { $day }
# In short, at the side of a row: "Tue 9:58".
window-stamp-day = { $day } { $time }
# A full hour at the edge of a chart, on a 12 hour clock: "2 pm". $hour: from 1 to 12.
window-hour =
    { $half ->
        [am] { $hour }{ "\u00A0" }am
       *[pm] { $hour }{ "\u00A0" }pm
    }

## Stretches of time, as they stand in other sentences

window-under-a-minute = under a minute
window-minutes = { $minutes } min
window-hours = { $hours } h
window-hours-minutes = { $hours } h { NUMBER($minutes, minimumIntegerDigits: 2) } min
# The same with large digits, as a clock has it: "1 h 24".
window-clock = { $hours } h { NUMBER($minutes, minimumIntegerDigits: 2) }
window-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
window-seconds = { $seconds } s
# Under ten seconds, to a tenth: "0.4 s".
window-tenths = { NUMBER($seconds, minimumFractionDigits: 1, maximumFractionDigits: 1) } s

## How the gate stands

window-nothing-held = Nothing is held
window-everything-held = Everything is held
window-everything-passes = Everything passes
# $app: a program, by the name that it gave.
window-quiet = { $app } asked for quiet
# $name: the desktop's own notification daemon, such as "dunst 1.9.0".
window-renderer = In front of { $name }
window-renderer-away = { $name } cannot be reached
window-renderer-none = No notification daemon behind it

## The books: what came in, and where it is now. Each of the first ones is a part of a sum, such as
## "2 carried over + 41 came in = 33 here + 10 let through".

window-books-carried = { $count } carried over
window-books-came = { $count } came in
window-books-here = { $count } here
window-books-passed = { $count } let through
# Their apps took them back.
window-books-withdrawn = { $count } withdrawn
window-books-muted = { $count } muted
window-books-expired = { $count } expired
window-books-released = { $count } released
window-books-done = { $count } done

window-books-only-counted =
    { $count ->
        [one] { $count } more was shown, only the count is kept: the store could not be written.
       *[other] { $count } more were shown, only the count is kept: the store could not be written.
    }
# $came: how many came in or were there before; $found: of how many it is known where they are.
window-books-mismatch = The books do not balance: { $came } to account for, { $found } accounted for.
window-books-mismatch-daemon = The books do not balance, says the daemon, though the figures here add up.
# $since: when the gate went, such as "Tue 9:58"; $length: for how long, such as "12 s".
window-books-away = Gate away { $since } for { $length }: what came then was shown, not counted.

## What could not be done. $deed: what was asked for, to mark as done, to put off until later, or to release to the desktop.

window-refused-one =
    { $deed ->
        [done] One was not marked as done
        [later] One was not put off
       *[release] One was not released
    }
# $name: what a notification says first.
window-refused-named =
    { $deed ->
        [done] “{ $name }” was not marked as done
        [later] “{ $name }” was not put off
       *[release] “{ $name }” was not released
    }
window-refused-many =
    { $deed ->
        [done]
            { $count ->
                [one] { $count } interruption was not marked as done
               *[other] { $count } interruptions were not marked as done
            }
        [later]
            { $count ->
                [one] { $count } interruption was not put off
               *[other] { $count } interruptions were not put off
            }
       *[release]
            { $count ->
                [one] { $count } interruption was not released
               *[other] { $count } interruptions were not released
            }
    }
window-refused-unfetched =
    { $deed ->
        [done] One was not marked as done: it could not be fetched
        [later] One was not put off: it could not be fetched
       *[release] One was not released: it could not be fetched
    }
window-refused-undo = Nothing was undone
# $where: an address in short, such as "example.org".
window-refused-address = { $where } was not opened
# $what: one of those above; $why: the reason, a sentence of the daemon's.
window-refused-why = { $what }. { $why }

window-opening = Opening { $where }

## What keys do, as the list of them says it; .short where there is little room

window-key-move = Move down and up; the arrow keys do too
    .short = move
window-key-app = Go to the next app and the one before
window-key-page = Move by a screenful
window-key-edge = Go to the first and the last
window-key-enter = Go from the list to what is chosen
window-key-buttons-of-app = Go from the list to the buttons of the chosen one’s app, and through them
window-key-open = Open it: its default action, or its app if that has quit
    .short = open
window-key-press = Press its buttons
    .short = its buttons
window-key-reply = Reply to it here
    .short = reply
window-key-done = Done: it is dealt with
    .short = done
window-key-later = Later: put it off to the next check-in
    .short = later
window-key-snooze = Snooze it: it is here again in a while
    .short = snooze
window-key-conversation = The same with the whole conversation
window-key-release = Release it: your desktop displays it now
window-key-undo = Undo the last done, later, snooze, release or skip
    .short = undo
window-key-search = Search all history
    .short = search
window-key-check-in = Check in now
window-key-skip = Skip the next check-in
window-key-close-check-in = Close the check-in
window-key-note = Note an interruption by hand
    .short = note
window-key-leave = Leave what is on top: a dialog, a field, the chosen one’s page, the search
window-key-now = Go to Now
window-key-held = Go to Held
window-key-settings = Go to Settings; Ctrl+, does too
window-key-zoom = Larger, smaller, as it was
window-key-close-window = Close the window; the gate stays as it is
window-key-keys = Show these keys
    .short = all keys
