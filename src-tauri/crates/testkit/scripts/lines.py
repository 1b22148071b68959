"""Speaks to the test that started this process: one JSON value a line, commands
in, answers and events out. A command's answer carries "answer"; everything else
is an event. Ends when its input ends."""

import json
import os
import sys

from gi.repository import GLib


def say(**value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


class Commands:
    """Calls `handle(command)` for each line of input; its result is the answer."""

    def __init__(self, handle, end):
        self.handle = handle
        self.end = end
        self.rest = b""
        channel = GLib.IOChannel.unix_new(0)
        conditions = GLib.IO_IN | GLib.IO_HUP
        GLib.io_add_watch(channel, GLib.PRIORITY_DEFAULT, conditions, self.readable)

    def readable(self, channel, condition):
        data = os.read(0, 65536)
        if not data:
            self.end()
            return False
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.one(json.loads(line))
        return True

    def one(self, command):
        try:
            say(answer=self.handle(command))
        except GLib.Error as error:
            say(answer=None, error=error.message)
