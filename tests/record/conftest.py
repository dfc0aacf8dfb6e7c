"""A copy of the data folder that a test may damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from partystate import record
from partystate.foundation.problems import Problem
from partystate.record.loading import DATA


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(DATA, tmp_path_factory.mktemp("record") / "data"))


@pytest.fixture
def faults_of(shared: Path) -> Iterator[Callable[..., list[str]]]:
    """Replaces text (which must occur once) in copies of files and gives the faults of loading the copy, as text."""
    whole: dict[Path, str] = {}

    def damage(*changes: tuple[str, str, str]) -> list[str]:
        for name, old, new in changes:
            path = shared / name
            text = whole.setdefault(path, path.read_text(encoding="utf-8"))
            assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
            path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(Problem) as caught:
            record.load(shared)
        assert caught.value.exit_code == 3
        return [str(fault) for fault in caught.value.faults]

    yield damage
    for path, text in whole.items():
        path.write_text(text, encoding="utf-8")


def line_of(name: str, start: str) -> int:
    """The line of the shipped file that begins with `start`."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if line.startswith(start)]
    assert len(found) == 1, f"{len(found)} lines of {name} begin with {start!r}"
    return found[0]
