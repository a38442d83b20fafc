"""Owners of objects: what moves along with a table, and entries that meet in one object."""
import pytest

import servers

PRELUDE = """
CREATE ROLE old; CREATE ROLE new; CREATE ROLE other; CREATE SCHEMA s; CREATE SCHEMA s2;
GRANT ALL ON SCHEMA s, s2 TO old, new;
CREATE TABLE s.t (id serial, v int GENERATED ALWAYS AS IDENTITY, "w W" serial);
CREATE TABLE s."T t" (id serial); CREATE TABLE s2.t (id serial); CREATE SEQUENCE s.free;
ALTER TABLE s.t OWNER TO old; ALTER TABLE s."T t" OWNER TO old; ALTER TABLE s2.t OWNER TO old;
ALTER SEQUENCE s.free OWNER TO old;
"""
# What the grants say holds after one apply, whoever the sequences belonged to before.
MOVED = {
    "all tables": ({"kind": "tables", "schema": "s"}, ""),
    "one table": ({"kind": "table", "schema": "s", "name": "t"}, ""),
    "but one table": ({"kind": "tables", "schema": "s", "except": ["T t"]}, ""),
    "relations": ({"kind": "relations", "schema": "s*"}, ""),
    "the new owner had a grant": ({"kind": "tables", "schema": "s"},
                                  "GRANT USAGE ON ALL SEQUENCES IN SCHEMA s TO new WITH GRANT OPTION"),
    "others had some of the old owner": (
        {"kind": "tables", "schema": "s"},
        "GRANT SELECT ON SEQUENCE s.t_id_seq TO other WITH GRANT OPTION; REVOKE UPDATE ON SEQUENCE"
        " s.t_id_seq FROM old"),
}


def written(write, owners, grants=(), mode="additive"):
    return write({
        "pg_policy": "none", "pg_dbsu": "postgres", "pg_access_mode": mode,
        "pg_users": [{"name": name, "login": False} for name in ("old", "new", "other")],
        "pg_databases": [{"name": "app", "owners": list(owners), "grants": list(grants)}]})


@pytest.fixture
def app(server):
    server.rows("CREATE DATABASE app")
    server.rows(PRELUDE, dbname="app")
    return server


def owners_of(server):
    return dict(server.rows(
        "SELECT relnamespace::regnamespace || '.' || relname, relowner::regrole::text FROM pg_class"
        " WHERE relnamespace IN ('s'::regnamespace, 's2'::regnamespace) AND relkind IN ('r', 'S')",
        dbname="app"))


@pytest.mark.parametrize("mode", ["additive", "adopt"])
@pytest.mark.parametrize("case", MOVED)
def test_sequences_follow_their_table(case, mode, app, write):
    entry, before = MOVED[case]
    if before:
        app.rows(before, dbname="app")
    grants = [{"to": "old", "privileges": ["USAGE"], "kind": "sequences", "schema": "s"},
              {"to": "other", "privileges": ["SELECT"], "kind": "sequences", "schema": "s"}]
    path = written(write, [{**entry, "owner": "new"}], grants, mode)
    servers.run("-i", path, "apply", "--yes", server=app)
    assert app.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 's'::regnamespace AND NOT"
        " (has_sequence_privilege('old', oid, 'USAGE') AND has_sequence_privilege('other', oid, 'SELECT'))",
        dbname="app") == []
    found = owners_of(app)
    assert found["s.t_id_seq"] == found["s.t_v_seq"] == found["s.t_w W_seq"] == found["s.t"] == "new"
    assert found["s.free"] == "old"
    others = "old" if case in ("one table", "but one table") else "new"
    assert found["s.T t"] == found["s.T t_id_seq"] == others
    assert found["s2.t_id_seq"] == ("new" if case == "relations" else "old")
    if mode == "adopt":
        assert app.value("SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relkind = 'S'"
                         " AND c.relnamespace = 's'::regnamespace AND c.relowner = 'new'::regrole"
                         " AND a.grantee = 'other'::regrole AND a.is_grantable", dbname="app") == 0
    servers.run("-i", path, "plan", "--detailed-exitcode", server=app)


