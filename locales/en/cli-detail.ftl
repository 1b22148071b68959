# `tidegate show`: all about one. Labels have at most nine letters.

detail-no-summary = (no summary)
# $length (length): how long ago it came
detail-ago = { $length } ago
# $id (text): its id as people type it
# $number (text): its id as JSON gives it
detail-id = id { $id } ({ $number })

## Labels

detail-why = Why
detail-later = Later
detail-buttons = Buttons
detail-reply = Reply
detail-app = App
detail-note = Note

## What stands beside them

# $until (instant): when it is here again
# $id (text): its id
detail-later-until = put off until { $until }; back before: tidegate undo { $id }
# $id (text): its id
detail-later-to-check-in = put off to the next check-in; back before: tidegate undo { $id }
detail-opens-it = opens it
# $id (text): its id
detail-reply-with = tidegate reply { $id } TEXT
# $name (text): the name its app is installed by
# $id (text): its id
detail-app-gone-open-it = does not hear it any more; open { $name }: tidegate open { $id }
detail-app-gone = does not hear it any more; open it yourself

## What it said before

detail-earlier = Earlier texts
# $until (stamp): when it was replaced
# $summary (text): its first line
detail-earlier-until = until { $until }: { $summary }
