### The settings, as far as the window words them itself: each setting's title and hint are the daemon's.

settings-title = Settings
settings-search = Search
    .label = Search the settings
# $mistake: what is wrong with the file, in the daemon's words.
settings-mistake = { $mistake }; these are the values that hold meanwhile
# $words: what was searched for.
settings-none-found = No setting is about “{ $words }”.

## The check-in times of each weekday. $day: a weekday, as the next seven say it; $time: such as "09:05".

settings-monday = Monday
settings-tuesday = Tuesday
settings-wednesday = Wednesday
settings-thursday = Thursday
settings-friday = Friday
settings-saturday = Saturday
settings-sunday = Sunday

settings-check-ins = What is held is handed over at these times. Three a day is what was tested with people; drag a mark, press its arrow keys, or type a time.
settings-day-mark = Check-in on { $day }
settings-day-field = Check-in on { $day } at
settings-day-remove = Remove { $time } on { $day }
settings-day-empty = No check-in
# $unseen: .unseen, which is only read out.
settings-day-add = Add { $unseen }
    .unseen = a check-in on { $day }
settings-day-copy = Copy to all work days { $unseen }
    .unseen = from { $day }

## Who sent something, and what becomes of it. $app: its name.

settings-apps-unknown = Who sent something cannot be said now.
settings-apps-none = Nothing came in the last 30 days.
settings-apps-app = App
settings-apps-week = A week
settings-apps-acted = Acted on
settings-apps-in-block = In a block
    .label = In a block: { $app }
settings-apps-at-check-in = At a check-in
    .label = At a check-in: { $app }
# Fewer than one a week, in the column of numbers.
settings-apps-under-one = under 1
# A share, in the column of numbers.
settings-apps-share = { $percent } %

## What always passes. $kind: a kind of programs, such as "power"; $program: one of them.

settings-safe-list = These pass a closed gate. They are known by the program that runs, as your distribution installed it, and not by what a notification says of itself.
# $unseen: .unseen, which is only read out.
settings-safe-default = Back to the default { $unseen }
    .unseen = of { $kind }
settings-safe-remove = Remove { $program }
settings-safe-none = None of these passes
settings-safe-name = Name of a program
    .label = A program for { $kind }
settings-safe-add = Add

## Where the data lies, what this is, and how to end it

settings-data = Data
    .where = { $folder }. It is on this machine and goes nowhere.
    .where-size = { $folder }, { NUMBER($size, minimumFractionDigits: 1, maximumFractionDigits: 1) } MiB. It is on this machine and goes nowhere.
settings-file = Settings file
    .where = { $file }. Edit it with any editor: a change counts as soon as it is saved.
settings-version = Version
    .which = Tidegate { $version }, under the MIT or the Apache-2.0 licence
# Beside it stands window-renderer.
settings-renderer = In front of
settings-end = To end it
# $command: what is typed in a terminal for it.
settings-end-else = or { $command }, or in the tray's menu
settings-quit = Quit Tidegate
    .question = Quit Tidegate?
    .consequence = Your desktop shows its notifications itself again. What is held stays on disk until Tidegate runs the next time.
    .yes = Quit
