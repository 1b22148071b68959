# What the window's own program says where the daemon cannot be reached, or an address is not opened.

host-not-running = It is not running.
host-no-answer = It did not answer.
# $seconds (number): how long
host-no-answer-in-time = It did not answer within { $seconds } seconds.
host-not-startable = The session bus does not know how to start it. Run “tidegate daemon” in a terminal.
host-ended = It ended before it answered.
host-not-started-in-time = The session bus could not start it in time.
host-not-started = It ended as soon as the session bus had started it. “tidegate doctor” in a terminal says why.
# $why (text): an error's words
host-no-bus = There is no session bus to reach it by: { $why }.
# $why (text): an error's words
host-misunderstood = The window and the daemon do not understand each other: { $why }. Is one of them older?
# $desktop (text): which shell shows notifications
host-unsupported = { $desktop }.

## Addresses in a text

host-closing = the window is closing
host-address-too-long = the address is too long
host-address-unseen = the address has characters in it that cannot be seen
host-no-address = that is no address
host-address-not-opened = only addresses of the web and of mail are opened
# $scheme (text): such as mailto
host-no-program = no program is set for { $scheme } addresses; choose one in the desktop's settings
# $program (text): its name
# $why (text): an error's words
host-program-not-started = { $program } could not be started: { $why }
