"""`hba test` against servers: the line that a random connection meets is the line that the server
met it with, and a file is broken for us exactly where it is broken for the server."""
import contextlib
import json
import os
import re
import socket
import subprocess

import hba_random
import pytest
import servers
import wire

CONNECTIONS = 2000 if servers.TEST_ALL else 300
DAMAGED_FILES = 200 if servers.TEST_ALL else 25
CONNECTIONS_PER_FILE = 30
SEED = os.environ.get("PGCHARTER_SEED", "1")
PROGRAM = servers.RELEASE_PROGRAM if servers.RELEASE_PROGRAM.exists() else servers.PROGRAM
DBSU = "zz_admin"
ADMIN_LINE = f"local postgres {DBSU} trust"
HAS_V6 = os.path.exists("/proc/net/if_inet6")

# how the server shows what it does: by the first authentication request, or by its complaint
CODES = {"trust": {wire.AUTH_OK}, "password": {wire.AUTH_PASSWORD},
         "scram-sha-256": {wire.AUTH_SASL}, "md5": {wire.AUTH_MD5, wire.AUTH_SASL}}
COMPLAINTS = {"peer": "Peer authentication failed", "ident": "Ident authentication failed",
              "cert": "requires a valid client certificate",
              "reject": "pg_hba.conf rejects ", None: "no pg_hba.conf entry"}
# 13-15: matched pg_hba.conf line N; 16 on: matched file "F" line N; or method=M (F:N)
MATCHED = re.compile(r'matched (?:file "(?P<f1>[^"]*)"|pg_hba\.conf) line (?P<l1>\d+)|'
                     r"method=\S+ \((?P<f2>[^()]*):(?P<l2>\d+)\)")


# ---- the server

def quiet_port():
    """A port below those that the many client sockets of these tests are given."""
    for port in range(20000 + os.getpid() % 1000 * 10, 32000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", str(folder / "key"), "-out", str(folder / "crt")],
                   check=True, capture_output=True)
    os.chmod(folder / "key", 0o600)
    if servers.AS_ROOT:
        for name in ("key", "crt"):
            servers.shutil.chown(folder / name, "nobody", "nogroup")


def create_roles(server):
    for name, (superuser, _) in hba_random.ROLES.items():
        server.rows(f"CREATE ROLE {hba_random.quoted(name)} LOGIN PASSWORD 'right' "
                    + ("SUPERUSER" if superuser else ""))
    for number, (name, (_, groups)) in enumerate(hba_random.ROLES.items()):
        options = " WITH INHERIT FALSE, SET FALSE" if server.major >= 16 and number % 2 else ""
        for group in groups:
            server.rows(f'GRANT "{group}" TO {hba_random.quoted(name)}{options}')


def write_roles(path):
    path.write_text(json.dumps({"roles": [
        {"name": name, "superuser": superuser, "roles": groups}
        for name, (superuser, groups) in hba_random.ROLES.items()]}))


@pytest.fixture
def tls_server(major):
    """A server that listens on 127.0.0.1 and ::1, with TLS, the roles, and a log that tells."""
    server = servers.Postgres(major, dbsu=DBSU, listen=True)
    server.port = quiet_port()
    make_certificate(server.folder)
    server.settings.update({
        "port": str(server.port), "listen_addresses": "127.0.0.1,::1" if HAS_V6 else "127.0.0.1",
        "ssl": "on", "ssl_cert_file": server.folder / "crt", "ssl_key_file": server.folder / "key",
        "ssl_ca_file": server.folder / "crt", "log_connections": "on", "max_connections": "100"})
    with server:
        create_roles(server)
        write_roles(server.folder / "roles.yml")
        (server.data / "sub").mkdir()
        for name, text in hba_random.NAME_FILES.items():
            (server.data / "sub" / name).write_bytes(text.encode())
            (server.data / name).write_bytes(text.encode())
        yield server


def install(server, text):
    """Makes the server read that file; which of its lines are broken, by file and line."""
    (server.data / "pg_hba.conf").write_bytes(text.encode())
    file = "file_name" if server.major >= 16 else "NULL::text"
    broken = server.rows(f"SELECT DISTINCT {file}, line_number FROM pg_hba_file_rules"
                         " WHERE type IS NULL")
    if broken:
        return {(file or str(server.data / "pg_hba.conf"), line) for file, line in broken}
    loaded = server.value("SELECT pg_conf_load_time()")
    server.reload()
    servers.wait_until(lambda: server.value("SELECT pg_conf_load_time()") > loaded)
    return set()


# ---- asking both

def ask_server(server, connection):
    """The server's answer, and the (file, line) it names in its log, None where it names none."""
    parameters = {"user": connection["user"], "database": connection["database"]}
    if connection["replication"]:
        parameters["replication"] = {"physical": "true", "logical": "database"}[
            connection["replication"]]
    size = server.log.stat().st_size
    sock = wire.connect(server.folder, server.port, connection["source"], connection["tls"])
    answer = wire.ask(sock, parameters)
    with open(server.log, encoding="utf-8", errors="replace") as log:
        log.seek(size)
        found = list(MATCHED.finditer(log.read()))
    if not found:
        return answer, None
    file = found[-1]["f1"] or found[-1]["f2"] or str(server.data / "pg_hba.conf")
    return answer, (file, int(found[-1]["l1"] or found[-1]["l2"]))


