"""docs/reference/commands.md is what the program's own tables say."""
import os
import pathlib
import subprocess

import tree

PROGRAM = pathlib.Path(os.environ.get("PGCHARTER_BIN") or tree.ROOT / "build/dev/pgcharter")
PAGE = tree.ROOT / "docs/reference/commands.md"


def pgcharter(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands():
    """Every command and group, from the headings of the reference."""
    return [line.removeprefix("## pgcharter ")
            for line in pgcharter("help", "--format", "markdown").splitlines()
            if line.startswith("## pgcharter ")]


def test_the_reference_is_what_the_tables_say():
    assert PAGE.read_text(encoding="utf-8") == pgcharter("help", "--format", "markdown"), \
        "run: build/dev/pgcharter help --format markdown >docs/reference/commands.md"


def test_help_has_at_most_80_columns():
    texts = [pgcharter("help")] + [pgcharter("help", *name.split()) for name in commands()]
    wide = [line for text in texts for line in text.splitlines() if len(line) > 80]
    assert len(texts) > 12 and not wide, "\n".join(wide)


def test_help_and_the_option_say_the_same():
    assert pgcharter("--help") == pgcharter("help") == pgcharter("-h")
    for name in commands():
        if name != "help":
            assert pgcharter(*name.split(), "--help") == pgcharter("help", *name.split()), name


def test_every_command_has_a_sentence_and_an_example():
    for name in commands():
        text = pgcharter("help", *name.split())
        usage, sentence = text.split("\n\n")[:2]
        assert usage.startswith(f"Usage: pgcharter {name}") and sentence.endswith("."), text
        assert "\nExample:\n  pgcharter " in text, text
