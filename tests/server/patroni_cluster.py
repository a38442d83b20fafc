"""Two Patroni nodes over an etcd of their own, with Debian's packages, on loopback.

    with PatroniCluster("pg-test") as cluster:
        cluster.leader().rows("SELECT 1")

It costs about five seconds. Every node calls a callback script that does nothing until
set_callback() says what to run. What was started is ended by its pid.
"""
import atexit
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time
import urllib.error
import urllib.request

import psycopg2
import yaml

import servers

PACKAGES = ("patroni", "etcd-server")
BINARIES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
MISSING = [name for name, there in (("patroni", shutil.which("patroni")),
                                    ("etcd-server", shutil.which("etcd")),
                                    ("postgresql-15", BINARIES)) if not there]

CALLBACK = """#!/bin/sh
# Patroni's callback of node {name}
[ -f {folder}/command ] || exit 0
exec >>{folder}/callback.log 2>&1
. {folder}/command
"""


def end_with_parent():
    servers.LIBC.prctl(servers.PR_SET_PDEATHSIG, signal.SIGTERM)


def start(argv, log):
    with open(log, "ab") as output:
        return subprocess.Popen(argv, cwd="/", stdin=subprocess.DEVNULL, stdout=output,
                                stderr=output, preexec_fn=end_with_parent,
                                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                                     "HOME": "/nonexistent"}, **servers.ACCOUNT)


def stop(process):
    if process is not None and process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def http(url, method="GET", body=None):
    request = urllib.request.Request(url, method=method,
                                     data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=600) as answer:
        return answer.read().decode()


