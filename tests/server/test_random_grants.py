"""Random objects, random drift and random grants: an oracle of a page says which entries must be there.

What holds for every round: after apply the plan is empty; the entries of every ACL, read with
aclexplode, are those that were there, less what is declared absent, plus what is declared; in adopt
also less what a declared role holds and nothing declares or explains. Who granted an entry may
change (a privilege whose grantor loses it is given anew by the owner), what it gives may not.
"""
import random

import pytest

import servers
from random_objects import (ENTRIES, LOSERS, OWNERS, READERS, STRANGERS, as_set, create_objects, difference,
                            disturb, expected_after, objects_of, quoted, random_grant)

ROUNDS = 50 if servers.TEST_ALL else 10  # for each major


@pytest.fixture(scope="module", params=servers.MAJORS, ids=lambda major: f"pg{major}")
def shared(request):
    with servers.Postgres(request.param) as running:
        for role in OWNERS + STRANGERS:
            running.rows(f"CREATE ROLE {quoted(role)}")
        yield running


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_acls_are_what_is_declared(seed, shared, write):
    dice = random.Random(f"grants {seed} {shared.major}")
    mode = dice.choice(["additive", "additive", "adopt", "strict"])
    for role in READERS + LOSERS:
        if not shared.rows("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)):
            shared.rows(f"CREATE ROLE {quoted(role)}")
    shared.rows("DROP DATABASE IF EXISTS app WITH (FORCE)")
    shared.rows("CREATE DATABASE app")
    connection = shared.connect(dbname="app")
    connection.autocommit = True
    cursor = connection.cursor()
    for statement in create_objects(dice):
        cursor.execute(statement)
    cursor.execute(ENTRIES)
    things = objects_of(cursor.fetchall())
    for statement in disturb(dice, things):
        try:
            cursor.execute(statement)
        except servers.psycopg2.Error:
            pass  # somebody who may not grant: nothing happened
    cursor.execute("RESET ROLE")
    cursor.execute(ENTRIES)
    before = cursor.fetchall()
    things = objects_of(before)

    grants = [random_grant(dice, things, READERS) for _ in range(dice.randrange(1, 8))]
    grants += [random_grant(dice, things, LOSERS, "absent") for _ in range(dice.randrange(0, 4))]
    dice.shuffle(grants)
    path = write({"pg_users": [{"name": name, "login": False} for name in READERS + LOSERS],
                  "pg_databases": [{"name": "app", "grants": grants}],
                  "pg_access_mode": mode, "pg_default_privileges": []})
    options = ["--allow-mass-removal"]
    servers.run("-i", path, "apply", "--yes", *options, server=shared)
    cursor.execute(ENTRIES)
    entries = cursor.fetchall()
    wanted = expected_after(as_set(before), things, grants, mode, shared.major)
    connection.close()
    missing, extra = difference(wanted, entries)
    assert not missing and not extra, f"{mode}\nwanted {missing}\ngot {extra}\n{grants}"
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=shared,
                        expect=None)
    assert again.code == 0, again
