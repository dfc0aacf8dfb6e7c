"""What the literature says of the membership, as checks on ensembles (design anchors; Rigby's totals, 1 January).

Figures up to 1933 were used for fitting inside the ranges of the registry (seeds 0–199); these seeds are fresh. The
party runs alone, so the leadership of these histories stays united; drives come from mourning and a want of workers.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

import numpy as np
import pytest

from partystate import record
from partystate.foundation import calendar
from tests.laws.party import central, party

SEEDS = range(5000, 5060)
LEVEL = pytest.mark.slow


@lru_cache
def histories(off: tuple[str, ...] = (), months: int = calendar.MONTHS):
    """Finished simulations of fresh seeds."""
    runs = []
    for seed in SEEDS:
        simulation = party(seed, off)
        simulation.run(months)
        runs.append(simulation)
    return runs


def at(date: str, series: str, off: tuple[str, ...] = ()) -> np.ndarray:
    """(history,) values of a series in a month."""
    month = calendar.index(date)
    return np.array([run.recorder.series[series, None][month] for run in histories(off)])


def events(kind: str, word: str, off: tuple[str, ...] = ()) -> list[list]:
    """Events of a kind whose title holds a word, history by history."""
    return [[e for e in run.chronicle.events if e.kind == kind and word in e.title] for run in histories(off)]


def happened(kind: str, word: str, off: tuple[str, ...] = ()) -> list:
    """The same events of all histories in one list."""
    return list(chain.from_iterable(events(kind, word, off)))


def recorded(series: str, date: str) -> float:
    return next(point.value for point in record.load().series[series].points if str(point.date).startswith(date))


@LEVEL
@pytest.mark.parametrize("year", ["1923", "1924", "1925", "1926", "1927", "1928", "1930", "1931", "1933"])
def test_stock_within_a_tenth_of_the_record(year):
    assert np.median(at(f"{year}-01", "party_total")) == pytest.approx(recorded("party_total", year), rel=0.10)


@LEVEL
@pytest.mark.xfail(reason="after 1933 the party of the model shrinks too little and refills too far")
@pytest.mark.parametrize("year", ["1937", "1938", "1941"])
def test_stock_of_later_years(year):
    assert np.median(at(f"{year}-01", "party_total")) == pytest.approx(recorded("party_total", year), rel=0.10)


@LEVEL
@pytest.mark.xfail(reason="the model knows no reason why verdicts of 1933-34 were harsher than those of 1929-30")
def test_severity_of_the_verification_of_1933_34():
    span = range(calendar.index("1934-01"), calendar.index("1935-01"))
    rates = [100 * event.numbers["rate"] for event in happened("purge", "ends") if event.month in span]
    assert np.median(rates) == pytest.approx(recorded("party_purge_rate", "1934"), rel=0.2)


@LEVEL
def test_worker_share_rises_to_the_early_thirties():
    shares = [np.median(at(f"{year}-01", "party_worker_share_social")) for year in (1924, 1925, 1930, 1932)]
    assert shares[0] < shares[1] < shares[2]
    for value, year in zip(shares, ("1924", "1925", "1930", "1932"), strict=True):
        assert value == pytest.approx(recorded("party_worker_share_social", year), abs=5)


@LEVEL
def test_the_drive_is_a_draw_and_mourning_its_usual_occasion():
    first = [calls[0].month for calls in events("enrolment", "calls") if calls]
    assert calendar.index("1923-11") <= np.median(first) <= calendar.index("1924-06")
    assert len(set(first)) > 5  # no two histories need agree
    assert 0.5 < len(first) / len(SEEDS) < 1.01
    early = calendar.index("1925-01")
    sizes = [e.numbers["admitted"] for e in happened("enrolment", "has brought") if e.month < early]
    assert 190_000 < np.median(sizes) < 260_000
    assert np.std(sizes) > 10_000


@LEVEL
def test_every_drive_and_verification_names_its_causes():
    for event in (*happened("enrolment", "calls"), *happened("purge", "ordered")):
        assert any(cause.startswith("leadership.insecurity=") for cause in event.because)
    for event in happened("purge", "ends"):
        assert any("/purge/" in cause for cause in event.because)
        assert 0 <= event.numbers["rate"] <= 1


@LEVEL
def test_without_drives_the_party_stays_small_and_old():
    reference, without = at("1925-01", "party_total"), at("1925-01", "party_total", ("S02",))
    assert np.median(without) <= 650_000
    assert np.median(reference - without) > 200_000
    old = [np.median(at("1927-01", "party_old_guard_share", off)) for off in (("S02",), ())]
    assert old[0] >= 1.3 * old[1]
    assert not happened("enrolment", "calls", ("S02",))


@LEVEL
def test_without_verifications_nobody_is_screened():
    assert not happened("purge", "ordered", ("S09",))
    expelled = [
        np.nansum([run.recorder.series["party_expulsions", None] for run in histories(off)]) for off in ((), ("S09",))
    ]
    assert expelled[0] > expelled[1]


@LEVEL
def test_without_promotion_no_new_generation_is_fit_for_office():
    month = calendar.index("1939-01")
    trained = {off: np.array([run.recorder.series["party_trained_share", None][month] for run in histories(off)])
               for off in ((), ("S49",))}  # fmt: skip
    assert trained["S49",].max() == 0
    assert np.median(trained[()]) > 0.25
    rising = [np.median(at(f"{year}-01", "party_trained_share")) for year in (1925, 1930, 1935, 1940)]
    assert rising == sorted(rising)


@LEVEL
def test_old_bolsheviks_are_diluted():
    """Those of the underground are under 1.5 % of the party by 1930, by admission rather than by removal."""
    share = at("1930-01", "party_pre1917_members") / at("1930-01", "party_total")
    assert np.median(share) < 0.015
    assert np.median(at("1927-01", "party_pre1917_members")) == pytest.approx(8_250, rel=0.15)


@LEVEL
def test_the_party_shrinks_while_admission_is_closed_and_fills_up_after():
    totals = [at(f"{year}-01", "party_total") for year in (1933, 1936, 1941)]
    assert np.median(totals[1] / totals[0]) < 0.85
    assert np.median(totals[2] / totals[1]) > 1.3


@LEVEL
def test_more_leave_the_party_in_1933_to_1936_than_in_the_terror():
    """Getty: the membership lost more people by the verifications of 1933-36 than by expulsion in 1937-38."""

    def lost(run, first, last):
        span = range(calendar.index(first), calendar.index(last) + 1)
        return sum(row.amount for row in run.ledger.rows if row.month in span and row.target in ("outside", "expelled"))

    more = [lost(run, "1933-01", "1936-12") > lost(run, "1937-01", "1938-12") for run in histories()]
    assert np.mean(more) > 0.8


@LEVEL
def test_nobody_enters_while_admission_is_closed():
    for year in ("1933", "1934", "1935"):
        assert at(f"{year}-12", "candidates_admitted").max() == 0


def test_recruits_are_less_schooled_and_more_pliable_after_a_drive():
    changes = {**dict(central()), "enrolment.base": -20.0}  # a drive in the first month
    drive, none = party(1, changes=tuple(changes.items())), party(1, ("S02",), changes=tuple(changes.items()))
    for run in (drive, none):
        run.run(24)
    now, then = drive.world.now, none.world.now
    assert now["party.schooling"] > then["party.schooling"]
    assert now["party.recruits"].mean() > then["party.recruits"].mean()
    pressed = now["party.mood_weight"] * now["party.recruits"].mean()
    assert pressed > then["party.mood_weight"] * then["party.recruits"].mean()


def test_want_of_workers_and_mourning_bring_the_drive_forward():
    base = {**dict(central()), "enrolment.base": 4.0}
    months = {}
    for name, change in (
        ("none", {}),
        ("want", {"enrolment.deficit": 30.0}),
        ("no mourning", {"enrolment.payoff": 0.0}),
    ):
        first = []
        for seed in range(20):
            run = party(seed, ("S09",), changes=tuple({**base, **change}.items()))
            run.run(60)
            first.append(next((e.month for e in run.chronicle.events if e.kind == "enrolment"), 60))
        months[name] = np.mean(first)
    assert months["want"] < months["none"] <= months["no mourning"]
