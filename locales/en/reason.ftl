# Why an interruption is where it is, and what was kept of it.

## What was decided when it came. "first" is said of one that is held again for another reason since.

# $at (text): now or first
reason-block =
    { $at ->
        [first] At first: held because a block was running and nothing lets it through.
       *[now] Held because a block was running and nothing lets it through.
    }
# $at (text): now or first
# $asker (text): an app's name
reason-inhibited =
    { $at ->
        [first] At first: held because { $asker } asked for quiet.
       *[now] Held because { $asker } asked for quiet.
    }
# $at (text): now or first
reason-gate-open =
    { $at ->
        [first] At first: let through because the gate was open.
       *[now] Let through because the gate was open.
    }
# $at (text): now or first
# $entry (text): such as power
reason-safe-list =
    { $at ->
        [first] At first: let through because it is on the safe list: { $entry }.
       *[now] Let through because it is on the safe list: { $entry }.
    }
# $app (text): its name
# $verdict (text): first, passed, muted or held
reason-rule =
    { $verdict ->
        [first] At first: your rule for { $app } applied.
        [passed] Let through by your rule for { $app }.
        [muted] Muted by your rule for { $app }.
       *[held] Held by your rule for { $app }.
    }
# $at (text): now or first
reason-feedback =
    { $at ->
        [first] At first: let through because it is feedback, such as a volume change.
       *[now] Let through because it is feedback, such as a volume change.
    }
# $at (text): now or first
reason-store-failed =
    { $at ->
        [first] At first: let through because the store could not be written.
       *[now] Let through because the store could not be written.
    }
reason-own = One of Tidegate's own notices.
reason-noted = You noted it by hand.

## The same in a few words

reason-block-short = block
# $asker (text): an app's name
reason-inhibited-short = quiet for { $asker }
reason-gate-open-short = gate open
# $entry (text): such as power
reason-safe-list-short = safe list: { $entry }
reason-rule-short = your rule
reason-feedback-short = feedback
reason-store-failed-short = store failed
reason-own-short = Tidegate's own
reason-noted-short = noted by hand

## Why it is held again

reason-nobody-listens = Held again because you pressed it on the screen and its app does not listen any more.
reason-to-be-answered = Held again because you wanted to reply to it: that is done here.
reason-refused = Held because the notification daemon refused it.
reason-no-answer = Held because the notification daemon does not say whether it has shown it.
reason-renderer-gone = Held again because the notification daemon restarted while it was on screen.
reason-gate-stopped = Held because the gate stopped while it was on its way to the screen.
reason-release-undone = Held again because you took its release back.
reason-unknown = Held since it came back from the screen.

## What has become of it since

reason-withdrawn-since = Its app has taken it back since.
reason-expired-since = It was transient, and its time ran out.
reason-released-since = It has been released since.
reason-done-since = It is done.

## What is not as it came

# $size (size): how large it was
reason-image-too-large = image dropped: { $size } is over the limit
reason-image-invalid = image dropped: its measures do not fit its data
# $size (size): how long it was
reason-body-cut = body cut: it was { $size } long
# $said (text): the notification daemon's words
reason-renderer-refused = the notification daemon refused it: { $said }
reason-may-have-been-shown =
    may have been shown: it was on its way when the gate stopped, or the notification daemon did not answer
reason-renderer-restarted = the notification daemon restarted while it was on screen
reason-text-dropped = text dropped: its app sent a flood
reason-text-lost = text lost in a restart: a transient one's is never written to disk
reason-raw-dropped = picture and details dropped: too much is kept on disk
reason-may-have-forgotten = its app may have forgotten it since the gate restarted: a press may do nothing
reason-script-went-on = its script went on when the time-out that it had set ended: its buttons do nothing
