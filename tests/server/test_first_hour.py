"""The first hour of a DBA whose server grew for years: look, apply, adopt, enforce, let somebody leave.

After each step the server is compared with what it was before: what the inventory does not say is
neither set nor taken."""
import json

import psycopg2
import pytest
import yaml

import access
import living
import servers

DECLARED = ["person_01", "person_02", "person_06", "person_08", "person_09", "shop_app", "staff", "readers",
            "newcomer"]


def users(names):
    described = {"staff": {"login": False}, "readers": {"login": False},
                 "person_01": {"createrole": True, "createdb": True, "roles": ["staff", "readers"]},
                 "person_02": {"roles": ["staff", "readers"]}, "person_06": {"roles": ["staff", "readers"]},
                 "person_08": {"roles": ["staff", "readers"]}, "person_09": {"roles": ["staff"]},
                 "newcomer": {"roles": ["staff"]}}
    return [{"name": name, **described.get(name, {})} for name in names]


def inventory(names=DECLARED, **more):
    """Some of the people, one of three databases, and of what readers have a part."""
    return {"pg_policy": "none", "pg_users": users(names), "pg_databases": [{
        "name": "shop", "owner": "shop_app", "grants": [
            {"to": "readers", "privileges": ["USAGE"], "kind": "schema", "schema": ["sales", "ledger"]},
            {"to": "readers", "privileges": ["SELECT"], "kind": "tables", "schema": "sales"}]}], **more}


def planned(path, server, mode, key="steps"):
    done = servers.run("-i", path, "plan", "--mode", mode, "--format", "json", server=server)
    (target,) = json.loads(done.stdout)["targets"]
    return target[key]


def facts(server):
    """Each row of the access state by itself, and each entry of an ACL: what can be lost or added."""
    out = set()
    for key, rows in server.access_state().items():
        for row in rows:
            lists = [value for value in row if isinstance(value, list)]
            # Whether an ACL is NULL is no access of its own.
            rest = [value for value in row if not isinstance(value, list)][:-1 if lists else None]
            out.add((key, *rest))
            out |= {(key, *rest[:2], entry) for value in lists for entry in value}
    return out


def named(lost):
    """Who of the login roles and groups the lost facts speak of."""
    everybody = [*living.LOGIN_ROLES, "staff", "readers"]
    words = {word for fact in lost for word in fact if isinstance(word, str)}
    return {name for name in everybody for word in words if word == name or word.startswith(f"{name}=")}


def statements(steps):
    """Without those for the marker role, by which adopt and strict know later whom they managed."""
    return {step["sql"] for step in steps if "pgcharter_managed" not in step["sql"]}


def may(server, role, privilege, database):
    return server.value("SELECT has_table_privilege(%s, 'sales.t01', %s)", (role, privilege), dbname=database)


@pytest.fixture
def grown(major, new_server):
    return living.make(new_server(major))


def test_the_first_hour(grown, write):
    path = write(inventory())
    secrets, before = living.secrets_of(grown), facts(grown)

    # She looks. Every mode shows its plan, and looking changes nothing.
    assert "0 errors" in servers.run("-i", path, "validate").stdout
    additive, adopt = planned(path, grown, "additive"), planned(path, grown, "adopt")
    strict = planned(path, grown, "strict")
    assert facts(grown) == before
    assert len(additive) < len(adopt) < len(strict)
    withheld = planned(path, grown, "additive", "withheld")
    assert statements(withheld) == statements(adopt) - statements(additive)

    # additive: nothing is taken, and the newcomer is all that is added.
    servers.run("-i", path, "apply", "--yes", server=grown)
    after = facts(grown)
    assert before - after == set()
    assert after - before and all("newcomer" in fact for fact in after - before)
    assert living.secrets_of(grown).items() >= secrets.items()
    access.assert_settled(path, grown)

    # adopt: what declared roles hold and no entry says goes; nobody else is touched.
    servers.run("-i", path, "apply", "--yes", "--mode", "adopt", server=grown)
    before = facts(grown)
    lost = after - before
    assert lost and named(lost) <= set(DECLARED) | {"person_09"}, lost
    assert {fact[0].split(":")[0] for fact in lost} <= {"shop", "memberships"}
    assert [may(grown, "person_06", "INSERT", "shop"), may(grown, "person_06", "SELECT", "shop"),
            may(grown, "person_06", "INSERT", "hr")] == [False, True, True]
    assert living.secrets_of(grown).items() >= secrets.items()

    # strict would disable everybody who is not declared: shown by plan, refused by apply.
    shown = servers.run("-i", path, "plan", "--mode", "strict", server=grown)
    assert "[mass-removal]" in shown.stdout
    refused = servers.run("-i", path, "apply", "--yes", "--mode", "strict", server=grown, expect=4)
    assert "--allow-mass-removal" in refused.stderr
    assert facts(grown) == before

    # Somebody leaves: her entry goes. additive says so, adopt disables her and takes what she had.
    path = write(inventory([name for name in DECLARED if name != "person_02"]))
    told = servers.run("-i", path, "plan", server=grown)
    assert "[role-removed]" in told.stdout and "no changes" in told.stdout
    servers.run("-i", path, "apply", "--yes", "--mode", "adopt", server=grown)
    assert named(before - facts(grown)) == {"person_02"}
    assert grown.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'person_02'") is False
    assert living.secrets_of(grown).items() >= secrets.items()
    access.assert_settled(path, grown)


