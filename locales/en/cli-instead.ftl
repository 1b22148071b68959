# Verbs that people try and that are called otherwise here. The commands stay as they are.

# $verb (text): what was typed
# $instead (message): one of those below
instead-of = there is no verb "{ $verb }"; { $instead }
instead-pause = to open the gate for some minutes: tidegate break 5; for now: tidegate end
instead-resume = to close the gate again: tidegate start
instead-close = to close the gate: tidegate start; to close the check-in: tidegate check-in close
instead-skip = to pass over the next check-in: tidegate check-in skip
instead-dismiss = to be done with one: tidegate done ID
instead-mute = to mute an app: tidegate settings set apps.ID mute
instead-config = to list or change settings: tidegate settings
instead-list = to see what is held: tidegate held; all that ever came in: tidegate log
instead-inbox = to see what is held: tidegate held
instead-history = to see all that ever came in: tidegate log
instead-search = to search all that ever came in: tidegate log WORDS
instead-block = to start a block: tidegate start
instead-on = to close the gate: tidegate start; to close or open it: tidegate toggle
instead-off = to open the gate: tidegate end; to end Tidegate: tidegate quit
