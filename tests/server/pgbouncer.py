"""A real PgBouncer in front of a server, for tests that go through a pooler."""
import contextlib
import os
import shutil
import subprocess

import servers

CONFIG = """[databases]
* = host={folder} port={port} user=postgres {options}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
{more}
"""


class Pooler:
    def __init__(self, listen):
        self.listen = listen

    def conninfo(self, dbname="postgres"):
        return f"host=127.0.0.1 port={self.listen} user=postgres dbname={dbname}"

    def connect(self, dbname="postgres"):
        connection = servers.psycopg2.connect(self.conninfo(dbname))
        connection.autocommit = True
        return connection


@contextlib.contextmanager
def pooling(server, mode, more="", options=""):
    """One PgBouncer with that pool_mode, ready to answer."""
    folder = servers.scratch_folder()
    pooler = Pooler(servers.free_port())
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(folder=server.folder, port=server.port, listen=pooler.listen,
                                    mode=mode, more=more, options=options))
    config.chmod(0o644)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin"),
                                    str(config)], cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, preexec_fn=servers.die_with_parent,
                                   **servers.ACCOUNT)
    try:
        servers.wait_until(lambda: process.poll() is not None or answers(pooler),
                           what="PgBouncer")
        assert process.poll() is None, (folder / "log").read_text()
        yield pooler
    finally:
        process.terminate()
        process.wait(servers.PATIENCE)


def answers(pooler):
    try:
        pooler.connect().close()
        return True
    except servers.psycopg2.OperationalError:
        return False
