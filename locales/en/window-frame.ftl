### The frame around what is shown: the navigation, the list of keys, the dialog for a note, and messages.

## Where to go

frame-navigation = Main
frame-now = Now
frame-held = Held
frame-settings = Settings

## How the gate stands, at the foot of the navigation

frame-gate-out = Gate not in the path
frame-gate-closed = Gate closed
frame-gate-open = Gate open
# Volume and the like, which is never held.
frame-feedback =
    { $count ->
        [one] { $count } volume or brightness notice passed
       *[other] { $count } volume or brightness notices passed
    }

## What is read out once a minute. $count: how many notifications are held.

frame-announce-ready =
    { $count ->
        [one] { $count } notification held. Check-in ready.
       *[other] { $count } notifications held. Check-in ready.
    }
frame-announce-closed =
    { $count ->
        [one] { $count } notification held. The gate is closed.
       *[other] { $count } notifications held. The gate is closed.
    }
frame-announce-open =
    { $count ->
        [one] { $count } notification held. The gate is open.
       *[other] { $count } notifications held. The gate is open.
    }

## In the place of everything, while there is no daemon

frame-away = Tidegate’s daemon is not running
    .what = Nothing is held: notifications go straight to your desktop. What was held before is kept on disk.
    .start = Start Tidegate
frame-unsupported = This desktop is not supported yet
    .what = Nothing is held: notifications go straight to your desktop.
    .start = Try again
frame-starting = Starting…

## The list of keys

frame-keys = Keys

## A note by hand

frame-note = Note an interruption
    .label = What interrupted
    .example = Sam came by about the invoice
    .when = It waits for the next check-in.
    .yes = Note it

## Messages over the page

frame-messages = Messages
# $more: how many other messages wait behind this one.
frame-close-more = Close ({ $more } more)
frame-undo = Undo

## What is said of books that do not balance

# $books: the sum that does not add up. The words in quotation marks are a command, and stay as they are.
frame-mismatch-remedy = { $books }. Nothing held is gone; please report this with “tidegate ledger --json”.
