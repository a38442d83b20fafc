"""Members of extensions: granted by plural kinds as by GRANT ... ON ALL, and taken by the same rule."""
import pytest

import servers

# Each kind with a member; "ext" granted on some of them before they became members.
PRELUDE = """
CREATE SCHEMA s; CREATE EXTENSION dblink SCHEMA s; CREATE ROLE r; CREATE ROLE reader;
CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE s.t (a int, b int); CREATE SEQUENCE s.q; CREATE TYPE s.e AS ENUM ('x');
CREATE VIEW s.v AS SELECT 1;
REVOKE EXECUTE ON FUNCTION s.f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION s.f() TO reader;
GRANT SELECT ON s.t TO reader; GRANT UPDATE (a) ON s.t TO reader;
ALTER EXTENSION dblink ADD FUNCTION s.f(); ALTER EXTENSION dblink ADD TABLE s.t;
ALTER EXTENSION dblink ADD SEQUENCE s.q; ALTER EXTENSION dblink ADD TYPE s.e;
ALTER EXTENSION dblink ADD VIEW s.v;
GRANT USAGE ON FOREIGN DATA WRAPPER dblink_fdw TO reader;
"""
HELD = """
SELECT 'f ' || proname FROM pg_proc, aclexplode(proacl) a WHERE pronamespace = 's'::regnamespace
   AND grantee = %(role)s::regrole
UNION SELECT relkind::text || ' ' || relname || ' ' || privilege_type FROM pg_class, aclexplode(relacl) a
 WHERE relnamespace = 's'::regnamespace AND grantee = %(role)s::regrole
UNION SELECT 'c ' || attname || ' ' || privilege_type FROM pg_attribute, aclexplode(attacl) a
 WHERE grantee = %(role)s::regrole
UNION SELECT 'y ' || typname FROM pg_type, aclexplode(typacl) a WHERE grantee = %(role)s::regrole
UNION SELECT 'n ' || nspname FROM pg_namespace, aclexplode(nspacl) a WHERE grantee = %(role)s::regrole
ORDER BY 1"""
EXTENSION_GAVE = ["c a UPDATE", "f f", "r t SELECT"]


def held(server, role):
    return [row[0] for row in server.rows(HELD, {"role": role}, dbname="app")]


def written(write, grants, mode="adopt", users=("r", "reader"), name="inventory.yml"):
    return write({"pg_policy": "none", "pg_dbsu": "postgres", "pg_access_mode": mode,
                  "pg_users": [{"name": user, "login": False} for user in users],
                  "pg_databases": [{"name": "app", "grants": grants}]}, name)


def grant(role, kind, privilege, **more):
    return {"to": role, "kind": kind, "privileges": [privilege], "schema": "s", **more}


@pytest.mark.parametrize("mode", ["adopt", "strict"])
def test_what_plural_kinds_granted_is_taken_again(mode, server, write):
    server.rows("CREATE DATABASE app")
    server.rows(PRELUDE, dbname="app")
    assert held(server, "reader") == EXTENSION_GAVE
    grants = [grant(role, *what) for role in ("r", "reader") for what in (
        ("functions", "EXECUTE"), ("tables", "SELECT"), ("tables", "INSERT"), ("views", "SELECT"),
        ("sequences", "USAGE"), ("types", "USAGE"), ("schema", "USAGE"))]
    grants += [grant("r", "table", "UPDATE", name="t", columns=["a", "b"])]
    with_grants = written(write, grants, mode)
    without = written(write, [], mode, name="without.yml")
    for path in (with_grants, without, with_grants, without):
        servers.run("-i", path, "apply", "--yes", server=server)
        servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
        if path is with_grants:
            assert server.value("SELECT has_function_privilege('r', 's.dblink_connect_u(text)', 'EXECUTE')",
                                dbname="app")
            assert len(held(server, "r")) > 20
        else:
            assert held(server, "r") == []
            assert held(server, "reader") == EXTENSION_GAVE
        assert server.value("SELECT has_foreign_data_wrapper_privilege('reader', 'dblink_fdw', 'USAGE')",
                            dbname="app")


def test_additive_leaves_them(server, write):
    server.rows("CREATE DATABASE app")
    server.rows(PRELUDE + "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA s TO r", dbname="app")
    before = held(server, "r")
    servers.run("-i", written(write, [], "additive"), "apply", "--yes", server=server)
    assert held(server, "r") == before
