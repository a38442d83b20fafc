"""Marks of managed roles: who may give them, whose they are, and what a mark alone never does."""
import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        yield running


def inventory(*names, mode="adopt", **more):
    return {"pg_access_mode": mode, "pg_users": [{"name": name} for name in names], **more}


def apply(path, server, *options, **more):
    return servers.run("-i", path, "apply", "--yes", *options, server=server, **more)


def can_log_in(server, *roles):
    return [server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,)) for role in roles]


def settled(path, server, *options):
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server)
    assert "no changes" in again.stdout, again


def test_who_may_create_roles_cannot_have_others_disabled(server, write):
    path = write(inventory("alice"))
    apply(path, server)
    server.rows("CREATE ROLE helpdesk LOGIN CREATEROLE; CREATE ROLE human_dba LOGIN SUPERUSER;"
                " CREATE ROLE bob LOGIN")
    if server.major >= 16:
        server.rows("GRANT pgcharter_managed TO helpdesk WITH ADMIN OPTION")
    for role in ("human_dba", "bob"):
        server.rows(f"GRANT pgcharter_managed TO {role}", user="helpdesk")
    if server.major >= 16:
        refused = servers.run("-i", path, "plan", server=server, expect=4)
        assert 'role "helpdesk" has ADMIN on it' in refused.stderr
        server.rows("REVOKE ADMIN OPTION FOR pgcharter_managed FROM helpdesk CASCADE;"
                    " REVOKE pgcharter_managed FROM helpdesk")
    else:
        noted = servers.run("-i", path, "plan", server=server).stdout
        assert "[mark-ignored]" in noted and 'role "helpdesk" granted it' in " ".join(noted.split())
        assert '"human_dba"' in noted and '"bob"' in noted
        settled(path, server, "--prune")
    assert can_log_in(server, "human_dba", "bob") == [True, True]


def test_a_mark_alone_disables_no_superuser(server, write):
    apply(write(inventory("alice", "bob"), "a.yml"), server)
    server.rows("CREATE ROLE human_dba LOGIN SUPERUSER; GRANT pgcharter_managed TO human_dba")
    path = write(inventory("alice", "bob"), "b.yml")
    for options in ([], ["--prune"]):
        noted = servers.run("-i", path, "plan", *options, server=server).stdout
        assert "no changes" in noted and "[superuser-kept]" in noted
    path = write({**inventory("alice", "bob"),
                  "pg_users": [{"name": "alice"}, {"name": "bob"}, {"name": "human_dba", "state": "absent"}]})
    apply(path, server)
    assert can_log_in(server, "human_dba") == [False]


@pytest.mark.parametrize("made, fault", [
    ("CREATE ROLE pgcharter_managed LOGIN", "it has LOGIN"),
    ("CREATE ROLE pgcharter_managed", "it has no comment of pgcharter's"),
    ("CREATE ROLE pgcharter_managed; COMMENT ON ROLE pgcharter_managed IS 'pgcharter';"
     " CREATE ROLE secretreader; GRANT secretreader TO pgcharter_managed",
     'it is a member of role "secretreader"'),
    ("CREATE ROLE pgcharter_managed; COMMENT ON ROLE pgcharter_managed IS 'pgcharter';"
     " CREATE TABLE secrets (); GRANT SELECT ON secrets TO pgcharter_managed",
     "it owns something or has privileges"),
], ids=["login", "comment", "member", "privilege"])
def test_a_marker_that_was_there_before_is_refused(made, fault, server, write):
    server.rows(made)
    before = server.access_state()
    refused = apply(write(inventory("alice")), server, expect=4)
    assert fault in refused.stderr and "own-role-invalid" in refused.stderr
    assert servers.difference(before, server.access_state()) == ""


def test_a_declared_role_gets_a_mark_that_counts(server, write):
    path = write(inventory("alice", "bob"))
    apply(path, server)
    server.rows("CREATE ROLE other LOGIN SUPERUSER")
    server.rows("REVOKE pgcharter_managed FROM alice")
    server.rows("GRANT pgcharter_managed TO alice", user="other")
    apply(path, server)
    settled(path, server)
    assert server.rows("SELECT DISTINCT grantor::regrole::text FROM pg_auth_members"
                       " WHERE roleid = 'pgcharter_managed'::regrole") == [("postgres",)]


def test_two_inventories_leave_each_others_people_alone(server, write):
    names = {team: [f"{team}{i}" for i in range(4)] for team in ("a", "b")}
    paths = {team: write(inventory(*names[team], pg_inventory=team), f"{team}.yml") for team in names}
    apply(paths["a"], server)
    refused = apply(paths["b"], server, expect=4)
    assert "is this the right server? (use --init" in refused.stderr
    apply(paths["b"], server, "--init")
    for team in ("a", "b", "a"):
        for options in ([], ["--prune"], ["--mode", "strict"]):
            settled(paths[team], server, *options)
    assert can_log_in(server, *names["a"], *names["b"]) == [True] * 8

    smaller = write(inventory("a0", "a1", "a2", "b0", pg_inventory="a"), "a.yml")
    apply(smaller, server)
    assert can_log_in(server, "a3", "b3", "b0") == [False, True, True]
    settled(paths["b"], server, "--prune")
    both_no_more = write(inventory("b1", "b2", "b3", pg_inventory="b"), "b.yml")
    apply(both_no_more, server)
    assert can_log_in(server, "b0") == [True], "team a declares it, too"
    settled(both_no_more, server)
    without = write(inventory("a0", "a1", "a2", pg_inventory="a"), "a.yml")
    apply(without, server)
    assert can_log_in(server, "b0") == [False]


