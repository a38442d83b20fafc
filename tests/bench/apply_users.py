"""Applying many new users, beside psql with the same statements and passwords in plain text."""
import re

import measure
import servers
import yaml

USERS = 10000


def inventory(users):
    groups = [{"name": f"group_{i:02}", "login": False} for i in range(20)]
    users = [{"name": f"user_{i:05}", "password": f"Password.{i}", "connlimit": i % 50 + 1,
              "roles": [f"group_{i % 20:02}", f"group_{(i + 7) % 20:02}"]} for i in range(users)]
    return servers.inventory({"pg_users": groups + users})


def plain_script(sql):
    """The program's own statements in one transaction, each verifier replaced by its password."""
    lines = [line for line in sql.splitlines()
             if line not in ("BEGIN;", "COMMIT;") and not line.startswith("\\")]
    text = re.sub(r"(ALTER ROLE \"user_(\d+)\" .*PASSWORD ')SCRAM-SHA-256\$[^']*'",
                  lambda match: f"{match[1]}Password.{int(match[2])}'", "\n".join(lines))
    assert text.count("'Password.") == USERS, "every user's password is in the script"
    return text + "\n"


def apply_10000_users(folder):
    before, path = folder / "before.yml", folder / "users.yml"
    for file, users in ((before, 0), (path, USERS)):
        file.write_text(yaml.dump(inventory(users), Dumper=yaml.CSafeDumper, sort_keys=False))
    verifiers, script = folder / "verifiers.sql", folder / "plain.sql"
    best = [float("inf"), float("inf")]
    for _ in range(3):
        for side in range(2):
            with measure.server() as running:
                target = measure.target(running)
                measure.program("-i", before, *target, "apply", "--yes")
                if not script.exists():
                    measure.program("-i", path, *target, "plan", "--format", "sql",
                                    "--with-verifiers", "-o", verifiers)
                    script.write_text(plain_script(verifiers.read_text()))
                sides = (lambda: measure.program("-i", path, *target, "apply", "--yes"),
                         lambda: measure.psql(running, script, "-1"))
                best[side] = min(best[side], measure.fastest(sides[side], rounds=1)[0])
                assert running.value("SELECT count(*) FROM pg_authid WHERE rolname ~ '^user_'"
                                     " AND rolpassword ~ '^SCRAM'") == USERS
    measure.report(f"apply {USERS:,} new users with memberships and passwords", "at most 1.05x",
                   best[0], best[1], "psql -1 -f with the same statements", f"{best[0] / best[1]:.2f}x")
