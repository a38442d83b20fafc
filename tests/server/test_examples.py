"""The examples of docs/examples give the access states that stand beside this file.

    PGCHARTER_REGENERATE=1 ./dev server test_examples.py     rewrites them; a person reviews the diff
"""
import json
import os
import pathlib

import pytest
import servers
import yaml

STATES = pathlib.Path(__file__).with_name("examples")
MAJORS = [major for major in servers.MAJORS if major in (13, 15, 18)]


def example(name, major, tmp_path):
    """The inventory with the throwaway server's superuser and version, and its clusters."""
    mapping = yaml.safe_load((servers.ROOT / "docs/examples" / f"{name}.yml").read_text())
    mapping["all"]["vars"].update(pg_dbsu="postgres", pg_version=major)
    clusters = [group["vars"]["pg_cluster"] for group in mapping["all"]["children"].values()
                if "pg_cluster" in group.get("vars", {})]
    return servers.write_inventory(tmp_path / f"{name}.yml", mapping), clusters


def as_json(server):
    return json.loads(json.dumps(server.access_state(), default=str))


def assert_state(server, name, cluster):
    path = STATES / f"{name}.{cluster}.{server.major}.json"
    if os.environ.get("PGCHARTER_REGENERATE") == "1":
        path.parent.mkdir(exist_ok=True)
        rows = {key: [json.dumps(row) for row in value] for key, value in as_json(server).items()}
        path.write_text(json.dumps(rows, indent=1) + "\n")
    wanted = {key: [json.loads(row) for row in rows]
              for key, rows in json.loads(path.read_text()).items()}
    assert servers.difference(wanted, as_json(server)) == ""


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.parametrize("name", ["classic", "modern"])
def test_apply_gives_the_state(name, major, new_server, tmp_path):
    path, clusters = example(name, major, tmp_path)
    for cluster in clusters:
        server = new_server(major)
        target = {"server": server, "cluster": cluster}
        options = ["-i", path, "-N", cluster]
        servers.run(*options, "apply", "--yes", **target)
        assert_state(server, name, cluster)
        again = servers.run(*options, "plan", "--detailed-exitcode", **target)
        assert "no changes" in again.stdout


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.parametrize("name", ["classic", "modern"])
def test_the_plan_as_sql_gives_the_state(name, major, new_server, tmp_path):
    path, clusters = example(name, major, tmp_path)
    for cluster in clusters:
        server = new_server(major)
        script = tmp_path / f"{cluster}.sql"
        servers.run("-i", path, "-N", cluster, "plan", "--format", "sql", "--with-verifiers", "-o",
                    script, server=server, cluster=cluster)
        done = server.psql_file(script)
        assert done.returncode == 0, done.stderr
        assert_state(server, name, cluster)
