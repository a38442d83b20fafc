"""Memberships that are turned round: what the declarations take gives way before the grants."""
import pytest

import servers


def written(write, users, mode="additive", **more):
    return write({"pg_policy": "none", "pg_dbsu": "postgres", "pg_access_mode": mode,
                  "pg_users": users, **more})


def memberships(server):
    return server.rows("""
        SELECT DISTINCT r.rolname, u.rolname FROM pg_auth_members m
        JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
        WHERE r.rolname ~ '^[a-z]$' AND u.rolname ~ '^[a-z]$' ORDER BY 1, 2""")


def user(name, *groups):
    return {"name": name, "login": False, "roles": list(groups)}


ABSENT_B = {"name": "b", "state": "absent"}
# what is there; who is declared; the mode; what is there afterwards as (group, member)
TURNED = {
    "absent": (["b TO a"], [user("a", ABSENT_B), user("b", "a")], "additive", [("a", "b")]),
    "ended": (["b TO a"], [user("a", {"name": "b", "until": "2020-01-01"}), user("b", "a")], "additive",
              [("a", "b")]),
    "adopt": (["b TO a"], [user("a"), user("b", "a")], "adopt", [("a", "b")]),
    "strict": (["b TO a"], [user("a"), user("b", "a")], "strict", [("a", "b")]),
    "a chain": (["b TO a", "c TO b"], [user("a", ABSENT_B), user("b", "c"), user("c", "a")],
                "additive", [("a", "c"), ("c", "b")]),
    "a chain whose last link goes": (["b TO a", "c TO b"], [user("a", "b"), user("b"), user("c", "a")],
                                     "adopt", [("a", "c"), ("b", "a")]),
    "two ways": (["b TO a", "c TO a", "d TO b", "d TO c"], [user("a"), user("d", "a"), user("b", "d"),
                                                            user("c", "d")],
                 "adopt", [("a", "d"), ("d", "b"), ("d", "c")]),
    "both ways round": (["b TO a", "d TO c"], [user("a"), user("b", "a"), user("c"), user("d", "c")],
                        "adopt", [("a", "b"), ("c", "d")]),
    "what was granted by the member": (
        ["b TO a WITH ADMIN OPTION", "b TO c GRANTED BY a"], [user("a", ABSENT_B), user("b", "a"),
                                                              user("c", "b")],
        "additive", [("a", "b"), ("b", "c")]),
}


@pytest.mark.parametrize("case", TURNED)
def test_a_membership_is_turned_round(case, server, write):
    there, users, mode, wanted = TURNED[case]
    if "GRANTED BY" in str(there) and server.major < 16:
        there = there[:1] + ["b TO c"]
    server.rows("CREATE ROLE a; CREATE ROLE b; CREATE ROLE c; CREATE ROLE d")
    for grant in there:
        server.rows(f"GRANT {grant}")
    path = written(write, users, mode)
    servers.run("-i", path, "apply", "--yes", server=server)
    assert memberships(server) == wanted
    servers.run("-i", path, "plan", "--detailed-exitcode", server=server)


def test_a_creator_of_roles_turns_its_own(server, write):
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    server.rows("CREATE ROLE a; CREATE ROLE b; GRANT b TO a", user="deploy")
    path = written(write, [user("a", ABSENT_B), user("b", "a")])
    servers.run("-i", path, "--conninfo", f"pg-test={server.conninfo(user='deploy')}", "apply", "--yes")
    assert memberships(server) == [("a", "b")]


@pytest.mark.parametrize("users", [[user("a", "b"), user("b", "c"), user("c")], [user("c", "a")],
                                   [{"name": "a", "login": False}, user("b"), user("c", "a")]],
                         ids=["declared", "of nobody", "of an entry without roles"])
def test_a_circle_that_nothing_opens_is_refused(users, server, write):
    """A link that no entry takes stays: the grant is refused before the first step."""
    server.rows("CREATE ROLE a; CREATE ROLE b; CREATE ROLE c; GRANT b TO a; GRANT c TO b")
    users = [one if one["name"] != "c" else user("c", "a") for one in users]
    refused = servers.run("-i", written(write, users), "apply", "--yes", server=server, expect=3)
    assert "membership-cycle" in refused.stderr
    assert memberships(server) == [("b", "a"), ("c", "b")]
