"""On a server that grew for years: what the inventory does not say is neither set nor taken."""
import pytest

import access
import living
import servers


@pytest.fixture
def grown(major, new_server):
    return living.make(new_server(major))


def first_inventory(**more):
    """What a DBA writes in the first minutes: some of the people, one database."""
    return {"pg_users": [{"name": "person_01"}, {"name": "shop_app"}, {"name": "grafana"}],
            "pg_databases": [{"name": "shop"}], **more}


def test_an_inventory_of_few_lines_overwrites_nothing(grown, write):
    path = write(first_inventory())
    before, public = living.secrets_of(grown), grown.rows(
        "SELECT nspacl FROM pg_namespace WHERE nspname = 'public'", dbname="shop")
    databases = grown.rows("SELECT oid, shobj_description(oid, 'pg_database') FROM pg_database ORDER BY 1")
    planned = servers.run("-i", path, "plan", server=grown)
    assert "public-not-hardened" in planned.stdout
    servers.run("-i", path, "apply", "--yes", server=grown)
    after = living.secrets_of(grown)
    assert {name: after[name] for name in before} == before
    assert databases == grown.rows(
        "SELECT oid, shobj_description(oid, 'pg_database') FROM pg_database ORDER BY 1")
    assert grown.value("SELECT has_schema_privilege('person_21', 'public', 'CREATE')",
                       dbname="shop") is True, public
    assert grown.rows("SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname IN"
                      " ('dbuser_dba', 'replicator', 'dbuser_monitor')") == [], \
        "a published password"
    access.assert_settled(path, grown)


def test_an_existing_account_as_system_user_keeps_its_password(grown, write):
    path = write(first_inventory(pg_replication_username="repl_standby",
                                 pg_monitor_username="grafana", pg_admin_username="dave"))
    before = living.secrets_of(grown)
    servers.run("-i", path, "apply", "--yes", server=grown)
    after = living.secrets_of(grown)
    assert {name: after[name] for name in before} == before


def test_a_comment_is_changed_by_a_comment_only(grown, write):
    path = write({"pg_users": [
        {"name": "person_01"}, {"name": "person_02", "comment": None},
        {"name": "person_03", "comment": ""}, {"name": "person_04", "comment": "new"}]})
    before = living.secrets_of(grown)
    servers.run("-i", path, "apply", "--yes", server=grown)
    after = {name: comment for name, (_, comment) in living.secrets_of(grown).items()}
    assert after["person_01"] == before["person_01"][1]
    assert after["person_02"] == before["person_02"][1]
    assert after["person_03"] is None
    assert after["person_04"] == "new"


@pytest.mark.parametrize("options, key", [([], True), (["--mode", "adopt"], False)])
def test_public_is_closed_where_somebody_asks(options, key, grown, write):
    path = write(first_inventory(pg_harden_existing=key))
    servers.run("-i", path, "apply", "--yes", *options, server=grown)
    assert grown.value("SELECT has_schema_privilege('person_21', 'public', 'CREATE')",
                       dbname="shop") is False


CLOSES_SHOP = {"to": "PUBLIC", "privileges": ["CONNECT"], "kind": "database", "state": "absent"}


def who_connects(server):
    return {name for (name,) in server.rows(
        "SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper"
        " AND has_database_privilege(rolname, 'shop', 'CONNECT')")}


def test_connect_is_not_taken_from_everybody_in_passing(grown, write):
    path = write(first_inventory(pg_databases=[{"name": "shop", "grants": [CLOSES_SHOP]}]))
    before = who_connects(grown)
    planned = servers.run("-i", path, "plan", server=grown)
    assert "REVOKE CONNECT" in planned.stdout and "[mass-removal]" in planned.stdout
    refused = servers.run("-i", path, "apply", "--yes", server=grown, expect=4)
    lost = before - {"shop_app"}  # the owner; postgres is the 31st
    assert f'takes CONNECT on database "shop" from {len(lost)} of 31 login roles' in refused.stderr
    assert who_connects(grown) == before
    servers.run("-i", path, "apply", "--yes", "--allow-mass-removal", server=grown)
    assert not who_connects(grown) & lost


def test_who_keeps_connect_through_a_group_does_not_count(grown, write):
    keep = {"to": ["staff", *living.APPLICATIONS, *living.TOOLS], "privileges": ["CONNECT"],
            "kind": "database"}
    path = write(first_inventory(pg_databases=[{"name": "shop", "grants": [keep, CLOSES_SHOP]}]))
    before = who_connects(grown)
    servers.run("-i", path, "apply", "--yes", server=grown)
    assert before <= who_connects(grown)
    assert grown.value("SELECT has_database_privilege('pg_monitor', 'shop', 'CONNECT')") is False
