#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bus-flood [-r] SECONDS staf|stac

Calls list_controllers(true) of the daemon on the system bus for this long, without a pause and without reading the
answers; with -r replies are requested, and 128 calls are always pending. Prints the number of calls sent."""
import os
import selectors
import socket
import struct
import sys
import time

wants_reply = sys.argv[1] == '-r'
seconds, name = sys.argv[-2:]
name = 'org.nvmexpress.' + name


def pad(data, to):
    return data + bytes(-len(data) % to)


def message(path, interface, destination, member, body=b'', serial=1, no_reply=False):
    fields = b''
    for code, kind, value in ((1, 'o', path), (2, 's', interface), (3, 's', member), (6, 's', destination)):
        fields = pad(fields, 8) + bytes([code, 1, ord(kind), 0]) + struct.pack('<I', len(value)) + value.encode() + b'\0'
    if body:
        fields = pad(fields, 8) + b'\x08\x01g\0\x01b\0'
    return pad(struct.pack('<BBBBIII', ord('l'), 1, int(no_reply), 1, len(body), serial, len(fields)) + fields, 8) + body


bus = socket.socket(socket.AF_UNIX)
bus.connect('/run/dbus/system_bus_socket')
bus.sendall(b'\0AUTH EXTERNAL ' + str(os.getuid()).encode().hex().encode() + b'\r\n')
assert bus.recv(4096).startswith(b'OK')
bus.sendall(b'BEGIN\r\n' + message('/org/freedesktop/DBus', 'org.freedesktop.DBus', 'org.freedesktop.DBus', 'Hello'))
bus.recv(4096)

path, end, calls = '/' + name.replace('.', '/'), time.monotonic() + float(seconds), 0
if not wants_reply:
    # The serial does not matter if no reply is expected.
    many = 100 * message(path, name, name, 'list_controllers', struct.pack('<I', 1), 2, True)
    while time.monotonic() < end:
        bus.sendall(many)
        calls += 100
else:
    selector, got, n_open = selectors.DefaultSelector(), b'', 0
    selector.register(bus, selectors.EVENT_READ)
    while time.monotonic() < end:
        while n_open < 128:
            calls, n_open = calls + 1, n_open + 1
            bus.sendall(message(path, name, name, 'list_controllers', struct.pack('<I', 1), calls + 1))
        if not selector.select(0.1):
            continue
        got += bus.recv(1 << 20)
        while len(got) >= 16:
            body, fields = struct.unpack_from('<I', got, 4)[0], struct.unpack_from('<I', got, 12)[0]
            size = 16 + (fields + 7) // 8 * 8 + body
            if len(got) < size:
                break
            n_open -= got[1] in (2, 3)
            got = got[size:]
print(calls)
