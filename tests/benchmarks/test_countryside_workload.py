"""The countryside workload: our kernel does what is written down, and a result that is bent does not pass the check."""

from __future__ import annotations

import importlib
import os

import numba
import numpy as np
import pytest

from benchmarks.countryside import check, ours, with_numpy
from benchmarks.countryside import workload as w
from partystate.foundation.draws import philox
from tests.contracts.source import ROOT

SMALL = 700  # leaves regions of 23 and 24 households
f = np.float32


def plainly(start: w.Households) -> np.ndarray:
    """The rules of the workload household by household, as its description gives them."""
    n, result = len(start), np.zeros((w.MONTHS, w.REGIONS, len(w.SERIES)))
    grain, livestock = list(start.grain), [int(head) for head in start.livestock]
    low, alive, kolkhoz = [0] * n, [True] * n, [False] * n
    price, shares = f(1.2), [f(0)] * w.REGIONS
    for t in range(w.MONTHS):
        month, record = t % 12, result[t]
        drawn = np.array(w.uniforms(np.arange(n), t, 0, w.SEED)).T
        for i in range(n):
            if not alive[i]:
                continue
            r, hoard, size = start.region[i], start.hoard[i], f(start.size[i])
            u0, u1, u2, u3 = drawn[i]
            if month == 7:
                part = f(0.85) if kolkhoz[i] else f(1)
                grain[i] += start.land[i] * w.YIELD[r] * w.WEATHER[t // 12] * (f(0.6) + f(0.8) * u0) * part
            need = f(0.21) * size + f(0.15) * f(livestock[i])
            low[i] = min(low[i] + 1, 200) if grain[i] < need else 0
            grain[i] -= min(grain[i], need)
            if month in (2, 8, 9, 10):
                share = min(max(f(0.9) - f(0.35) * price * (f(0.5) + hoard), f(0)), f(0.9))
                sold = share * max(f(0), grain[i] - f(9) * need)
                grain[i] -= sold
                record[r, w.SOLD] += sold
            if month in (9, 11):
                hidden = not kolkhoz[i] and u1 < f(0.3) * hoard
                taken = w.QUOTA[t] * grain[i] * (f(0.5) if hidden else f(1))
                grain[i] -= taken
                record[r, w.DELIVERED] += taken
            distress = low[i] >= 3
            if distress and livestock[i] > 0:
                livestock[i] -= 1
                grain[i] += f(1.5)
                record[r, w.SLAUGHTERED] += 1
            elif distress and u2 < f(0.02):
                alive[i] = False
                record[r, w.DIED_OUT] += 1
                continue
            rate = w.PRESSURE[t] * (f(0.02) + f(0.25) * shares[r])
            kolkhoz[i] = kolkhoz[i] or bool(u3 < rate * (f(1.5) - hoard))
            record[r, w.ALIVE] += 1
            record[r, w.KOLKHOZ] += kolkhoz[i]
            record[r, w.GRAIN] += grain[i]
            record[r, w.DISTRESS] += distress
        shares = w.regional_shares(record)
        price = f(1.2) + f(0.6) * f(w.national_share(record))
    return result


@pytest.fixture(scope="module")
def kernel() -> np.ndarray:
    return ours.prepare(w.initial(SMALL), w.SEED, 1)()


def test_the_kernel_does_what_is_written_down(kernel):
    wanted = plainly(w.initial(SMALL))
    assert np.array_equal(kernel[:, :, check.COUNTS], wanted[:, :, check.COUNTS])
    # Amounts are kept in 1/256, rounded for each of at most 24 households of a region.
    assert np.abs(kernel[:, :, check.AMOUNTS] - wanted[:, :, check.AMOUNTS]).max() < 24 / 512
    assert check.faults(kernel, wanted, SMALL, same_draws=True) == []


def test_every_branch_is_taken(kernel):
    assert (kernel.sum(axis=(0, 1)) > 0).all()
    assert 0 < kernel[-1, :, w.KOLKHOZ].sum() < kernel[-1, :, w.ALIVE].sum() < SMALL


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two cores")
@pytest.mark.parametrize("households", [SMALL, 40_000])
def test_two_threads_give_the_same_bits_as_one(households):
    start = w.initial(households)
    one, two = (ours.prepare(start, w.SEED, threads)() for threads in (1, 2))
    assert np.array_equal(one, two)


def test_a_run_leaves_the_initial_state_alone():
    start = w.initial(SMALL)
    assert np.array_equal(ours.prepare(start, w.SEED, 1)(), ours.prepare(start, w.SEED, 1)())


def test_pieces_cover_every_household_once_and_cross_no_border():
    households = 100_003
    pieces, limits = ours.pieces_of(households), w.bounds(households)
    assert np.array_equal(pieces[1:, 0], pieces[:-1, 1])
    assert (pieces[0, 0], pieces[-1, 1]) == (0, households)
    assert (pieces[:, 0] >= limits[pieces[:, 2]]).all()
    assert (pieces[:, 1] <= limits[pieces[:, 2] + 1]).all()
    assert 0 < np.diff(pieces[:, :2]).min() <= np.diff(pieces[:, :2]).max() <= ours.PIECE


def test_the_draws_of_the_initial_state_are_those_of_the_project():
    ids = np.array([0, 1, 77, 2**32 - 1])
    for household, drawn in zip(ids, np.array(w.uniforms(ids, 5, 1, 1922)).T, strict=True):
        words = philox.py_func(*(np.uint64(word) for word in (household, 5, 1, 0, 1922, 0)))
        assert [int(word) >> 8 for word in words] == [int(u * 2**24) for u in drawn]


def test_other_draws_pass_the_loose_check_only():
    start = w.initial(100_000)
    reference, result = (module.prepare(start, w.SEED, 1)() for module in (ours, with_numpy))
    assert check.faults(result, reference, 100_000, same_draws=False) == []
    assert check.faults(result, reference, 100_000, same_draws=True)


BENT = {
    "HARVEST_KOLKHOZ": 1.0,
    "NEED_PERSON": 0.22,
    "RESERVE": 8.0,
    "SHARE_PRICE": 0.4,
    "PRICE_KOLKHOZ": 0.0,
    "HIDING": 0.0,
    "HIDDEN": 1.0,
    "LOW_DISTRESS": 4,
    "DEATH": 0.2,
    "SLAUGHTER_GRAIN": 0.5,
    "JOIN_SHARE": 0.2,
}


@pytest.mark.parametrize("name", BENT)
def test_a_bent_rule_does_not_pass(name, monkeypatch):
    start = w.initial(100_000)
    reference = ours.prepare(start, w.SEED, 1)()
    monkeypatch.setattr(w, name, BENT[name])
    assert check.faults(with_numpy.prepare(start, w.SEED, 1)(), reference, 100_000, same_draws=False)


def test_one_wrong_number_does_not_pass(kernel):
    for series in range(len(w.SERIES)):
        wrong = kernel.copy()
        wrong[9, 3, series] += 2 + 0.01 * kernel[9, :, series].sum()
        [fault] = check.faults(wrong, kernel, SMALL, same_draws=True)
        assert fault.startswith(f"{w.SERIES[series]} of region 3 in month 9 is ")
    assert check.faults(kernel[:12], kernel, SMALL, same_draws=True)
    assert check.faults(kernel * np.nan, kernel, SMALL, same_draws=False)


@pytest.fixture
def race(monkeypatch):
    """The module that runs the race, found as `make bench` finds it."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("countryside.race")


def test_an_entrant_that_fails_the_check_gets_no_time(race, kernel, tmp_path, monkeypatch, capsys):
    entrants = tuple(race.Entrant(name, "", "", peer=False, same_draws=True) for name in (race.OURS, "bent"))
    running = race.Race(tmp_path, entrants)
    found = {"seconds": [1.0], "memory": 1.0, "version": ""}

    def time(entrant, size, threads):
        return found, kernel * (1.01 if entrant.name == "bent" else 1)

    monkeypatch.setattr(running, "time", time)
    running.round(10_000, 0)
    assert list(running.rows) == [(10_000, race.OURS, 1)]
    assert "bent at 10,000 households does not pass the check" in capsys.readouterr().err


def test_ratios_are_those_of_the_best_and_of_every_round(race):
    mine = race.Row(race.Entrant(race.OURS, "", ""), 1000, 1, [[5.0, 2.0], [2.0], [1.0]], others=[0.0])
    theirs = race.Row(race.Entrant("other", "", ""), 1000, 1, [[8.0, 9.0], [6.0], [5.0]], others=[0.0])
    row = theirs.as_dict(mine, 10.0)
    assert (row["ratio_low"], row["ratio"], row["ratio_high"]) == (3, 5, 5)
    assert row["best_ns"] == pytest.approx(5e9 / 36_000)
    assert row["share_of_triad"] == pytest.approx(23 / (5e9 / 36_000 * 10))


def test_work_of_this_process_is_not_counted_as_that_of_others(race):
    with race.quiet.watch() as others:
        sum(range(10_000_000))
    assert 0 <= others[0] < os.cpu_count() - 0.5
    assert race.quiet.wait(0.0) < 0.1
