# `tidegate status`: its labels, and what stands beside them.

status-held = Held
# $apps (number): from how many apps
# $held (number): how many are held
status-held-from =
    { $apps ->
        [one] { $held } from 1 app
       *[other] { $held } from { $apps } apps
    }
# $from (message): the one above
# $later (number): how many of them were put off
status-held-later = { $from }, { $later } of them later
status-nothing-held = nothing
status-releasing = Releasing
# $count (number): how many
status-waiting-for-screen =
    { $count ->
        [one] 1 still waits for the screen
       *[other] { $count } still wait for the screen
    }
status-next-check-in = Next check-in
status-ready = ready: it waits for the end of the block, or `tidegate check-in`
# $next (instant): when it is
# $left (length): how long until then
status-next = { $next }, in { $left }
# $next (instant): when it is, in less than a minute
status-next-now = { $next }, now
status-no-check-in = none is set
status-today = Today
status-books = Books
status-renderer = Renderer
# $name (text): what it calls itself
status-renderer-down = { $name } cannot be reached
status-renderer-nameless = one that does not say its name
status-no-renderer = none
status-away = Away
# $length (length): how long
status-time-away = { $length } in the block: `tidegate away count`, or `tidegate away leave-out`
status-place = You were at
status-undo = Undo
# $what (text): what would be taken back
# $until (instant): until when
status-undo-until = { $what }, until { $until }
# $what (text): what would be taken back
# $until (second): until when
status-undo-until-second = { $what }, until { $until }
# $state (text): how the gate stands
# $left (length): how long the block still lasts
status-left = { $state }, { $left } left
# $state (text): how the gate stands
# $length (length): how long the block has been
status-so-far = { $state }, for { $length } so far
status-let-through = Let through in this block
# $count (number): how many
status-and-more = and { $count } more
