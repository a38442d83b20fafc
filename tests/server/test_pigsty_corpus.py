"""Real Pigsty inventories give the rules and the access state that Pigsty's own playbooks gave.

They lie beside the checkout, in ../shared/pigsty; without that folder these tests are skipped.
"""
import collections
import functools
import json
import subprocess

import pytest
import yaml

import servers

CORPUS = servers.SHARED / "pigsty"
TOOLS = servers.SHARED / "tools"
INVENTORIES = servers.corpus("pigsty/*/inventory.yml")

Case = collections.namedtuple("Case", "inventory cluster major expected passwords")


def folder_of(path):
    return path.parent.name if path else "none"


@functools.lru_cache(None)
def dbsu_of(inventory):
    return yaml.safe_load(inventory.read_text())["all"].get("vars", {}).get("pg_dbsu", "postgres")


def state_cases():
    """A Case for each expected state of a major that is tested here."""
    cases = []
    for expected in sorted(CORPUS.glob("*/*.state-*.json")):
        cluster, major = expected.stem.split(".state-")
        if int(major) in servers.MAJORS:
            cases.append(Case(expected.with_name("inventory.yml"), cluster, int(major), expected,
                              expected.with_name(f"{cluster}.passwords.json")))
    return cases if CORPUS.exists() else servers.corpus("pigsty/*/*.state-*.json")


def name_of(case):
    if case is None:
        return "none"
    return f"{case.inventory.parent.name}-{case.cluster}-pg{case.major}"


def tool(name, *arguments):
    return subprocess.run(["/usr/bin/python3", str(TOOLS / name), *map(str, arguments)],
                          capture_output=True, text=True, timeout=servers.PATIENCE)


def assert_state(server, case, tmp_path):
    actual = tmp_path / "actual.json"
    dumped = tool("state_dump.py", server.conninfo(), "--passwords", case.passwords, "-o", actual)
    assert dumped.returncode == 0, dumped.stderr
    compared = tool("state_diff.py", case.expected, actual)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    for role, plaintext in json.loads(case.passwords.read_text()).items():
        assert role and plaintext  # a broken file would make the comparison above say nothing


@pytest.mark.parametrize("inventory", INVENTORIES, ids=folder_of)
def test_it_validates(inventory):
    servers.run("-i", inventory, "validate")


@pytest.mark.parametrize("inventory", INVENTORIES, ids=folder_of)
def test_its_hba_files_mean_what_pigsty_rendered(inventory, tmp_path):
    servers.run("-i", inventory, "render", "all", "-d", tmp_path)
    compared = tool("compare_hba.py", "--equiv", inventory.parent / "hba", tmp_path)
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.mark.parametrize("case", state_cases(), ids=name_of)
def test_apply_gives_the_state(case, new_server, tmp_path):
    server = new_server(case.major, dbsu=dbsu_of(case.inventory))
    target = {"server": server, "cluster": case.cluster}
    options = ["-i", case.inventory, "-N", case.cluster]
    servers.run(*options, "apply", "--yes", **target)
    assert_state(server, case, tmp_path)
    again = servers.run(*options, "plan", "--detailed-exitcode", **target)
    assert "no changes" in again.stdout


@pytest.mark.parametrize("case", state_cases(), ids=name_of)
def test_the_plan_as_sql_gives_the_state(case, new_server, tmp_path):
    server = new_server(case.major, dbsu=dbsu_of(case.inventory))
    script = tmp_path / "plan.sql"
    servers.run("-i", case.inventory, "-N", case.cluster, "plan", "--format", "sql",
                "--with-verifiers", "-o", script, server=server, cluster=case.cluster)
    done = server.psql_file(script)
    assert done.returncode == 0, done.stderr
    assert_state(server, case, tmp_path)
