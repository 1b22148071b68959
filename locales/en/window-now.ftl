### The view of what is going on now: the block that runs or can be started, today, and what passed.

## A block can be started

now-question = What would you like to finish?
now-intention = Intention
    .example = One line that says what this block is for
now-how-long = How long
# $time: when the next check-in is, such as "11:30".
now-until = Until { $time }
now-open-ended = Open-ended
now-own-length = Other
    .label = Minutes
    .unit = min
now-close-gate = Close the gate

## What would be held. $ends: whether the block would end at $time, at the check-in that is then, when somebody ends it, or
## whether its length is not chosen yet.

# $kinds: a link with the kinds of programs that pass, such as "power and alarms".
now-closed-except =
    { $ends ->
        [at] Closed until { $time }: everything is held except { $kinds }.
        [check-in] Closed until the check-in at { $time }: everything is held except { $kinds }.
        [open] Closed until you end the block: everything is held except { $kinds }.
       *[unknown] Closed in a block: everything is held except { $kinds }.
    }
# $link: a link with the words of .link.
now-closed-for-all =
    { $ends ->
        [at] Closed until { $time }: everything is held, and { $link }.
        [check-in] Closed until the check-in at { $time }: everything is held, and { $link }.
        [open] Closed until you end the block: everything is held, and { $link }.
       *[unknown] Closed in a block: everything is held, and { $link }.
    }
    .link = nothing passes
# While it is not known what passes.
now-closed-but =
    { $ends ->
        [at] Closed until { $time }: everything is held except { $link }.
        [check-in] Closed until the check-in at { $time }: everything is held except { $link }.
        [open] Closed until you end the block: everything is held except { $link }.
       *[unknown] Closed in a block: everything is held except { $link }.
    }
    .link = what always passes
now-holds-nothing-out = Tidegate does not stand in the path: a block is counted, but nothing is held.
now-holds-nothing-store = The store cannot be written: a block is counted, but nothing is held.
# The last of the kinds of programs that pass, where there are many.
now-more-kinds =
    { $count ->
        [one] { $count } more kind
       *[other] { $count } more kinds
    }

# Leads to what is held. $apps: from how many programs it is, where that is worth a word.
now-review =
    { $apps ->
        [0] { $count } held: review now
        [1] { $count } held: review now
       *[other] { $count } held, from { $apps } apps: review now
    }
now-back-to-check-in =
    { $apps ->
        [0] { $count } held: back to the check-in
        [1] { $count } held: back to the check-in
       *[other] { $count } held, from { $apps } apps: back to the check-in
    }

## The block that runs

# Above what it is for. $time: when it ends, such as "11:30" or "11:30 tomorrow".
now-block-title =
    { $ends ->
        [check-in] Deep work, until the { $time } check-in
        [at] Deep work, until { $time }
       *[open] Deep work, open-ended
    }
# The same where nobody said what it is for, so that it is called deep work itself.
now-block-end =
    { $ends ->
        [check-in] Until the { $time } check-in
        [at] Until { $time }
       *[open] Open-ended
    }
now-block-unnamed = Deep work
# Small, beside the time on a large display.
now-block-left = left
now-block-so-far = so far
# $unseen: .unseen, which is only read out.
now-extend = { $unseen } +{ $minutes } min
    .unseen = Extend by
now-end-block = End block

## What a block promises: an opening, and in bold after it what it rests on

now-promise-out = Tidegate does not stand in the path:
    .fact = nothing new is held.
now-promise-open = Everything passes:
    .fact = nothing new is held.
now-promise-ready = Nobody is waiting on you:
    .fact = everything held is ready for you.
now-promise-whenever = Nobody is waiting on you:
    .fact = everything held is yours whenever you check in.
now-promise-by = Nobody is waiting on you:
    .fact = everything held is yours by { $time }.
now-promise-at = Nobody is waiting on you:
    .fact = everything held is yours at { $time }.

## How much is held, as water behind the gate

now-basin = { $count } held
now-basin-from =
    { $apps ->
        [one] { $count } held, from { $apps } app
       *[other] { $count } held, from { $apps } apps
    }

## The gate is closed without a block: an app asked for it

now-quiet = The gate is closed
# $why: .why in bold, with $detail such as "Presenter asked for quiet".
now-quiet-until = { $why } What comes is held until it no longer does. { $count } held now.
    .why = { $detail }.

## A break

# $left: a clock that runs, such as "4:12".
now-break = Break, { $left } left
now-break-open = The gate is open: everything passes.
# $intention: what the block after it is for.
now-break-next = Next: { $intention }.

## A block or a break that is over

# $length: how long it was, such as "50 min".
now-over = { $length } of { $intention }
now-over-unnamed = { $length } of deep work
now-break-over = The break is over
now-break-over-back = Back to { $intention }?
now-over-nothing-held = Nothing is held.
now-over-held = { $count } held.
now-another =
    { $length ->
        [minutes] Another { $minutes } min
        [until-check-in] Another until the check-in
       *[open] Another open-ended
    }
now-over-review = Review
now-over-break = Break, { $minutes } min
now-over-put-away = Put away

## The user was away in a block

# $length: how long, such as "23 min".
now-away = You were away { $length }: count it?
    .now = It counts as deep work until you leave it out.
    .yes = Count it
    .no = Leave it out

## Where the user was before the check-in

now-resume = You were at
    .start = Start a block
    .forget = Forget it

## Today

now-today = Today
now-worked = { $today } of deep work
now-worked-week = { $today } of deep work, { $week } this week
now-no-work = No deep work yet
now-no-work-week = No deep work yet, { $week } this week

now-no-check-in-set = No check-in is set
# Also a line to tell others.
now-next-check-in = Next check-in { $time }
# $left: how long until then, such as "54 min".
now-next-check-in-left = Next check-in { $time }, in { $left }
now-left = in { $left }
# $line: now-next-check-in.
now-skip = Skip it
    .label = Skip it: { $line }
now-undo-skip = Undo skip

# The line below the day. $times: such as "11:30, 14:00".
now-check-ins = Check-ins { $times }
now-no-check-in = No check-in today
now-change-check-ins = Change

# One block that is over. $from and $to: when it began and ended.
now-past-block = { $from }–{ $to } { $intention }
now-past-block-unnamed = { $from }–{ $to } Deep work

# The picture of the day, for those who cannot see it.
now-day-check-ins = Check-ins today: { $times }.
now-day-no-check-ins = Check-ins today: none.
# $blocks: each as now-past-block says it.
now-day-blocks = Blocks that are over: { $blocks }.
now-day-no-blocks = Blocks that are over: none.
now-day-now = It is { $time }.

## What was noted by hand

now-noted = Noted
now-note = Note an interruption: who came by, or a thought for later

## What passed in this block

now-let-through = Let through
now-passed = passed
