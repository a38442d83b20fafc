"""Fixtures of the server tests."""
import collections
import os
import zlib

import pytest

import servers


def major_of(item):
    """The version that the test runs on by its parameters; None: it chooses itself."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return next((parameters[name] for name in ("major", "server")
                 if parameters.get(name) in servers.MAJORS), None)


def chosen(name, majors):
    """One of the versions, another one for another test."""
    return majors[zlib.crc32(name.encode()) % len(majors)]


def pytest_collection_modifyitems(config, items):
    """Without --all each test runs on one version, and all tests together on six."""
    if servers.TEST_ALL or "PGCHARTER_MAJORS" in os.environ:
        return
    majors = {}
    for item in items:
        if major_of(item) is not None:
            majors.setdefault(item.location[2].split("[")[0], set()).add(major_of(item))
    kept, left_out = [], []
    for item in items:
        name = item.location[2].split("[")[0]
        runs = major_of(item) is None or major_of(item) == chosen(name, sorted(majors[name]))
        (kept if runs else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(params=servers.MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    """A fresh server of each major, on a socket."""
    with servers.Postgres(request.param) as running:
        yield running


@pytest.fixture(params=servers.MAJORS, ids=lambda major: f"pg{major}")
def major(request):
    return request.param


@pytest.fixture
def new_server():
    """A factory of further servers, all taken down with the test."""
    made = []

    def make(*arguments, **options):
        made.append(servers.Postgres(*arguments, **options))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.remove()


@pytest.fixture
def write(tmp_path):
    """Writes an inventory of one cluster and gives its path."""
    def write_one(variables, name="inventory.yml", **more):
        return servers.write_inventory(tmp_path / name, servers.inventory(variables, **more))
    return write_one


MODES = ("additive", "adopt", "strict")


def pytest_terminal_summary(terminalreporter):
    """What random worlds covered: how often an apply with it ended well, additive/adopt/strict."""
    counts = collections.Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, rows in report.user_properties:
            for what, mode, session, count in rows if name == "covered" else []:
                counts[what, mode, session] += count
    if not counts:
        return
    sessions = sorted({session for _, _, session in counts})
    terminalreporter.write_sep("=", "covered by random worlds: additive/adopt/strict")
    terminalreporter.write_line(" " * 20 + "".join(f"{session:>20}" for session in sessions))
    for what in sorted({what for what, _, _ in counts}):
        cells = ["/".join(str(counts[what, mode, session]) for mode in MODES) for session in sessions]
        terminalreporter.write_line(f"{what:20}" + "".join(f"{cell:>20}" for cell in cells))
