"""Random objects, drift and grants, and an oracle of a page that says which ACL entries a plan leaves."""
import fnmatch

READERS = ["r_one", "r_two", "R three"]  # who is granted to
LOSERS = ["l_one", "l_two"]              # from whom something is taken
OWNERS = ["o_one", "o_two"]
STRANGERS = ["stranger"]
SCHEMAS = ["s_a", "s_b", "S c"]
TABLE = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
COLUMN = ["SELECT", "INSERT", "UPDATE", "REFERENCES"]
KINDS = {
    "table": ("tables", TABLE), "view": ("views", TABLE), "matview": ("matviews", TABLE),
    "sequence": ("sequences", ["USAGE", "SELECT", "UPDATE"]),
    "function": ("functions", ["EXECUTE"]), "procedure": ("procedures", ["EXECUTE"]),
    "aggregate": ("aggregates", ["EXECUTE"]), "type": ("types", ["USAGE"]),
    "domain": ("domains", ["USAGE"]),
}
ROUTINES = ("function", "procedure", "aggregate")

# kind, schema, name, arguments, column, owner, grantee, privilege, grantable
ENTRIES = """
WITH objects AS (
    SELECT c.oid::text AS id, k.kind, n.nspname, c.relname AS name, NULL AS arguments, c.relowner AS owner,
           coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char",
                                         c.relowner)) AS acl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN (VALUES ('r', 'table'), ('p', 'table'), ('v', 'view'), ('m', 'matview'), ('S', 'sequence'))
        k(relkind, kind) ON k.relkind::"char" = c.relkind
    UNION ALL
    SELECT p.oid::text,
           CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.proowner,
           coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    UNION ALL
    SELECT t.oid::text, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, t.typname, NULL,
           t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd') OR t.typtype = 'c'
      AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
    UNION ALL
    SELECT n.oid::text, 'schema', n.nspname, n.nspname, NULL, n.nspowner,
           coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM pg_namespace n
)
SELECT o.kind, o.nspname, o.name, o.arguments, NULL AS attname, o.owner::regrole::text,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname END, a.privilege_type, a.is_grantable
FROM objects o LEFT JOIN LATERAL aclexplode(o.acl) a ON true LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE o.nspname ~* '^s[_ ]'
UNION ALL
SELECT k.kind, n.nspname, c.relname, NULL, t.attname, c.relowner::regrole::text,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname END, a.privilege_type, a.is_grantable
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN (VALUES ('r', 'table'), ('p', 'table'), ('v', 'view'), ('m', 'matview'))
    k(relkind, kind) ON k.relkind::"char" = c.relkind
LEFT JOIN LATERAL aclexplode(t.attacl) a ON true LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname ~* '^s[_ ]' AND t.attnum > 0
"""


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def create_objects(dice):
    """Statements that make a small world."""
    out = [f"CREATE SCHEMA {quoted(schema)}" for schema in SCHEMAS]
    out += [f"GRANT ALL ON SCHEMA {quoted(schema)} TO {', '.join(OWNERS)}" for schema in SCHEMAS]
    for schema in SCHEMAS:
        at = quoted(schema) + "."
        names = iter(dice.sample(["a1", "a2", "b1", "b2", "c", "d'e", "F g", "h", "i", "j", "k", "l",
                                  "m", "n", "o", "p"], 16))
        for _ in range(dice.randrange(2, 4)):
            out.append(f"CREATE TABLE {at}{quoted(next(names))} (x int, y text, z int)")
        out.append(f"CREATE TABLE {at}{quoted(next(names))} (x int, y int, z int) PARTITION BY LIST (x)")
        out.append(f"CREATE VIEW {at}{quoted(next(names))} AS SELECT 1 AS x, 2 AS y, 3 AS z")
        out.append(f"CREATE MATERIALIZED VIEW {at}{quoted(next(names))} AS SELECT 1 AS x, 2 AS y, 3 AS z")
        out.append(f"CREATE SEQUENCE {at}{quoted(next(names))}")
        function = quoted(next(names))
        for arguments in dice.sample(["", "int", "int, text", "text[]", "VARIADIC int[]"], 3):
            out.append(f"CREATE FUNCTION {at}{function}({arguments}) RETURNS int LANGUAGE sql AS 'SELECT 1'")
        out.append(f"CREATE PROCEDURE {at}{quoted(next(names))}(int) LANGUAGE sql AS 'SELECT 1'")
        out.append(f"CREATE AGGREGATE {at}{quoted(next(names))}(int) (sfunc = int4pl, stype = int)")
        out.append(f"CREATE TYPE {at}{quoted(next(names))} AS ENUM ('x')")
        out.append(f"CREATE DOMAIN {at}{quoted(next(names))} AS int")
    return out


