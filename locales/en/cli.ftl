# What the command line says itself: why something could not be asked or done, questions, and what is offered to a shell.
# What follows "tidegate: " begins with a small letter.

## Asking the daemon

cli-bus-silent = it does not answer
cli-bus-closed = the session bus has closed the connection
# $remedy (message): what starts it, a clause
cli-not-running = the daemon does not run; { $remedy }
# $why (text): what D-Bus says
# $remedy (message): what starts it, a clause
cli-not-to-be-started = D-Bus could not start the daemon ({ $why }); { $remedy }
# $program (text): this program as it was called
cli-start-it = run `{ $program } daemon`
# $program (text): this program as it was called
cli-start-it-by-unit = start it with `systemctl --user start tidegate`, or run `{ $program } daemon`
cli-ended-meanwhile = the daemon ended before it answered
# $seconds (number): how long
cli-silent = the daemon has not answered for { $seconds } s
# $why (text): an error's words
cli-call-failed = the call to the daemon failed: { $why }
# $name (text): an error's name on D-Bus
# $why (text): its words
cli-error-answered = the daemon answered with an error, { $name }: { $why }
# $why (text): an error's words
cli-not-understood = the daemon's answer is not understood ({ $why }); are it and this program of one version?
# $why (text): an error's words
cli-signal-not-understood = the daemon's signal has no text: { $why }
# $why (text): an error's words
cli-request-not-written = the request: { $why }
# $why (text): an error's words
cli-line-not-written = a line could not be written: { $why }
# $why (text): an error's words
cli-system-refuses = the system refused what a client needs: { $why }
# $seconds (number): how long
# $process (text): its number
cli-goes-on =
    Tidegate was asked to end and still runs after { $seconds } s; `kill -9 { $process }` ends it, and what is held stays on disk

## What was typed

# $typed (text): what was taken for an id
cli-no-id = "{ $typed }" is no id; `tidegate held` lists them, such as "bkf"
# $verb (text): what was taken for a verb
cli-no-verb = there is no verb "{ $verb }"; `tidegate help` lists them
cli-open-what = open what? The app that sent one: tidegate open ID. To open the gate: tidegate end
cli-where-is-not-for-skip = --where is about a check-in that begins, and `skip` passes one over; leave --where out
cli-rows = give a number of rows, 1 or more
cli-next = give the number that the list before this one names for it
# $app (text): what was taken for an app
cli-nothing-of-app = nothing is held of an app "{ $app }"; `tidegate held` lists them
# $ids (text): the apps' ids, with commas
cli-apps-of-one-name = more than one app is called that; name it by its id: { $ids }

## Questions. What is typed for yes is y or yes.

# $app (text): its name
# $name (text): the name it is installed by
cli-open-app =
    { $app } has quit and cannot hear it any more.
    Open { $name }? [Y/n]
# $held (number): how many are held
cli-release-first = { $held } held. Release to the screen before Tidegate ends? Otherwise they stay on disk. [y/N]
# $why (text): an error's words
cli-not-asked = the question could not be asked: { $why }

## A command during which what comes is held

cli-run-what = run what? Such as: tidegate inhibit -- make test
cli-nothing-would-be-held =
    nothing would be held: Tidegate is not in the path; `tidegate status` says why. The command was not run
# Why the gate is closed meanwhile.
cli-command-runs = a command runs
# $program (text): the command
# $why (text): an error's words
cli-command-not-started = { $program } could not be started: { $why }
# $why (text): an error's words
cli-end-missed = its end was missed: { $why }
# $why (text): an error's words
cli-no-signals = signals cannot be waited for: { $why }

## What a shell offers behind `start`, in a few words

cli-offers-until-check-in = until the next check-in
cli-offers-until = until a time of today
cli-offers-open = no end

## The list of the settings

# $file (text): the path of settings.toml
cli-settings-file = `tidegate settings set KEY VALUE` writes into { $file }.
# $meaning (message): what a setting is for
cli-setting-is-default = { $meaning } (default)
# $meaning (message): what a setting is for
# $default (text): its value where the file says nothing
cli-setting = { $meaning } (default { $default })

# Stands for accents on one letter that are too many to be drawn.
# $count (number): how many are left out
cli-more-accents =
    { $count ->
        [one] ‹1 more accent›
       *[other] ‹{ $count } more accents›
    }
