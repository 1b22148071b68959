# Why a request could not be met: one line each, that says what, where and what to do.

## What a person may do, and when

failure-no-block = no block is running
# $ends (instant): when the break ends
failure-on-break = no block is running: a break lasts until { $ends }
failure-no-check-in-left = no check-in is left today; say how long instead, such as 50 minutes
# $time (text): a time of day
failure-time-is-past = { $time } is past today; say how long instead, such as 50 minutes
failure-no-time-away = there is no time away to count or to leave out
failure-no-length = this block has no set length to extend; start it anew with one
# $most (number): by so many minutes it can be extended
failure-too-long =
    { $most ->
        [0] a block ends at most 24 hours from now; this one cannot be extended before some of it has passed
        [one] a block ends at most 24 hours from now; extend this one by 1 minute
       *[other] a block ends at most 24 hours from now; extend this one by { $most } minutes or less
    }
failure-no-check-in = no check-in is set; add one under [check-ins] in settings.toml
failure-too-many-skipped = the next 100 check-ins are skipped already; stop skipping or change the times in the settings
failure-busy = earlier commands on many are still being carried out; try again in a moment
failure-nothing-to-undo = there is nothing to undo

## About one interruption

# $id (text): its id
failure-not-found = no interruption has the id { $id }
# $id (text): its id
# $state (text): held, passed, withdrawn, muted, expired, released or done
failure-not-held =
    { $id } is not held: it is { $state ->
        [held] held
        [passed] passed
        [withdrawn] withdrawn
        [muted] muted
        [expired] expired
        [released] released
       *[done] done
    }
# $id (text): its id
failure-closed = { $id } is closed: its app does not listen any more
# $id (text): its id
failure-went-on = { $id } has nobody to hear it: its script went on when its own time-out ended
# $id (text): its id
failure-no-default-action = { $id } has no default action; `tidegate show { $id }` lists its buttons
# $id (text): its id
# $key (text): what was pressed
failure-no-such-action = { $id } has no action "{ $key }"
# $id (text): its id
failure-noted = { $id } was noted by hand: it has nothing to press, answer or release
# $id (text): its id
failure-needs-text = { $id } is answered with a text: tidegate reply { $id } TEXT
# $id (text): its id
failure-no-reply = { $id } offers no inline reply
# $app (text): its name
# $id (text): the interruption's id
failure-app-gone-open-it = { $app } has quit and cannot hear it any more; open it: tidegate open { $id }
# $app (text): its name
failure-app-gone = { $app } has quit and cannot hear it any more; open it yourself
failure-may-have-forgotten = its app may have forgotten it since the gate restarted; look in the app whether it heard
# $id (text): its id
failure-being-released = { $id } is being released
# $id (text): its id
failure-too-late-to-undo = { $id } cannot be undone any more
# $app (text): what it calls itself
failure-no-desktop-entry = { $app } cannot be opened from here: it named no desktop entry; open it yourself
# $app (text): what it calls itself
# $entry (text): the desktop entry that it named
failure-not-installed = { $app } cannot be opened: no app is installed for the desktop entry "{ $entry }"; open it yourself
# $app (text): what it calls itself
# $why (text): an error's words
failure-not-started = { $app } could not be started: { $why }; open it yourself

## What does not work

failure-no-renderer = no notification daemon can be reached to show it; start yours, such as dunst or mako
failure-renderer-silent =
    your notification daemon does not answer, so nothing can be shown; try again once it does, or restart it
failure-store = nothing was changed: the store cannot be written; `tidegate status` says why
# $why (text): an error's words
failure-store-not-read = the store cannot be read: { $why }
# $why (text): an error's words
failure-window-not-started = the window's program could not be started ({ $why }); is tidegate-app installed?
# $address (text): where it was looked for
# $why (message): what went wrong there
failure-no-session-bus = no session bus at { $address }: { $why }; run this inside your desktop session
# $why (message): what went wrong there
failure-no-session-bus-in-its-place =
    no session bus at its usual place: { $why }; run this inside your desktop session
failure-ending = the daemon is ending
# $why (text): an error's words
failure-not-written = the answer could not be written: { $why }
# $most (number): so many may wait
failure-too-many-requests = { $most } requests of this connection are not answered yet; wait for those first
# $text (message): what is wrong with the settings file, and where
# $remedy (message): what to do
failure-settings = { $text }; { $remedy }
# $why (message): what the daemon says
failure-settings-unread = it is written, but the daemon has not taken it over: { $why }
# While the store has failed nothing can be listed.
# $text (message): what is wrong with the store
# $remedy (message): what to do
failure-cannot-be-listed = { $text } { $remedy }
# What nobody here has worded.
# $said (text): the words of another program, or of the system
failure-said = { $said }

## What is asked for wrongly

# $why (text): what could not be read of it
failure-unreadable-request = the request cannot be read: { $why }
# $length (number): how many bytes it has
# $most (number): so many fit
failure-request-too-long = the request has { $length } bytes; { $most } fit
# $given (number): how many are asked for
# $most (number): so many fit
failure-too-many-rows = { $given } rows are asked for; { $most } fit
# $length (number): how many characters it has
# $most (number): so many fit
failure-search-too-long = the search has { $length } characters; { $most } fit
# $most (number): so many rows fit
# $given (number): how many are asked for
failure-page-limit = a page has 1 to { $most } rows, not { $given }
# $most (number): so many bytes fit
failure-activation-token = an activation token has at most { $most } bytes, and none that is no text
# $least (number): minutes
# $most (number): minutes
# $given (number): minutes
failure-block-minutes = a block lasts { $least } to { $most } minutes, not { $given }
# $least (number): minutes
# $most (number): minutes
# $given (number): minutes
failure-extend-minutes = a block is extended by { $least } to { $most } minutes, not { $given }
# $least (number): minutes
# $most (number): minutes
# $given (number): minutes
failure-break-minutes = a break lasts { $least } to { $most } minutes, not { $given }
# $least (number): minutes
# $most (number): minutes
# $given (number): minutes
failure-snooze-minutes = a snooze lasts { $least } to { $most } minutes, not { $given }
# $length (number): how many bytes it has
# $most (number): so many fit
failure-reply-too-long = the reply has { $length } bytes; { $most } fit
failure-note-empty = the note is empty
# $what (text): intention, note or line
# $length (number): how many characters it has
# $most (number): so many fit
failure-line-too-long =
    { $what ->
        [intention] the intention has { $length } characters; { $most } fit
        [note] the note has { $length } characters; { $most } fit
       *[line] the line has { $length } characters; { $most } fit
    }
# $what (text): intention, note or line
failure-line-not-plain =
    { $what ->
        [intention] the intention must be one line of plain text
        [note] the note must be one line of plain text
       *[line] the line must be one line of plain text
    }
failure-no-id = no id is given
# $given (number): how many are given
# $most (number): so many fit
failure-too-many-ids = { $given } ids are given; { $most } fit
# $most (number): so many bytes fit
failure-app-id = an app's id has 1 to { $most } bytes
# $time (text): what was given
failure-no-time-of-day = { $time } is no time of day
# $key (number): so many bytes a key may have
# $value (number): so many bytes a value may have
failure-setting-too-long = a setting's key has at most { $key } bytes, and its value { $value }
