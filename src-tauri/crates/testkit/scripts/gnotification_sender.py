"""An app that sends through Gio's GNotification. Without a GTK notification
server on the bus, Gio uses org.freedesktop.Notifications. Reports when one of
its actions is activated."""

from gi.repository import Gio, GLib

from lines import Commands, say


class App(Gio.Application):
    def __init__(self):
        super().__init__(application_id="org.example.Correspondent")
        self.add_activated("open")
        self.add_activated("answer")

    def add_activated(self, name):
        action = Gio.SimpleAction.new(name, GLib.VariantType("s"))
        action.connect("activate", self.on_activated)
        self.add_action(action)

    def on_activated(self, action, target):
        say(event="action", key=action.get_name(), target=target.get_string())

    def do_activate(self):
        self.hold()
        say(event="ready")

    def handle(self, command):
        return getattr(self, command["do"])(command)

    def show(self, command):
        notification = Gio.Notification.new(command["summary"])
        notification.set_body(command["body"])
        target = GLib.Variant("s", command["name"])
        notification.set_default_action_and_target("app.open", target)
        notification.add_button_with_target("Answer", "app.answer", target)
        self.send_notification(command["name"], notification)
        self.hear_the_answer()
        return command["name"]

    def hear_the_answer(self):
        """Gio sends without waiting, and forgets to take back a notification
        whose id it has not been told. The server answers this call after the
        one before."""
        self.get_dbus_connection().call_sync(
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "GetServerInformation",
            None,
            None,
            Gio.DBusCallFlags.NONE,
            -1,
            None,
        )
        context = GLib.MainContext.default()
        while context.pending():
            context.iteration(False)

    def close(self, command):
        self.withdraw_notification(command["name"])
        return command["name"]


app = App()
commands = Commands(app.handle, app.quit)
app.run([])
