"""An app with a Qt tray icon that shows messages through it. Reads "summary" and
"body" from JSON lines; reports when a message or the icon is clicked, or the
entry of its menu chosen."""

import json
import sys

from PyQt5.QtCore import QSocketNotifier
from PyQt5.QtGui import QIcon, QPixmap
from PyQt5.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def say(**value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def show():
    line = sys.stdin.readline()
    if not line:
        app.quit()
        return
    command = json.loads(line)
    tray.showMessage(command["summary"], command["body"], QSystemTrayIcon.NoIcon, 0)
    say(answer=True)


app = QApplication(["qt-tray"])
app.setQuitOnLastWindowClosed(False)
pixmap = QPixmap(16, 16)
pixmap.fill()
tray = QSystemTrayIcon(QIcon(pixmap))
tray.messageClicked.connect(lambda: say(event="clicked"))
tray.activated.connect(lambda reason: say(event="activated"))
menu = QMenu()
menu.addAction("Greet", lambda: say(event="chosen"))
menu.addAction("Not now").setEnabled(False)
tray.setContextMenu(menu)
tray.setToolTip("A tray icon")
tray.show()
commands = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Read)
commands.activated.connect(show)
say(event="ready", tray=QSystemTrayIcon.isSystemTrayAvailable())
app.exec_()
