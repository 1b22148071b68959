# What an exit status means, each in one line of `--help`.

cli-exit-ok = done
cli-exit-internal = something went wrong inside
cli-exit-invalid = the command line is wrong
cli-exit-away = the daemon does not run or cannot be reached, or there is no desktop session here
cli-exit-not-found = no interruption has that id, or nothing is held of that app
cli-exit-conflict = not possible now: no block runs, not held any more, too late to undo, a mistake in settings.toml
cli-exit-app-gone = the app that sent it has quit
cli-exit-no-renderer = no notification daemon can be reached to show it
cli-exit-store = the store or settings.toml cannot be read or written
cli-exit-unwell = the doctor found something that does not work
cli-exit-no-desktop-entry = it named no desktop entry by which its app could be opened
cli-exit-not-installed = no app is installed for the desktop entry that it named
cli-exit-not-started = its app could not be started
cli-exit-unsupported = this desktop is not supported yet: nothing was changed
cli-exit-may-have-forgotten = pressed or answered, but its app may have forgotten it since the gate restarted
# Above them all.
cli-exit-status = Exit status:
