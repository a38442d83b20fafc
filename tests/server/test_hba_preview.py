"""What `hba install` and apply show before they write, and what they keep of a file by hand."""
import json
import os
import shutil
import subprocess

import pytest

import servers
from test_hba_install import RULES, WAYS, hba_text, install, write
from test_terminal import on_a_terminal

KEPT = "pg_hba.conf.before-pgcharter"
LOCAL = [{"title": "the tests", "addr": "local", "user": "tester", "auth": "trust", "order": 5}]


@pytest.fixture
def last(new_server):
    return new_server(servers.MAJORS[-1], listen=True)


def argv(path, server, *words):
    return [str(servers.PROGRAM), *servers.connection_options(server, "pg-test"), "-i", str(path), *words]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_by_hand_is_kept_once(way, server, tmp_path):
    before = hba_text(server)
    if way == "file":
        os.chmod(server.data / "pg_hba.conf", 0o640)
    done = install(write(tmp_path, RULES), server, "--way", way)
    kept = server.data / KEPT
    assert f'the file in place is kept as "{kept}"' in done.stdout
    assert kept.read_text() == before
    now, then = os.stat(kept), os.stat(server.data / "pg_hba.conf")
    assert (now.st_uid, now.st_gid) == (then.st_uid, then.st_gid)
    assert way == "server" or now.st_mode == then.st_mode
    # A file of pgcharter's own is not kept, and the copy is never written again.
    again = install(write(tmp_path, [*RULES, *LOCAL]), server, "--way", way)
    assert "is kept" not in again.stdout and kept.read_text() == before
    server.write_hba("local all all trust\n")
    third = install(write(tmp_path, RULES), server, "--way", way)
    assert "is kept" not in third.stdout and kept.read_text() == before


def test_a_copy_by_the_server_is_where_nobody_else_looks(last, tmp_path):
    """COPY makes files that everybody may read; a folder such as Debian's /etc/postgresql is open."""
    folder = last.folder / "etc"
    folder.mkdir(mode=0o755)
    shutil.move(last.data / "pg_hba.conf", folder / "pg_hba.conf")
    if servers.AS_ROOT:
        shutil.chown(folder, "nobody", "nogroup")
    last.settings["hba_file"] = str(folder / "pg_hba.conf")
    last.restart()
    done = install(write(tmp_path, RULES), last, "--way", "server")
    assert str(last.data / KEPT) in done.stdout and (last.data / KEPT).exists()
    assert not (folder / KEPT).exists()


def test_copies_beside_the_file_are_emptied_and_hold_no_secrets(last, tmp_path):
    path = write(tmp_path, RULES)
    install(path, last, "--way", "server")
    for which in ("new", "old"):
        assert (last.data / f"pg_hba.conf.pgcharter-{which}").read_text() == ""
    folder = last.folder / "etc"
    folder.mkdir(mode=0o755)
    before = hba_text(last) + 'hostssl all x 10.0.0.0/8 radius radiusservers=10.0.0.1 radiussecrets=geheim\n'
    (folder / "pg_hba.conf").write_text(before)
    if servers.AS_ROOT:
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(folder / "pg_hba.conf", "nobody", "nogroup")
    last.settings["hba_file"] = str(folder / "pg_hba.conf")
    last.restart()
    done = install(path, last, "--way", "server", expect=1)
    assert "a rule holds a secret" in done.stderr and "geheim" not in done.stdout + done.stderr
    assert os.listdir(folder) == ["pg_hba.conf"] and (folder / "pg_hba.conf").read_text() == before


def test_a_secret_of_a_rule_is_in_no_log(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1], settings={"log_statement": "all"})
    rules = [*RULES, {"title": "radius", "order": 9, "rules": [
        "hostssl all x 10.0.0.0/8 radius radiusservers=10.0.0.1 radiussecrets=geheim"]}]
    done = install(write(tmp_path, rules), server, "--way", "server", expect=None)
    assert "geheim" not in done.stdout + done.stderr + server.log_text(), done
    assert ("geheim" in hba_text(server)) == (done.code == 0)


