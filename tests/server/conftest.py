"""Fixtures of the server tests."""
import pytest

import servers


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
