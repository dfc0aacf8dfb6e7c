"""The command line, called in this process, with runs kept in a folder of the test's own."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from partystate.app.cli import run_command


@dataclass(frozen=True)
class Answer:
    """What a command wrote and the code it left with."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Where the commands of a test keep their runs; also the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTYSTATE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def partystate(runs, capsys):
    """Call it with a command line; returns an Answer."""

    def call(line: str | list[str]) -> Answer:
        capsys.readouterr()
        code = run_command(line.split() if isinstance(line, str) else line)
        written = capsys.readouterr()
        assert "Traceback" not in written.out + written.err
        return Answer(code, written.out, written.err)

    return call
