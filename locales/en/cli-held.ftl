# `tidegate held`: what is held, by app, and what apps took back.

# $held (number): how many are held
# $apps (number): from how many apps
cli-held-heading =
    { $held ->
        [0] Nothing is held
       *[other]
            { $apps ->
                [one] { $held } held from 1 app
               *[other] { $held } held from { $apps } apps
            }
    }
# $heading (text): the one above
cli-held-ready = { $heading }, ready for you
# $heading (text): the one above
# $next (instant): when the next check-in is
cli-held-next-check-in = { $heading }, next check-in { $next }
# $length (length): how long it has been held
cli-held-for = held { $length }
cli-held-no-text = (no text)

## What stands at the end of a row, between commas

# $until (instant): when it is here again
cli-held-mark-until = until { $until }
cli-held-mark-later = later
cli-held-mark-script-went-on = its script went on
cli-held-mark-app-gone = app gone
cli-held-mark-may-have-forgotten = app may have forgotten
cli-held-mark-takes-reply = takes a reply
# $count (number): how often its app changed it
cli-held-mark-edited = edited { $count }×
cli-held-mark-critical = says it is critical
cli-held-mark-text-dropped = text dropped

## Below the rows

# $more (number): how many are not listed
# $next (text): where they begin
# $held (number): how many are held
cli-held-more = and { $more } more: tidegate held --next { $next }, or all: tidegate held -n { $held }
# $next (text): where they begin
cli-held-more-after-more = and more: tidegate held --next { $next }
# $count (number): how many
# $app (text): who took them back
cli-held-withdrawn = { $count } withdrawn by { $app }
# $more (number): how many came before those that are listed
cli-held-more-withdrawn = and { $more } before: tidegate log
