"""Random worlds: roles, databases and objects with a past, inventories that follow each other, session roles.

The oracle says what a plan leaves of roles, memberships and owners; that of ACL entries is in
random_objects.py.
"""
import servers
from random_objects import (COLUMN, ENTRIES, KINDS, LOSERS, OWNERS, READERS, SCHEMAS, STRANGERS,
                            create_objects, disturb, means, objects_of, quoted, random_grant, sql_name)

PEOPLE = READERS + LOSERS
EVERYBODY = PEOPLE + OWNERS + STRANGERS
# Who runs pgcharter: attributes, and what it is a member of.
SESSIONS = {
    "superuser": None,
    "another superuser": "SUPERUSER",
    "member of dbsu": "IN ROLE postgres",
    "creator of roles": "CREATEROLE CREATEDB",
    "owner": "",
}
POWERFUL = ("superuser", "another superuser", "member of dbsu")

# (kind, schema, name, arguments) of the members of extensions; sequences of columns and their tables
MEMBERS = """
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
       p.proname, pg_get_function_identity_arguments(p.oid)
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
UNION SELECT 'type', n.nspname, t.typname, NULL FROM pg_depend d JOIN pg_type t ON t.oid = d.objid
JOIN pg_namespace n ON n.oid = t.typnamespace WHERE d.deptype = 'e' AND d.classid = 'pg_type'::regclass"""
OWNED = """
SELECT n.nspname, s.relname, t.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = s.relnamespace
WHERE d.deptype IN ('a', 'i') AND s.relkind = 'S' AND d.refclassid = 'pg_class'::regclass"""
MEMBERSHIPS = """
SELECT DISTINCT g.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid
JOIN pg_roles m ON m.oid = a.member WHERE g.rolname = ANY (%(roles)s) AND m.rolname = ANY (%(roles)s)"""


def run_each(server, statements, user=None, dbname="app"):
    """One after the other in one session; what the server refuses has not happened."""
    connection = server.connect(user=user, dbname=dbname)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except servers.psycopg2.Error:
                pass
    connection.close()


def column_grants(dice, things):
    """By owners, by the holder of an option on the table, and by that of one on the column."""
    out = []
    for thing in dice.sample([one for one in things if one[0] in ("table", "view")], 4):
        first, second = dice.sample(EVERYBODY, 2)
        privilege, name = dice.choice(COLUMN), sql_name(thing)
        what = dice.choice([privilege, f"{privilege} (x)", f"{privilege} (x, z)"])
        out += [f"GRANT {what} ON {name} TO {quoted(first)} WITH GRANT OPTION", f"SET ROLE {quoted(first)}",
                f"GRANT {privilege} (x) ON {name} TO {quoted(second)}", "RESET ROLE"]
    return out


def other_databases(dice, server):
    """Closed, invalid, of other encodings: their names, as an inventory may declare them."""
    made = []
    for name, statements in {
        "shut": ["CREATE DATABASE shut", "GRANT CONNECT ON DATABASE shut TO o_one WITH GRANT OPTION",
                 "ALTER DATABASE shut ALLOW_CONNECTIONS false"],
        "broken": ["CREATE DATABASE broken",
                   "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'broken'"],
        "bytes": ["CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0"],
        "latin": ["CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"],
    }.items():
        if dice.random() < 0.2:
            for statement in statements:
                server.rows(statement)
            made.append(name)
    if "bytes" in made:
        server.rows(r"CREATE TABLE t (); DO $$ BEGIN EXECUTE format('COMMENT ON TABLE t IS %L', E'm\374');"
                    " END $$", dbname="bytes")
    return made


def build(dice, server, session):
    """The world; gives the user that runs pgcharter and the names of the other databases."""
    user = "postgres" if SESSIONS[session] is None else "deploy"
    if user == "deploy":
        server.rows(f"CREATE ROLE deploy LOGIN {SESSIONS[session]}")
    maker = "deploy" if session == "creator of roles" else "postgres"
    owner = user if session not in POWERFUL else dice.choice(["postgres", "o_one"])
    for role in EVERYBODY:
        if role not in PEOPLE or session == "owner" or dice.random() < 0.5:
            server.rows(f"CREATE ROLE {quoted(role)} {dice.choice(['', 'LOGIN'])}",
                        user=maker if dice.random() < 0.97 else "postgres")
    server.rows(f"CREATE DATABASE app OWNER {owner}")
    tables = [f"CREATE TABLE {quoted(schema)}.serials (x serial, y int, z int GENERATED ALWAYS AS IDENTITY)"
              for schema in SCHEMAS]
    run_each(server, create_objects(dice) + tables, user if session not in POWERFUL else None)
    if session in POWERFUL and dice.random() < 0.25:
        server.rows("CREATE EXTENSION dblink SCHEMA s_a", dbname="app")
    things = objects_of(server.rows(ENTRIES, dbname="app"))
    statements = disturb(dice, [one for one in things if not one[2].startswith("dblink")])
    if session not in POWERFUL and dice.random() < 0.8:
        statements = [one for one in statements if " OWNER TO " not in one]
    groups = [f"GRANT {quoted(group)} TO {quoted(member)}{dice.choice(['', ' WITH ADMIN OPTION'])}"
              for number, member in enumerate(PEOPLE) for group in PEOPLE[:number] if dice.random() < 0.15]
    run_each(server, statements + column_grants(dice, things) + groups)
    return user, other_databases(dice, server)


