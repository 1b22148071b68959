"""An app that uses libnotify and lives on: shows, updates and takes back its
notifications, and reports every callback that libnotify gives it."""

import gi

gi.require_version("Notify", "0.7")
from gi.repository import GLib, Notify  # noqa: E402

from lines import Commands, say  # noqa: E402


class Sender:
    def __init__(self):
        self.shown = {}

    def handle(self, command):
        return getattr(self, command["do"])(command)

    def show(self, command):
        notification = Notify.Notification.new(command["summary"], command["body"], None)
        for key, label in command["actions"]:
            notification.add_action(key, label, self.on_action)
        notification.connect("closed", self.on_closed)
        return self.present(notification)

    def update(self, command):
        notification = self.shown[command["id"]]
        notification.update(command["summary"], command["body"], None)
        return self.present(notification)

    def close(self, command):
        self.shown[command["id"]].close()
        return command["id"]

    def present(self, notification):
        notification.show()
        self.shown[notification.props.id] = notification
        return notification.props.id

    def on_action(self, notification, key):
        say(event="action", id=notification.props.id, key=key)

    def on_closed(self, notification):
        say(event="closed", id=notification.props.id, reason=notification.get_closed_reason())


loop = GLib.MainLoop()
Notify.init("libnotify-sender")
sender = Sender()
commands = Commands(sender.handle, loop.quit)
say(event="ready")
loop.run()
