"""Asks a Wayland compositor for an activation token, as a launcher does for the program that it starts, and prints it.
Knows nothing of what is started. Argument: the compositor's socket."""

import socket
import struct
import sys

DISPLAY, REGISTRY, ACTIVATION, TOKEN = 1, 2, 3, 4


def text(value):
    value = value.encode() + b"\0"
    return struct.pack("=I", len(value)) + value + b"\0" * (-len(value) % 4)


def request(to, opcode, body=b""):
    wayland.sendall(struct.pack("=IHH", to, opcode, 8 + len(body)) + body)


def events():
    stream = wayland.makefile("rb")
    while header := stream.read(8):
        sender, opcode, length = struct.unpack("=IHH", header)
        yield sender, opcode, stream.read(length - 8)


def read_text(body):
    (length,) = struct.unpack_from("=I", body)
    return body[4 : 4 + length - 1].decode()


wayland = socket.socket(socket.AF_UNIX)
wayland.settimeout(20)
wayland.connect(sys.argv[1])
request(DISPLAY, 1, struct.pack("=I", REGISTRY))
for sender, opcode, body in events():
    if (sender, opcode) == (DISPLAY, 0):
        sys.exit(f"the compositor refused: {body!r}")
    if (sender, opcode) == (REGISTRY, 0) and read_text(body[4:]) == "xdg_activation_v1":
        request(REGISTRY, 0, body[:4] + text("xdg_activation_v1") + struct.pack("=II", 1, ACTIVATION))
        request(ACTIVATION, 1, struct.pack("=I", TOKEN))
        request(TOKEN, 3)
    if (sender, opcode) == (TOKEN, 0):
        print(read_text(body))
        break