def objects_of(entries):
    """(kind, schema, name, arguments, owner), each once."""
    return sorted({row[:4] + (row[5],) for row in entries if row[4] is None},
                  key=lambda row: tuple(str(value) for value in row))


def sql_name(thing):
    kind, schema, name, arguments, _ = thing
    if kind == "schema":
        return f"SCHEMA {quoted(name)}"
    word = {"view": "TABLE", "matview": "TABLE", "domain": "TYPE", "aggregate": "FUNCTION"}.get(
        kind, kind.upper())
    signature = f"({arguments})" if kind in ROUTINES else ""
    return f"{word} {quoted(schema)}.{quoted(name)}{signature}"


def disturb(dice, things):
    """Owners and grants as they come about over the years, some passed on by others."""
    out = []
    everybody = READERS + LOSERS + OWNERS + STRANGERS
    for thing in things:
        kind = thing[0]
        privileges = ["USAGE", "CREATE"] if kind == "schema" else KINDS[kind][1]
        if kind != "schema" and dice.random() < 0.3:
            alter = {"matview": "MATERIALIZED VIEW", "view": "VIEW", "aggregate": "AGGREGATE",
                     "domain": "DOMAIN"}.get(kind)
            name = sql_name(thing).split(" ", 1)
            out.append(f"ALTER {alter or name[0]} {name[1]} OWNER TO {dice.choice(OWNERS)}")
        if kind != "schema" and dice.random() < 0.3:
            out.append(f"REVOKE ALL ON {sql_name(thing)} FROM PUBLIC")
        for _ in range(dice.randrange(0, 4)):
            some = ", ".join(dice.sample(privileges, dice.randrange(1, len(privileges) + 1)))
            first, second = (quoted(name) for name in dice.sample(everybody, 2))
            option = dice.random() < 0.4
            out.append(f"GRANT {some} ON {sql_name(thing)} TO {first}"
                       f"{' WITH GRANT OPTION' if option else ''}")
            if option and dice.random() < 0.7:
                further = " WITH GRANT OPTION" if dice.random() < 0.3 else ""
                out += [f"SET ROLE {first}", f"GRANT {some} ON {sql_name(thing)} TO {second}{further}",
                        "RESET ROLE"]
        if kind in ("table", "view", "matview") and dice.random() < 0.4:
            privilege = dice.choice(COLUMN)
            out.append(f"GRANT {privilege} (x, y) ON {sql_name(thing)} TO"
                       f" {quoted(dice.choice(everybody))}")
    return out


def random_grant(dice, things, roles, state=None):
    kind = dice.choice([*KINDS, "table", "table", "schema"])
    if kind == "schema":
        grant = {"kind": "schema", "privileges": dice.sample(["USAGE", "CREATE"], 1),
                 "schema": dice.choice(SCHEMAS + ["s_*"])}
    else:
        plural, privileges = KINDS[kind]
        some = dice.sample(privileges, dice.randrange(1, len(privileges) + 1))
        grant = {"kind": plural, "schema": dice.choice(SCHEMAS + ["s_*", ["s_a", "S c"]]),
                 "privileges": ["ALL"] if dice.random() < 0.15 else some}
        there = [thing for thing in things if thing[0] == kind]
        if dice.random() < 0.6:
            thing = dice.choice(there)
            name = thing[2]
            if dice.random() < 0.3:
                name = name[0] + "*"
            elif kind in ROUTINES and dice.random() < 0.6:
                name = f"{name}({(thing[3] or '').replace('VARIADIC ', '').replace('x ', '')})"
            grant.update(kind=kind, name=[name], schema=dice.choice([thing[1], SCHEMAS]))
        if dice.random() < 0.2:
            grant["except"] = [dice.choice(there)[2]]
        if kind in ("table", "view", "matview") and dice.random() < 0.25:
            grant.update(columns=dice.sample(["x", "y", "z"], 2), privileges=dice.sample(COLUMN, 2))
    grant["to"] = dice.sample(roles, dice.randrange(1, len(roles) + 1))
    if dice.random() < 0.2:
        grant["grantable"] = True
    if state is not None:
        grant["state"] = state
    return grant


