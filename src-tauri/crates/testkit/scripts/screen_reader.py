"""The ears of a screen reader: says each thing that takes the focus, each row
that is come to in a list, and where the cursor moves in a text, by the names
that would be read out. Knows nothing of what is on the screen."""

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from lines import Commands, say  # noqa: E402

FOCUS = "object:state-changed:focused"
ROW = "object:active-descendant-changed"
CURSOR = "object:text-caret-moved"


def heard(event):
    if event.type == FOCUS and not event.detail1:
        return
    meant = event.any_data if event.type == ROW else event.source
    try:
        say(event=event.type, name=meant.get_name(), role=meant.get_role_name())
    except GLib.Error:
        # What is gone by now is not read out.
        return


Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in [FOCUS, ROW, CURSOR]:
    listener.register(kind)
commands = Commands(lambda command: None, Atspi.event_quit)
say(event="ready")
Atspi.event_main()
