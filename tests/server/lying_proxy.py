"""A proxy on the way to a server that changes what the server says: each seed is one lie.

A lie is about one message: a row description, a row, a parameter's status, an error. It renames or
loses a column, puts NULL or hostile text in the place of a value, repeats or swallows rows.
"""
import contextlib
import random
import select
import socket
import struct

import proxy

HOSTILE = [b"", b"x", b"-1", b"0", b"99999999999999999999", b"NaN", b"t", b"f", b"{}", b"[[1]]",
           b"18.4\n\\! touch pwned\n-- \x1b]0;OWNED\x07", b'"\n\\! touch pwned\n"', b"'\\'\n\\! x",
           b"\xff\xfe\x80", b"\xe2\x80\xaeevil", b"\x1b[2J\r\x9b", b"{=/x,\"", b"a=b/c", b"%s%n%d",
           b"SCRAM-SHA-256$0:c2FsdA==$a:b", b"postgres", b"A" * 70000]


def fields_of(row):
    """A DataRow's values; None for NULL."""
    count, at, values = struct.unpack(">H", row[:2])[0], 2, []
    for _ in range(count):
        length = struct.unpack(">i", row[at:at + 4])[0]
        at += 4
        values.append(None if length < 0 else row[at:at + length])
        at += max(length, 0)
    return values


def row_of(values):
    return struct.pack(">H", len(values)) + b"".join(
        struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value
        for value in values)


def columns_of(description):
    """A RowDescription's columns: name, and the 18 bytes that describe it."""
    at, columns = 2, []
    for _ in range(struct.unpack(">H", description[:2])[0]):
        end = description.index(b"\0", at)
        columns.append((description[at:end], description[end + 1:end + 19]))
        at = end + 19
    return columns


def description_of(columns):
    return struct.pack(">H", len(columns)) + b"".join(
        name + b"\0" + rest for name, rest in columns)


class Liar:
    """Decides for one connection after the other; all of a run share it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kind = self.random.choice(
            ["null", "value", "value", "value", "rename", "drop", "twice", "none", "status",
             "error", "all values", "all nulls"])
        self.at = self.random.randrange(60)  # which message of its kind is changed
        self.seen, self.told = 0, 0
        self.lost = None  # a column that the rows that follow do not have

    def is_turn(self):
        self.seen += 1
        return self.seen - 1 == self.at

    def change(self, kind, body):
        """The messages to send instead, as (kind, body)."""
        if kind == b"T":
            return [(kind, self.describe(body))]
        if kind == b"D":
            return [(kind, row) for row in self.rows(body)]
        if kind == b"S" and self.kind == "status":
            name = body.split(b"\0")[0]
            if name in (b"server_version", b"standard_conforming_strings") and self.random.random() < 0.6:
                self.told += 1
                return [(kind, name + b"\0" + self.text() + b"\0")]
        if kind == b"C" and self.kind == "error" and self.is_turn():
            self.told += 1
            return [(b"E", b"SERROR\0VERROR\0C" + self.random.choice(
                [b"42501", b"40001", b"55P03", b"XX000", b"01006"]) + b"\0M" + self.text() +
                b"\0D" + self.text() + b"\0\0")]
        return [(kind, body)]

    def text(self):
        return self.random.choice(HOSTILE).replace(b"\0", b"")

    def describe(self, body):
        self.lost = None
        if self.kind not in ("rename", "drop") or not self.is_turn():
            return body
        columns = columns_of(body)
        if not columns:
            return body
        place = self.random.randrange(len(columns))
        self.told += 1
        if self.kind == "rename":
            columns[place] = (b"other", columns[place][1])
        else:
            self.lost = place
            del columns[place]
        return description_of(columns)

    def rows(self, body):
        values = fields_of(body)
        if self.lost is not None and self.lost < len(values):
            del values[self.lost]
            return [row_of(values)]
        if not values or self.kind in ("rename", "drop", "status", "error") or not self.is_turn():
            return [body]
        self.told += 1
        place = self.random.randrange(len(values))
        if self.kind == "none":
            return []
        if self.kind == "twice":
            return [body, body]
        if self.kind.startswith("all"):
            self.at += self.random.randrange(1, 4)
        values[place] = None if "null" in self.kind else self.text()
        return [row_of(values)]


class Proxy(proxy.Proxy):
    def __init__(self, path, liar):
        super().__init__()
        self.path, self.liar = path, liar

    def changed(self, buffer):
        """What goes on for the whole messages of the buffer, and the rest of it."""
        out = []
        while len(buffer) >= 5:
            length = struct.unpack(">I", buffer[1:5])[0] + 1
            if len(buffer) < length:
                break
            with self.lock:
                messages = self.liar.change(buffer[:1], buffer[5:length])
            out += [kind + struct.pack(">I", len(body) + 4) + body for kind, body in messages]
            buffer = buffer[length:]
        return b"".join(out), buffer

    def forward(self, here):
        there = socket.socket(socket.AF_UNIX)
        there.connect(self.path)
        rest = b""
        with here, there, contextlib.suppress(OSError):
            while True:
                for ready in select.select([here, there], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is here:
                        there.sendall(data)
                        continue
                    data, rest = self.changed(rest + data)
                    here.sendall(data)


def lying(server, liar):
    return proxy.serving(Proxy(proxy.socket_of(server), liar), server)
