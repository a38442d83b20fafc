"""Databases of other encodings share roles, and the names of roles are bytes there."""
import pytest

import access
import servers

LATIN1 = "m\xfcller".encode("latin-1")


def run_raw(server, sql, dbname="postgres", encoding="SQL_ASCII"):
    """Bytes for the server as they are."""
    connection = server.connect(dbname=dbname)
    connection.set_client_encoding(encoding)
    connection.autocommit = True
    connection.cursor().execute(sql)
    connection.close()


@pytest.fixture
def mixed(server):
    """Databases in LATIN1 and SQL_ASCII, and a role that was made in the first."""
    for name, encoding in (("old", "LATIN1"), ("bytes", "SQL_ASCII")):
        server.rows(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'"
                    " LC_COLLATE 'C' LC_CTYPE 'C'")
    run_raw(server, b'CREATE ROLE "%b" LOGIN; CREATE ROLE helper; GRANT helper TO "%b";'
            b'ALTER ROLE "%b" SET work_mem = \'8MB\'; CREATE TABLE public.t (a int);'
            b'GRANT SELECT ON public.t TO "%b"' % (LATIN1, LATIN1, LATIN1, LATIN1), "old", "LATIN1")
    return server


def databases(names, to="reader"):
    return [{"name": name, "grants": [{"to": to, "privileges": ["USAGE"], "kind": "schema",
                                       "schema": "public"}]} for name in names]


def test_a_name_that_is_not_utf8_is_left_alone_and_the_rest_goes_on(mixed, write):
    """Strict disabled it in its first step, which the server refused for ever."""
    path = write({"pg_access_mode": "strict", "pg_users": [{"name": "reader"}, {"name": "helper"}],
                  "pg_databases": databases(["old", "bytes", "app"])})
    done = servers.run("-i", path, "apply", "--yes", "--init", "--allow-mass-removal", server=mixed)
    assert 'role "m\ufffdller" has a name that is not UTF-8; it is left alone' in done.stdout
    assert mixed.value("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
                       " JOIN pg_roles u ON u.oid = m.member"
                       " WHERE r.rolname = 'helper' AND u.rolcanlogin") == 1
    for name in ("old", "bytes", "app"):
        assert mixed.value("SELECT has_schema_privilege('reader', 'public', 'USAGE')", dbname=name)
    access.assert_settled(path, mixed)


def test_a_database_that_reads_names_as_others_is_left_alone_with_a_note(mixed, write):
    """A grant there was planned each time and failed: role "mÃ¼ller" does not exist."""
    path = write({"pg_users": [{"name": "müller"}],
                  "pg_databases": databases(["old", "bytes", "app"], "müller")})
    done = servers.run("-i", path, "apply", "--yes", "--init", server=mixed)
    assert 'database "old" has an encoding in which role "müller" has another name' in done.stdout
    for name in ("bytes", "app"):
        assert mixed.rows("SELECT has_schema_privilege(oid, 'public', 'USAGE') FROM pg_roles"
                          " WHERE rolname ~ '^m.*ller$' AND octet_length(rolname::text) = 7",
                          dbname=name) == [(True,)]
    access.assert_settled(path, mixed)


def test_objects_of_a_sql_ascii_database(server, write):
    server.rows("CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    run_raw(server, b'CREATE SCHEMA s; CREATE TABLE s."t\xe9" (a int); CREATE TABLE s.plain (a int);'
            b'CREATE SCHEMA alone; CREATE TABLE alone."t\xe9" (a int); CREATE SCHEMA "s\xe9";'
            b'CREATE TABLE "s\xe9".plain (a int); CREATE TABLE s."\xc3\xa9" (a int, "\xe9" int);'
            b'GRANT SELECT ("\xe9") ON s."\xc3\xa9" TO PUBLIC', "bytes")
    grants = [{"to": "reader", "privileges": ["SELECT"], "kind": "tables", "schema": schema}
              for schema in ("s", "alone")]
    path = write({"pg_users": [{"name": "reader"}], "pg_databases": [{"name": "bytes", "grants": grants}]})
    for mode in ("additive", "adopt"):
        done = servers.run("-i", path, "apply", "--yes", "-v", "--mode", mode, server=server)
        for left in ('schema "s\ufffd" in database "bytes"', 'table "t\ufffd" in schema "s"',
                     'table "t\ufffd" in schema "alone"'):
            assert f"{left} has a name that is not UTF-8; it is left alone" in done.stdout, (mode, done)
        assert server.rows("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND"
                           " has_table_privilege('reader', c.oid, 'SELECT')"
                           " AND relnamespace = 's'::regnamespace"
                           " AND relname ~ '^[a-z]+$'", dbname="bytes") == [("s.plain",)]
        again = servers.run("-i", path, "plan", "--mode", mode, "--detailed-exitcode", server=server)
        assert "no changes" in again.stdout, again
    assert 'column "\ufffd" in table "é"' in done.stdout


@pytest.mark.parametrize("sql, left", [
    (b"COMMENT ON ROLE other IS 'caf\xe9'", 'the comment on role "other"'),
    (b"ALTER ROLE other SET my.x = 'caf\xe9'", 'the value of "my.x" of role "other"'),
    (b"COMMENT ON DATABASE other IS 'caf\xe9'", 'the comment on database "other"'),
    (b'CREATE ROLE "m\xfcller"', 'role "m\ufffdller"')])
@pytest.mark.parametrize("major", servers.MAJORS)
def test_one_text_does_not_stop_a_sql_ascii_server(major, new_server, write, sql, left):
    """What initdb makes under LANG=C checks no bytes, and nothing declared has to do with the text."""
    server = new_server(major, initdb_options=("-E", "SQL_ASCII"))
    assert server.value("SHOW server_encoding") == "SQL_ASCII"
    server.rows("CREATE ROLE other")
    server.rows("CREATE DATABASE other")
    run_raw(server, sql)
    path = write({"pg_users": [{"name": "reader", "comment": "liest für alle"}],
                  "pg_databases": databases(["app", "other"])})
    done = servers.run("-i", path, "apply", "--yes", server=server)
    assert left in done.stdout and "[text-encoding]" in servers.run(
        "-i", path, "plan", "-v", server=server).stdout
    for name in ("app", "other"):
        assert server.value("SELECT has_schema_privilege('reader', 'public', 'USAGE')", dbname=name)
    access.assert_settled(path, server)
    path = write({"pg_users": [{"name": "reader"},
                               {"name": "other", "comment": "readable", "parameters": {"my.x": "1"}}],
                  "pg_databases": [{"name": "other", "comment": "readable"}]})
    servers.run("-i", path, "apply", "--yes", server=server)
    assert server.value("SELECT shobj_description('other'::regrole, 'pg_authid')") == "readable"
    access.assert_settled(path, server)
