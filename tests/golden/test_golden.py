"""Every golden case as a test."""
import pytest

import run


@pytest.mark.parametrize("case", run.cases(), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden(case):
    difference = run.compare(case)
    assert difference == "", f"\n{difference}"


def test_every_case_expects_something():
    assert [case.name for case in run.cases() if not run.expected_files(case)] == []