@pytest.mark.parametrize("reverse", [False, True], ids=["as it stands", "the other way"])
def test_the_more_special_entry_decides(reverse, app, write):
    """A name before a pattern, a pattern before a plural, a schema before a pattern of schemas."""
    app.rows("CREATE TABLE s.tail (); CREATE TABLE s.zone ()", dbname="app")
    entries = [{"kind": "tables", "schema": "s*", "owner": "other"},
               {"kind": "relations", "schema": "s", "owner": "other"},
               {"kind": "tables", "schema": "s", "owner": "new"},
               {"kind": "table", "schema": "s", "name": "t*", "owner": "old"},
               {"kind": "table", "schema": "s", "name": "tail", "owner": "other"},
               {"kind": "schema", "schema": "s*", "owner": "new"},
               {"kind": "schema", "schema": "s2", "owner": "old"}]
    path = written(write, reversed(entries) if reverse else entries)
    servers.run("-i", path, "apply", "--yes", server=app)
    found = owners_of(app)
    wanted = {"s.t": "old", "s.tail": "other", "s.zone": "new", "s.T t": "new", "s2.t": "other"}
    assert {name: found[name] for name in wanted} == wanted
    assert app.rows("SELECT nspname, nspowner::regrole::text FROM pg_namespace WHERE nspname ~ '^s'"
                    " ORDER BY 1", dbname="app") == [("s", "new"), ("s2", "old")]
    servers.run("-i", path, "plan", "--detailed-exitcode", server=app)


@pytest.mark.parametrize("pair", [
    [{"kind": "tables", "schema": "s"}, {"kind": "tables", "schema": "s"}],
    [{"kind": "table", "schema": "s", "name": "t"}, {"kind": "table", "schema": "s", "name": ["t", "T t"]}],
    [{"kind": "tables", "schema": "s*"}, {"kind": "tables", "schema": "?"}],
], ids=["plurals", "names", "patterns"])
def test_equal_entries_contradict(pair, app, write):
    before = owners_of(app)
    path = written(write, [{**pair[0], "owner": "old"}, {**pair[1], "owner": "new"}])
    refused = servers.run("-i", path, "apply", "--yes", server=app, expect=3)
    assert "owner-conflicting" in refused.stderr
    assert owners_of(app) == before


@pytest.mark.parametrize("named", [False, True], ids=["plural", "by name"])
def test_members_of_extensions_keep_their_owner(named, app, write):
    app.rows("CREATE EXTENSION dblink SCHEMA s; ALTER EXTENSION dblink ADD TABLE s.t;"
             "CREATE FUNCTION s.own() RETURNS int LANGUAGE sql AS 'SELECT 1'", dbname="app")
    entries = [{"kind": "functions", "schema": "s"}, {"kind": "tables", "schema": "s"}]
    if named:
        entries = [{"kind": "function", "schema": "s", "name": ["dblink_connect_u", "own"]},
                   {"kind": "table", "schema": "s", "name": "*"}]
    path = written(write, [{**entry, "owner": "new"} for entry in entries])
    done = servers.run("-i", path, "apply", "--yes", server=app)
    assert "[extension-member-owner]" in done.stdout
    assert app.rows("SELECT DISTINCT proname, proowner::regrole::text FROM pg_proc WHERE pronamespace"
                    " = 's'::regnamespace AND proname IN ('dblink_connect_u', 'own') ORDER BY 1",
                    dbname="app") == [("dblink_connect_u", "postgres"), ("own", "new")]
    found = owners_of(app)
    assert (found["s.t"], found["s.t_id_seq"], found["s.T t"]) == ("old", "old", "new")
    again = servers.run("-i", path, "plan", "--detailed-exitcode", server=app)
    assert "no changes" in again.stdout
