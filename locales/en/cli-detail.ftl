# `tidegate show`: all about one. Labels have at most nine letters.

cli-detail-no-summary = (no summary)
# $length (length): how long ago it came
cli-detail-ago = { $length } ago
# $id (text): its id as people type it
# $number (text): its id as JSON gives it
cli-detail-id = id { $id } ({ $number })

## Labels

cli-detail-why = Why
cli-detail-later = Later
cli-detail-buttons = Buttons
cli-detail-reply = Reply
cli-detail-app = App
cli-detail-note = Note

## What stands beside them

# $until (instant): when it is here again
# $id (text): its id
cli-detail-later-until = put off until { $until }; back before: tidegate undo { $id }
# $id (text): its id
cli-detail-later-to-check-in = put off to the next check-in; back before: tidegate undo { $id }
cli-detail-opens-it = opens it
# $id (text): its id
cli-detail-reply-with = tidegate reply { $id } TEXT
# $name (text): the name its app is installed by
# $id (text): its id
cli-detail-app-gone-open-it = does not hear it any more; open { $name }: tidegate open { $id }
cli-detail-app-gone = does not hear it any more; open it yourself

## What it said before

cli-detail-earlier = Earlier texts
# $until (stamp): when it was replaced
# $summary (text): its first line
cli-detail-earlier-until = until { $until }: { $summary }
