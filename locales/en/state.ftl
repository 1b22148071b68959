# How the gate stands, in a few words: the tray's tooltip and the first line of `tidegate status`.

## The first line

state-out-of-path = Gate away: nothing is held
state-open = Gate open: everything passes
# $ends (instant): when the break ends
state-open-break = Gate open: break until { $ends }
# $app (text): its name
state-closed-inhibited = Gate closed: { $app } asked for quiet
# $ends (instant): when the block ends
state-closed-until = Gate closed: block until { $ends }
# $check-in (instant): the check-in that ends the block
state-closed-until-check-in = Gate closed: block until the check-in at { $check-in }
state-closed-open-ended = Gate closed: open-ended block
state-closed = Gate closed
# $state (message): one of those above
# $left (length): how long the block still lasts
state-with-time-left = { $state }, { $left } left

## The tooltip: how the gate stands, how many are held, and the next check-in

# $gate (message): how the gate stands
# $held (message): how many are held
# $next (message): the next check-in
state-tooltip = { $gate }, { $held }, { $next }
state-tooltip-out-of-path = The gate is away: nothing is being held
state-gate-open = Open
# $ends (instant): when the break ends
state-gate-open-break = Open for a break until { $ends }
state-gate-break-is-over = Open, the break is over
state-gate-block-is-over = Open, the block is over
# $app (text): its name
state-gate-closed-for = Closed for { $app }
# $ends (instant): when the block ends
# $left (length): how long it still lasts
state-gate-closed-until = Closed until { $ends } ({ $left } left)
# $check-in (instant): the check-in that ends the block
# $left (length): how long it still lasts
state-gate-closed-until-check-in = Closed until the check-in at { $check-in } ({ $left } left)
state-gate-closed-without-end = Closed without an end
state-gate-closed = Closed
# $held (number): how many are held
state-held =
    { $held ->
        [0] nothing held
       *[other] { $held } held
    }
state-ready = ready for you
# $next (instant): the next check-in
state-next = next check-in { $next }
state-no-check-in = no check-in set
