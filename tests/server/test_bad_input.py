"""Bad input is refused with exit 3 before the first statement that changes anything."""
import json
import os

import pytest

import access
import servers

HEAD = "all: {children: {c: {hosts: {h: {pg_seq: 1, pg_role: primary}}, vars: {pg_cluster: pg-test"
TAIL = "}}}}\n"
BAD = {
    "bad utf-8": (HEAD + ", pg_users: [{name: \"").encode() + b"\xff\xfe" + ("\"}]" + TAIL).encode(),
    "a tab": b"all:\n\tchildren: {}\n",
    "not closed": b"all: {children: [\n",
    "a deep document": b"all: " + b"[" * 100000,
    "an alias bomb": b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 10))
        for c in range(ord("b"), ord("k"))) + b"all: {vars: {pg_users: *j}}\n",
    "itself inside": b"all: &a {children: *a}\n",
    "duplicate keys": b"all: {vars: {pg_dbsu: a, pg_dbsu: b}}\n",
    "a list where a text belongs": (HEAD + ", pg_users: [{name: [a]}]" + TAIL).encode(),
    "a text where a list belongs": (HEAD + ", pg_users: [{name: a, roles: abc}]" + TAIL).encode(),
    "a typo in a boolean": (HEAD + ", pg_users: [{name: a, superuser: flase}]" + TAIL).encode(),
    "a typo in a key": (HEAD + ", pg_users: [{name: a, supruser: true}]" + TAIL).encode(),
    "a name of 64 bytes": (HEAD + ", pg_users: [{name: %s}]" % ("x" * 64) + TAIL).encode(),
    "a control character": (HEAD + ", pg_users: [{name: \"a\\nb\"}]" + TAIL).encode(),
    "a reserved name": (HEAD + ", pg_users: [{name: pg_mine}]" + TAIL).encode(),
    "an unquoted no": (HEAD + ", pg_users: [{name: no}]" + TAIL).encode(),
    "a cycle": (HEAD + ", pg_users: [{name: a, roles: [b]}, {name: b, roles: [a]}]"
                + TAIL).encode(),
    "two that disagree": (HEAD + ", pg_users: [{name: a, login: true}, {name: a, login: false}]"
                          + TAIL).encode(),
    "an unknown state": (HEAD + ", pg_users: [{name: a, state: gone}]" + TAIL).encode(),
    "sql that is no grant": (HEAD + ", pg_default_privileges: ['DROP TABLE x']" + TAIL).encode(),
    "two sql statements": (HEAD + ", pg_default_privileges: ['GRANT SELECT ON TABLES TO a; DROP"
                           " TABLE x']" + TAIL).encode(),
    "no primary": b"all: {children: {c: {hosts: {h: {pg_seq: 1, pg_role: replica}},"
                  b" vars: {pg_cluster: pg-test}}}}\n",
    "two primaries": b"all: {children: {c: {hosts: {h: {pg_seq: 1, pg_role: primary},"
                     b" i: {pg_seq: 2, pg_role: primary}}, vars: {pg_cluster: pg-test}}}}\n",
    "an unknown pg_role": b"all: {children: {c: {hosts: {h: {pg_seq: 1, pg_role: boss}},"
                          b" vars: {pg_cluster: pg-test}}}}\n",
    "jinja that is needed": (HEAD + ", pg_users: [{name: \"{{ lookup('x') }}\"}]" + TAIL).encode(),
}


@pytest.fixture(scope="module")
def one_server():
    with servers.Postgres(servers.MAJORS[-1]) as server:
        yield server


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_a_finding_and_nothing_is_done(what, one_server, tmp_path):
    path = tmp_path / "bad.yml"
    path.write_bytes(BAD[what])
    before = one_server.access_state()
    found = servers.run("-i", path, "validate", "--format", "json", expect=3)
    diagnostics = json.loads(found.stdout)["diagnostics"]
    errors = [d for d in diagnostics if d["severity"] == "error"]
    assert errors and all(d["id"] and d["message"] for d in errors), found
    assert any(d["file"].endswith("bad.yml") for d in errors), found
    for arguments in (["plan"], ["apply", "--yes"]):
        refused = servers.run("-i", path, *arguments, server=one_server, expect=3)
        assert "error:" in refused.stderr, refused
    assert servers.difference(before, one_server.access_state()) == ""


