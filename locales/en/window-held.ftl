### The view of what is held: check-ins, the list, what was found in the history, and everything about the chosen one.

## The head of the view

held-title = Held
held-title-check-in = Check-in
held-close-check-in = Close check-in
# Puts off everything that is here. $time: to when, such as "11:30".
held-all-to = All to { $time }
held-all-to-later = All to later
held-release-all = Release all
    .question = Release all?
held-done-all = Mark all done
    .question = Mark all done?

# $pace: how fast, one of the next three.
held-release-all-consequence =
    { $count ->
        [one] { $count } interruption will be shown by your desktop, { $pace }, with one sound at most.
       *[other] { $count } interruptions will be shown by your desktop, { $pace }, with one sound at most.
    }
held-pace-at-once = at once
# $length: such as "2 s".
held-pace-within = within { $length }
# $most: how many the desktop shows at a time.
held-pace-slow = four a second and at most { $most } at a time, which takes { $length } at least
held-pace-seconds = { $seconds }{ "\u00A0" }s
# $length: such as "30 s".
held-done-all-consequence =
    { $count ->
        [one] { $count } interruption will be marked as dealt with. For { $length } you can undo it.
       *[other] { $count } interruptions will be marked as dealt with. For { $length } you can undo it.
    }

# The books on a line. $books: a sum such as "41 came in = 33 here + 8 done"; $from, $to: such as "Tue 9:58".
held-books-period = { $from } to { $to }: { $books }
held-books-since = Since { $since }: { $books }

## A check-in, and its end

held-where-were-you = Where were you?
    .example = Halfway through the locking section, next: the retry loop
    .kept = Kept

held-end-nothing-left = Nothing of it is left.
held-end-dealt =
    { $dealt ->
        [1] The one there was is dealt with.
       *[other] All { $dealt } dealt with.
    }
held-end-put-off = All { $later } put off.
held-end-both = { $dealt } dealt with, { $later } put off.
# $line: where the user was before, in their own words.
held-end-you-were-at = You were at: { $line }
held-end-block-goes-on = The block goes on.
held-end-starts =
    { $length ->
        [minutes] Starts a block, { $minutes } min.
        [until-check-in] Starts a block, until the check-in.
       *[open] Starts a block, open-ended.
    }
# For what the user was at before.
held-end-starts-for-it =
    { $length ->
        [minutes] Starts a block for it, { $minutes } min.
        [until-check-in] Starts a block for it, until the check-in.
       *[open] Starts a block for it, open-ended.
    }

## The list

held-list = Held notifications
    .order = Held notifications, by app and conversation
# Above what was put off. $time: until when, such as "11:30".
held-later-by = Later, by { $time }
held-later-by-next = Later, by the next check-in

held-empty = Nothing is held
held-empty-out = Tidegate does not stand in the path: notifications go to your desktop.
held-empty-store = The store cannot be written: everything passes.
# $since: such as "Tue 9:58".
held-empty-accounted = All that came since { $since } is accounted for.
held-empty-closed = Nobody has tried to interrupt you.
held-empty-open = Start a block, and what comes meanwhile waits here.
held-unreadable = What is held cannot be shown now
    .what = It is on disk, and comes back here once the store is well.

## One app's heading in the list. $app: its name.

held-unnamed = Unnamed
# Beside the name. All but the number is only read out.
held-heading-count = : { $count } held
# The name of a group of rows that were put off, read out.
held-heading-later = { $app }, later
held-heading-all = All from { $app }
held-heading-fold = All…
held-heading-dialog = All { $count } from { $app }
held-app-later = Later
    .label = Later: all from { $app }
held-app-release = Release
    .label = Release all from { $app }
held-app-done = Mark all done
    .label = Mark all done: from { $app }

## A row. $app: whose it is.

held-loading = Loading
held-noted-by-hand = Noted by hand
held-text-dropped = text dropped
held-edited = edited { $count }×
held-same-again = the same again
held-no-text = no further text
held-no-text-noted = noted by hand
# A line that goes on with a conversation, before its text, read out.
held-row-follows = { $app }, { $summary }:
held-row-follows-later = put off, { $app }, { $summary }:
# Before the app's name, read out.
held-row-later = put off,
held-row-until = until { $time }

