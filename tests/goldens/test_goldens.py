"""Small histories come out as they were kept."""

from __future__ import annotations

import copy
import json

import pytest

from tests.goldens import update
from tests.goldens.runs import GOLDENS, Golden, differences, text


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_a_kept_history_comes_out_again(golden):
    found = list(differences(golden.kept(), golden.run()))
    advice = "if the change is meant, run `python -m tests.goldens.update` and note it in docs/forking-paths.md"
    assert not found, "\n".join([*found, advice])


def test_what_is_kept_says_something():
    """Every series was measured in some history, and varies."""
    for name in {name for golden in GOLDENS for name in golden.series}:
        values = {value for golden in GOLDENS for value in golden.kept()["series"].get(name, ())} - {None}
        assert len(values) > 1, name
    assert min(len(golden.kept()["chronicle"]) for golden in GOLDENS) > 10


def test_a_difference_is_seen():
    kept = GOLDENS[0].kept()
    assert not list(differences(kept, json.loads(text(kept))))
    came = copy.deepcopy(kept)
    came["series"]["line_regime"][2] += 1e-9
    came["series"]["bloc_size"][0] = None
    came["chronicle"][3] += "!"
    found = list(differences(kept, came))
    assert [words.split()[0] for words in found] == ["bloc_size", "line_regime", "chronicle:"]
    assert "1922-07" in found[1]
    came = copy.deepcopy(kept)
    came["series"]["line_regime"][2] += 1e-14
    del came["chronicle"][-1]
    assert len(list(differences(kept, came))) == 1


def test_updating_writes_what_came_and_reminds(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tests.goldens.runs.FOLDER", tmp_path)
    monkeypatch.setattr(update, "GOLDENS", [Golden("short", 1, 6)])
    update.main()
    assert update.REMINDER in capsys.readouterr().out
    update.main()
    assert capsys.readouterr().out == "short: as kept\n"
    assert [path.name for path in tmp_path.iterdir()] == ["short.json"]
