#!/usr/bin/python3
"""A network that is far away: forwards 127.0.0.1:PORT to sockets, each byte half a round trip late.

  latency_proxy.py ROUND_TRIP_SECONDS PORT=SOCKET...
"""
import asyncio
import collections
import sys


async def pump(reader, writer, delay):
    """What was read is written `delay` later; reading goes on meanwhile, as on a wire."""
    loop = asyncio.get_running_loop()
    late, more = collections.deque(), asyncio.Event()

    async def deliver():
        while True:
            while not late:
                more.clear()
                await more.wait()
            due, data = late.popleft()
            await asyncio.sleep(max(due - loop.time(), 0))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    task = asyncio.create_task(deliver())
    data = b"begin"
    while data:
        try:
            data = await reader.read(65536)
        except ConnectionError:
            data = b""
        late.append((loop.time() + delay, data))
        more.set()
    try:
        await task
    except ConnectionError:
        pass


async def serve(delay, port, path):
    async def accept(reader, writer):
        # A TCP connection costs a round trip before the first byte
        await asyncio.sleep(2 * delay)
        there, here = await asyncio.open_unix_connection(path)
        await asyncio.gather(pump(reader, here, delay), pump(there, writer, delay))

    return await asyncio.start_server(accept, "127.0.0.1", port, backlog=256)


async def main(delay, pairs):
    listening = [await serve(delay, *pair.split("=", 1)) for pair in pairs]
    print("ready", flush=True)
    await asyncio.gather(*(one.serve_forever() for one in listening))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 2, sys.argv[2:]))