def texts(value):
    return value if isinstance(value, list) else [value]


def means(grant, thing):
    kind, schema, name, arguments, _ = thing
    singular = {plural: one for one, (plural, _) in KINDS.items()}.get(grant["kind"], grant["kind"])
    if singular != kind or not any(fnmatch.fnmatchcase(schema, glob) for glob in texts(grant["schema"])):
        return False

    def named(pattern):
        if pattern.endswith(")") and kind in ROUTINES:
            wanted, types = pattern[:-1].split("(", 1)
            actual = (arguments or "").replace("VARIADIC ", "")
            return wanted == name and types.replace("int[]", "integer[]") == actual
        return fnmatch.fnmatchcase(name, pattern)

    if any(named(pattern) for pattern in texts(grant.get("except", []))):
        return False
    return "name" not in grant or any(named(pattern) for pattern in texts(grant["name"]))


def privileges_of(grant, kind, major):
    if grant["privileges"] != ["ALL"]:
        return grant["privileges"]
    maintain = ["MAINTAIN"] if major >= 17 and KINDS.get(kind, (0, 0))[1] is TABLE else []
    return KINDS[kind][1] + maintain


def keys_of(grant, things, major):
    """(object, column or None, grantee, privilege) of everything that the grant means."""
    for thing in things:
        if means(grant, thing):
            for column in grant.get("columns", [None]):
                for role in grant["to"]:
                    for privilege in privileges_of(grant, thing[0], major):
                        yield (*thing, column, role, privilege)


def as_set(entries):
    """key -> whether it may be granted on."""
    held = {}
    for kind, schema, name, arguments, column, owner, grantee, privilege, grantable in entries:
        if privilege is not None:
            key = (kind, schema, name, arguments, owner, column, grantee, privilege)
            held[key] = held.get(key, False) or grantable
    return held


def expected_after(held, things, grants, mode, major, managed=(*READERS, *LOSERS),
                   others=(*STRANGERS, *OWNERS)):
    """What as_set() gives after an apply: adopt takes from the managed roles, strict from the others, too."""
    after, declared = dict(held), {}
    for grant in grants:
        for key in keys_of(grant, things, major):
            if grant.get("state") == "absent":
                if grant.get("grantable"):
                    if key in after:
                        after[key] = False
                else:
                    after.pop(key, None)
            else:
                option = grant.get("grantable", False)
                declared[key] = declared.get(key, False) or option
                after[key] = after.get(key, False) or option
    if mode != "additive":
        for key in list(after):
            owner, grantee = key[4], key[6]
            if grantee == owner or not (grantee in managed or (mode == "strict" and grantee in others)):
                continue
            if key not in declared:
                del after[key]
            else:
                after[key] = declared[key]
    # An owner's own entry is made whole by nobody here, and holds all options by itself
    return {key: None if key[6] == key[4] else option for key, option in after.items()}


def difference(wanted, entries):
    """What expected_after() says and the entries do not, and the other way round; {}, {} when they agree."""
    got = {key: None if key[6] == key[4] else option for key, option in as_set(entries).items()}
    missing = {key: option for key, option in wanted.items() if got.get(key, "none") != option}
    extra = {key: option for key, option in got.items() if wanted.get(key, "none") != option}
    return missing, extra