@pytest.mark.parametrize("answer, code", [(b"n\n", 1), (b"\n", 1), (b"yes\n", 0)])
def test_the_difference_is_shown_and_asked_about(last, tmp_path, answer, code):
    path = write(tmp_path, RULES)
    before = hba_text(last)
    shown, ended = on_a_terminal(argv(path, last, "hba", "install"), answer=answer)
    assert ended == code, shown
    question = shown.index("install these rules on pg-test-1? [y/N] ")
    assert shown.index("- refused host") < question and "was trust (" in shown
    assert (hba_text(last) == before) == (code == 1) and (last.data / KEPT).exists() == (code == 0)
    assert ("pg_hba.conf: nothing done" in shown) == (code == 1)


def test_without_a_terminal_it_has_to_be_told(last, tmp_path):
    before = hba_text(last)
    done = servers.run("-i", write(tmp_path, RULES), "hba", "install", server=last, expect=64)
    assert "without a terminal to ask on, hba install needs --yes" in done.stderr
    assert hba_text(last) == before and not (last.data / KEPT).exists()


def test_what_was_edited_while_the_question_stood_is_not_overwritten(last, tmp_path):
    ours = "# changed meanwhile\nlocal all all trust\n"

    def edit_and_agree():
        last.write_hba(ours)
        return b"y\n"
    shown, ended = on_a_terminal(argv(write(tmp_path, RULES), last, "hba", "install"),
                                 answer=edit_and_agree)
    assert ended == 1 and "was changed by somebody else since it was shown" in shown, shown
    assert hba_text(last) == ours


@pytest.fixture(params=servers.MAJORS)
def server_that_listens(request, new_server):
    return new_server(request.param, listen=True)


@pytest.fixture
def busy(server_that_listens):
    """Two sessions of app over the network, one over the socket; one of alice, who stays let in."""
    server = server_that_listens
    for name in ("app", "alice"):
        server.rows(f"CREATE ROLE {name} LOGIN")
    connections = [server.connect("app", tcp=True), server.connect("app", tcp=True),
                   server.connect("app"), server.connect("alice", tcp=True)]
    yield server
    for connection in connections:
        connection.close()


REFUSED = [f'the new rules of "pg-test-1" refuse who is connected now, {who}: no rule matches'
           for who in ('2 sessions: user "app", database "postgres", from 127.0.0.1',
                       '1 session: user "app", database "postgres", over the socket')]


def test_sessions_that_could_not_come_back_are_named(busy, tmp_path):
    path = write(tmp_path, [*RULES, *LOCAL])
    compared = servers.run("-i", path, "-N", "pg-test-1", "hba", "diff", server=busy)
    asked = json.loads(servers.run("-i", path, "-N", "pg-test-1", "hba", "diff", "--format", "json",
                                   server=busy).stdout)
    assert [(s["user"], s["address"], s["count"], s["answer"]) for s in asked["sessions"]] == \
        [("app", "127.0.0.1", 2, "refused"), ("app", None, 1, "refused")]
    assert asked["sessions_hidden"] == 0
    planned = json.loads(servers.run("-i", path, "plan", "--hba", "--format", "json",
                                     server=busy).stdout)["targets"][0]
    notes = [note["message"] for note in planned["notes"] if note["id"] == "hba-session-refused"]
    assert sorted(notes) == sorted(REFUSED)
    details = planned["steps"][-1]["details"]
    assert any(line.startswith("- refused ") for line in details)
    assert any("is kept as" in line for line in details)
    applied = servers.run("-i", path, "plan", "--hba", server=busy)
    done = install(path, busy)
    for sentence in REFUSED:
        assert sentence in compared.stderr and sentence in done.stderr
        assert sentence.split(",")[0] in applied.stdout.replace("\n", " ")
    assert "alice" not in done.stderr and "replaced" in done.stdout


def test_a_rule_that_rejects_a_session_is_the_place(busy, tmp_path):
    rules = [{"title": "no app", "addr": "127.0.0.1/32", "user": "app", "auth": "deny", "order": 0}, *RULES]
    path = write(tmp_path, rules, pg_ignore_findings=["hba-world-open"])
    done = install(path, busy)
    assert "this line rejects them [hba-session-refused]" in done.stderr.replace("\n", " ")
    # in step: nothing is shown and nobody is named
    again = install(path, busy)
    assert "no changes" in again.stdout and "hba-session" not in again.stderr


