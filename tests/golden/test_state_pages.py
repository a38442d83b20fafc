"""The pages on saved states: their files are read, and what they show is what happens."""
import re

import run

REFERENCE = (run.ROOT / "docs/reference/state.md").read_text(encoding="utf-8")
GUIDE = (run.ROOT / "docs/how-to/plan-in-ci.md").read_text(encoding="utf-8")
INVENTORY, = re.findall(r"```yaml\n# inventory\.yml\n(.*?)```", GUIDE, re.DOTALL)


def plan(folder, *arguments):
    (folder / "inventory.yml").write_text(INVENTORY)
    return run.run(folder, *arguments)[1]


def test_the_guides_plan_is_what_comes_out(tmp_path):
    state, = re.findall(r"```yaml\n# states/pg-shop\.state\.yml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "states").mkdir()
    (tmp_path / "states/pg-shop.state.yml").write_text(state)
    shown = re.findall(r"^\$ pgcharter -i inventory\.yml (plan .*)\n((?:    .*\n)*)", GUIDE, re.MULTILINE)
    assert len(shown) == 2
    for command, lines in shown:
        said = plan(tmp_path, *command.split())
        assert said.endswith("exit code 0\n")
        for line in lines.splitlines():
            assert line.strip() in said


def test_the_references_state_is_read(tmp_path):
    state, = re.findall(r"```yaml\n# pg-shop\.state\.yml\n(.*?)```", REFERENCE, re.DOTALL)
    (tmp_path / "state.yml").write_text(state)
    said = plan(tmp_path, "plan", "--state", "state.yml")
    assert "GRANT SELECT" not in said and said.endswith("exit code 0\n"), said


def test_the_reference_has_every_key_and_word():
    sources = "".join(path.read_text() for path in sorted((run.ROOT / "roles/state").glob("state_*.c")))
    keys = set(re.findall(r'^    \{ "(\w+)", (?:state_)?field_', sources, re.MULTILINE))
    words = set(re.findall(r'"(\w+)" \},$', sources, re.MULTILINE))
    assert len(keys) > 40 and "extension_member" in words
    missing = [word for word in sorted(keys | words) if not re.search(rf"\b{word}\b", REFERENCE)]
    assert missing == []
