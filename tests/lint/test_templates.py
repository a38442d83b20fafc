"""Each query says what it answers, and says it of columns that it has."""
import re

import pytest

import tree

QUERIES = sorted((tree.ROOT / "templates/catalog").glob("*.sql"))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_head_of_a_query_says_what_it_answers(path):
    lines = path.read_text().splitlines()
    head = [line for line in lines if re.match("-- rows?: ", line)]
    assert head, f"{path.name}: the head has no line \"-- rows: COLUMN, ...\" (answer.h)"
    first = next(at for at, line in enumerate(lines) if not line.startswith("--"))
    assert head[-1] in lines[:first], f"{path.name}: such a line stands below the head"
    columns = ", ".join(line.split(": ", 1)[1].rstrip(",") for line in head).split(", ")
    body = "\n".join(line for line in lines if not line.startswith("--"))
    missing = [column for column in columns
               if not re.search(rf"\b{re.split('[ ?]', column)[0]}\b", body)]
    assert not missing, f"{path.name}: {missing} is nowhere in the query"
