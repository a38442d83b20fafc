#!/usr/bin/python3
"""Golden cases: a folder each, what goes in and what must come out.

  findings/NNN-sentence/   inventory.yml                expect.txt
  plan/NNN-sentence/       inventory.yml                expect.{txt,sql,json,md}
  plan-state/NNN-sentence/ inventory.yml, state.yml     expect.txt
  hba/NNN-sentence/        inventory.yml                expect/<instance>.pg_hba.conf ...
  hba-lint/NNN-sentence/   inventory.yml                expect.{txt,json}

`validate`, `plan --offline`, `plan -v --state state.yml`, `render all -d` and `hba lint -v` run in the case's
folder; expect.txt holds what they said and their exit code. A file `options` holds further options of the
command, one a line, and a file `environment` variables, NAME=VALUE; where there is a file `saved`,
expect.preconditions.txt says what the steps of the saved plan start from. A file `vault-password` is
made private first.

  tests/golden/run.py                       compare (as ./dev test does, through pytest)
  tests/golden/run.py --regenerate [CASE]   rewrite what is expected; a person reviews the diff
"""
import difflib
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM = pathlib.Path(os.environ.get("PGCHARTER_BIN") or ROOT / "build/dev/pgcharter")
ENVIRONMENT = {"PATH": os.defpath, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
               "G_SLICE": "always-malloc"}


def lines(path):
    return [line for line in path.read_text().split("\n") if line] if path.exists() else []


def environment_of(case):
    return dict(line.split("=", 1) for line in lines(case / "environment"))


def run(case, *arguments):
    """(what it printed to stdout, what it said: stdout, stderr and exit code)."""
    for secret in case.glob("vault-password*"):  # git keeps no mode
        secret.chmod(0o600)
    done = subprocess.run([str(PROGRAM), "-i", "inventory.yml", *arguments, *lines(case / "options")],
                          cwd=case, env={**ENVIRONMENT, **environment_of(case)}, capture_output=True,
                          text=True, timeout=600)
    assert "Sanitizer" not in done.stderr and "runtime error:" not in done.stderr, done.stderr
    return done.stdout, f"{done.stdout}{done.stderr}exit code {done.returncode}\n"


def with_checksum(document):
    """The text of a saved plan, as the program writes it."""
    head = json.dumps(document, indent=2, ensure_ascii=False).removesuffix("\n}")
    return f'{head},\n  "checksum": "{hashlib.sha256(head.encode()).hexdigest()}"\n}}\n'


def findings(case):
    return {"expect.txt": run(case, "validate")[1]}


def plan(case):
    out = {"expect.txt": run(case, "plan", "--offline")[1]}
    for kind, suffix in (("sql", "sql"), ("json", "json"), ("markdown", "md")):
        stdout = run(case, "plan", "--offline", "--format", kind)[0]
        if stdout:
            out[f"expect.{suffix}"] = stdout
    return out


def preconditions(case):
    """What each step of a saved plan starts from on the server."""
    with tempfile.TemporaryDirectory() as folder:
        saved = pathlib.Path(folder) / "saved.plan"
        run(case, "plan", "--state", "state.yml", "-o", saved)
        steps = [step for target in json.loads(saved.read_text())["targets"] for step in target["steps"]]
    return "".join(f"{step['sql']}\n    {step['rests_on']}\n" for step in steps)


def plan_state(case):
    out = {"expect.txt": run(case, "plan", "-v", "--state", "state.yml")[1]}
    if (case / "saved").exists():
        out["expect.preconditions.txt"] = preconditions(case)
    return out


def hba(case):
    with tempfile.TemporaryDirectory() as folder:
        said = run(case, "render", "all", "-d", folder)[1]
        out = {f"expect/{path.name}": path.read_text() for path in pathlib.Path(folder).iterdir()
               if path.suffix == ".conf" or path.name.endswith(".useropts.txt")}
    if said != "exit code 0\n":
        out["expect.txt"] = said.replace(folder, "DIR")
    return out


def hba_lint(case):
    return {"expect.txt": run(case, "hba", "lint", "-v")[1],
            "expect.json": run(case, "hba", "lint", "--format", "json")[0]}


KINDS = {"findings": findings, "plan": plan, "plan-state": plan_state, "hba": hba, "hba-lint": hba_lint}


def cases():
    return sorted(path.parent for kind in KINDS for path in HERE.glob(f"{kind}/*/inventory.yml"))


def expected_files(case):
    return [path for path in [*case.glob("expect.*"), *case.glob("expect/*")] if path.is_file()]


def compare(case):
    """How what came out differs from what is expected; '' when it does not."""
    actual = KINDS[case.parent.name](case)
    expected = {str(path.relative_to(case)): path.read_text() for path in expected_files(case)}
    out = []
    for name in sorted(set(actual) | set(expected)):
        out += difflib.unified_diff(expected.get(name, "").splitlines(keepends=True),
                                    actual.get(name, "").splitlines(keepends=True),
                                    f"{case.name}/{name}", "what came out")
    return "".join(out)


def regenerate(case):
    for path in expected_files(case):
        path.unlink()
    for name, content in KINDS[case.parent.name](case).items():
        (case / name).parent.mkdir(exist_ok=True)
        (case / name).write_text(content)


def main(arguments):
    rewrite = arguments[:1] == ["--regenerate"]
    only = arguments[1:] if rewrite else arguments
    chosen = [c for c in cases() if not only or c.name in only or str(c.relative_to(HERE)) in only]
    failed = 0
    for case in chosen:
        if rewrite:
            regenerate(case)
            continue
        difference = compare(case)
        failed += difference != ""
        sys.stdout.write(difference)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