def test_words(connection):
    words = ["--user", connection["user"], "--database", connection["database"]]
    if connection["source"] is None:
        words.append("--local")
    else:
        own = "::1/128" if ":" in connection["source"] else "127.0.0.1/8"
        words += ["--addr", connection["source"], "--server-addr", own]
    if connection["tls"]:
        words.append("--ssl")
    if connection["replication"]:
        words.append({"physical": "--replication",
                      "logical": "--replication=database"}[connection["replication"]])
    return words


test_words.__test__ = False


def ask_program(file, roles, connection, *more):
    done = servers.run("hba", "test", "--file", file, "--roles", roles, *more,
                       *test_words(connection), "--format", "json", program=PROGRAM)
    return json.loads(done.stdout)


def same_outcome(ours, answer, place):
    if place is not None and (not ours["matched"] or (ours["file"], ours["line"]) != place):
        return False
    method = ours["method"] if ours["matched"] else None
    if method in CODES:
        return answer.code in CODES[method]
    return COMPLAINTS[method] in answer.error


def describe(text, connection, ours, answer, place):
    shown = {key: ours.get(key) for key in ("file", "line", "method", "rule")}
    return f"{connection}\n  ours:   {shown}\n  server: {answer} at {place}\nfile:\n{text}"


# ---- files

