"""Short histories for the tests of runs."""

from __future__ import annotations

import pytest

from partystate.runs import single
from partystate.runs.recipe import Recipe
from tests.runs.helpers import count_events

MONTHS = 24


@pytest.fixture(scope="session")
def short() -> Recipe:
    """Two years of the reference history."""
    return Recipe(months=MONTHS)


@pytest.fixture(scope="session")
def _stored(short, tmp_path_factory):
    return single.run(short, 1, tmp_path_factory.mktemp("runs"), count_events)


@pytest.fixture
def stored(_stored, tmp_path):
    """A stored run of two years, in a folder of the test's own."""
    import shutil

    from partystate.runs import store

    folder = tmp_path / "runs" / _stored.folder.name
    shutil.copytree(_stored.folder, folder)
    return store.open_run(folder)
