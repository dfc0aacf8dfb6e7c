"""Claims about the village end to end: histories of the sectors that clauses name, made once, judged, told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from partystate import record
from partystate.analysis import check_arms, claim_runs, claims
from partystate.analysis.check_histories import TOLD, UNDECIDED, WAITING
from partystate.analysis.check_language import parse
from partystate.foundation import calendar
from partystate.foundation.problems import Problem
from partystate.views import claims_page, claims_words

VILLAGE, BOTH = ("countryside",), ("power", "countryside")
SEEDS = 3
# K373, K378: without S20 and S19; K116: both sectors together.
GROUPS = ("K373", "K378", "K116")


@pytest.fixture
def short(monkeypatch):
    """Histories of fewer months and households, on seeds that no result rests on."""
    lengths = {VILLAGE: "1928-07", BOTH: "1928-07"}
    bases = {
        sectors: replace(base, scale=20_000, months=calendar.index(lengths.get(sectors, "1923-01")))
        for sectors, base in check_arms.BASES.items()
    }
    monkeypatch.setattr(check_arms, "BASES", bases)
    monkeypatch.setattr(claim_runs, "FIRST_SEED", 9_000)


def design(names):
    known = record.load()
    clauses = [clause for group in claims.read(known, names).values() for clause in group]
    return claim_runs.design(known, clauses, SEEDS)


@pytest.mark.slow
@pytest.mark.usefixtures("short")
def test_clauses_are_judged_by_histories_of_their_sectors(tmp_path):
    known, wanted, seen = record.load(), design(GROUPS), []
    assert list(wanted) == [VILLAGE, BOTH]
    made, progress = claim_runs.run(wanted, tmp_path, 1, lambda whole: seen.append((whole.ended, whole.total)))
    runs = SEEDS * (3 + 1)
    assert (progress.total, progress.done, progress.found, progress.faults) == (runs, runs, 0, {})
    assert seen[0] == (1, runs)
    assert seen[-1] == (runs, runs)
    ledger = claims.evaluate(known, GROUPS, made)
    groups = {group.name: group for group in ledger.groups}
    for group in groups.values():
        assert group.basis == claims.MODEL, group.name
        for judged in group.clauses:
            assert judged.status not in (WAITING, TOLD)
            assert judged.found.runs == SEEDS
            assert judged.found.low <= judged.found.value <= judged.found.high or judged.status == UNDECIDED
    assert ledger.about["arms"] == 4
    assert ledger.about["seeds"] == [9_000, 9_002]
    assert [each["sectors"] for each in ledger.about["sectors"]] == [["countryside"], ["power", "countryside"]]
    told = claims_page.detail(groups["K378"], known)
    assert "The countryside alone: The reference" in told
    assert "The countryside alone: Without S19" in told
    assert "Leadership and countryside together" in claims_page.detail(groups["K116"], known)
    assert "The countryside alone: 3 arms, 78 months" in claims_page.made(ledger, {"date": "", "command": ""})[1]
    again, progress = claim_runs.run(wanted, tmp_path, 1)
    assert (progress.found, progress.done) == (runs, 0)
    assert claims.evaluate(known, GROUPS, again).groups == ledger.groups


@pytest.mark.usefixtures("short")
def test_ensembles_of_several_sectors_lie_in_one_folder_and_are_opened_together(tmp_path):
    known, place = record.load(), tmp_path / "made"
    made, _ = claim_runs.run(design(("K378",)), tmp_path, 1, out=place)
    assert json.loads((place / "countryside" / "ensemble.json").read_text("utf-8"))["runs"] == 2 * SEEDS
    stored = claim_runs.opened(place)
    assert list(stored) == [VILLAGE]
    assert claims.evaluate(known, ("K378",), stored).groups == claims.evaluate(known, ("K378",), made).groups
    assert list(claim_runs.opened(place / "countryside")) == [VILLAGE]
    ledger = claims.evaluate(known, ("K116", "K152"), stored)
    together, longer = (group.clauses[0] for group in ledger.groups)
    assert (together.status, together.reason) == (WAITING, "no histories of power and countryside are there")
    assert (longer.status, longer.reason) == (WAITING, "these histories do not hold the outcome 'procured_1933'")
    with pytest.raises(Problem, match="expected a folder with an ensemble"):
        claim_runs.opened(tmp_path / "nowhere")


def test_drivers_that_are_set_are_told_in_words():
    known = record.load()
    told = {
        "VAR(driver.export_target 1931-01..1933-12, 0) in countryside: decreases(excess_deaths_1930_34)": (
            "The countryside alone: The driver export_target at 0 in 1931-01 to 1933-12"
        ),
        "VAR(driver.grain_price 1925-07..1926-06, 0.9, 1.1) in countryside: increases(procured_1928)": (
            "The countryside alone: The driver grain_price at 0.9 and 1.1 in 1925-07 to 1926-06"
        ),
        "VAR(driver.grain_price, 0.9, 1.1) in power, countryside: increases(procured_1928)": (
            "Leadership and countryside together: The driver grain_price, times, from 0.9 to 1.1"
        ),
    }
    for text, words in told.items():
        clause = parse(text)
        check_arms.Arms(known).check(clause)
        assert claims_words.lead_in(clause, known) == words


def test_statuses_of_the_famine_are_told_and_wait():
    """Its level and timing are not established by the model, so that nothing is judged of them."""
    known = record.load()
    clauses = claims.read(known, ("K153", "K155"))
    for name, group in clauses.items():
        kinds = [clause.kind for clause in group]
        assert kinds[-1] == "WAIT", name
        assert "not established" in group[-1].words
