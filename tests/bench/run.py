#!/usr/bin/python3
"""Measures the program against a yardstick on this machine, in one run, and prints the ratio.

  tests/bench/run.py [NAME]...

A number means something only beside the yardstick that ran just before it; no test asserts one.
"""
import pathlib
import sys
import tempfile

import apply_one_grant
import apply_tables
import apply_users
import fleet
import on_files
import plan_tables
import rivals

BENCHES = {
    "lint": on_files.lint_10000_rules,
    "validate": on_files.validate_10000_users,
    "render": on_files.render_1000_instances,
    "plan": plan_tables.plan_100000_tables,
    "fleet": fleet.plan_64_targets,
    "apply": apply_tables.apply_20000_tables,
    "trips": apply_one_grant.apply_one_grant,
    "users": apply_users.apply_10000_users,
    "rivals": rivals.plan_beside_rivals,
}


def main(arguments):
    unknown = set(arguments) - set(BENCHES)
    if unknown:
        sys.exit(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    for name in arguments or BENCHES:
        with tempfile.TemporaryDirectory() as folder:
            BENCHES[name](pathlib.Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