def test_all_findings_come_in_one_run(tmp_path):
    path = tmp_path / "bad.yml"
    path.write_text(HEAD + ", pg_users: [{name: %s},\n {name: b, supruser: 1},\n {name: pg_x},\n"
                    " {name: c, roles: x},\n {name: d, login: maybe}]" % ("x" * 64) + TAIL)
    found = servers.run("-i", path, "validate", "--format", "json", expect=3)
    lines = {d["line"] for d in json.loads(found.stdout)["diagnostics"] if d["severity"] == "error"}
    assert lines == {1, 2, 3, 4, 5}, found
    text = servers.run("-i", path, "validate", expect=3)
    assert 'did you mean "superuser"?' in text.stdout + text.stderr


@pytest.mark.parametrize("make", [
    lambda folder: folder / "nowhere.yml",
    lambda folder: folder / "empty",
    lambda folder: folder / "null.yml",
])
def test_a_missing_or_empty_inventory_is_refused(make, tmp_path, one_server):
    (tmp_path / "empty").mkdir()
    (tmp_path / "null.yml").write_bytes(b"")
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["render", "all", "-d", tmp_path]):
        servers.run("-i", make(tmp_path), *command, server=one_server, expect=3)


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    path = tmp_path / "private.yml"
    path.write_text("all: {}\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")
    done = servers.run("-i", path, "validate", expect=None)
    assert done.code in (1, 3) and "private.yml" in done.stderr + done.stdout


def test_a_role_that_is_nowhere_is_refused_by_plan_and_apply(server, write):
    path = write({"pg_users": [{"name": "a", "roles": ["nobody_knows_me"]}]})
    warned = servers.run("-i", path, "validate")
    assert "nobody_knows_me" in warned.stdout + warned.stderr
    servers.run("-i", path, "validate", "--strict", expect=3)
    before = server.access_state()
    for command in (["plan"], ["apply", "--yes"]):
        refused = servers.run("-i", path, *command, server=server, expect=3)
        assert "nobody_knows_me" in refused.stderr + refused.stdout
        assert "inventory.yml:" in refused.stderr + refused.stdout
    assert servers.difference(before, server.access_state()) == ""
    server.rows("CREATE ROLE nobody_knows_me")
    servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)


@pytest.mark.parametrize("arguments", [
    ["no-such-command"], ["plan", "--no-such-option"], ["render", "nonsense"], ["plan", "extra"],
    ["plan", "--format", "cobol"], ["--color", "mauve", "plan"], ["render", "all"]])
def test_wrong_usage_is_64(arguments):
    done = servers.run("-i", access.EXAMPLES / "classic.yml", *arguments, expect=64)
    assert done.stdout == "" and len(done.stderr.strip().splitlines()) <= 3, done


def test_apply_without_a_terminal_needs_yes(server, write):
    path = write({"pg_users": [{"name": "a"}]})
    before = server.access_state()
    servers.run("-i", path, "apply", server=server, expect=64)
    assert servers.difference(before, server.access_state()) == ""


GRANTS = {
    "a privilege that the kind does not have": (
        {"privileges": ["USAGE"], "kind": "tables", "schema": "app"}, "privilege-unknown"),
    "columns of a schema": (
        {"privileges": ["USAGE"], "kind": "schema", "schema": "app", "columns": ["a"]}, "grant-invalid"),
    "an argument that is no type": (
        {"privileges": ["EXECUTE"], "kind": "function", "schema": "app", "name": "f(int; DROP)"},
        "grant-invalid"),
    "a role that is null": (
        {"to": None, "privileges": ["USAGE"], "kind": "schema", "schema": "app"}, "value-unquoted"),
    "a list of nothing": ({"privileges": [], "kind": "tables", "schema": "app"}, "grant-invalid"),
    "a mapping for a text": (
        {"privileges": ["SELECT"], "kind": {"tables": 1}, "schema": "app"}, None),
    "a kind that is none": ({"privileges": ["SELECT"], "kind": "tabels", "schema": "app"}, "value-unknown"),
    "a profile that is none": ({"profile": "reader", "schema": "app"}, "profile-unknown"),
}


@pytest.mark.parametrize("what", GRANTS)
def test_a_grant_that_cannot_be_is_told_with_its_place(what, new_server, write):
    grant, finding = GRANTS[what]
    server = new_server(servers.MAJORS[-1])
    path = write({"pg_users": [{"name": "a"}],
                  "pg_databases": [{"name": "app", "grants": [{"to": "a", **grant}]}]})
    before = server.access_state()
    for command in (["validate"], ["plan"], ["apply", "--yes"]):
        told = servers.run("-i", path, *command, server=server, expect=3)
        told = told.stdout + told.stderr
        assert f"{path}:" in told and (finding is None or f"[{finding}]" in told), told
    assert servers.difference(before, server.access_state()) == ""
