# `tidegate status`: its labels, and what stands beside them.

cli-status-held = Held
# $apps (number): from how many apps
# $held (number): how many are held
cli-status-held-from =
    { $apps ->
        [one] { $held } from 1 app
       *[other] { $held } from { $apps } apps
    }
# $from (message): the one above
# $later (number): how many of them were put off
cli-status-held-later = { $from }, { $later } of them later
cli-status-nothing-held = nothing
cli-status-releasing = Releasing
# $count (number): how many
cli-status-waiting-for-screen =
    { $count ->
        [one] 1 still waits for the screen
       *[other] { $count } still wait for the screen
    }
cli-status-next-check-in = Next check-in
cli-status-ready = ready: it waits for the end of the block, or `tidegate check-in`
# $next (instant): when it is
# $left (length): how long until then
cli-status-next = { $next }, in { $left }
# $next (instant): when it is, in less than a minute
cli-status-next-now = { $next }, now
cli-status-no-check-in = none is set
cli-status-today = Today
cli-status-books = Books
cli-status-renderer = Renderer
# $name (text): what it calls itself
cli-status-renderer-down = { $name } cannot be reached
cli-status-renderer-nameless = one that does not say its name
cli-status-no-renderer = none
cli-status-away = Away
# $length (length): how long
cli-status-time-away = { $length } in the block: `tidegate away count`, or `tidegate away leave-out`
cli-status-place = You were at
cli-status-undo = Undo
# $what (text): what would be taken back
# $until (instant): until when
cli-status-undo-until = { $what }, until { $until }
# $what (text): what would be taken back
# $until (second): until when
cli-status-undo-until-second = { $what }, until { $until }
# $state (text): how the gate stands
# $left (length): how long the block still lasts
cli-status-left = { $state }, { $left } left
# $state (text): how the gate stands
# $length (length): how long the block has been
cli-status-so-far = { $state }, for { $length } so far
cli-status-let-through = Let through in this block
# $count (number): how many
cli-status-and-more = and { $count } more