def test_findings_that_the_cluster_ignores_are_not_shown(busy, tmp_path):
    path = write(tmp_path, RULES, pg_ignore_findings=["hba-session-refused"])
    assert "hba-session-refused" not in install(path, busy).stderr


def test_a_diff_needs_no_superuser_and_says_what_it_cannot_see(busy, tmp_path):
    for statement in ("CREATE ROLE looker LOGIN",
                      "GRANT pg_read_all_settings, pg_read_server_files TO looker",
                      "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text), pg_stat_file(text),"
                      " pg_hba_file_rules() TO looker",
                      "GRANT SELECT ON pg_hba_file_rules TO looker"):
        busy.rows(statement)
    own = ["--conninfo", f"pg-test-1={busy.conninfo('looker')}"]
    path = write(tmp_path, RULES)
    done = servers.run("-i", path, *own, "-v", "-N", "pg-test-1", "hba", "diff")
    assert "- refused" in done.stdout
    assert '4 sessions of other roles on "pg-test-1" cannot be judged' in done.stderr
    refused = servers.run("-i", path, *own, "-N", "pg-test-1", "hba", "install", "--yes", expect=1)
    assert "is not a superuser" in refused.stderr
    busy.rows("GRANT pg_read_all_stats TO looker")
    done = servers.run("-i", path, *own, "-v", "-N", "pg-test-1", "hba", "diff")
    assert "cannot be judged" not in done.stderr and REFUSED[0] in done.stderr


# ---- what is in place

def test_spelling_is_no_difference(last, tmp_path):
    path = write(tmp_path, RULES)
    install(path, last)
    text = "# by hand\n" + hba_text(last).replace("host ", "host\t").replace(" trust", "    \"trust\" # x")
    last.write_hba(text)
    last.reload()
    asked = servers.run("-i", path, "plan", server=last)
    assert "hba-differs" not in asked.stdout
    target = json.loads(servers.run("-i", path, "plan", "--hba", "--format", "json",
                                    server=last).stdout)["targets"][0]
    assert [step for step in target["steps"] if step["phase"] == "hba"] == []
    # Asked by name, the file is written as the inventory renders it.
    done = install(path, last)
    assert "no connection is treated otherwise" in done.stdout and "replaced" in done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_the_server_refuses_is_never_without_changes(way, last, tmp_path):
    path = write(tmp_path, RULES)
    rules = [*RULES, {"title": "ldap", "order": 5,
                      "rules": ["host all all 10.9.0.0/16 ldap ldapserver=127.0.0.1 ldapprefix=x"]}]
    broken = servers.write_inventory(
        tmp_path / "broken.yml", servers.inventory({"pg_default_hba_rules": [], "pg_hba_rules": rules}))
    last.write_hba(servers.run("-i", broken, "render", "hba", "-N", "pg-test-1").stdout)
    last.reload()
    plan = json.loads(servers.run("-i", broken, "plan", "--hba", "--format", "json",
                                  server=last).stdout)["targets"][0]
    assert [note["id"] for note in plan["notes"]].count("hba-file-refused") == 1
    assert [step["action"] for step in plan["steps"] if step["phase"] == "hba"] == ["reload"]
    refused = install(broken, last, "--way", way, expect=1)
    assert "the server refuses line" in refused.stderr and "no changes" not in refused.stdout
    compared = servers.run("-i", broken, "-N", "pg-test-1", "hba", "diff", server=last, expect=1)
    assert "the server refuses line" in compared.stderr and "no changes" not in compared.stdout
    # When another one fails, too, what is said is true.
    worse = servers.write_inventory(tmp_path / "worse.yml", servers.inventory(
        {"pg_default_hba_rules": [], "pg_hba_rules": [*rules, *LOCAL]}))
    failed = install(worse, last, "--way", way, expect=1)
    assert "the old file is back, but its rules are NOT in force" in failed.stderr, failed
    assert "replaced" in install(path, last, "--way", way).stdout


