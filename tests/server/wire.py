"""The start of PostgreSQL's protocol over a plain socket: a client that chooses its source address,
its parameters and TLS, learns how the server wants to authenticate it, and fails to.

libpq cannot bind its end of a connection, and hides which authentication it was asked for.
"""
import base64
import contextlib
import socket
import ssl
import struct

PROTOCOL_3 = 196608
SSL_REQUEST = 80877103
AUTH_OK, AUTH_PASSWORD, AUTH_MD5, AUTH_SASL, AUTH_SASL_CONTINUE = 0, 3, 5, 10, 11

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


class Answer:
    """code: the first authentication request, None when there was none; error: the last message."""

    def __init__(self, code=None, error=""):
        self.code, self.error = code, error

    def __repr__(self):
        return f"authentication {self.code}, error {self.error!r}"


def connect(path, port, source=None, tls=False, timeout=600):
    """A socket to the server: over its own (source None) or from that address, 127.x.y.z or ::1."""
    if source is None:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout)
        sock.connect(f"{path}/.s.PGSQL.{port}")
        return sock
    family, target = (socket.AF_INET6, "::1") if ":" in source else (socket.AF_INET, "127.0.0.1")
    sock = socket.socket(family)
    sock.settimeout(timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.bind((source, 0))
    sock.connect((target, port))
    if tls:
        sock.sendall(struct.pack("!ii", 8, SSL_REQUEST))
        assert sock.recv(1) == b"S", "the server has no TLS"
        sock = TLS.wrap_socket(sock)
    return sock


def send_startup(sock, parameters):
    body = b"".join(word.encode() + b"\0" for pair in parameters.items() for word in pair) + b"\0"
    sock.sendall(struct.pack("!ii", len(body) + 8, PROTOCOL_3) + body)


def send_password(sock, payload):
    sock.sendall(b"p" + struct.pack("!i", len(payload) + 4) + payload)


def receive(stream):
    """One message: its type and body; type b'' at the end."""
    head = stream.read(5)
    if len(head) < 5:
        return b"", b""
    return head[:1], stream.read(struct.unpack("!i", head[1:])[0] - 4)


def error_text(body):
    fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
    return fields.get(b"M", b"").decode(errors="replace")


def answer_wrongly(sock, code, body):
    """The answer that fails for any password, whole enough for the server to judge it."""
    if code == AUTH_PASSWORD:
        send_password(sock, b"wrong\0")
    elif code == AUTH_MD5:
        send_password(sock, b"md5" + b"0" * 32 + b"\0")
    elif code == AUTH_SASL:
        first = b"n,,n=,r=clientnonce"
        send_password(sock, b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
    elif code == AUTH_SASL_CONTINUE:
        nonce = body.split(b",")[0]
        send_password(sock, b"c=biws," + nonce + b",p=" + base64.b64encode(b"x" * 32))


def ask(sock, parameters):
    """How the server answers a start with those parameters, whatever it asks for refused."""
    answer = Answer()
    with contextlib.closing(sock), sock.makefile("rb") as stream:
        send_startup(sock, parameters)
        while True:
            try:
                kind, body = receive(stream)
            except OSError:
                return answer
            if kind == b"R":
                code = struct.unpack("!i", body[:4])[0]
                if answer.code is None:
                    answer.code = code
                if code == AUTH_OK:
                    return answer
                answer_wrongly(sock, code, body[4:])
            elif kind == b"E":
                answer.error = error_text(body)
                return answer
            elif kind == b"":
                return answer
