# Verbs that people try and that are called otherwise here. The commands stay as they are.

# $verb (text): what was typed
# $instead (message): one of those below
cli-instead-of = there is no verb "{ $verb }"; { $instead }
cli-instead-pause = to open the gate for some minutes: tidegate break 5; for now: tidegate end
cli-instead-resume = to close the gate again: tidegate start
cli-instead-close = to close the gate: tidegate start; to close the check-in: tidegate check-in close
cli-instead-skip = to pass over the next check-in: tidegate check-in skip
cli-instead-dismiss = to be done with one: tidegate done ID
cli-instead-mute = to mute an app: tidegate settings set apps.ID mute
cli-instead-config = to list or change settings: tidegate settings
cli-instead-list = to see what is held: tidegate held; all that ever came in: tidegate log
cli-instead-inbox = to see what is held: tidegate held
cli-instead-history = to see all that ever came in: tidegate log
cli-instead-search = to search all that ever came in: tidegate log WORDS
cli-instead-block = to start a block: tidegate start
cli-instead-on = to close the gate: tidegate start; to close or open it: tidegate toggle
cli-instead-off = to open the gate: tidegate end; to end Tidegate: tidegate quit
