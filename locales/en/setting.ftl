# The settings: what each is called and takes, what is written above it in a new file, and what can be wrong in the file. What
# is typed or stands in the file, such as "yes", "none" or [blocks], stays as it is.

## What is shown together. "words" is what people may search for and none of its settings says.

setting-group-check-ins = Check-ins
    .words = time day weekday monday tuesday wednesday thursday friday saturday sunday
setting-group-blocks = Blocks and quiet
    .words = length minutes end notice sound break usual last away idle untouched
setting-group-apps = Apps
    .words = rule hold pass mute hand over digest re-deliver
setting-group-safe-list = What always passes
    .words = safe list power alarms security prompts calendar reminders
setting-group-about = Data and about
    .words = storage disk megabytes folder file version licence quit

## Above a section of the file: lines of at most 98 characters

setting-section-check-ins =
    Check-in times, one list per weekday; [] for none. A day that is left out has the
    default: 11:30, 14:00 and 16:30 from Monday to Friday.
setting-section-blocks =
    The length of a block that is given none, in minutes, or "last" (as long as the last one, the
    default), "until-check-in" or "open". Whether a notice says when a block is over, and whether
    Tidegate's notices sound, by the sounds of your desktop (true, both). Who touches nothing for so
    many minutes in a block is asked once, when they are back, if they count (10), or "never".
setting-section-quiet =
    Apps ask for quiet while you present or watch something. Whether the gate is closed as long as one
    does, and whether a notice says afterwards what was held (true, both).
setting-section-apps =
    What becomes of an app's notifications, by the id that `tidegate show ID --json` names:
    hold, pass, mute, or pass-trusted: only if it really is that program, not one that says so.
    .aside =
        A script's id is the name that it gives, as in `notify-send --app-name Battery Low`: it passes
        after `tidegate settings set apps.Battery pass`, as known programs' battery warnings always do.
setting-section-hand-over =
    How a check-in hands over what is held of an app, by its id: digest (it waits in the list, the
    default), re-deliver (it is released to the screen, one by one) or silent (without a sound).
setting-section-safe-list =
    Programs that pass a closed gate, by kind: the file names of programs that the distribution
    installs. A kind that is named here replaces the one that Tidegate knows; [] lets none pass.
setting-section-storage =
    How many MiB the messages of apps may take, with their pictures (256, if this is left out). A
    quarter is for copies of the files that they name. Beyond it the oldest of the app with the
    most go, and of the copies the oldest: the text and the buttons stay.
# Above them all, in a new file.
setting-file-head =
    The settings of Tidegate. A change counts as soon as the file is saved; `tidegate status`
    names a mistake by its line, and `tidegate settings` lists and changes them without an editor.
# Above the keys, in the help of `tidegate settings`.
setting-keys = Keys, and what they take:

## The settings: what each means, in a list; what it is called in the window, and what is said below that

setting-blocks-length = how long a block lasts that is given no length
    .title = A block that is given no length
    .hint = In the window by Enter, in the tray by a click, by `tidegate start`
    .last = As long as the last one
    .until-check-in = Until the next check-in
    .open = Open-ended
setting-blocks-end-notice = whether a notice says when a block is over
    .title = Say when a block is over
    .hint = By a notice with what is held; the window and the tray show it in any case
setting-blocks-sound = whether Tidegate's own notices sound
    .title = Let Tidegate’s own notices sound
    .hint = By the sounds of your desktop
setting-blocks-away = after how many minutes without a touch in a block you are asked if they count
    .title = Ask when you were away in a block
    .hint = After so long without a touch, or asleep: once, when you are back, whether it counts
    .never = Never
setting-quiet-hold = whether the gate is closed while an app asks for quiet
    .title = Hold while an app asks for quiet
    .hint = When you present or watch something; without it the gate stays as it is
setting-quiet-end-notice = whether a notice says what was held while an app asked for quiet
    .title = Say afterwards what was held
    .hint = By a notice, once no app asks for quiet any more
setting-storage-most = how many MiB of messages and pictures are kept on disk
    .title = Messages and pictures, at most
    .hint = Beyond it the oldest go, and text and buttons stay
    .unit = MiB
# $minutes (number): so many
setting-minutes =
    { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }

## Settings of one sort: what each means, their keys, what they take, and what can be chosen

# $day (text): monday to sunday
setting-check-ins =
    { $day ->
        [monday] check-ins on Mondays
        [tuesday] check-ins on Tuesdays
        [wednesday] check-ins on Wednesdays
        [thursday] check-ins on Thursdays
        [friday] check-ins on Fridays
        [saturday] check-ins on Saturdays
       *[sunday] check-ins on Sundays
    }
    .keys = check-ins.monday to check-ins.sunday
    .takes = times such as 10:00,15:30, or none
setting-apps = the rule for that app
    .keys = apps.ID
    .takes = hold, pass, pass-trusted or mute; none for no rule
    .none = Hold in a block
    .hold = Hold, also if on the safe list
    .pass = Pass
    .pass-trusted = Pass, if it is that program
    .mute = Mute