def test_without_names_the_second_inventory_is_asked(server, write):
    apply(write(inventory("a0", "a1"), "a.yml"), server)
    other = inventory(*(f"b{i}" for i in range(9)))
    apply(write(other, "b.yml"), server, "--mode", "additive")
    refused = apply(write(other, "b.yml"), server, expect=4)
    assert "does another inventory manage it?" in refused.stderr and "pg_inventory" in refused.stderr
    apply(write({**other, "pg_inventory": "b"}, "b.yml"), server)
    assert can_log_in(server, "a0", "a1") == [True, True]


def test_an_inventory_that_gets_a_name_takes_its_marks_along(server, write):
    apply(write(inventory("alice", "bob"), "a.yml"), server)
    named = write(inventory("alice", "bob", pg_inventory="shop"), "a.yml")
    apply(named, server)
    settled(named, server)
    assert server.value("SELECT count(*) FROM pg_auth_members"
                        " WHERE roleid = 'pgcharter_managed'::regrole") == 0
    apply(write(inventory("bob", pg_inventory="shop"), "a.yml"), server)
    assert can_log_in(server, "alice", "bob") == [False, True]


def test_a_few_people_are_a_mass(new_server, write):
    server = new_server(18)
    names = [f"u{i}" for i in range(5)]
    apply(write(inventory(*names), "a.yml"), server)
    path = write(inventory(*names[:2]), "b.yml")
    refused = apply(path, server, expect=4)
    assert "disables or drops 3 of 9 login roles" in refused.stderr
    apply(path, server, "--allow-mass-removal")
    apply(write(inventory("u0"), "c.yml"), server)
    assert can_log_in(server, *names) == [True, False, False, False, False]


@pytest.mark.parametrize("self_grant", ["", "set", "set, inherit"])
@pytest.mark.parametrize("mode", ["adopt", "strict"])
def test_who_may_create_roles_manages_them(mode, self_grant, server, write):
    """Managed clouds: CREATEROLE is all there is. Marks, leaving, coming back and --prune work, and what
    16 gives a creator is no mark of the creator itself."""
    if self_grant and server.major < 16:
        pytest.skip("createrole_self_grant comes with 16")
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB")
    if self_grant:
        server.rows(f"ALTER ROLE deploy SET createrole_self_grant = '{self_grant}'")

    def run(path, *options):
        conninfo = f"pg-test={server.conninfo(user='deploy')}"
        servers.run("-i", path, "--conninfo", conninfo, "apply", "--yes", *options)
        again = servers.run("-i", path, "--conninfo", conninfo, "plan", *options)
        assert "no changes" in again.stdout, again

    names = ("alice", "bob", "carol")
    everybody = {"pg_policy": "none", "pg_databases": [{"name": "app", "owner": "deploy"}]}
    paths = {who: write(inventory(*who, mode=mode, **everybody), f"{len(who)}.yml")
             for who in (names, names[:2])}
    declared = write(inventory(*names, "deploy", mode=mode, **everybody), "deploy.yml")
    run(paths[names])
    run(paths[names[:2]])
    assert can_log_in(server, *names) == [True, True, False]
    assert can_log_in(server, "deploy") == [True]
    run(paths[names])
    assert can_log_in(server, *names) == [True, True, True]
    run(declared)
    run(paths[names[:2]], "--prune")
    assert server.rows("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) ORDER BY 1",
                       [["carol", "deploy"]]) == [("deploy",)]
    assert can_log_in(server, "deploy") == [True]


def test_who_comes_back_has_what_it_had(server, write):
    """LOGIN returns to who had it; a run that was stopped anywhere on the way changes nothing of that."""
    server.rows("CREATE ROLE grp NOLOGIN; CREATE ROLE pal NOLOGIN")
    everybody, one = write(inventory("grp", "joe", "ann"), "all.yml"), write(inventory("ann"), "one.yml")
    both = {**inventory("ann"), "pg_users": [
        {"name": "ann"}, {"name": "grp", "state": "absent"}, {"name": "joe", "state": "absent"},
        {"name": "pal", "state": "absent"}]}
    for leaving in (one, write(both, "absent.yml")):
        apply(everybody, server)
        apply(leaving, server)
        settled(leaving, server)
        assert can_log_in(server, "grp", "joe", "ann") == [False, False, True]
        apply(everybody, server)
        settled(everybody, server)
        assert can_log_in(server, "grp", "joe", "ann") == [False, True, True]
    apply(write(both, "absent.yml"), server, "--prune", "--allow-mass-removal")
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname IN ('grp', 'joe', 'pal')") == []


STOPPED = [
    "GRANT pgcharter_disabled TO joe",
    "GRANT pgcharter_disabled TO joe; ALTER ROLE joe NOLOGIN",
    "GRANT pgcharter_disabled TO joe; ALTER ROLE joe NOLOGIN; REVOKE pgcharter_managed FROM joe",
]


@pytest.mark.parametrize("way", ["leaves", "comes back"])
@pytest.mark.parametrize("done", STOPPED, ids=["marked", "disabled", "unmarked"])
def test_a_run_that_was_stopped_while_somebody_left(done, way, server, write):
    everybody, one = write(inventory("joe", "ann"), "all.yml"), write(inventory("ann"), "one.yml")
    apply(everybody, server)
    apply(write(inventory("joe"), "joe.yml"), server)
    apply(everybody, server)
    session = server.connect("joe")
    server.rows(done)
    path = one if way == "leaves" else everybody
    apply(path, server)
    settled(path, server)
    assert can_log_in(server, "joe") == [way == "comes back"]
    assert server.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'joe'") == \
        (0 if way == "leaves" else 1)
    session.close()
