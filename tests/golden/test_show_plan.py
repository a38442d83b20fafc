"""What `show FILE` prints of a saved plan is what `plan` printed, in every format."""
import json

import pytest

import run

CASES = [case for case in run.cases() if case.parent.name in ("plan", "plan-state")]
FORMATS = {"sql": "sql", "json": "json", "markdown": "md"}


def plan(case, *arguments):
    how = ["--state", "state.yml"] if case.parent.name == "plan-state" else ["--offline"]
    return run.run(case, "plan", *how, *arguments)[0]


def show(case, saved, *arguments):
    """Where there is no inventory; of the case only what concerns a terminal."""
    words = [word for word in run.lines(case / "options") if word.startswith(("-q", "--color"))]
    (saved.parent / "options").write_text("\n".join(words))
    (saved.parent / "environment").write_text("\n".join(run.lines(case / "environment")))
    return run.run(saved.parent, "show", saved, *arguments)[0]


def state_case(number):
    case, = [case for case in CASES
             if case.parent.name == "plan-state" and case.name.startswith(number)]
    return case


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_saved_plan_is_shown_as_it_was_printed(case, tmp_path):
    saved = tmp_path / "saved.json"
    verbose = ["-v"] if case.parent.name == "plan-state" else []
    shown = plan(case, *verbose, "-o", saved)
    if not saved.exists():  # errors
        return
    assert show(case, saved, *verbose) == shown
    for kind, suffix in FORMATS.items():
        expected = case / f"expect.{suffix}"
        if expected.exists():
            assert show(case, saved, "--format", kind) == expected.read_text()


def test_brief_and_whole_forms_are_both_kept(tmp_path):
    """One with many objects, secrets, withheld steps and helpers is shown in every way."""
    for case in map(state_case, ("008-", "041-", "098-", "099-", "130-a-")):
        saved = tmp_path / "saved.json"
        plan(case, "-o", saved)
        for options in ([], ["-v"], ["-q"], ["--format", "json"], ["--format", "markdown"],
                        ["--format", "sql"], ["--color", "always"]):
            assert show(case, saved, *options) == plan(case, *options), options


def test_a_damaged_file_is_a_finding_with_its_place(tmp_path):
    case = CASES[0]
    saved = tmp_path / "saved.json"
    plan(case, "-o", saved)
    text = saved.read_text()
    checksum = text[:text.index('"checksum"')].count("\n") + 1
    for spoiled, place, message in (
            (text[:len(text) // 2], "", "is truncated or not valid JSON"),
            (text.replace('"transaction": 1', '"transaction": 2', 1), f":{checksum}:3",
             "has been modified since"),
            (text.replace('"format_version": 1', '"format_version": 2'), ":2:3", "format_version 2"),
            ("DROP TABLE t;\n", ":1:1", "not a saved plan"),
            (run.run(case, "plan", "--offline", "--format", "json")[0], "", "printed, not saved"),
            ("", ":1:1", "not a saved plan")):
        saved.write_text(spoiled)
        said = run.run(tmp_path, "show", saved)[1]
        assert said.startswith(f"{saved}{place}") and message in said, said
        assert said.endswith("exit code 3\n") and "[saved-plan-invalid]" in said, said
        assert said.count("\n") <= 3, said


def test_wrong_usage(tmp_path):
    case = CASES[0]
    saved = tmp_path / "saved.json"
    plan(case, "-o", saved)
    for arguments, sentence in ((["show", saved, "-R", "a"], "not with -R or -E"),
                                (["show", saved, "-N", "nobody"], "no cluster of the saved plan matches -N"),
                                (["show", "policy"], "show takes no arguments, a saved plan"),
                                (["show", "--format", "json"], "--format goes with a saved plan")):
        said = run.run(case, *arguments)[1]
        assert sentence in said and said.endswith("exit code 64\n"), said
    said = run.run(case, "show", tmp_path / "nowhere")[1]
    assert "cannot read the plan" in said and said.endswith("exit code 1\n"), said


def test_older_files_are_shown_too(tmp_path):
    """Members that this version adds may be missing: the first format had fewer."""
    case = state_case("008-")
    saved = tmp_path / "saved.json"
    plan(case, "-o", saved)
    document = json.loads(saved.read_text())
    for target in document["targets"]:
        for member in ("set_role_is_new", "skipped", "notes_ignored"):
            del target[member]
        for step in target["steps"] + target["withheld"]:
            for member in ("connect", "undeclared", "summary", "statements", "brief", "difference"):
                step.pop(member, None)
    del document["checksum"]
    saved.write_text(run.with_checksum(document))
    said = run.run(tmp_path, "show", saved)[1]
    first = document["targets"][0]["steps"][0]["sql"].split()[0]
    assert first in said and said.endswith("exit code 0\n"), said
