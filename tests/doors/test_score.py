"""`score` from the command line: what it shows, what its JSON carries, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from partystate import record
from tests.views import synthetic

USAGE, DATA = 2, 3
WIDTH = 100
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@pytest.fixture
def short(partystate):
    """Ensemble `e` of real histories to May 1923, on three seeds."""
    assert partystate("ensemble --runs 3 --until 1923-06 --workers 1 --out e").code == 0


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return synthetic.write_ensemble(tmp_path_factory.mktemp("score") / "i")


@pytest.fixture
def invented(runs, original):
    """Ensemble `i` of forty invented histories of ten years, a copy of this test's own."""
    return shutil.copytree(original, "i")


def test_real_histories_are_scored(partystate, short):
    answer = partystate("score e")
    assert answer.code == 0
    words = " ".join(answer.out.split())
    assert "3 histories, seeds 1 to 3, 1922-01 to 1923-05" in words
    assert "Validation: there is no figure that these runs could be tested by." in words
    assert "cc_size, " in words
    assert "congresses fill it to a size that the calendar gives" in words
    assert "scissors_ratio: it drove this run" in words
    assert "What happened happened once." in words
    assert "3 runs are few" in answer.err


def test_json_carries_every_figure_with_its_evidence(partystate, short):
    answer = partystate("score e --json")
    assert answer.code == 0
    data = answer.json
    design = json.loads(Path("e/ensemble.json").read_text("utf-8"))
    assert (data["folder"], data["arm"], data["runs"], data["run_keys"], data["seeds"]) == (
        "e",
        "reference",
        3,
        3,
        [1, 3],
    )
    assert (data["model"], data["record"]) == (design["model"], design["record"])
    assert data["record_scored_with"] == record.load().version
    assert tuple(data["quantiles_at"]) == QUANTILES
    figure = next(one for one in data["figures"] if one["series"] == "party_members")
    point = next(p for p in record.load().series["party_members"].points if p.date.text == figure["date"])
    assert (figure["record"], figure["grade"], figure["source"]) == (point.value, point.grade, point.source)
    assert (figure["low"], figure["high"]) == point.bounds
    assert figure["quantiles"] == sorted(figure["quantiles"])
    assert set(figure["inside"]) == set(figure["inside_aware"]) == {"50", "80", "95"}
    assert figure["crps"] > 0
    assert figure["naive"]["persistence"] > 0
    assert 0 <= figure["rank"] < 1
    assert "1922-01" not in {one["date"] for one in data["figures"]}
    assert data["given_in_january_1922"] > 0
    assert {row["series"] for row in data["series"]} == {one["series"] for one in data["figures"]}
    assert all(refusal["reason"] for refusal in data["not_scored"])


@pytest.mark.parametrize("line", ["score i", "score i --series party_members"])
def test_the_screen_is_wide_enough(partystate, invented, line):
    answer = partystate(line)
    assert answer.code == 0
    assert [row for row in answer.out.splitlines() if len(row) > WIDTH] == []
    assert "nan" not in answer.out


def test_invented_histories_give_tables_of_series_and_persons(partystate, invented):
    answer = partystate("score i")
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["✗", "party_members"] in [row[:2] for row in rows]
    assert ["Trotsky*", "1926-10", "(A)", "0.80"] in [row[:4] for row in rows]
    assert "Worse than at least one naive forecast:" in answer.out
    assert "all series against" in answer.out
    data = partystate("score i --json").json
    (total,) = (
        one for one in data["totals"] if (one["use"], one["sector"], one["weights"]) == ("calibration", "all", "grade")
    )
    skill = total["skill"]["persistence"]
    assert skill["low"] <= skill["value"] <= skill["high"]
    assert {one["person"] for one in data["removals"]["persons"]} == set(synthetic.PEOPLE)


def test_one_series_is_shown_figure_by_figure(partystate, invented):
    answer = partystate("score i --series party_members")
    assert "In thousand persons" in answer.out
    assert "Removals" not in answer.out
    dates = [row.split()[0] for row in answer.out.splitlines() if row.startswith("19")]
    assert dates == sorted(dates)
    assert "1924-01" in dates


def test_an_arm_is_chosen(partystate, invented):
    assert partystate("score i --arm reference --json").json["arm"] == "reference"
    answer = partystate("score i --arm referance")
    assert (answer.code, answer.out) == (USAGE, "")
    assert "Did you mean reference?" in answer.err


REFUSED = {
    "score": "Missing argument 'ENSEMBLE'.",
    "score nowhere": "ENSEMBLE: nowhere: expected a folder with an ensemble.json; came none there.",
    "score i --series party_membrs": "--series: party_membrs: expected a series of the record; came party_membrs. "
    "Did you mean party_members?",
    "score i --series scissors_ratio": "--series: scissors_ratio: expected a series that may be scored; came one that "
    "may not: it drove this run, so comparing it would score the record against itself",
    "score i --series cc_size": "came one that may not: congresses fill it to a size that the calendar gives",
    "score i --series pig_iron": "came one that may not: it is kept back for an independent check",
    "score i --series steel_cow": "--series: steel_cow: expected a series that these runs hold; came one of the record",
}


def test_what_score_refuses(partystate, invented):
    for line, said in REFUSED.items():
        answer = partystate(line)
        assert (answer.code, answer.out) == (USAGE, ""), line
        assert said in answer.err, answer.err


def test_a_single_history_is_not_scored(partystate):
    assert partystate("ensemble --runs 1 --until 1922-03 --workers 1 --out one").code == 0
    answer = partystate("score one")
    assert (answer.code, answer.out) == (USAGE, "")
    assert "one: runs: expected 2 or more; came 1. One history has no distribution to be judged" in answer.err


def test_a_damaged_part_is_named(partystate, invented):
    part = next(Path("i/parts").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-40])
    answer = partystate("score i")
    assert answer.code == DATA
    assert str(part) in answer.err
