"""The one-screen summary, and the sentences it shares with the report."""

from __future__ import annotations

import pytest

from partystate import record
from partystate.analysis.history import History
from partystate.runs import store
from partystate.views import narrative, terminal
from tests.views import synthetic


def test_one_screen(run_dir):
    shown = terminal.summary(store.open_run(run_dir))
    lines = shown.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= terminal.WIDTH
    for part in (
        "Reference history, January 1922 to December 1931, seed 7",
        "economy and foreign held to the record",
        "January 1925   Trotsky        Army",
        "January 1927   Trotsky        full seat in the Politburo: Trotsky is deprived of an office",
        "Trotsky        run January 1927    record 23 October 1926 (A)    3 months later",
        "Bukharin       run kept            record 17 November 1929 (A)   does not agree",
        "Full members of the party     run             520         700",
        "record      (B) 350     (B) 786",
    ):
        assert part in shown
    assert "would" not in shown


def test_a_scenario_says_what_is_off(tmp_path):
    run = synthetic.write_run(tmp_path, off={"S01": "Vacancies are filled by local election."})
    assert "is off: Vacancies are filled by local election." in terminal.summary(store.open_run(run))


def test_many_losses_are_cut_to_the_seats(history, monkeypatch):
    monkeypatch.setattr(terminal, "MOST_LOSSES", 3)
    comparison = terminal.against_record.of_run(History(history.run))
    lines = list(terminal.lost(history, comparison))
    assert len(lines) == 4
    assert "more; the report lists them all" in lines[-1]
    assert all(" seat in" in line for line in lines[:-1])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"rung": 1, "carried": 1}, "Trotsky is censured, on a motion of Stalin."),
        ({"rung": 5}, "Trotsky is expelled from the party, on a motion of Stalin."),
        (
            {"rung": 3, "carried": 0},
            "A motion that Trotsky be removed from the Politburo is lost; it was moved by Stalin.",
        ),
        ({}, "Trotsky: censured."),
    ],
)
def test_sanctions_in_words(numbers, said):
    event = synthetic.event("1924-01/sanction/trotsky", "Trotsky: censured", ("Trotsky", "Stalin"), **numbers)
    assert narrative.sentence(event) == said


def test_identifiers_are_told_by_their_names():
    moved = synthetic.event("1924-01/motion/r", "x", ("Rykov",), issue="peasants", before=0.1, proposed=-0.2, carried=0)
    out = synthetic.event("1924-01/dissent/t", "Trotsky comes out against the line on regime", ("Trotsky",))
    took = synthetic.event("1924-01/appointment/x", "Evdokimov_G takes over: leningrad", ("Evdokimov_G",), office=3)
    base = synthetic.event("1924-01/organisation/x", "The Secretariat takes LENI from S.Kosior", (), place="LENI")
    region = name_of_region("LENI")
    assert [narrative.sentence(event) for event in (moved, out, took, base)] == [
        "Rykov moves the line on the peasants towards concessions to the peasant: lost.",
        "Trotsky comes out against the line on the regime in the party.",
        "G. Evdokimov takes over: Leningrad.",
        f"The Secretariat takes {region} from S. Kosior.",
    ]


def name_of_region(identity: str) -> str:
    return record.load().regions[identity].name


@pytest.mark.parametrize(
    ("months", "said"), [(0, "in the same month"), (1, "1 month later"), (-14, "14 months earlier")]
)
def test_months_apart(months, said):
    assert narrative.months_apart(months) == said


@pytest.mark.parametrize(
    ("date", "said"), [("1926", "1926"), ("1926-10", "October 1926"), ("1926-10-03", "3 October 1926")]
)
def test_dates_stay_as_exact_as_they_are(date, said):
    assert narrative.date_words(date) == said


def test_listings():
    assert [narrative.listing(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
