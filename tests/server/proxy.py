"""Something between the program and a server: a listener, and a thread for each connection."""
import contextlib
import socket
import threading


class Proxy:
    """Says in forward() what it does with a connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.server = None

    def forward(self, here):
        raise NotImplementedError

    def serve(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self.forward, args=(here,), daemon=True).start()

    def conninfo(self):
        """The server's over the proxy, without TLS to look through."""
        return self.server.conninfo(tcp=True, sslmode="disable", gssencmode="disable").replace(
            f"port={self.server.port}", f"port={self.port}")


def socket_of(server):
    return f"{server.folder}/.s.PGSQL.{server.port}"


@contextlib.contextmanager
def serving(proxy, server):
    proxy.server = server
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.listener.close()
