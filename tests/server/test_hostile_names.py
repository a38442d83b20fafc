"""A name is any text that PostgreSQL stores; wherever one goes, it comes out as it went in."""
import pytest

import access
import servers

ROLES = [
    'it"s', "it's", "a,b", "a b", " lead", "trail ", "back\\slash", "semi;colon", "--comment",
    "/*", "$1", "%s", "{}", "Ünïcødé-名前", "😀", "all", "replication", "sameuser", "+x", "/x", "@x",
    "#x", "%x", "UPPER", "select", "user", "current_user", "NULL_", "x" * 63, "é" * 31,
    "x'; DROP ROLE postgres; --", 'x"; DROP ROLE postgres; --', "=r/postgres", "a=r*w/b", "$$",
    "E'\\x41'", "0", "-1", "true_", "(a)", "[a]", "a.b", "*", "?", "a\u00a0b", "a\u200bb", "‮x",
]
COMMENTS = ["two\nlines", "tab\there", "a 'quote' and \"another\"", "back\\slash\\", "$1 %s {}", "é😀",
            "; DROP ROLE postgres; --", " "]


def hostile_inventory():
    users = [{"name": name, "password": f"Pw of {name}'\"\\", "comment": comment(i),
              "roles": ["dbrole_readonly"]} for i, name in enumerate(ROLES)]
    users.append({"name": "has all", "roles": list(ROLES), "login": False})
    users.append({"name": "parametric", "parameters": {
        "my.quoted": "a'b\"c\\d,e ü", "my.setting": "x'; y", "My.Odd": "1"}})
    databases = [{"name": f"db {name}" if len(name.encode()) < 60 else name, "owner": name,
                  "comment": comment(i), "revokeconn": i % 2 == 0,
                  "schemas": [{"name": name, "owner": name}, f"s {i}"],
                  "parameters": {"my.name": name}} for i, name in enumerate(ROLES)]
    return {"pg_users": users, "pg_databases": databases if servers.TEST_ALL else databases[::4]}


def comment(index):
    return COMMENTS[index % len(COMMENTS)]


@pytest.mark.parametrize("major", [m for m in servers.MAJORS
                                   if servers.TEST_ALL or m in (13, 16, 18)])
def test_hostile_names_come_out_as_they_went_in(major, new_server, write, tmp_path):
    server = new_server(major)
    declared = hostile_inventory()
    path = write(declared)
    servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)

    made = dict(server.rows("SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles"))
    for user in declared["pg_users"][:len(ROLES)]:
        assert made.get(user["name"]) == user["comment"], user
    members = {row[0] for row in server.rows(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
        " JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = 'has all'")}
    assert members == set(ROLES)
    owners = dict(server.rows("SELECT d.datname, r.rolname FROM pg_database d"
                              " JOIN pg_roles r ON r.oid = d.datdba"))
    for database in declared["pg_databases"]:
        assert owners.get(database["name"]) == database["owner"], database
        schemas = dict(server.rows("SELECT n.nspname, r.rolname FROM pg_namespace n JOIN pg_roles r"
                                   " ON r.oid = n.nspowner", dbname=database["name"]))
        for schema in database["schemas"]:
            name, owner = (schema, "postgres") if isinstance(schema, str) else \
                (schema["name"], schema["owner"])
            assert schemas.get(name) == owner, database
        assert server.value("SELECT current_setting('my.name')",
                            dbname=database["name"]) == database["parameters"]["my.name"]
    settings = server.value(
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE rolname = 'parametric'")
    assert "my.quoted=a'b\"c\\d,e ü" in settings and "my.setting=x'; y" in settings


def test_the_sql_script_survives_hostile_names(new_server, write, tmp_path):
    major = servers.MAJORS[-1]
    path, script = write(hostile_inventory()), tmp_path / "plan.sql"
    applied, scripted = new_server(major), new_server(major)
    servers.run("-i", path, "apply", "--yes", server=applied)
    servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", "-o", script,
                server=scripted)
    done = scripted.psql_file(script)
    assert done.returncode == 0, done.stderr
    assert servers.difference(applied.access_state(), scripted.access_state()) == ""


def test_a_terminal_is_not_driven_by_names(new_server, write):
    """What a finding or a plan quotes of a file carries no escape sequence to the terminal."""
    path = write({"pg_users": [{"name": "a", "comment": "\x1b]0;owned\x07\x1b[31m"}]})
    done = servers.run("-i", path, "plan", server=new_server(servers.MAJORS[-1]), expect=None)
    assert "\x1b" not in done.stdout + done.stderr, done
