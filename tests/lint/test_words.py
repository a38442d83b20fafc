"""Words that may not stand in the tree, and tables that the documentation follows."""
import re

import findings_page
import tree

# unbounded writes, hidden state, locale-bound or error-blind conversions, and a shell
BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol", "atoll",
          "system", "popen", "alloca", "setjmp", "longjmp", "tmpnam", "mktemp")
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
# Phrases that stop a native speaker, each with what to write instead. Prose only: strings, comments, docs.
PHRASES = {
    r"(?<!here )(?<!There )\bis no (?!longer\b|more\b|one\b)\w": "is not a ...",
    r"\bat the most\b": "at most",
    r"\b(is|are|be|was) told\b": "is reported, is named, is known",
    r"\btold (of|by|apart|from)\b": "reported by, distinguished from",
    r"\bbehind the\b": "after the",
    r"\b[Hh]e (is|may|has|was|will)\b": "the role, the session, they",
    r"\bthe world failed\b": "environment error",
    r"\bleavers?\b": "removed role",
    r"\bin vain\b": "unnecessarily, without success",
    r"\b[Ss]o many [a-z ]*at (once|the most)\b": "upper bound on ..., in parallel",
}
UNFINISHED = re.compile(r"\b(TO" "DO|FIX" "ME|X" "XX|HA" "CK)\\b")
TEXT_FILES = ("*.c", "*.h", "*.def", "*.py", "*.sh", "*.cmake", "*.sql", "*.yml", "*.md", "*.txt",
              "*.json", "dev", ".ci/run")


def lines_matching(pattern, path, content):
    return [f"{path}:{number}: {line.strip()}"
            for number, line in enumerate(content.splitlines(), 1) if pattern.search(line)]


def test_no_banned_function_is_called():
    wrong = []
    for path in tree.sources(".c", ".h"):
        wrong += lines_matching(CALL, path, tree.code(path))
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_for_later():
    wrong = []
    for path in tree.tracked(*TEXT_FILES):
        wrong += lines_matching(UNFINISHED, path, tree.text(path))
    assert not wrong, "\n".join(wrong)


def test_no_phrase_stops_a_reader():
    wrong = []
    for path in tree.tracked("*.c", "*.h", "*.def", "docs/*.md", "docs/**/*.md", "README.md", "HACKING.md",
                             "templates/*.yml", "templates/**/*.sql"):
        if path.parts[0] == "tests":
            continue
        for phrase, instead in PHRASES.items():
            wrong += [f"{line}  (write: {instead})"
                      for line in lines_matching(re.compile(phrase), path, tree.text(path))]
    assert not wrong, "\n".join(wrong)


def test_text_is_utf8_without_tabs_or_trailing_blanks():
    wrong = []
    for path in tree.tracked("*.c", "*.h", "*.def", "*.py", "*.cmake", "dev", "CMakeLists.txt"):
        wrong += lines_matching(re.compile(r"\t|[ \t]+$"), path, tree.text(path))
    assert not wrong, "\n".join(wrong)


def test_lines_of_python_and_shell_have_at_most_110_columns():
    wrong = []
    for path in tree.tracked("*.py", "*.sh", "dev"):
        wrong += lines_matching(re.compile(r"^.{111,}"), path, tree.text(path))
    assert not wrong, "\n".join(wrong)


def test_finding_ids_are_unique_and_well_formed():
    seen = {}
    for row in findings_page.rows():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id), row
        assert row.id not in seen, f"{row.id} is in {row.folder} and {seen[row.id]}"
        seen[row.id] = row.folder


def test_each_finding_has_its_line_in_the_reference():
    assert findings_page.PAGE.read_text(encoding="utf-8") == findings_page.render(), \
        "docs/reference/findings.md is not what the tables say; run tests/lint/findings_page.py"