def test_a_line_that_nobody_can_read_is_a_difference(last, tmp_path):
    path = write(tmp_path, RULES)
    rendered = servers.run("-i", path, "render", "hba", "-N", "pg-test-1").stdout
    last.write_hba(rendered + "nonsense\n")
    plan = json.loads(servers.run("-i", path, "plan", "--hba", "--format", "json",
                                  server=last).stdout)["targets"][0]
    step = plan["steps"][-1]
    assert (step["phase"], step["action"]) == ("hba", "write")
    assert step["details"][0].startswith("the file in place cannot be read in full, "), step["details"]
    assert "replaced" in install(path, last).stdout and hba_text(last) == rendered


@pytest.mark.parametrize("bytes_, why", [
    (b"local all all trust\r\nhost all all 127.0.0.1/32 trust\r\n", "has carriage returns"),
    (b"local all all trust", "has no newline at its end"),
    (b"local all all trust # \x01\n", "has control characters"),
    (b"local all all trust # \xff\n", "invalid byte sequence"),
])
def test_what_could_not_be_put_back_is_not_touched(bytes_, why, last, tmp_path):
    """COPY writes lines of text; a file that is none has no way back over libpq."""
    (last.data / "pg_hba.conf").write_bytes(bytes_)
    done = install(write(tmp_path, RULES), last, "--way", "server", expect=1)
    assert why in done.stderr and "nothing was overwritten" in done.stderr, done
    assert (last.data / "pg_hba.conf").read_bytes() == bytes_
    last.restart()
    # The way file keeps and replaces any bytes.
    install(write(tmp_path, RULES), last, "--way", "file")
    assert (last.data / KEPT).read_bytes() == bytes_


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root")
def test_an_equal_file_of_another_machine_is_not_replaced(last, tmp_path):
    """The first roll-out of a fleet: the path and the bytes are the same everywhere."""
    elsewhere = last.folder / "elsewhere"
    shutil.copytree(last.data, elsewhere, ignore=shutil.ignore_patterns("*.pid"))
    before = hba_text(last)
    words = argv(write(tmp_path, RULES), last, "hba", "install", "--yes")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', str(elsewhere),
         str(last.data), *words], capture_output=True, text=True, env=servers.clean_environment(),
        timeout=servers.PATIENCE)
    assert done.returncode == 1 and "does not see this machine's" in done.stderr, done
    assert "nothing was overwritten" in done.stderr
    assert hba_text(last) == before == (elsewhere / "pg_hba.conf").read_text()
    assert sorted(os.listdir(elsewhere)) == sorted(set(os.listdir(elsewhere)) - {KEPT})


# ---- another version than the inventory's

SLASH = {"title": "nobody", "addr": "local", "user": "/^postgres$", "auth": "deny", "order": 0}


@pytest.mark.parametrize("major", sorted({servers.MAJORS[0], servers.MAJORS[-1]}))
def test_rules_are_judged_as_the_servers_version_reads_them(major, new_server, tmp_path):
    """Before 16 an expression is a plain name, so that a reject with one rejects nobody."""
    server = new_server(major)
    code = 4 if major >= 16 else 0
    path = write(tmp_path, [SLASH, *RULES], pg_version=18)
    done = install(path, server, expect=code)
    assert ("hba-version-differs" in done.stderr) == (major != 18)
    assert ("would lock out" in done.stderr) == (code == 4)
    planned = json.loads(servers.run("-i", path, "plan", "--hba", "--format", "json",
                                     server=server).stdout)["targets"][0]
    assert ("hba-version-differs" in [n["id"] for n in planned["notes"]]) == (major != 18)


@pytest.mark.skipif(servers.MAJORS[0] >= 16, reason="include lines are known from 16 on")
def test_what_the_servers_version_refuses_is_not_written(new_server, tmp_path):
    server = new_server(servers.MAJORS[0])
    before = hba_text(server)
    rules = [*RULES, {"title": "included", "order": 9, "rules": ["include_if_exists more.conf"]}]
    done = install(write(tmp_path, rules, pg_version=18), server, expect=1)
    assert f"PostgreSQL {server.major} would refuse the new rules" in done.stderr
    assert hba_text(server) == before and not (server.data / KEPT).exists()
