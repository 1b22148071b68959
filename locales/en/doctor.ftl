# What the doctor looks at, what it finds, and what to do. "doctor-on-…" is what was looked at.

doctor-on-daemon = daemon
doctor-on-bus = session bus
doctor-on-desktop = desktop
# $name (text): a D-Bus name
doctor-on-owner = owner of { $name }
doctor-on-renderer = renderer
doctor-on-idleness = idleness
doctor-on-probe = probe
# $code (text): a trouble's code
doctor-on-trouble = { $code }

# $version (text): such as 0.1.0
# $process (text): its number
# $program (text): its path
doctor-daemon = version { $version }, pid { $process }, { $program }
doctor-owner-nobody = nobody: apps that notify fail or wait
    .remedy = start Tidegate, or the desktop's own notification daemon
doctor-owner-gate = Tidegate: every notification passes the gate
# $program (text): its path
# $process (text): its number
doctor-owner-other = { $program }, pid { $process }: notifications do not pass the gate
    .remedy = start Tidegate; `tidegate daemon --replace-now` takes over from it at once
    .remedy-take-over = `tidegate take-over now` takes over from it at once, and what it shows is lost
# $process (text): its number
doctor-owner-unread = a program that cannot be read, pid { $process }: notifications do not pass the gate
# $desktop (text): which shell shows notifications, a sentence
doctor-desktop = { $desktop }
    .remedy = `make demo` in Tidegate's folder shows what it does, in a session of its own
# $name (text): what it calls itself
doctor-renderer = { $name }, behind the gate
doctor-renderer-nameless = one that does not say its name, behind the gate
doctor-renderer-out-of-path =
    none is behind the gate, which is not in the path: what comes is shown as without Tidegate
doctor-renderer-none = none can be reached: what passes is shown nowhere
# $source (text): who tells
# $seconds (number): how long
doctor-idleness = { $source } tells when nothing was touched for { $seconds } s
# $why (text): an error's words
doctor-idleness-unseen =
    cannot be seen: { $why }; a check-in inside a block comes at the block's end or after 15 minutes
doctor-idleness-silent =
    cannot be seen: the desktop does not answer; a check-in inside a block comes at the block's end or after 15 minutes

## The probe: a notification that the doctor sends itself

doctor-probe = a notification was sent, held, its button pressed, and its sender heard of it
doctor-probe-passed = a notification was sent and passed, for the gate is open
    .remedy = `tidegate start` and ask again, to see one held
# $reason (message): why, a sentence
doctor-probe-not-held = the gate is closed, but a notification was not held: { $reason }
# $id (text): its id
# $failure (message): what the daemon says
doctor-probe-unknown = sent as { $id }, but the daemon does not know it: { $failure }
# $failure (message): what the daemon says
doctor-probe-not-pressed = held, but its button cannot be pressed: { $failure }
# $seconds (number): how long
doctor-probe-not-heard = held, and its button pressed, but its sender did not hear of it for { $seconds } s
# $why (text): an error's words
doctor-probe-no-connection = a second connection to the bus failed: { $why }
# $why (text): an error's words
doctor-probe-no-id = Notify was answered without an id: { $why }
# $method (text): of D-Bus
# $why (text): an error's words
doctor-probe-failed = { $method } failed: { $why }
# $method (text): of D-Bus
# $seconds (number): how long
doctor-probe-silent = { $method } was not answered for { $seconds } s
doctor-probe-cut-off = the bus closed the connection
doctor-no-bus-remedy = run this inside your desktop session, where DBUS_SESSION_BUS_ADDRESS names the bus
