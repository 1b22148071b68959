# What an exit status means, each in one line of `--help`.

exit-ok = done
exit-internal = something went wrong inside
exit-invalid = the command line is wrong
exit-away = the daemon does not run or cannot be reached, or there is no desktop session here
exit-not-found = no interruption has that id, or nothing is held of that app
exit-conflict = not possible now: no block runs, not held any more, too late to undo, a mistake in settings.toml
exit-app-gone = the app that sent it has quit
exit-no-renderer = no notification daemon can be reached to show it
exit-store = the store or settings.toml cannot be read or written
exit-unwell = the doctor found something that does not work
exit-no-desktop-entry = it named no desktop entry by which its app could be opened
exit-not-installed = no app is installed for the desktop entry that it named
exit-not-started = its app could not be started
exit-unsupported = this desktop is not supported yet: nothing was changed
exit-may-have-forgotten = pressed or answered, but its app may have forgotten it since the gate restarted
# Above them all.
exit-status = Exit status:
