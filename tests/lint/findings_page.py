#!/usr/bin/python3
"""Writes docs/reference/findings.md from the tables FOLDER/findings.def.

The page is generated whole, so that every id has its line there and no line outlives its id;
test_words.py fails when the two differ.
"""
import collections
import re

import tree

PAGE = tree.ROOT / "docs/reference/findings.md"
ROW = re.compile(r'^FINDING\(\s*(\w+),\s*"([^"]*)",\s*(\w+),\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)',
                 re.MULTILINE)
Row = collections.namedtuple("Row", "folder name id severity summary")
HEADINGS = {"base": "Any file", "inventory": "The inventory",
            "roles": "Roles and privileges (reported by plan and apply)", "hba": "HBA rules",
            "provisioner": "Servers and commands"}
HEAD = """# Findings

What `validate`, `plan` and `apply` report about an inventory. Every finding has a place
(file, line, column), a severity and one of the ids below. An *error* refuses the run with exit
code 3, or 4 where a safety rule refuses; a *warning* does so only with `--strict`; an *info* never does.

This page is written by `tests/lint/findings_page.py` from the tables that the program is built
from.
"""


def rows():
    found = []
    for folder in tree.FOLDERS:
        table = tree.ROOT / folder / "findings.def"
        if not table.exists():
            continue
        content = table.read_text(encoding="utf-8")
        matches = ROW.findall(content)
        assert len(matches) == len(re.findall(r"^FINDING\(", content, re.MULTILINE)), \
            f"{folder}/findings.def has a row that is not FINDING(NAME, \"id\", SEVERITY, \"text\")"
        for name, ident, severity, summary in matches:
            text = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', summary))
            found.append(Row(folder, name, ident, severity.lower(), text.replace('\\"', '"')))
    return found


def render():
    out = [HEAD]
    for folder in tree.FOLDERS:
        mine = sorted((row for row in rows() if row.folder == folder), key=lambda row: row.id)
        if not mine:
            continue
        out.append(f"\n## {HEADINGS[folder]}\n\n| id | severity | when |\n|---|---|---|\n")
        for row in mine:
            summary = row.summary.replace("|", "\\|")
            severity = "error (exit 4)" if row.severity == "refusal" else row.severity
            out.append(f"| `{row.id}` | {severity} | {summary} |\n")
    return "".join(out)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
