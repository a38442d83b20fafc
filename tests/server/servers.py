"""Throwaway PostgreSQL servers of every major, and the program that is tested against them.

    with Postgres(18) as server:
        run("plan", "-i", inventory, server=server)

A server costs about 0.15 s: initdb runs once per major and set of options, a server is a copy of
that folder, in memory where the machine has /dev/shm. It listens on a socket in a folder of its own,
on 127.0.0.1 only when asked, belongs to an unprivileged account when the tests run as root, and is
ended by its pid when the test, or the test process, ends.
"""
import atexit
import contextlib
import ctypes
import functools
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import psycopg2
import psycopg2.extensions
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
MAJORS = tuple(int(m) for m in os.environ.get("PGCHARTER_MAJORS", "13 14 15 16 17 18").split())
TEST_ALL = os.environ.get("PGCHARTER_TEST_ALL") == "1"
AS_ROOT = os.geteuid() == 0
# For a program or server that hangs; a loaded machine needs a tenth of it.
PATIENCE = 600
ACCOUNT = {"user": "nobody", "group": "nogroup", "extra_groups": []} if AS_ROOT else {}

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def corpus(pattern):
    """Files of ../shared, which only the project's own machines have, as a test's parameters."""
    return sorted(SHARED.glob(pattern)) or [
        pytest.param(None, marks=pytest.mark.skip(reason="no ../shared beside the checkout"))]


def default_matrix():
    if AS_ROOT:
        cache = pathlib.Path("/var/tmp/pgcharter-cache")
    else:
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"),
                             "pgcharter")
    return pathlib.Path(os.environ.get("PGCHARTER_CACHE", cache), "pg", "node_modules")


MATRIX = pathlib.Path(os.environ.get("PGCHARTER_POSTGRES") or default_matrix())
PROGRAM = pathlib.Path(os.environ.get("PGCHARTER_BIN") or ROOT / "build/dev/pgcharter")
RELEASE_PROGRAM = pathlib.Path(os.environ.get("PGCHARTER_RELEASE_BIN") or ROOT / "build/pgcharter")


def binary(major, name):
    path = MATRIX / f"postgres-{major}" / "native" / "bin" / name
    assert path.exists(), f"{path} is missing; ./dev test installs it"
    return str(path)


@functools.lru_cache(None)
def scratch_root():
    """Memory where there is some; what a killed test process left there goes first."""
    memory = pathlib.Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and \
        shutil.disk_usage(memory).free > 2 << 30
    root = memory if roomy else pathlib.Path("/tmp")
    for left in root.glob("pgc.[0-9]*.*"):
        try:
            ours = left.owner() in (getpass.getuser(), ACCOUNT.get("user"))
        except (FileNotFoundError, KeyError):  # another worker removed it; nobody we know owns it
            continue
        if ours and not os.path.exists(f"/proc/{left.name.split('.')[1]}"):
            shutil.rmtree(left, ignore_errors=True)
    return root