def random_users(dice, names):
    users = []
    for name in names:
        user = {"name": name}
        if dice.random() < 0.6:
            user["login"] = dice.random() < 0.5
        if dice.random() < 0.6:
            user["roles"] = []
            for group in PEOPLE[:PEOPLE.index(name)]:
                if group in names and dice.random() < 0.3:
                    user["roles"].append({"name": group, "state": "absent"} if dice.random() < 0.3 else group)
        users.append(user)
    return users


def random_owners(dice, things):
    """One entry for each of some kinds, so that no two of them meet."""
    out = []
    for kind in dice.sample([*KINDS], dice.choice([0, 0, 1, 2])):
        entry = {"kind": KINDS[kind][0], "schema": dice.choice([*SCHEMAS, "s_*"]),
                 "owner": dice.choice(OWNERS)}
        if dice.random() < 0.4:
            thing = dice.choice([one for one in things if one[0] == kind])
            entry.update(kind=kind, schema=thing[1], name=[thing[2]])
        out.append(entry)
    return out


def random_inventory(dice, things, session, others):
    """Variables; what they say is read back by the oracle."""
    names = PEOPLE if session == "owner" else [name for name in PEOPLE if dice.random() < 0.8]
    grants = [random_grant(dice, things, [n for n in READERS if n in names] or ["o_one"])
              for _ in range(dice.randrange(0, 6))]
    grants += [random_grant(dice, things, [n for n in LOSERS if n in names] or ["o_two"], "absent")
               for _ in range(dice.randrange(0, 3))]
    app = {"name": "app", "grants": grants, "owners": random_owners(dice, things)}
    variables = {"pg_policy": "none", "pg_dbsu": "postgres", "pg_databases": [app],
                 "pg_access_mode": dice.choice(["additive", "adopt", "adopt", "strict"]),
                 "pg_users": random_users(dice, names)}
    if session == "owner":
        variables.update(pg_users=[], pg_access_mode="additive")
    variables["pg_databases"] += [
        {"name": name, "grants": [{"to": "o_two", "kind": "database", "privileges": ["CONNECT"]}]}
        for name in others if dice.random() < 0.5]
    return variables


def things_said(variables, prune):
    """What the inventory speaks of, in words for a table of what the rounds covered."""
    app, *others = variables["pg_databases"]
    singular = {plural: kind for kind, (plural, _) in KINDS.items()}
    for grant in app["grants"]:
        yield singular.get(grant["kind"], grant["kind"])
        for word, said in (("columns", "columns" in grant), ("grant option", grant.get("grantable")),
                           ("absent", "state" in grant), ("except", "except" in grant)):
            if said:
                yield word
    yield from ("owner of " + singular.get(entry["kind"], entry["kind"]) for entry in app["owners"])
    yield from ("database " + database["name"] for database in others)
    yield from ("membership" for user in variables["pg_users"] for _ in user.get("roles", []))
    yield from prune


# ---- the oracle

def owners_after(things, variables, members, owned):
    """thing -> its owner after the apply."""
    after = {thing: thing[4] for thing in things}
    entries = variables["pg_databases"][0]["owners"]
    for entry in entries:
        for thing in things:
            follows = thing[0] == "sequence" and (thing[1], thing[2]) in owned
            if means(entry, thing) and thing[:4] not in members and not follows:
                after[thing] = entry["owner"]
    tables = {(thing[1], thing[2]): owner for thing, owner in after.items() if thing[0] == "table"}
    for thing in things:
        if thing[0] == "sequence" and (thing[1], thing[2]) in owned:
            after[thing] = tables[(thing[1], owned[(thing[1], thing[2])])]
    return after


def move_owners(held, owners):
    """What the old owner held is the new one's, and what that one held is its own entry now."""
    moved = {}
    for (kind, schema, name, arguments, owner, column, grantee, privilege), option in held.items():
        new = owners.get((kind, schema, name, arguments, owner), owner)
        key = (kind, schema, name, arguments, new, column, new if grantee == owner else grantee, privilege)
        moved[key] = moved.get(key, False) or option
    return moved


def memberships_after(before, variables, left):
    """Of the people: declared ones come, absent ones go, and the mode takes what nothing names. Who left
    keeps what he had."""
    after = set(before)
    users = {user["name"]: user for user in variables["pg_users"]}
    for name, user in users.items():
        for entry in user.get("roles", []):
            group = entry if isinstance(entry, str) else entry["name"]
            (after.discard if isinstance(entry, dict) else after.add)((group, name))
    mode = variables["pg_access_mode"]
    for group, member in before:
        named = group in [one for one in users.get(member, {}).get("roles", []) if isinstance(one, str)]
        complete = member in users and ("roles" in users[member] or mode == "strict")
        stranger = member not in users and member not in left and mode == "strict" and group in users
        if mode != "additive" and not named and (complete or stranger):
            after.discard((group, member))
    return after
