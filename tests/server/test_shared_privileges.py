"""Tablespaces and parameters in adopt and strict: no database's, and looked at all the same."""
import pytest

import servers

ROLES = ("ann", "bob")


def written(write, grants, mode, name="inventory.yml"):
    return write({"pg_policy": "none", "pg_dbsu": "postgres", "pg_access_mode": mode, "pg_grants": grants,
                  "pg_users": [{"name": role, "login": False} for role in ROLES]}, name)


def held(server):
    """(what, role, privilege, with grant option) of everybody but the owners."""
    rows = server.rows("SELECT spcname, grantee::regrole::text, privilege_type, is_grantable"
                       " FROM pg_tablespace, aclexplode(spcacl) WHERE grantee NOT IN (0, spcowner)")
    if server.major >= 15:
        rows += server.rows("SELECT parname, grantee::regrole::text, privilege_type, is_grantable"
                            " FROM pg_parameter_acl, aclexplode(paracl) WHERE grantee NOT IN (0, 10)")
    return sorted(rows)


@pytest.mark.parametrize("mode", ["additive", "adopt", "strict"])
def test_what_no_entry_gives_is_taken(mode, server, write, tmp_path):
    server.rows("CREATE ROLE ann; CREATE ROLE bob; CREATE ROLE stranger")
    server.rows("GRANT CREATE ON TABLESPACE pg_default TO ann WITH GRANT OPTION")
    server.rows("SET ROLE ann; GRANT CREATE ON TABLESPACE pg_default TO bob, stranger")
    grants = [{"kind": "tablespace", "name": "pg_default", "to": "bob", "privileges": ["CREATE"]}]
    wanted = {"adopt": [("pg_default", who, "CREATE", False) for who in ("bob", "stranger")],
              "strict": [("pg_default", "bob", "CREATE", False)]}
    if server.major >= 15:
        server.rows("GRANT SET ON PARAMETER work_mem TO ann, bob, stranger")
        server.rows("GRANT SET, ALTER SYSTEM ON PARAMETER log_statement TO ann")
        grants += [{"kind": "parameter", "name": "work_mem", "to": "ann", "privileges": ["SET"]}]
        wanted["adopt"] += [("work_mem", "ann", "SET", False), ("work_mem", "stranger", "SET", False)]
        wanted["strict"] += [("work_mem", "ann", "SET", False)]
    path = written(write, grants, mode)
    before = held(server)
    servers.run("-i", path, "apply", "--yes", server=server)
    if mode == "additive":
        assert set(before) <= set(held(server))
    else:
        assert held(server) == wanted[mode]
    servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
    if mode != "additive":
        servers.run("-i", written(write, [], mode, "none.yml"), "apply", "--yes", server=server)
        assert {row[1] for row in held(server)} == ({"stranger"} if mode == "adopt" else set())