def scratch_folder():
    """A short path (a socket's has 107 bytes at most) that the servers' account may write."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"pgc.{os.getpid()}.", dir=scratch_root()))
    if AS_ROOT:
        shutil.chown(folder, "nobody", "nogroup")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_templates = {}


def template(major, dbsu, options):
    """The folder that initdb made for this major, superuser and options, once per process."""
    key = (major, dbsu, options)
    if key not in _templates:
        folder = scratch_folder() / "data"
        locale = ["--locale-provider=builtin", "--builtin-locale=C"] if major >= 17 else []
        subprocess.run([binary(major, "initdb"), "-D", str(folder), "-U", dbsu, "-A", "trust",
                        "-E", "UTF8", "--locale=C", "--data-checksums", "--no-sync",
                        "--wal-segsize=1", *locale, *options],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", env={"PATH": os.defpath},
                       **ACCOUNT)
        _templates[key] = folder
    return _templates[key]


class Postgres:
    """A running server; a context manager."""

    def __init__(self, major, dbsu="postgres", listen=False, settings=None, hba=None,
                 initdb_options=()):
        self.major, self.dbsu = major, dbsu
        self.folder = scratch_folder()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = free_port() if listen else 5432
        self.settings = {
            "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
            "shared_buffers": "16MB", "dynamic_shared_memory_type": "mmap",
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "127.0.0.1" if listen else "", "port": str(self.port),
            **(settings or {}),
        }
        self.listen = listen
        self.process = None
        subprocess.run(["cp", "-a", str(template(major, dbsu, tuple(initdb_options))),
                        str(self.data)], check=True)
        if hba is not None:
            self.write_hba(hba)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    def start(self):
        options = [word for key, value in self.settings.items() for word in ("-c", f"{key}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary(self.major, "postgres"), "-D", str(self.data), *options], cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=die_with_parent, **ACCOUNT)
        atexit.register(self.stop)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except psycopg2.OperationalError:
                ended = self.process.poll()
                assert ended is None and time.monotonic() < deadline, self.log_text()[-3000:]
                time.sleep(0.02)

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT ends it at once, SIGINT in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
        self.process = None
        atexit.unregister(self.stop)

    def restart(self):
        self.stop(signal.SIGINT)
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_hba(self, text):
        """Keeps owner and mode of the file that initdb made."""
        with open(self.data / "pg_hba.conf", "w", encoding="utf-8") as handle:
            handle.write(text)

    # ---- talking to it

    def conninfo(self, user=None, dbname="postgres", tcp=False, **more):
        words = {"host": "127.0.0.1" if tcp else str(self.folder), "port": str(self.port),
                 "user": user or self.dbsu, "dbname": dbname, **more}
        return psycopg2.extensions.make_dsn(**words)

    def connect(self, user=None, dbname="postgres", tcp=False, **more):
        return psycopg2.connect(self.conninfo(user, dbname, tcp, **more))

    def rows(self, sql, parameters=None, user=None, dbname="postgres", **more):
        """What one statement answers (None when it answers nothing), committed."""
        connection = self.connect(user, dbname, **more)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def value(self, sql, parameters=None, **more):
        return self.rows(sql, parameters, **more)[0][0]

    def psql_file(self, path, dbname="postgres"):
        return subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                               self.conninfo(dbname=dbname), "-f", str(path)],
                              capture_output=True, text=True, env=clean_environment(), timeout=PATIENCE)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def databases(self):
        return [row[0] for row in self.rows(
            "SELECT datname FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY 1")]

    def access_state(self):
        """Everything about access as plain rows, for comparing two servers or two moments."""
        state = {name: self.rows(sql.format(**self.columns())) for name, sql in SHARED_STATE.items()}
        for database in self.databases():
            for name, sql in DATABASE_STATE.items():
                state[f"{database}: {name}"] = self.rows(sql, dbname=database)
        return state

    def columns(self):
        options = "m.inherit_option, m.set_option" if self.major >= 16 else "NULL, NULL"
        return {"membership_options": options}


# An ACL is compared as it stands, NULL or not, its entries sorted: their order says when they came.
ACL = "ARRAY(SELECT a::text FROM unnest({}) a ORDER BY a::text COLLATE \"C\"), {} IS NULL"
SHARED_STATE = {
    "roles": """
        SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
               r.rolreplication, r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil::text,
               a.rolpassword IS NOT NULL, left(a.rolpassword, 13) = 'SCRAM-SHA-256',
               shobj_description(r.oid, 'pg_authid')
        FROM pg_roles r JOIN pg_authid a ON a.oid = r.oid ORDER BY 1""",
    "memberships": """
        SELECT r.rolname, u.rolname, g.rolname, m.admin_option, {membership_options}
        FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        JOIN pg_roles u ON u.oid = m.member LEFT JOIN pg_roles g ON g.oid = m.grantor
        ORDER BY 1, 2, 3""",
    "settings": """
        SELECT d.datname, r.rolname, ARRAY(SELECT c FROM unnest(s.setconfig) c ORDER BY c)
        FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase
        LEFT JOIN pg_roles r ON r.oid = s.setrole ORDER BY 1, 2""",
    "databases": f"""
        SELECT d.datname, r.rolname, d.datistemplate, d.datallowconn, d.datconnlimit,
               shobj_description(d.oid, 'pg_database'), {ACL.format("d.datacl", "d.datacl")}
        FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba ORDER BY 1""",
}
DATABASE_STATE = {
    "schemas": f"""
        SELECT n.nspname, r.rolname, {ACL.format("n.nspacl", "n.nspacl")}
        FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
        WHERE n.nspname !~ '^pg_(toast|temp)' ORDER BY 1""",
    "default privileges": f"""
        SELECT r.rolname, n.nspname, d.defaclobjtype, {ACL.format("d.defaclacl", "d.defaclacl")}
        FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole
        LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace ORDER BY 1, 2, 3""",
    "relations": f"""
        SELECT c.oid::regclass::text, r.rolname, {ACL.format("c.relacl", "c.relacl")}
        FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f') ORDER BY 1""",
    "functions": f"""
        SELECT p.oid::regprocedure::text, r.rolname, {ACL.format("p.proacl", "p.proacl")}
        FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.oid >= 16384 OR p.proacl IS NOT NULL ORDER BY 1""",
}


