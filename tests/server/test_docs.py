"""What the documents show is what happens."""
import re

import pytest

import access
import objects
import servers

README = (servers.ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def readme_inventory(tmp_path):
    block, = re.findall(r"```yaml\n# inventory\.yml.*?\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "inventory.yml"
    path.write_text(block)
    return path


def test_the_readmes_inventory_is_right(readme_inventory):
    found = servers.run("-i", readme_inventory, "validate", "--strict")
    assert found.stdout == "0 errors, 0 warnings\n"
    planned = servers.run("-i", readme_inventory, "plan", "--offline")
    assert 'CREATE ROLE "analyst"' in planned.stdout


def test_the_readmes_tour_works(readme_inventory, new_server):
    target = {"server": new_server(servers.MAJORS[-1]), "cluster": "pg-shop"}
    servers.run("-i", readme_inventory, "apply", "--yes", **target)
    assert "no changes" in servers.run("-i", readme_inventory, "plan", **target).stdout


def test_the_grants_of_the_reference_work(new_server, tmp_path):
    page = (servers.ROOT / "docs/reference/grants.md").read_text(encoding="utf-8")
    block, = re.findall(r"```yaml\n# grants\.yml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "grants.yml"
    path.write_text(block)
    server = new_server(servers.MAJORS[-1])
    objects.make(server)
    servers.run("-i", path, "validate", "--strict")
    servers.run("-i", path, "apply", "--yes", server=server)
    assert "no changes" in servers.run("-i", path, "plan", server=server).stdout
    for question in ("has_column_privilege('support', 'app.orders', 'note', 'UPDATE')",
                     "has_table_privilege('analysts', 'app.inv_a', 'SELECT')",
                     "has_table_privilege('analysts', 'sales_a.t', 'SELECT')",
                     "NOT has_table_privilege('analysts', 'app.inv_pii', 'SELECT')"):
        assert server.value(f"SELECT {question}", dbname="app"), question


def test_every_kind_is_in_the_reference():
    page = (servers.ROOT / "docs/reference/grants.md").read_text(encoding="utf-8")
    table = (servers.ROOT / "inventory/model/grant_kind.def").read_text(encoding="utf-8")
    kinds = re.findall(r'^GRANT_KIND\(\w+, "(\w+)"', table, re.MULTILINE)
    assert len(kinds) == 19 and not [kind for kind in kinds if f"`{kind}`" not in page]


def test_every_command_in_the_readme_exists():
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    lines = re.findall(r"^    (\S.*)$|`([^`\n]+)`", prose, re.MULTILINE)
    code = "\n".join(blocks + ["".join(either) for either in lines])
    commands = set(re.findall(r"pgcharter (?:-i \S+ )?(?:--conninfo \S+'[^']*' )?([a-z]+)", code))
    table = (servers.ROOT / "provisioner/cli/commands.def").read_text()
    known = set(re.findall(r'^COMMAND(?:_GROUP)?\(\w+, "([a-z]+)"', table, re.MULTILINE))
    assert commands <= known, commands - known
    assert {"validate", "plan", "apply", "render", "show"} <= commands


def test_links_between_documents_lead_somewhere():
    wrong = []
    for page in [servers.ROOT / "README.md", *(servers.ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                wrong.append(f"{page.relative_to(servers.ROOT)}: {target}")
    assert wrong == []


@pytest.mark.parametrize("example", sorted(access.EXAMPLES.glob("*.yml")), ids=lambda p: p.name)
def test_the_examples_have_no_warning(example):
    assert servers.run("-i", example, "validate", "--strict").stdout == "0 errors, 0 warnings\n"


@pytest.mark.parametrize("name", ["classic", "none", "pigsty"])
def test_a_policy_is_shown_as_it_was_written(name):
    text = (servers.ROOT / f"templates/policies/{name}.yml").read_text(encoding="utf-8")
    assert servers.run("show", "policy", name).stdout == text


def test_the_guide_to_leaving_is_what_happens(tmp_path, new_server):
    """Its files are written, its statements run, and each line it shows of an answer is in the answer."""
    guide = (servers.ROOT / "docs/how-to/leaving.md").read_text(encoding="utf-8")
    server = new_server(servers.MAJORS[-1])
    shown = 0
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", guide, re.DOTALL | re.MULTILINE):
        if kind == "yaml":
            (tmp_path / "inventory.yml").write_text(block)
        elif kind == "sql":
            server.rows(block, dbname="shop")
        else:
            for command, answer in re.findall(r"^\$ pgcharter (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
                done = servers.run(*command.split(), server=server, cluster="pg-shop", cwd=tmp_path)
                for line in answer.splitlines():
                    assert line.strip() in done.stdout, (command, line, done)
                    shown += 1
    assert shown > 10