class Node:
    """One member: a Patroni and the server that it runs."""

    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number
        self.name = f"{cluster.scope}-{number}"
        self.address = f"127.0.0.{number}"
        self.port, self.api = servers.free_port(), servers.free_port()
        self.url = f"http://127.0.0.1:{self.api}"
        self.folder = cluster.folder / str(number)
        self.data = self.folder / "data"
        self.process = None
        self.folder.mkdir()
        self.write_callback()
        self.write_yaml()
        for path in (self.folder, *self.folder.iterdir()):
            if servers.AS_ROOT:
                shutil.chown(path, "nobody", "nogroup")

    def write_callback(self):
        path = self.folder / "callback"
        path.write_text(CALLBACK.format(name=self.name, folder=self.folder))
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def write_yaml(self, local_rules=None):
        local = {} if local_rules is None else {"pg_hba": local_rules}
        (self.folder / "patroni.yml").write_text(yaml.safe_dump({
            "scope": self.cluster.scope, "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.api}"},
            "etcd3": {"host": f"127.0.0.1:{self.cluster.etcd_port}"},
            "bootstrap": {"dcs": {"loop_wait": 1, "ttl": 20, "retry_timeout": 3},
                          "initdb": ["no-sync", {"auth": "trust"}, {"encoding": "UTF8"},
                                     {"locale": "C"}, {"username": "postgres"}]},
            "postgresql": {
                "listen": f"{self.address}:{self.port}",
                "connect_address": f"{self.address}:{self.port}",
                "data_dir": str(self.data), "bin_dir": str(BINARIES[-1].parent),
                "pgpass": str(self.folder / "pgpass"),
                "authentication": {"superuser": {"username": "postgres"},
                                   "replication": {"username": "replicator", "password": "r"}},
                "parameters": {"unix_socket_directories": str(self.folder), "fsync": "off",
                               "shared_buffers": "16MB"},
                "callbacks": {event: str(self.folder / "callback")
                              for event in ("on_role_change", "on_start", "on_stop", "on_reload")},
                **local,
            }}))

    def start(self):
        self.process = start(["patroni", str(self.folder / "patroni.yml")], self.folder / "log")

    def set_local_rules(self, rules):
        """A list in this member's own YAML, which beats the dynamic configuration; None: none."""
        self.write_yaml(rules)
        self.process.send_signal(signal.SIGHUP)

    def set_callback(self, command):
        path = self.folder / "command"
        if command is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(command)
            path.chmod(0o644)

    def conninfo(self):
        return f"host={self.folder} port={self.port} user=postgres"

    def rows(self, sql, user="postgres", host=None):
        connection = psycopg2.connect(host=host or str(self.folder), port=self.port, user=user,
                                      dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def in_recovery(self):
        return self.rows("SELECT pg_is_in_recovery()")[0][0]

    def hba_text(self):
        return (self.data / "pg_hba.conf").read_text()

    def rule_lines(self):
        lines = (line.strip() for line in self.hba_text().splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def broken_lines(self):
        return self.rows("SELECT line_number FROM pg_hba_file_rules WHERE type IS NULL")

    def end_server(self):
        """What a Patroni that was killed leaves running."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            if "postgres" in pathlib.Path(f"/proc/{pid}/comm").read_text():
                os.kill(pid, signal.SIGQUIT)
        except (OSError, ValueError, IndexError):
            pass


class PatroniCluster:
    """Two nodes, the first of which is the primary at the beginning; a context manager."""

    def __init__(self, scope):
        self.scope = scope
        self.folder = servers.scratch_folder()
        self.etcd_port = servers.free_port()
        self.etcd = None
        self.nodes = [Node(self, 1), Node(self, 2)]

    def __enter__(self):
        atexit.register(self.stop)
        url, peer = (f"http://127.0.0.1:{port}" for port in (self.etcd_port, servers.free_port()))
        self.etcd = start(["etcd", "--name", "e", "--data-dir", str(self.folder / "etcd"),
                           "--unsafe-no-fsync", "--listen-client-urls", url,
                           "--advertise-client-urls", url, "--listen-peer-urls", peer,
                           "--initial-advertise-peer-urls", peer, "--initial-cluster",
                           f"e={peer}"], self.folder / "etcd.log")
        self.nodes[0].start()
        servers.wait_until(lambda: self.roles().get(self.nodes[0].name) == "leader", 60,
                           "the first node to lead")
        self.nodes[1].start()
        self.wait_for_leader(self.nodes[0])
        self.initial_hba = [node.hba_text() for node in self.nodes]
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        for node in reversed(self.nodes):
            stop(node.process)
            node.end_server()
        stop(self.etcd)
        atexit.unregister(self.stop)

    def roles(self):
        """Member -> role, of those that run."""
        try:
            members = json.loads(http(self.nodes[0].url + "/cluster"))["members"]
        except (urllib.error.URLError, OSError, ValueError):
            return {}
        return {m["name"]: m["role"] for m in members if m["state"] in ("running", "streaming")}

    def wait_for_leader(self, node):
        other = self.nodes[0] if node is self.nodes[1] else self.nodes[1]
        wanted = {node.name: "leader", other.name: "replica"}
        servers.wait_until(lambda: self.roles() == wanted, 60, f"the roles {wanted}")

    def leader(self):
        return next(node for node in self.nodes if self.roles().get(node.name) == "leader")

    def switch_over(self):
        """Gives the new leader."""
        old = self.leader()
        new = self.nodes[0] if old is self.nodes[1] else self.nodes[1]
        http(old.url + "/switchover", "POST", {"leader": old.name, "candidate": new.name})
        self.wait_for_leader(new)
        return new

    def patch_rules(self, lines):
        http(self.nodes[0].url + "/config", "PATCH", {"postgresql": {"pg_hba": lines}})

    def config_rules(self):
        config = json.loads(http(self.nodes[0].url + "/config"))
        return config.get("postgresql", {}).get("pg_hba")

    def reset(self):
        """As it was when it began, whoever leads."""
        for node in self.nodes:
            node.set_callback(None)
        self.patch_rules(None)
        time.sleep(1.5)  # a round of the loop, in which Patroni lets go of the files
        for node, text in zip(self.nodes, self.initial_hba):
            (node.data / "pg_hba.conf").write_text(text)
            node.rows("SELECT pg_reload_conf()")

    def options(self):
        """How the program reaches the members and their Patronis."""
        words = []
        for node in self.nodes:
            words += ["--conninfo", f"{node.name}={node.conninfo()}"]
        return words

    def url_options(self):
        return [word for node in self.nodes for word in ("--patroni-url", f"{node.name}={node.url}")]
