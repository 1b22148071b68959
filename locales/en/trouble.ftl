# What is wrong, and what to do about it: two sentences each.

trouble-name-lost = Another program owns the notification service, so nothing is held.
    .remedy = `tidegate doctor` says which one.
trouble-no-renderer = No notification daemon can be reached behind the gate, so nothing can be shown.
    .remedy = { trouble-start-one }; what is held stays held.
# Without a full stop: part of others.
trouble-start-one = None can start by itself while Tidegate owns the name: run `tidegate quit`, start one such as `dunst`, and then `tidegate daemon`
trouble-renderer-silent =
    The notification daemon behind the gate does not answer, so nothing can be shown; what comes is held.
    .remedy =
        If it does not come back by itself, end it: it is started again. What was on its way may have been shown.
# $program (text): its path
# $why (text): an error's words
trouble-renderer-fails =
    { $program }, which showed your notifications, was started in vain: { $why }. It is tried again.
    .remedy = { trouble-start-one }; what is held stays held.
# $program (text): its path
# $why (text): an error's words
# $other (text): the path of the program in its place
trouble-renderer-replaced =
    { $program }, which showed your notifications, was started in vain: { $why }. Now { $other } shows them.
    .remedy = To have { $program } back: run `tidegate quit`, start it, and then `tidegate daemon`.
trouble-waiting-for-daemon =
    A notification daemon that starts by itself is waited for, ten seconds at most; until then nothing is held.
    .remedy = Nothing needs to be done; `tidegate take-over now` goes on at once.
# $program (text): its path
trouble-waiting-for-popups =
    { $program } still shows something, which would be lost; until it shows nothing more, nothing is held.
    .remedy = Close what it shows, or `tidegate take-over now`.
# $why (text): an error's words
trouble-take-over = { $why }
    .remedy = `tidegate take-over now` tries again at once; `tidegate doctor` looks at every part of the path.
# $why (text): an error's words
trouble-path = { $why }
    .remedy = `tidegate doctor` looks at every part of the path.

## The store

# $said (text): the store's words
trouble-store = The store cannot be written, so everything passes: { $said }
    .remedy = Make room on the disk or mend the database; Tidegate resumes by itself once it can write.
    .remedy-unreadable = Once that is done, Tidegate resumes by itself with the next notification.
trouble-store-elsewhere =
    Tidegate runs in another session of yours and keeps its data there; here everything passes.
    .remedy =
        Run `tidegate quit` in that session, or end that session; from then on Tidegate holds here, with the next notification.
# $process (text): its number
trouble-store-elsewhere-process =
    Tidegate runs in another session of yours (process { $process }) and keeps its data there; here everything passes.
    .remedy =
        Run `tidegate quit` in that session, or end it with `kill { $process }`; from then on Tidegate holds here, with the next notification.
# $last-good (stamp): when it was
trouble-store-missing =
    The database was deleted, emptied or replaced. It was last known to be whole with what came { $last-good }; of that, something or all is missing from it.
    .remedy =
        If you have a copy, end Tidegate, put the copy in its place and start it again; what is held from now on is kept as ever.
trouble-store-written-again =
    The database was deleted while Tidegate ran; it was written again, and nothing of it is lost.
    .remedy = Find out what deletes files in Tidegate's data folder.

## The books

# $came (number): how many there are to account for
# $found (number): how many are accounted for
trouble-ledger = The books do not balance: { $came } to account for, { $found } accounted for.
    .remedy = This is an error in Tidegate: please report it with `tidegate ledger --json`.
trouble-ledger-unsaid = The books do not balance.

## The settings file

# $what (message): what is wrong, and where
trouble-settings-last-good = { $what }; the last good settings hold meanwhile
# $what (message): what is wrong, and where
trouble-settings-defaults = { $what }; the defaults hold meanwhile
