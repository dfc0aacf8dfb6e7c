"""`partystate ask`: the list, an answer end to end, the second asking, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partystate.analysis import question

USAGE, DATA = 2, 3
SMALL = """
main = "leads"
outcomes = ["leads", "rivals_out"]
until = "1930-01"
[[arms]]
name = "no ban"
title = "No ban on factions"
systems.off = ["S03"]
[under]
arm = "no ban"
readings = []
[limits]
texts = ["Three histories tell nothing."]
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """One question of one arm, in place of the shipped ones."""
    folder = tmp_path / "questions"
    folder.mkdir()
    (folder / "Q06.toml").write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(question, "FOLDER", folder)
    question.load.cache_clear()
    yield
    question.load.cache_clear()


def test_the_list_says_what_can_be_answered_and_what_each_other_question_waits_for(partystate):
    answer = partystate("ask --json")
    assert answer.code == 0
    assert len(answer.json) == 38
    for row in answer.json:
        assert row["answerable"] != bool(row["waits_for"])
    words = partystate("ask").out
    assert "Q01  How far did the post of General Secretary" in words
    assert "Q22  How far was the Terror controlled from the centre?" in words


@pytest.mark.slow
def test_a_question_is_answered_and_remembered(partystate, runs, small):
    line = "ask Q06 --runs 3 --workers 1"
    first = partystate(f"{line} --json")
    assert first.code == 0
    assert "6 of 6 runs" in first.err
    data = first.json
    assert len(data["sentences"]) == 2
    assert "3 histories" in data["sentences"][0]
    assert data["reference"]["leads"]["histories"] == 3
    effect = data["arms"][0]["effects"]["leads"]
    assert effect["low"] <= effect["difference"] <= effect["high"]
    assert data["arms"][0]["off"].keys() == {"S03"}
    assert data["cannot_tell"][0] == "Three histories tell nothing."
    assert {arm: len(told["keys"]) for arm, told in data["keys"].items()} == {"reference": 3, "no ban": 3}
    assert data["made"]["first_seed"] == 200_000
    assert {row["grade"] for row in data["rests_on"]["parameters"]} <= set("ABCP")
    again = partystate(f"{line} --json")
    assert again.json == data
    assert again.err == ""
    words = partystate(line).out
    assert data["sentences"][0][:60] in words
    assert partystate(f"{line} --html answer.html").code == 0
    page = Path("answer.html").read_text(encoding="utf-8")
    assert data["sentences"][1].split("”")[0].split("“")[0] in page
    # Another question, or more histories, make only what is missing.
    more = partystate("ask Q06 --runs 4 --workers 1")
    assert "8 of 8 runs, 6 were there" in more.err


@pytest.mark.slow
def test_a_damaged_part_or_answer_is_made_again_and_nothing_else(partystate, runs, small):
    line = "ask Q06 --runs 2 --workers 1 --json"
    data = partystate(line).json
    (asked,) = (runs / "asked").glob("Q06-*")
    part = min((runs / "asked").glob("parts-*/*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    (asked / "answer.json").write_text("{", encoding="utf-8")
    again = partystate(line)
    assert "4 of 4 runs, 3 were there" in again.err
    same = {key: again.json[key] for key in data if key != "made"}
    assert same == {key: data[key] for key in data if key != "made"}


REFUSED = {
    "ask Q99": "QUESTION: Q99: expected a question, Q01 to Q38; came Q99. Did you mean Q09, Q19 or Q29?",
    "ask Q21": "QUESTION: Q21: expected a question that the built sectors can answer; came one that waits for S33 ",
    "ask Q01 --runs 0": "--runs: runs: expected 1 or more; came 0",
    "ask Q01 --first-seed -1": "--first-seed: seed: expected a whole number from 0 to 2**64 - 1; came -1",
    "ask Q01 --workers 0": "--workers: workers: expected 1 or more; came 0",
    "ask Q01 --html no/such/folder.html": "--html: no/such/folder.html: expected a file in a folder that exists; came "
    "no folder no/such",
    "ask Q01 --cluster 127.0.0.1": "--cluster: address: expected tcp://HOST:PORT of a Dask scheduler; came 127.0.0.1",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused(partystate, runs, line):
    answer = partystate(line)
    assert answer.code == USAGE
    assert answer.out == ""
    assert REFUSED[line] in answer.err
    assert not (runs / "asked").exists()


def test_a_broken_question_file_is_told(partystate, small):
    (question.FOLDER / "Q06.toml").write_text(SMALL.replace("outcomes", "outcome"), encoding="utf-8")
    answer = partystate("ask Q06")
    assert answer.code == DATA
    assert "questions/Q06.toml: outcome: expected one of main, outcomes" in answer.err


def test_answers_are_plain_json(small):
    from partystate.analysis.answer import plain

    assert json.dumps(plain({"a": float("nan"), "b": (1, float("inf")), 3: {"c"}})) == (
        '{"a": null, "b": [1, null], "3": ["c"]}'
    )