def difference(before, after):
    """Rows that only one of two access states has, in words; '' when they are equal."""
    out = []
    for key in sorted(set(before) | set(after)):
        left, right = before.get(key, []), after.get(key, [])
        out += [f"- {key}: {row}" for row in left if row not in right]
        out += [f"+ {key}: {row}" for row in right if row not in left]
    return "\n".join(out)


# ---- the program

def clean_environment(**more):
    """Nothing of the caller's: no PG* variable, no password file, no colours, no proxy.

    Lines are wide enough for what tests look for; test_terminal.py has narrow ones."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "COLUMNS": "2000",
            "LC_ALL": "C.UTF-8", "TZ": "UTC", "G_SLICE": "always-malloc",
            "ASAN_OPTIONS": "abort_on_error=0:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1",
            **more}


class Result:
    """What a run of the program gave; turns into its whole story when an assertion shows it."""

    def __init__(self, argv, code, stdout, stderr):
        self.argv, self.code, self.stdout, self.stderr = argv, code, stdout, stderr

    def __repr__(self):
        return (f"{' '.join(self.argv)}\n--- exit code {self.code}\n--- stdout\n{self.stdout}"
                f"--- stderr\n{self.stderr}")


def connection_options(server, cluster):
    if server is None:
        return []
    return ["--conninfo", f"{cluster}={server.conninfo()}"]


def run(*arguments, server=None, cluster="pg-test", expect=0, program=None, env=None, input=None,
        cwd=None, timeout=PATIENCE):
    """Runs the program; fails the test when it ends with another code than expected."""
    argv = [str(program or PROGRAM), *connection_options(server, cluster),
            *(str(a) for a in arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, env=clean_environment(**(env or {})),
                          cwd=cwd, timeout=timeout, input=input or "")
    result = Result(argv, done.returncode, done.stdout, done.stderr)
    assert "Sanitizer" not in done.stderr and "runtime error:" not in done.stderr, result
    assert expect is None or result.code == expect, result
    return result


@contextlib.contextmanager
def running(*arguments, server=None, cluster="pg-test", env=None):
    """The program as a process that a test may stop or kill; killed at the end."""
    argv = [str(PROGRAM), *connection_options(server, cluster), *(str(a) for a in arguments)]
    process = subprocess.Popen(argv, env=clean_environment(**(env or {})), text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=die_with_parent)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextlib.contextmanager
def blocking(server, sql, dbname="postgres"):
    """Holds an uncommitted statement, so that whoever does the same waits; gives how to let go."""
    connection = server.connect(dbname=dbname)
    try:
        connection.cursor().execute(sql)
        yield connection.rollback
    finally:
        connection.close()


def blocked(server):
    """How many of the program's sessions wait for somebody's lock."""
    return server.value("SELECT count(*) FROM pg_stat_activity"
                        " WHERE application_name = 'pgcharter' AND wait_event_type = 'Lock'")


def wait_until(condition, seconds=PATIENCE, what="a condition"):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)


def skip_without_event_triggers(server):
    """For tests that meddle by one: from 17 on the program's sessions have them off, as a superuser's may."""
    if server.major >= 17:
        pytest.skip("a superuser's sessions of ours fire no event triggers from 17 on")


# ---- inventories

def inventory(variables, cluster="pg-test", hosts=None, top=None):
    """One cluster's inventory as a mapping; hosts default to one primary."""
    return {"all": {
        "vars": top or {},
        "children": {cluster: {
            "hosts": hosts or {"10.1.1.1": {"pg_seq": 1, "pg_role": "primary"}},
            "vars": {"pg_cluster": cluster, **variables},
        }},
    }}


def write_inventory(path, mapping):
    path.write_text(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=10000),
                    encoding="utf-8")
    return path
