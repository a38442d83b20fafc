"""A proxy on the way to a server that counts connections, and how often the program waits for an answer.

It may also lead to several servers in turn, as an address of a load balancer does, and stop answering.
"""
import select
import socket

import proxy


class Counter(proxy.Proxy):
    def __init__(self, paths):
        super().__init__()
        self.paths, self.connections, self.round_trips = paths, 0, 0
        self.silent_after = None  # that many connections nothing passes any more

    def forward(self, here):
        """Whatever is sent after an answer has arrived begins another round trip."""
        there = socket.socket(socket.AF_UNIX)
        with self.lock:
            there.connect(self.paths[self.connections % len(self.paths)])
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
                    if self.silent_after is None or self.connections <= self.silent_after:
                        (there if ready is here else here).sendall(data)


def counting(server, *others):
    """The counter; with others each connection leads to the next one of all servers."""
    return proxy.serving(Counter([proxy.socket_of(each) for each in (server, *others)]), server)