## Marks beside a row: why its buttons do nothing, what its app claims of it, and where it is

held-app-gone = app gone
held-script-went-on = script went on
held-urgency-low = low
held-urgency-critical = critical
held-state-held = held
held-state-later = held for later
held-state-passed = passed
held-state-withdrawn = withdrawn
held-state-muted = muted
held-state-expired = expired
held-state-released = released
held-state-done = done

## What one is about, as its app claims

held-category-message = message
held-category-mail = mail
held-category-call = call
held-category-device = device
held-category-transfer = transfer
held-category-network = network

## What apps took back

held-withdrawn = Withdrawn by their apps
held-withdrawn-by = { $count } withdrawn by { $app }
# $count: how many of them are not listed.
held-withdrawn-before = and { $count } before: search the history

## The search

held-search = Search all history
held-search-close = Close search
held-search-behind = The newest are still being read: some may be missing.
    .again = Search again
held-search-failed = The history could not be searched
    .what = What is held is safe.
    .again = Try again
held-found =
    { $more ->
        [yes] { $count } or more found
       *[no] { $count } found
    }
held-found-list = Found, newest first
held-found-nothing = Nothing found
# $words: what was searched for.
held-found-nothing-has = No interruption has all the words of “{ $words }”.

## The chosen one

held-chosen = Chosen notification
held-choose = Select a notification to read it.
held-back-to-list = Back to the list
# Above its text. $app: whose it is; $time: when it came; $where: what became of it, such as held-for or held-state-done.
held-detail-line = { $app } · { $time }, { $where }
# $category: what it is about, such as held-category-mail.
held-detail-line-about = { $app } · { $category } · { $time }, { $where }
# $length: such as "54 min".
held-for = held { $length }
held-put-off-until = put off until { $time }
held-text-not-kept = Its text was not kept.
held-text = Text of the notification
# Leads to the setting. $unseen: .unseen, which is only read out.
held-change = Change { $unseen }
    .unseen = what becomes of { $app }

held-picture = Picture
    .look = Look at its picture
    .alt = Sent with the notification

held-edits =
    { $count ->
        [one] Edited { $count }×: { $count } earlier text
       *[other] Edited { $count }×: { $count } earlier texts
    }
# $time: until when this text stood.
held-edit-until = until { $time }

## Addresses in its text. $where: where one leads, in bold.

held-links = Addresses in the text
held-link-leads = Leads to { $where }
held-link-writes = Writes to { $where }
# $unseen: .unseen, which is only read out.
held-link-open = Open in browser{ $unseen }
    .unseen = : { $where }
held-link-mail = Write a mail{ $unseen }
    .unseen = : { $where }
held-link-copy = Copy address
    .title = Copy the address

## What can be done with it

held-open = Open
held-reply = Reply
    .send = Send
held-gone = The app that sent it has quit.
held-gone-waited = The app that sent it has quit: its buttons do not reach it any more.
held-gone-by-hand = It has to be opened by hand.
held-gone-open = App gone: open it
held-done = Done
held-later = Later
held-bring-back = Bring back
held-snooze = Snooze
held-release = Release to the desktop
held-hold-again = Hold it again

## Snoozing

# $name: what the notification says first.
held-snooze-about = “{ $name }” is here again then, or with a check-in before that.
# $length: such as "20 min"; $until: .until, in grey.
held-snooze-for = { $length } { $until }
    .until = until { $time }
held-snooze-next = Next check-in
held-snooze-next-at = Next check-in { $at }
    .at = at { $time }
held-snooze-own = How long, or until when
    .example = 45, 1h30 or 16:30
held-snooze-past = { $time } is past today: type a later time, or a length such as 1h30
held-snooze-nothing = Until when? Type 20, 1h30 or 16:30
held-snooze-unknown = “{ $typed }” is no length up to 24 h and no time: type 20, 1h30 or 16:30
