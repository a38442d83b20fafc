"""`hba test` tells of names that nothing declares; `hba lint` over several instances, some unreachable."""
import json
import pathlib

import pytest

import servers

GOLDEN = pathlib.Path(servers.ROOT, "tests/golden/hba-lint")
NAMES = GOLDEN / "002-names-that-nothing-declares/inventory.yml"
FLEET = GOLDEN / "001-instances-with-the-same-rules-share-a-section/inventory.yml"


def ask(*words, **more):
    return servers.run("-i", NAMES, "hba", "test", "--addr", "10.1.2.3", *words, **more)


@pytest.mark.parametrize("user, database, unknown", [
    ("app", "shop", []),
    ("dbuser_monitor", "postgres", []),
    ("nobody", "shop", ['the user of this connection is not known: role "nobody"']),
    ("app", "shoop", ['the database of this connection is not known: "shoop"']),
    ("gone", "shop", ['the user of this connection is not known: role "gone"']),
])
def test_a_question_about_a_name_that_nothing_declares_says_so(user, database, unknown):
    words = ["--user", user, "--database", database]
    notes = json.loads(ask(*words, "--format", "json").stdout)["notes"]
    asked = [note["message"] for note in notes if note["file"] is None]
    assert asked == unknown
    said = ask(*words).stderr
    assert all(sentence in said for sentence in unknown)
    assert ("of this connection" in said) == (unknown != [])


def test_rules_that_were_tried_are_looked_at_and_others_are_not():
    tried = json.loads(ask("--user", "dbuser_monitor", "--database", "shop", "--format", "json").stdout)
    assert tried["matched"] is False
    assert [note["id"] for note in tried["notes"]].count("hba-database-not-found") == 3
    matched = json.loads(ask("--user", "app", "--database", "shop", "--format", "json").stdout)
    assert matched["matched"] is True and matched["notes"] == []


def test_nothing_is_said_of_names_in_a_file_alone(tmp_path):
    (tmp_path / "f").write_text("host shop app 10.0.0.0/8 md5\n")
    done = servers.run("hba", "test", "--file", tmp_path / "f", "--user", "x", "--database", "y", "--addr",
                       "10.1.2.3")
    assert done.stderr == ""


def test_one_instance_is_asked_for_where_several_make_no_sense():
    for words in (["hba", "lint", "--witnesses"],
                  ["hba", "test", "--user", "a", "--database", "b", "--local"]):
        done = servers.run("-i", FLEET, *words, expect=64)
        assert "-N" in done.stderr, done
    assert "the selected ones are pg-a-1, pg-a-2, pg-a-3, pg-b-1" in done.stderr


def test_strict_counts_for_every_instance():
    assert "4 errors" in servers.run("-i", FLEET, "hba", "lint", "--strict", expect=3).stdout
    assert "1 error," in servers.run("-i", FLEET, "-N", "pg-c", "hba", "lint", "--strict", expect=3).stdout
    servers.run("-i", FLEET, "-N", "pg-d", "hba", "lint", "--strict")


def test_live_asks_each_server_and_reports_the_others(new_server, tmp_path):
    """The second server does not answer: the first is checked, and the exit code is the worse."""
    server = new_server(servers.MAJORS[-1])
    server.rows("CREATE ROLE by_hand")
    server.rows("CREATE DATABASE hand_made")
    rules = [{"title": "by hand", "addr": "intra", "user": "by_hand", "db": "hand_made", "auth": "pwd"},
             {"title": "typing errors", "addr": "intra", "user": "by_hnd", "db": "hand_mode", "auth": "pwd"}]
    hosts = {f"127.0.0.{n}": {"pg_seq": n, "pg_port": port, "pg_role": role}
             for n, port, role in ((1, server.port, "primary"), (2, servers.free_port(), "replica"))}
    path = servers.write_inventory(tmp_path / "two.yml", servers.inventory(
        {"pg_default_hba_rules": [], "pg_hba_rules": rules}, hosts=hosts))
    own = ["--conninfo", f"pg-test-1={server.conninfo()}"]
    done = servers.run("-i", path, *own, "hba", "lint", "--live", expect=1)
    assert 'role "by_hnd" is not known' in done.stdout and 'database "hand_mode" is' in done.stdout
    assert '"by_hand" is' not in done.stdout and '"hand_made" is' not in done.stdout
    assert done.stdout.startswith("pg-test-1:\n") and "pg-test-2" in done.stderr
