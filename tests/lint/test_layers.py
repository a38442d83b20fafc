"""The house stands: include directions, homes of foreign headers, headers that compile alone."""
import fnmatch
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import tree


def read_layers():
    folders, everywhere, foreign = {}, set(), {}
    for number, line in enumerate(tree.LAYERS.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "everywhere":
            everywhere.update(words[1:])
            continue
        assert words[0] in ("folder", "foreign") and words[2] == "->", f"layers.txt:{number}"
        (folders if words[0] == "folder" else foreign)[words[1]] = words[3:]
    return folders, everywhere, foreign


FOLDER_MAY, EVERYWHERE, FOREIGN = read_layers()


def may_include(room):
    """What the row of a room allows; NAME/* there is the folder NAME with all its rooms."""
    allowed = {room}
    for name in FOLDER_MAY[room]:
        above = name.removesuffix("/*")
        allowed |= {other for other in FOLDER_MAY if other == above or
                    name != above and other.startswith(above + "/")}
    return allowed


def test_layers_names_every_folder_of_the_program():
    rooms = {str(path.parent) for path in tree.sources(".c", ".h", ".def")}
    assert sorted(FOLDER_MAY) == sorted(rooms | set(tree.FOLDERS))


def test_no_arrow_leads_back():
    """Rows stand below all that they may include, so the rooms have an order and no circle."""
    order = list(FOLDER_MAY)
    wrong = [f"{room} stands above {other}, which it may include"
             for room in order for other in may_include(room) - {room}
             if order.index(other) > order.index(room)]
    assert not wrong, "\n".join(wrong)


def test_a_folder_includes_only_those_below_it():
    wrong = []
    for path in tree.sources(".c", ".h", ".def"):
        room = str(path.parent)
        for line, kind, name in tree.includes(path):
            if kind != '"' or name in EVERYWHERE:
                continue
            target = name.rpartition("/")[0]
            if target not in FOLDER_MAY:
                wrong.append(f'{path}:{line}: "{name}" is not named from the root')
            elif target not in may_include(room):
                wrong.append(f"{path}:{line}: {room} may not include {name}")
    assert not wrong, "\n".join(wrong)


def test_a_foreign_header_stays_at_home():
    wrong = []
    for path in tree.sources(".c", ".h"):
        for line, _, name in tree.includes(path):
            for pattern, homes in FOREIGN.items():
                if fnmatch.fnmatchcase(name, pattern) and \
                        not any(fnmatch.fnmatchcase(str(path), home) for home in homes):
                    wrong.append(f"{path}:{line}: {name} belongs to {' '.join(homes)}")
    assert not wrong, "\n".join(wrong)


def test_own_header_comes_first():
    wrong = []
    for path in tree.sources(".c"):
        own = path.with_suffix(".h")
        found = tree.includes(path)
        if (tree.ROOT / own).exists() and found and found[0][2] != str(own):
            wrong.append(f"{path}: the first include is not {own}")
    assert not wrong, "\n".join(wrong)


def test_headers_say_pragma_once():
    wrong = [str(p) for p in tree.sources(".h") if "#pragma once" not in tree.text(p)]
    assert not wrong, "\n".join(wrong)


def test_each_header_compiles_alone():
    flags = tree.compile_flags()

    def compile_alone(header):
        done = subprocess.run(["gcc", *flags, "-fsyntax-only", "-x", "c", "-"], cwd=tree.ROOT,
                              input=f'#include "{header}"\n', capture_output=True, text=True)
        return f"{header}:\n{done.stderr}" if done.returncode else None

    with ThreadPoolExecutor(4) as pool:
        wrong = [w for w in pool.map(compile_alone, tree.sources(".h")) if w]
    assert not wrong, "\n".join(wrong)


def test_each_unit_test_mirrors_a_folder():
    wrong = [str(p) for p in tree.tracked("tests/unit/test_*.c", "tests/unit/**/test_*.c")
             if str(pathlib.PurePath(*p.parts[2:-1])) not in FOLDER_MAY]
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__]))
