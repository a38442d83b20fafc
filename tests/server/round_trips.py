"""A proxy on the way to a server that counts connections, and how often the program waits for an answer."""
import contextlib
import select
import socket
import threading


class Counter:
    def __init__(self, path):
        self.path, self.connections, self.round_trips = path, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()

    def serve(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self.forward, args=(here,), daemon=True).start()

    def forward(self, here):
        """Whatever is sent after an answer has arrived begins another round trip."""
        there = socket.socket(socket.AF_UNIX)
        there.connect(self.path)
        with self.lock:
            self.connections += 1
        answered = True
        with here, there:
            while True:
                for ready in select.select([here, there], [], [])[0]:
                    try:
                        data = ready.recv(65536)
                    except ConnectionError:
                        return
                    if not data:
                        return
                    # The message that ends a session (X, of five bytes) waits for nothing
                    if ready is here and answered and data != b"X\0\0\0\4":
                        with self.lock:
                            self.round_trips += 1
                    answered = ready is there
                    (there if ready is here else here).sendall(data)


@contextlib.contextmanager
def counting(server):
    """The counter; its conninfo() is the server's over the proxy, without TLS to look through."""
    counter = Counter(f"{server.folder}/.s.PGSQL.{server.port}")
    counter.conninfo = lambda: server.conninfo(tcp=True, sslmode="disable",
                                               gssencmode="disable").replace(
        f"port={server.port}", f"port={counter.port}")
    thread = threading.Thread(target=counter.serve, daemon=True)
    thread.start()
    try:
        yield counter
    finally:
        counter.listener.close()
