"""Changing any part of the run key gives a new key; changing nothing but its spelling does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partystate.runs import keys
from partystate.runs.recipe import Fork, Recipe

PARTS = {
    "model": "a",
    "record": "b",
    "parameters": {"p.q": {"low": 0.1, "high": 0.2, "layer": "default"}},
    "scenario": {"systems": {"off": ["S01"]}},
    "scale": 200,
    "seed": 1,
    "months": 234,
    "sectors": ["power"],
    "parent": {"key": "c", "month": "1928-01"},
}
OTHER = {
    "model": "A",
    "record": "B",
    "parameters": {"p.q": {"low": 0.1, "high": 0.20000000000000004, "layer": "default"}},
    "scenario": {"systems": {"off": ["S02"]}},
    "scale": 1,
    "seed": 2,
    "months": 233,
    "sectors": ["power", "industry"],
    "parent": {"key": "c", "month": "1928-02"},
}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_matters(part):
    assert keys.run_key(**{**PARTS, part: OTHER[part]}).digest != keys.run_key(**PARTS).digest


def test_having_a_parent_matters():
    assert keys.run_key(**{**PARTS, "parent": None}).digest != keys.run_key(**PARTS).digest


def test_spelling_does_not_matter():
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in PARTS.items()}
    assert keys.run_key(**turned).digest == keys.run_key(**PARTS).digest


def test_any_change_of_a_file_is_another_version(tmp_path):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a = 1\n")
    two.write_text("b = 1\n")
    files = [("one.py", one), ("two.py", two)]
    before = keys.files_version(files)
    assert keys.files_version(reversed(files)) == before
    assert keys.files_version(files[:1]) != before
    assert keys.files_version([("other.py", one), files[1]]) != before
    one.write_bytes(b"a = 1\r\n")
    assert keys.files_version(files) == before, "line ends differ between systems"
    one.write_text("a = 2\n")
    assert keys.files_version(files) != before


def test_the_model_version_covers_floors_one_to_five():
    assert keys.MODEL_FLOORS == ("foundation", "record", "model", "mechanisms", "engine")
    assert len(keys.model_version()) == 64


def test_every_part_of_a_recipe_reaches_the_key(short):
    key = short.built().key(1).digest
    others = {
        "seed": short.built().key(2),
        "months": replace(short, months=25).built().key(1),
        "scale": replace(short, scale=100).built().key(1),
        "scenario": replace(short, text='[systems]\noff = ["S01"]\n').built().key(1),
        "title": replace(short, text='title = "other words"\n').built().key(1),
        "lever": replace(short, text='[[levers]]\nat = "1923-01"\nremove = "Trotsky"\n').built().key(1),
        "parameter": replace(short, overrides=((_parameter(), 0.5),)).built().key(1),
        "parent": replace(short, fork=Fork(short, 12)).built().key(1),
        "month of the fork": replace(short, fork=Fork(short, 13)).built().key(1),
    }
    assert len({key, *(other.digest for other in others.values())}) == len(others) + 1


def test_what_is_the_same_has_the_same_key(short):
    from partystate.engine.runner import SAMPLE_WEIGHT

    key = short.built().key(1).digest
    assert replace(short, text="# nothing but a remark\n", where="other.toml").built().key(1).digest == key
    assert replace(short, scale=SAMPLE_WEIGHT).built().key(1).digest == key
    assert replace(short, only="power").built().key(1).digest == key, "no other sector is built yet"


def test_a_recipe_survives_a_manifest(short):
    import json
    from dataclasses import asdict

    child = replace(short, fork=Fork(replace(short, overrides=((_parameter(), (0.1, 0.2)),)), 12), text="# x\n")
    assert Recipe.from_data(json.loads(json.dumps(asdict(child)))) == child


def _parameter() -> str:
    from partystate import record

    return next(iter(record.load().parameters))
