"""Laws over random worlds: grown servers, five kinds of session role, inventories that follow each other.

What holds after every apply that ends with 0: the next plan is empty; the ACL entries, owners and
memberships are exactly those of the oracle, unless a warning says what a session without a superuser's
rights leaves; and who left cannot log in, or with --prune is gone. A refused apply (3, 4) has changed
nothing. Nothing ever ends with 1.
"""
import collections
import random

import pytest

import random_worlds as worlds
import servers
from random_objects import ENTRIES, as_set, difference, expected_after, objects_of

ROUNDS = 2000 if servers.TEST_ALL else 100  # of all majors together
OPTIONS = ["--allow-mass-removal", "--init"]


class Round:
    """One world with the three inventories that it lives through."""

    def __init__(self, seed, major, write):
        self.dice = random.Random(f"world {seed}")
        self.major, self.write, self.number = major, write, 0
        self.session = self.dice.choice([*worlds.SESSIONS])
        self.covered = collections.Counter()  # (what, mode, session) of applies that ended with 0

    def entries(self):
        return self.server.rows(ENTRIES, dbname="app")

    def run(self, *arguments):
        return servers.run("-i", self.path, "--conninfo", f"pg-test={self.server.conninfo(user=self.user)}",
                           *arguments, expect=None, program=servers.RELEASE_PROGRAM)

    def marked(self):
        return {row[0] for row in self.server.rows(
            "SELECT m.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON"
            " m.oid = a.member WHERE g.rolname IN ('pgcharter_managed', 'pgcharter_disabled')")}

    def memberships(self):
        return {tuple(row) for row in self.server.rows(worlds.MEMBERSHIPS, {"roles": worlds.PEOPLE})}

    def look(self):
        """Everything that the oracle starts from, or is compared with."""
        roles = dict(self.server.rows("SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = ANY (%s)",
                                      (worlds.EVERYBODY,)))
        return {"entries": self.entries(), "roles": roles, "memberships": self.memberships(),
                "marked": self.marked()}

    def live(self):
        with servers.Postgres(self.major) as self.server:
            self.user, self.others = worlds.build(self.dice, self.server, self.session)
            for self.number in range(3):
                self.apply_next()

    def apply_next(self):
        things = objects_of(self.entries())
        self.variables = worlds.random_inventory(self.dice, things, self.session, self.others)
        self.path = self.write(self.variables, f"{self.number}.yml")
        prune = ["--prune"] if self.number and self.session in worlds.POWERFUL and self.dice.random() < 0.4 \
            else []
        before, state = self.look(), self.server.access_state()
        done = self.run("apply", "--yes", *OPTIONS, *prune)
        assert done.code in (0, 3, 4), (self.session, self.others, done)
        if done.code != 0:
            assert servers.difference(state, self.server.access_state()) == "", done
            assert done.code == 3 or self.session not in worlds.POWERFUL, done
            return
        for what in worlds.things_said(self.variables, prune):
            self.covered[what, self.variables["pg_access_mode"], self.session] += 1
        again = self.run("plan", "--detailed-exitcode", *OPTIONS, *prune)
        assert again.code == 0, (self.session, done, again)
        left_alone = any(f"[{word}]" in done.stdout for word in ("undeclared-kept", "grantor-cannot-revoke"))
        if self.session in worlds.POWERFUL or not left_alone:
            self.compare(before, self.look(), prune, done)

    def compare(self, before, after, prune, done):
        declared = {user["name"] for user in self.variables["pg_users"]}
        mode = self.variables["pg_access_mode"]
        left = {name for name in before["marked"] & set(worlds.EVERYBODY)
                if name not in declared and mode != "additive"}
        gone = left if prune else set()
        story = (self.session, mode, prune, self.variables, done)

        assert not gone & set(after["roles"]), story
        assert not any(after["roles"][name] for name in left - gone), story
        wanted = worlds.memberships_after(before["memberships"], self.variables, left)
        assert after["memberships"] == {(g, m) for g, m in wanted if not {g, m} & gone}, story
        self.compare_entries(before, after, left, gone, mode, declared, story)

    def compare_entries(self, before, after, left, gone, mode, declared, story):
        things = objects_of(before["entries"])
        members = {tuple(row) for row in self.server.rows(worlds.MEMBERS, dbname="app")}
        owned = {tuple(row[:2]): row[2] for row in self.server.rows(worlds.OWNED, dbname="app")}
        owners = worlds.owners_after(things, self.variables, members, owned)
        moved = [(*thing[:4], owners[thing]) for thing in things]
        wanted = expected_after(worlds.move_owners(as_set(before["entries"]), owners), moved,
                                self.variables["pg_databases"][0]["grants"], mode, self.major,
                                managed=declared, others=set(worlds.EVERYBODY) - left)
        wanted = {key: option for key, option in wanted.items() if key[6] not in gone}
        missing, extra = difference(wanted, after["entries"])
        assert not missing and not extra, f"wanted {missing}\ngot {extra}\n{story}"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_world_is_what_its_inventories_say(seed, write, record_property):
    world = Round(seed, servers.MAJORS[seed % len(servers.MAJORS)], write)
    world.live()
    record_property("covered", [[*key, count] for key, count in world.covered.items()])
