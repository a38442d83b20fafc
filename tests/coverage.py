#!/usr/bin/python3
"""Prints what the coverage build's tests reached, by folder, and holds it to tests/coverage.txt.

`./dev coverage` builds, runs unit and golden tests, and calls this. A line of coverage.txt is a
folder, the least percentage of its lines and the least percentage of its branches.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FLOORS = pathlib.Path(__file__).with_suffix(".txt")
FOLDERS = ("base", "inventory", "roles", "hba", "provisioner")


def floors():
    lines = [line.split("#")[0].split() for line in FLOORS.read_text().splitlines()]
    return {folder: (float(least), float(branches)) for folder, least, branches in filter(None, lines)}


def measured():
    """[covered lines, lines, covered branches, branches] of every file."""
    filters = [option for folder in FOLDERS for option in ("--filter", f"{folder}/")]
    done = subprocess.run(["gcovr", "--root", str(ROOT), "--object-directory", "build/coverage",
                           *filters, "--json-summary", "build/coverage/coverage.json",
                           "--exclude-unreachable-branches", "build/coverage"],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads((ROOT / "build/coverage/coverage.json").read_text())
    return {file["filename"]: [file[key] for key in ("line_covered", "line_total", "branch_covered",
                                                     "branch_total")] for file in report["files"]}


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def row(name, sums):
    return f"{name:38} {percent(*sums[:2]):6.1f} % lines {percent(*sums[2:]):6.1f} % branches"


def main():
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    files = measured()
    for name, numbers in files.items():
        path = pathlib.PurePath(name)
        for folder in {path.parts[0], str(path.parent)}:
            folders[folder] = [a + b for a, b in zip(folders[folder], numbers)]
    if "--files" in sys.argv:
        for name in sorted(files):
            print(row(name, files[name]))
    for name in sorted(folders):
        print(row(name if "/" not in name else f"  {name}", folders[name]))
    below = []
    for folder, (lines, branches) in floors().items():
        sums = folders[folder]
        if percent(*sums[:2]) < lines or percent(*sums[2:]) < branches:
            below.append(f"{folder} is below its floor of {lines} % lines, {branches} % branches")
    print("\n".join(below))
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