def spread(maker, folder, lines):
    """From 16 on: part of the lines in files of their own."""
    if maker.major < 16 or maker.chance(0.5):
        return lines
    cut = sorted(maker.random.sample(range(len(lines) + 1), 2))
    text = "\n".join(lines[cut[0]:cut[1]]) + "\n"
    how = maker.pick(["include part.conf", 'include "sub/part"', "include_if_exists part.conf",
                      "include_dir sub", "include_if_exists missing.conf"])
    for path in ("part.conf", "sub/part", "sub/20.conf", "sub/.hidden.conf", "sub/10.conf",
                 "sub/ignored"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("")
    if "missing" not in how:
        where = {"include_dir": "sub/20.conf", 'include "': "sub/part"}.get(
            how.replace("sub", "").split("/")[0].strip(), "part.conf")
        (folder / where).write_text(text)
    (folder / "sub/10.conf").write_text(f"{maker.line()}\ninclude ../part.conf\n"
                                        if "dir" in how else "")
    return [*lines[:cut[0]], how, *lines[cut[1]:]]


def test_the_line_that_matches_is_the_servers_line(tls_server):
    maker = hba_random.Maker(SEED, tls_server.major)
    file, roles = tls_server.data / "pg_hba.conf", tls_server.folder / "roles.yml"
    asked, named, mismatches = 0, 0, []
    while asked < CONNECTIONS:
        lines = spread(maker, tls_server.data, maker.lines(maker.pick([3, 6, 12, 20])))
        end = maker.pick(["\n", "\n", "\r\n"])
        text = end.join([ADMIN_LINE, *lines]) + maker.pick([end, ""])
        assert install(tls_server, text) == set(), text
        for _ in range(CONNECTIONS_PER_FILE):
            connection = maker.connection(HAS_V6)
            answer, place = ask_server(tls_server, connection)
            ours = ask_program(file, roles, connection, "--pg-version", tls_server.major)
            asked, named = asked + 1, named + (place is not None)
            if not same_outcome(ours, answer, place):
                mismatches.append(describe(text, connection, ours, answer, place))
    assert not mismatches, f"{len(mismatches)} of {asked}:\n" + "\n".join(mismatches[:5])
    assert named > asked / 20


# ---- broken files

def our_errors(file, *more):
    """The (file, line) of every error that the program reports, and whether it refuses the file."""
    done = servers.run("hba", "test", "--file", file, *more, "--user", "a", "--database", "b",
                       "--local", program=PROGRAM, expect=None)
    assert done.code in (0, 1, 3), done
    found = re.findall(r"^(.*?):(\d+):\d+: error: ", done.stderr, re.M)
    assert (done.code == 3) == bool(found), done
    return {(name, int(line)) for name, line in found}, done.stderr


def test_a_line_is_broken_where_the_server_says_so(tls_server):
    maker = hba_random.Maker(SEED, tls_server.major)
    file = tls_server.data / "pg_hba.conf"
    wrong = []
    for _ in range(DAMAGED_FILES):
        lines = [maker.mutate(maker.line()) for _ in range(30)]
        theirs = install(tls_server, "\n".join([ADMIN_LINE, *lines]) + "\n")
        ours, story = our_errors(file, "--pg-version", tls_server.major)
        text = file.read_text().split("\n")
        for path, line in sorted(ours ^ theirs):
            who = "only we" if (path, line) in ours else "only the server"
            told = [each for each in story.splitlines() if f":{line}:" in each]
            wrong.append(f"{who}: {path}:{line}: {text[line - 1]!r} {told}")
    assert not wrong, "\n".join(wrong[:40])


# ---- PgBouncer

@contextlib.contextmanager
def pgbouncer(folder, backend):
    port = quiet_port()
    (folder / "ini").write_text(f"""[databases]
* = host={backend.folder} port={backend.port} dbname=postgres user={DBSU}
[pgbouncer]
listen_addr = 127.0.0.1{",::1" if HAS_V6 else ""}
listen_port = {port}
unix_socket_dir = {folder}
auth_type = hba
auth_hba_file = {folder}/hba
auth_file = {folder}/users
logfile = {folder}/log
client_tls_sslmode = allow
client_tls_key_file = {folder}/key
client_tls_cert_file = {folder}/crt
client_tls_ca_file = {folder}/crt
max_client_conn = 500
""")
    (folder / "log").write_text("")
    if servers.AS_ROOT:
        for path in folder.iterdir():
            servers.shutil.chown(path, "nobody", "nogroup")
    process = subprocess.Popen(["/usr/sbin/pgbouncer", str(folder / "ini")], cwd=folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, preexec_fn=servers.die_with_parent,
                               **servers.ACCOUNT)
    try:
        servers.wait_until(lambda: "process up" in (folder / "log").read_text(), what="PgBouncer")
        yield port
    finally:
        process.kill()
        process.wait(20)


@pytest.fixture
def bouncer_folder():
    folder = servers.scratch_folder()
    make_certificate(folder)
    write_roles(folder / "roles.yml")
    (folder / "users").write_text("".join(
        f'{hba_random.quoted(name)} "right"\n' for name in hba_random.USERS))
    for name, text in hba_random.BOUNCER_NAME_FILES.items():
        (folder / name).write_bytes(text.encode())
    return folder


PGBOUNCER = ("--dialect", "pgbouncer", "--pg-version", "1.18")


def skipped_lines(folder):
    return {int(line) for line in re.findall(r"could not parse hba config line (\d+)",
                                             (folder / "log").read_text())}


def ask_bouncer(folder, port, connection):
    sock = wire.connect(folder, port, connection["source"], connection["tls"])
    return wire.ask(sock, {"user": connection["user"], "database": connection["database"]})


BOUNCER_CODES = {**CODES, "md5": {wire.AUTH_MD5}}
BOUNCER_COMPLAINTS = {"peer": "", "cert": "TLS certificate|certificate", "reject": "login rejected",
                      None: "login rejected"}


def same_as_bouncer(ours, answer):
    method = ours["method"] if ours["matched"] else None
    if method in BOUNCER_CODES:
        return answer.code in BOUNCER_CODES[method]
    return answer.code is None and re.search(BOUNCER_COMPLAINTS[method], answer.error) is not None


def test_pgbouncer_meets_the_same_method(bouncer_folder):
    maker = hba_random.Maker(SEED, 118, pgbouncer=True)
    folder, asked, mismatches = bouncer_folder, 0, []
    with servers.Postgres(servers.MAJORS[-1], dbsu=DBSU) as backend:
        while asked < CONNECTIONS:
            lines = maker.lines(maker.pick([3, 6, 12]))
            (folder / "hba").write_text("\n".join(lines) + "\n")
            errors, story = our_errors(folder / "hba", *PGBOUNCER)
            bad = {line for _, line in errors}
            with pgbouncer(folder, backend):
                assert skipped_lines(folder) <= bad, (lines, skipped_lines(folder), story)
            text = "".join("#\n" if number in bad else line + "\n"
                           for number, line in enumerate(lines, 1))
            (folder / "hba").write_text(text)
            with pgbouncer(folder, backend) as port:
                assert skipped_lines(folder) == set(), text
                for _ in range(CONNECTIONS_PER_FILE):
                    connection = maker.connection(HAS_V6)
                    answer = ask_bouncer(folder, port, connection)
                    ours = ask_program(folder / "hba", folder / "roles.yml", connection, *PGBOUNCER)
                    asked += 1
                    if not same_as_bouncer(ours, answer):
                        mismatches.append(describe(text, connection, ours, answer, None))
    assert not mismatches, f"{len(mismatches)} of {asked}:\n" + "\n".join(mismatches[:5])


def test_what_pgbouncer_skips_is_an_error(bouncer_folder):
    maker = hba_random.Maker(SEED, 118, pgbouncer=True)
    folder, wrong = bouncer_folder, []
    with servers.Postgres(servers.MAJORS[-1], dbsu=DBSU) as backend:
        for _ in range(DAMAGED_FILES):
            lines = [maker.mutate(maker.line()).replace("\n", " ") for _ in range(30)]
            (folder / "hba").write_text("\n".join(lines) + "\n")
            errors, _ = our_errors(folder / "hba", *PGBOUNCER)
            with pgbouncer(folder, backend):
                missed = skipped_lines(folder) - {line for _, line in errors}
            wrong += [lines[number - 1] for number in sorted(missed)]
    assert not wrong, "\n".join(wrong[:40])