setting-hand-over = how a check-in hands over what is held of that app
    .keys = hand-over.ID
    .takes = digest, re-deliver or silent
    .digest = In the list
    .re-deliver = On the screen
    .silent = On the screen, silently
setting-safe-list = programs that pass a closed gate
    .keys = safe-list.KIND
    .takes = names of programs such as gnome-clocks,kalarm, or none

## What one takes

setting-takes-switch = yes or no
# $count (number): of how many words
# $words (message): those that it also takes
setting-takes-length =
    { $count ->
        [1] 25, 25m or 1h30 (at most 24h), or { $words }
       *[other] 25, 25m or 1h30 (at most 24h), { $words }
    }
# $unit (message): what it is a number of
# $least (number): from here on
# $most (number): up to here
setting-takes-number = a number of { $unit } from { $least } to { $most }

## Words in a row: the last two with a word between them, those before with commas

# $word (text): the only one
setting-one = { $word }
# $others (text): those before the last, with commas
# $last (text): the last
setting-either = { $others } or { $last }
# $others (message): those before the last
# $last (text): the last
setting-both = { $others } and { $last }
# $others (message): those before the last
# $last (message): the last
setting-list = { $others }, { $last }

## What is wrong in the file, and what to do

# $file (text): its path
# $line (number): where
# $what (message): what is wrong there
setting-mistake = { $file }, line { $line }: { $what }
# $file (text): its path
# $why (text): an error's words
setting-unreadable = { $file } cannot be read: { $why }
    .remedy = Make it a text file that you may read, or remove it.
    .no-file = it is no file
    .too-large = it is larger than 1 MiB
# $why (text): a parser's words
setting-not-toml = this is not TOML: { $why }
    .remedy = Mend the line.
# $version (text): that of the file
# $known (text): the newest that is known
setting-newer = the file is of version { $version }, and this Tidegate knows version { $known }
    .remedy = Use the Tidegate that wrote it, or put the file away.
# $known (text): the newest that is known
setting-no-version = the version must be a number
    .remedy = Write version = { $known }, or leave it out.
# $name (text): what stands there
# $names (message): what may stand there
setting-unknown = "{ $name }" is no setting
    .remedy = Write { $names }.
    .remedy-section = { $names } are the sections there are.
    .remedy-day = The days are monday, tuesday, … sunday.
# $name (text): the section's
setting-no-section = { $name } must be a section
    .remedy = Write [{ $name }] on a line of its own.
# $name (text): the setting's
setting-no-switch = { $name } must be true or false
    .remedy = Write true or false.
# $name (text): the setting's
# $count (number): of how many words
# $words (message): those that it also takes
setting-no-length = { $name } must be a number of minutes from 1 to 1440, or a word
    .remedy =
        { $count ->
            [1] Write a number or { $words }.
           *[other] Write a number, { $words }.
        }
# $name (text): the setting's
# $least (number): from here on
# $most (number): up to here
# $unit (message): what it is a number of
# $usual (number): its default
setting-no-number = { $name } must be a number from { $least } to { $most }
    .remedy = Write a number of { $unit }, such as { $usual }.
# $day (text): monday to sunday
setting-no-times = { $day } must be a list of times
    .remedy = Write a list such as ["11:30", "16:00"], or [] for none.
# $day (text): monday to sunday
# $time (text): what stands there
setting-no-time = { $day }: "{ $time }" is not a time of day such as 11:30
    .remedy = Write times as "11:30", in 24 hours.
# $app (text): its id
setting-no-rule = the rule for "{ $app }" is unknown
    .remedy = Write "hold", "pass", "pass-trusted" or "mute".
# $app (text): its id
setting-no-way = the way of handing over "{ $app }" is unknown
    .remedy = Write "digest", "re-deliver" or "silent".
# $kind (text): of programs
setting-no-programs = { $kind } must be a list of programs
    .remedy = Write a list such as ["gnome-clocks"], or [].
# $kind (text): of programs
# $program (text): what stands there
setting-no-program = { $kind }: "{ $program }" is no file name of a program
    .remedy = Write the name of its file, such as gnome-clocks, without a folder.
# $kind (text): of programs
# $program (text): what stands there
setting-sends-for-others = { $kind }: "{ $program }" sends whatever a script tells it to
    .remedy = Write [apps] with the name that the script gives, and "pass".
# $kind (text): what stands there
setting-no-kind = "{ $kind }" cannot be a kind of programs
    .remedy = Write one line of at most 64 bytes.

## Why a setting is not changed

# $key (text): what was typed
# $keys (message): those that there are
setting-no-key = "{ $key }" is no setting; there are { $keys }; `tidegate settings` lists them
# $key (text): the setting
# $word (text): what was typed
# $takes (message): what it takes
setting-no-value = { $key } cannot be "{ $word }"; give { $takes }
# $what (message): what is wrong
# $remedy (message): what to do, a sentence
setting-refused = { $what }. { $remedy }
# $file (text): the path of settings.toml
# $why (text): an error's words
setting-not-written = { $file } cannot be written: { $why }
    .locked = another program keeps its folder locked
# $file (text): the path of settings.toml
setting-late = the disk does not answer: { $file } may be changed or not
