# `tidegate log`: what ever came in.

# What became of one, in a word.
# $state (text): later, held, passed, withdrawn, muted, expired, released or done
cli-log-state =
    { $state ->
        [later] later
        [held] held
        [passed] passed
        [withdrawn] withdrawn
        [muted] muted
        [expired] expired
        [released] released
       *[done] done
    }
cli-log-nothing = Nothing has come in yet
# $words (text): what was looked for
cli-log-nothing-says = Nothing says “{ $words }”
# $command (text): what lists the rest
cli-log-more = and more: { $command }
cli-log-still-reading =
    The newest are still being read for the search: what they say may be missing, so try again in a moment
