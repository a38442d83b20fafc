"""A saved plan is applied as it was read, or refused with what has changed and nothing done."""
import hashlib
import json
import re
import shutil
import stat

import pytest

import access
import servers
from test_release import on_a_terminal

ENDS = sorted({servers.MAJORS[0], servers.MAJORS[-1]})
USERS = {"pg_users": [{"name": "a", "connlimit": 5}, {"name": "b", "password": "Secret.Of.B"}]}


@pytest.fixture(params=ENDS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        yield running


@pytest.fixture
def last(new_server):
    return new_server(servers.MAJORS[-1])


@pytest.fixture
def saved(tmp_path):
    return tmp_path / "saved" / "plan.json"


def save(path, file, server, *options, **more):
    file.parent.mkdir(exist_ok=True)
    return servers.run("-i", path, "plan", "-o", file, *options, server=server, **more)


def apply(path, file, server, *options, expect=0):
    return servers.run("-i", path, "apply", "--yes", file, *options, server=server, expect=expect)


def refused(path, file, server, *sentences, code=4, options=()):
    """Nothing is done, and the message has each of the sentences."""
    before = server.access_state()
    done = apply(path, file, server, *options, expect=code)
    for sentence in sentences:
        assert sentence in done.stderr, done
    assert servers.difference(before, server.access_state()) == ""
    return done


def resummed(text):
    """The text of a saved plan with the checksum that fits it, as a forger would write it."""
    head = text[:text.rindex(',\n  "checksum"')]
    return f'{head},\n  "checksum": "{hashlib.sha256(head.encode()).hexdigest()}"\n}}\n'


def test_a_saved_plan_is_applied_once(server, write, saved):
    path = write(access.RICH)
    shown = save(path, saved, server)
    assert 'CREATE ROLE "owner_a"' in shown.stdout and "PASSWORD <secret>" in shown.stdout
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    steps = json.loads(saved.read_text())["targets"][0]["steps"]
    done = apply(path, saved, server)
    assert f"{len(steps)} steps done" in done.stdout
    access.assert_settled(path, server)
    refused(path, saved, server, f'"pg-test" no longer needs the {len(steps)} saved steps',
            "already applied")


def test_the_saved_plan_is_the_documented_one_and_more(last, write, saved):
    path = write(access.RICH)
    save(path, saved, last, "--format", "json")
    printed = json.loads(servers.run("-i", path, "plan", "--format", "json", server=last).stdout)
    kept = json.loads(saved.read_text())
    assert set(kept) - set(printed) == {"options", "inventory_files", "inventory_digest", "checksum"}
    for target in kept["targets"]:
        for member in ("host", "port", "set_role", "set_role_is_new", "instances", "skipped",
                       "notes_ignored", "starts_from"):
            del target[member]
        for step in target["steps"] + target["withheld"]:
            for member in ("rests_on", "connect", "undeclared", "summary", "statements", "brief"):
                step.pop(member, None)
    assert {key: kept[key] for key in printed} == printed
    assert save(path, saved, last, "--format", "json").stdout == ""


def test_it_is_shown_without_server_and_inventory(server, write, saved, tmp_path):
    """Exactly as plan shows it, in every format, the notes, withheld steps and HBA files included."""
    server.rows("CREATE ROLE owner_b LOGIN; CREATE ROLE extra; GRANT extra TO owner_b")
    path = write({**access.RICH, "pg_hba_install": "server"})
    for options in (["-v"], ["-q"], ["--format", "sql"], ["--format", "markdown"],
                    ["--format", "json"], ["--color", "always"], []):
        printed = servers.run("-i", path, "plan", *options, server=server).stdout
        save(path, saved, server)
        shown = servers.run("show", saved, *options, cwd=tmp_path)
        assert shown.stdout == printed and shown.stderr == "", options
    assert "~ write" in printed and "not done in this mode" in printed


def test_an_empty_plan_is_applied_to_nothing(last, write, saved):
    path = write(USERS)
    servers.run("-i", path, "apply", "--yes", server=last)
    save(path, saved, last)
    assert "no changes" in apply(path, saved, last).stdout
    last.rows("DROP ROLE a")
    refused(path, saved, last, 'now needs different steps', 'needed now: CREATE ROLE "a"')


def test_no_secret_is_in_it(server, write, saved):
    path = write({"pg_users": [{"name": "a", "password": "Secret.New.A"},
                               {"name": "m", "password": "Secret.New.M"}]})
    server.rows("CREATE ROLE a LOGIN PASSWORD 'Secret.Old.A'")
    server.rows("SET password_encryption = md5; CREATE ROLE m LOGIN PASSWORD 'Secret.Old.M'")
    server.rows("ALTER ROLE a SET my.secret TO 'Secret.Setting'")
    save(path, saved, server)
    text = saved.read_text()
    for verifier, in server.rows("SELECT rolpassword FROM pg_authid WHERE rolpassword <> ''"):
        for part in verifier.replace(":", "$").split("$"):
            assert len(part) < 20 or part not in text
            assert hashlib.sha256(part.encode()).hexdigest() not in text
        assert hashlib.sha256(verifier.encode()).hexdigest() not in text
    assert "Secret." not in text and text.count("PASSWORD <secret>") == 2
    apply(path, saved, server)
    access.assert_settled(path, server)


def test_another_inventory_is_refused_and_the_file_is_named(last, tmp_path, saved):
    folder = tmp_path / "inventory"
    (folder / "group_vars").mkdir(parents=True)
    servers.write_inventory(folder / "hosts.yml", servers.inventory({}))
    users = folder / "group_vars" / "pg-test.yml"
    users.write_text("pg_users: [{name: a}]\n")
    save(folder, saved, last)
    users.write_text("pg_users: [{name: a, superuser: true}]\n")
    refused(folder, saved, last, "the inventory has changed",
            '"group_vars/pg-test.yml" has changed')
    users.write_text("pg_users: [{name: a}] \n")
    refused(folder, saved, last, '"group_vars/pg-test.yml" has changed')
    users.rename(folder / "group_vars" / "all.yml")
    refused(folder, saved, last, '"group_vars/pg-test.yml" is gone', '"group_vars/all.yml" is new')
    (folder / "group_vars" / "all.yml").rename(users)
    users.write_text("pg_users: [{name: a}]\n")
    elsewhere = tmp_path / "checked" / "out" / "elsewhere"
    shutil.copytree(folder, elsewhere)
    assert "steps done" in apply(elsewhere, saved, last).stdout


def test_another_policy_file_is_another_inventory(last, write, tmp_path, saved):
    text = servers.run("show", "policy", "pigsty").stdout
    (tmp_path / "mine.yml").write_text(text)
    path = write({**USERS, "pg_policy": "./mine.yml"})
    save(path, saved, last)
    (tmp_path / "mine.yml").write_text(text + "# changed\n")
    refused(path, saved, last, '"mine.yml" has changed')


CHANGES = {
    "the role has become a superuser": (
        "ALTER ROLE a SUPERUSER", ["the server state that the plan was based on has changed",
                                   '  role "a": NOSUPERUSER -> SUPERUSER\n']),
    "another limit": ("ALTER ROLE a CONNECTION LIMIT 8", ['  role "a": CONNECTION LIMIT 3 -> 8\n']),
    "another password": ("ALTER ROLE b PASSWORD 'Another.One'",
                         ['  password of role "b" was changed\n']),
    "another comment": ("COMMENT ON ROLE b IS 'something else'",
                        ['  comment on role "b" was changed\n']),
    "another setting": ("ALTER ROLE b SET work_mem TO '3MB'",
                        ['  parameter "work_mem" of role "b" was changed\n']),
    "another owner": ("ALTER DATABASE app OWNER TO b", ['  database "app": OWNER "postgres" -> "b"\n']),
    "another grant on the database": (
        "GRANT CREATE ON DATABASE app TO b",
        ['  database "app": "b" now has CREATE (granted by "postgres")\n']),
    "another default privilege": (
        "ALTER DEFAULT PRIVILEGES GRANT UPDATE ON TABLES TO b",
        ['  default privileges of "postgres" on TABLES in database "postgres": "b" now has UPDATE '
         '(granted by "postgres")\n']),
    "a step that is done": ("ALTER ROLE a CONNECTION LIMIT 5",
                            ["now needs different steps", '  role "a": CONNECTION LIMIT 3 -> 5\n']),
    "a step more": ("REVOKE dbrole_readonly FROM b", ['needed now: GRANT "dbrole_readonly" TO "b"']),
}
DRIFTED = {
    "pg_users": [{"name": "a", "connlimit": 5},
                 {"name": "b", "password": "Secret.Of.B", "comment": "b it is",
                  "roles": ["dbrole_readonly"], "parameters": {"work_mem": "2MB"}}],
    "pg_databases": [{"name": "app", "owner": "a", "revokeconn": True}],
    "pg_default_privileges": ["GRANT SELECT ON TABLES TO dbrole_readonly",
                              "GRANT INSERT ON TABLES TO b"],
}


@pytest.mark.parametrize("what", CHANGES)
def test_catalog_rows_that_changed_refuse_it(what, last, write, saved):
    statement, sentences = CHANGES[what]
    path = write(DRIFTED)
    servers.run("-i", path, "apply", "--yes", server=last)
    for undo in ("ALTER ROLE a CONNECTION LIMIT 3", "ALTER ROLE b PASSWORD 'Old'",
                 "COMMENT ON ROLE b IS 'other'", "ALTER ROLE b SET work_mem TO '1MB'",
                 "ALTER DATABASE app OWNER TO postgres", "GRANT CONNECT ON DATABASE app TO PUBLIC",
                 "ALTER DEFAULT PRIVILEGES REVOKE INSERT ON TABLES FROM b"):
        last.rows(undo)
    save(path, saved, last)
    last.rows(statement)
    refused(path, saved, last, *sentences)


TABLES = {
    "pg_users": [{"name": "owner_a", "login": False}, {"name": "judy"},
                 {"name": "readers", "login": False}],
    "pg_databases": [{"name": "shop", "owner": "owner_a", "schemas": [{"name": "sales", "owner": "owner_a"}],
                      "grants": [{"to": "readers", "privileges": ["SELECT"], "kind": "tables",
                                  "schema": "sales"}]}],
}
OBJECT_CHANGES = {
    "a grant by hand": (
        "GRANT SELECT ON sales.t01 TO judy",
        ['table "sales"."t01" in database "shop": "judy" now has SELECT (granted by "owner_a")']),
    "the grant of the plan": (
        "GRANT SELECT ON sales.t01 TO readers WITH GRANT OPTION",
        ['table "sales"."t01" in database "shop": "readers" now has SELECT (granted by "owner_a")',
         'table "sales"."t01" in database "shop": "readers" now has the grant option for SELECT '
         '(granted by "owner_a")']),
    "a revoke": (
        "REVOKE UPDATE ON sales.t02 FROM judy",
        ['table "sales"."t02" in database "shop": "judy" no longer has UPDATE (granted by "owner_a")']),
    "another owner of a table": (
        "ALTER TABLE sales.t03 OWNER TO postgres",
        ['table "sales"."t03" in database "shop": OWNER "owner_a" -> "postgres"']),
    "a table that is gone": ("DROP TABLE sales.t04", ['table "sales"."t04" in database "shop" is gone']),
    "a new table": (
        "CREATE TABLE sales.added ()",
        ['table "sales"."added" in database "shop": now needs GRANT SELECT TO "readers"']),
    "all of it": (
        "GRANT SELECT ON ALL TABLES IN SCHEMA sales TO readers",
        [f'table "sales"."t{i:02}" in database "shop": "readers" now has SELECT (granted by "owner_a")'
         for i in range(1, 11)] + ["and 30 more"]),
}


@pytest.mark.parametrize("what", OBJECT_CHANGES)
def test_the_objects_that_changed_are_named_and_not_statements(what, last, write, saved, tmp_path):
    statement, lines = OBJECT_CHANGES[what]
    path = write(TABLES)
    servers.run("-i", path, "apply", "--yes", server=last)
    last.rows("; ".join(["SET ROLE owner_a", *(f"CREATE TABLE sales.t{i:02} ()" for i in range(1, 41)),
                         "REVOKE ALL ON ALL TABLES IN SCHEMA sales FROM readers",
                         "GRANT UPDATE ON sales.t02 TO judy"]), dbname="shop")
    save(path, saved, last)
    last.rows(statement, dbname="shop")
    log = tmp_path / "log.jsonl"
    done = refused(path, saved, last, options=["--log", log])
    said = done.stderr.splitlines()
    assert [line.strip() for line in said[1:-1]] == lines, done
    record, = map(json.loads, log.read_text().splitlines())
    assert record["event"] == "stale" and record["details"] == lines
    assert record["cluster"] == "pg-test" and record["message"] in said[0]


def test_names_in_what_changed_cannot_deceive(last, write, saved):
    path = write({"pg_users": [{"name": 'we"ird, x', "connlimit": 5}]})
    last.rows('CREATE ROLE "we""ird, x" LOGIN; CREATE ROLE "by\u202ehand"')
    save(path, saved, last)
    last.rows('ALTER ROLE "we""ird, x" CONNECTION LIMIT 7')
    refused(path, saved, last, '  role "we""ird, x": CONNECTION LIMIT -1 -> 7\n')


def test_what_no_step_rests_on_may_change(last, write, saved):
    path = write(DRIFTED)
    save(path, saved, last)
    last.rows("CREATE ROLE somebody_else LOGIN")
    last.rows("CREATE TABLE public.t (); GRANT SELECT ON public.t TO somebody_else")
    apply(path, saved, last)
    access.assert_settled(path, last)


def test_another_server_is_refused(last, new_server, write, saved):
    path = write(USERS)
    save(path, saved, last)
    other = new_server(servers.MAJORS[-1], initdb_options=("--data-checksums",))
    refused(path, saved, other, "made for a different server",
            other.value("SELECT system_identifier::text FROM pg_control_system()"))


def test_a_plan_without_a_server_is_refused(last, write, saved):
    path = write(USERS)
    assert "CREATE ROLE" in save(path, saved, None, "--offline").stdout
    refused(path, saved, last, "--offline")


def forged(text):
    return resummed(text.replace("NOLOGIN", "SUPERUSER", 1))


SPOILED = {
    "edited": (lambda text: text.replace('CREATE ROLE \\"a\\"', 'CREATE ROLE \\"a\\" SUPERUSER'),
               "has been modified since it was saved"),
    "forged": (forged, "no longer needed"),
    "with another server": (lambda text: resummed(text.replace('"system_identifier": "',
                                                               '"system_identifier": "9')),
                            "made for a different server"),
    "without an option": (lambda text: resummed(text.replace('"hba": false', '"hba": null')),
                          "a required member is missing"),
    "cut off": (lambda text: text[:len(text) // 2], "is truncated or not valid JSON"),
    "without its end": (lambda text: text[:-3], "is truncated or not valid JSON"),
    "without checksum": (lambda text: text[:text.rindex(",\n  \"checksum\"")] + "\n}\n",
                         "printed, not saved"),
    "with another line end": (lambda text: text.replace("\n", "\r\n"), "checksum"),
    "of a later program": (lambda text: text.replace('"format_version": 1', '"format_version": 2'),
                           "format_version 2"),
    "empty": (lambda text: "", "not a saved plan"),
    "an empty object": (lambda text: "{}", "no format_version"),
    "a list": (lambda text: "[]", "not a saved plan"),
    "yaml": (lambda text: "all: {}\n", "not a saved plan"),
    "deep": (lambda text: '{"a": ' + "[" * 100000, "truncated or not valid JSON"),
    "nul": (lambda text: text.replace("CREATE", "CRE\0TE", 1), "truncated or not valid JSON"),
    "too large": (lambda text: text + " " * (64 << 20), "larger than 64 MiB"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_file_is_refused_in_one_sentence(how, last, write, saved):
    spoil, sentence = SPOILED[how]
    path = write(USERS)
    save(path, saved, last)
    saved.write_text(spoil(saved.read_text()), newline="")
    done = refused(path, saved, last, sentence)
    assert "forged" in how or len(done.stderr.strip().splitlines()) <= 2, done


@pytest.mark.parametrize("format", ["text", "sql", "markdown"])
def test_other_formats_are_written_and_refused(format, last, write, saved):
    path = write(USERS)
    assert save(path, saved, last, "--format", format).stdout == ""
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved.read_text() == servers.run("-i", path, "plan", "--format", format,
                                            server=last).stdout
    refused(path, saved, last, "not a saved plan: it does not begin like JSON")


def test_a_printed_plan_is_no_saved_one(last, write, saved):
    path = write(USERS)
    saved.parent.mkdir()
    saved.write_text(servers.run("-i", path, "plan", "--format", "json", server=last).stdout)
    refused(path, saved, last, "printed, not saved")


def test_a_file_that_is_not_there(last, write, tmp_path):
    refused(write(USERS), tmp_path / "nowhere.json", last, "cannot read the plan", code=1)
    refused(write(USERS), tmp_path, last, "cannot read the plan", code=1)


@pytest.mark.parametrize("options, sentence", [
    (["--hba"], "made without it"), (["--mode", "strict"], "was made with"),
    (["-N", "pg-test"], "says which clusters"), (["second.json"], "[FILE] and nothing more")])
def test_what_contradicts_the_file_is_wrong_usage(options, sentence, last, write, saved):
    path = write(USERS)
    save(path, saved, last)
    refused(path, saved, last, sentence, options=options, code=64)


def test_the_options_of_the_plan_hold(last, write, saved):
    for name in ("x", "y", "z"):
        last.rows(f"CREATE ROLE {name} LOGIN")
    path = write(USERS)
    save(path, saved, last)
    assert "--init" in apply(path, saved, last, expect=4).stderr
    save(path, saved, last, "--init", "--mode", "additive")
    options = json.loads(saved.read_text())["options"]
    assert options["init"] is True and options["mode"] == "additive" and options["hba"] is False
    apply(path, saved, last)
    access.assert_settled(path, last)


def test_the_hba_file_is_part_of_it(last, write, saved):
    path = write({**USERS, "pg_hba_install": "server", "pg_dbsu": "postgres",
                  "pg_default_hba_rules": [], "pg_hba_rules": [
                      {"title": "all", "role": "common", "rules": ["local all all trust"]}]})
    options = ["--allow-lockout"]
    save(path, saved, last)
    hba = last.data / "pg_hba.conf"
    old = hba.read_bytes()
    last.write_hba(old.decode() + "\n# by hand\n")
    refused(path, saved, last, "the server state that the plan was based on has changed", "pg_hba.conf",
            options=options)
    last.write_hba(old.decode())
    apply(path, saved, last, *options)
    assert b"local" in hba.read_bytes() and hba.read_bytes() != old


def test_a_person_is_asked_and_may_decline(last, write, saved):
    path = write(USERS)
    save(path, saved, last)
    argv = [str(servers.PROGRAM), "-i", str(path), "--conninfo", f"pg-test={last.conninfo()}",
            "apply", str(saved)]
    before = last.access_state()
    shown, code = on_a_terminal(argv, b"no\n")
    assert code == 1 and "nothing done" in shown and 'CREATE ROLE "a"' in shown, shown
    assert servers.difference(before, last.access_state()) == ""
    servers.run("-i", path, "apply", saved, server=last, expect=64)
    shown, code = on_a_terminal(argv, lambda: last.rows("CREATE ROLE a"))
    assert code == 4 and "now needs different steps" in shown, shown
    assert last.value("SELECT count(*) FROM pg_roles WHERE rolname = 'b'") == 0


@pytest.fixture
def two(new_server, tmp_path):
    """Two clusters, their servers and how the program reaches them."""
    both = {"pg-one": new_server(ENDS[0]), "pg-two": new_server(ENDS[-1])}
    mapping = {"all": {"children": {name: {
        "hosts": {f"10.1.1.{seq}": {"pg_seq": 1, "pg_role": "primary"}},
        "vars": {"pg_cluster": name, **USERS}} for seq, name in enumerate(both, 1)}}}
    path = servers.write_inventory(tmp_path / "inventory.yml", mapping)
    reach = [word for name, each in both.items()
             for word in ("--conninfo", f"{name}={each.conninfo()}")]
    return path, both, reach


def test_all_clusters_or_none(two, saved):
    path, both, reach = two
    saved.parent.mkdir()
    servers.run("-i", path, *reach, "plan", "-o", saved)
    both["pg-two"].rows("CREATE ROLE a")
    before = both["pg-one"].access_state()
    done = servers.run("-i", path, *reach, "apply", "--yes", saved, expect=4)
    assert 'cluster "pg-two" now needs different steps' in done.stderr and "pg-one" not in done.stderr, done
    assert servers.difference(before, both["pg-one"].access_state()) == ""
    both["pg-two"].rows("DROP ROLE a")
    done = servers.run("-i", path, *reach, "apply", "--yes", saved)
    assert done.stdout.count("steps done") == 2, done
    assert "no changes" in servers.run("-i", path, *reach, "plan").stdout


def test_only_its_clusters_are_connected_to(two, saved):
    path, both, reach = two
    saved.parent.mkdir()
    servers.run("-i", path, *reach, "plan", "-N", "pg-two", "-o", saved)
    both["pg-one"].stop()
    servers.run("-i", path, *reach, "apply", "--yes", saved)
    assert both["pg-two"].value("SELECT count(*) FROM pg_roles WHERE rolname = 'a'") == 1


def test_it_may_come_through_a_pipe(last, write, saved):
    path = write(USERS)
    save(path, saved, last)
    done = servers.run("-i", path, "apply", "--yes", "/dev/stdin", server=last,
                       input=saved.read_text())
    assert "steps done" in done.stdout


def test_the_documented_refusal_is_what_happens(last, tmp_path):
    text = (servers.ROOT / "docs/reference/plan.md").read_text(encoding="utf-8")
    documented, = re.findall(r"```\n(pgcharter: error: the plan .*?)```", text, re.DOTALL)
    path = servers.write_inventory(tmp_path / "inventory.yml", servers.inventory(
        {"pg_users": [{"name": "app", "connlimit": 5}]}, cluster="pg-shop"))
    last.rows("CREATE ROLE app LOGIN")
    target = {"server": last, "cluster": "pg-shop", "cwd": tmp_path}
    servers.run("-i", path, "plan", "-o", "plan.json", **target)
    last.rows("ALTER ROLE app SUPERUSER")
    done = servers.run("-i", path, "apply", "--yes", "plan.json", expect=4, **target)
    assert done.stderr == documented and done.stdout == "nothing done\n"