def test_strict_on_a_part_of_the_server_touches_that_part_only(grown, write):
    path = write(inventory(["person_02"], pg_access_mode="strict", pg_databases=[],
                           pg_managed={"roles": ["person_02"]}))
    before = facts(grown)
    servers.run("-i", path, "apply", "--yes", server=grown)
    lost = before - facts(grown)
    assert named(lost) == {"person_02"}
    assert grown.value("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'person_02'") is False
    access.assert_settled(path, grown)


def get_in(server, user, database, password=None):
    """Whether a new connection over TCP gets in."""
    try:
        server.connect(user, database, tcp=True, **({"password": password} if password else {})).close()
    except psycopg2.OperationalError:
        return False
    return True


def test_the_first_hour_with_pg_hba_conf(major, new_server, write, tmp_path):
    """import, proven by diff; install, which keeps the old file; a rule less, and who would feel it."""
    server = living.make(new_server(major, listen=True))
    server.rows("SET password_encryption = 'scram-sha-256'; ALTER ROLE hr_app PASSWORD 'hr_app-own-password'")
    old = "local   all             postgres                                trust\n" + living.HBA
    server.write_hba(old)
    server.reload()
    file = server.data / "pg_hba.conf"
    lint = servers.run("hba", "lint", "--file", file, "--pg-version", str(major))
    assert "0 errors, 1 warning" in lint.stdout and "[hba-unreachable]" in lint.stdout

    imported = yaml.safe_load(servers.run("hba", "import", "--file", file, "--pg-version", str(major)).stdout)
    path = write({"pg_policy": "none", "pg_version": major, **imported})
    diff = servers.run("-i", path, "-N", "pg-test-1", "hba", "diff", server=server)
    assert "no changes" in diff.stdout, diff
    assert "no changes" in servers.run("-i", path, "plan", "--hba", server=server).stdout

    # Nobody is there to be asked, so nothing is done; with --yes the file by hand is kept.
    servers.run("-i", path, "-N", "pg-test-1", "hba", "install", server=server, expect=64)
    assert file.read_text() == old
    servers.run("-i", path, "-N", "pg-test-1", "hba", "install", "--yes", server=server)
    assert (server.data / "pg_hba.conf.before-pgcharter").read_text() == old
    assert get_in(server, "grafana", "shop") and get_in(server, "hr_app", "hr", "hr_app-own-password")

    # The last rules for the server itself go; hr_app is in by one of them.
    rules = imported["pg_hba_rules"][-1]["rules"]
    rules[:] = [rule for rule in rules if "all             all             127.0.0.1/32" not in rule]
    path = write({"pg_policy": "none", "pg_version": major, **imported})
    session = server.connect("hr_app", "hr", tcp=True, password="hr_app-own-password")
    for words in (["diff"], ["install", "--yes"]):
        told = servers.run("-i", path, "-N", "pg-test-1", "hba", *words, server=server)
        assert "[hba-session-refused]" in told.stdout + told.stderr, told
        assert "hr_app" in told.stdout + told.stderr, told
    session.close()
    assert get_in(server, "grafana", "shop") and not get_in(server, "hr_app", "hr", "hr_app-own-password")
