"""Comparisons on synthetic worlds whose truth is known: coverage, planted effects, planted nulls, censoring."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partystate.analysis import compare, effects
from partystate.analysis.compare import Side
from partystate.foundation.problems import USAGE, Problem
from partystate.runs.parts import Part

WORLDS = 1000
COVERAGE = (0.90, 0.98)  # for an interval of 95 %


@pytest.fixture
def rng():
    return np.random.default_rng(1922)


def within(intervals, truth: float) -> float:
    return float(np.mean([low <= truth <= high for low, high in intervals]))


def bounds(effect: effects.Effect) -> tuple[float, float]:
    return effect.low, effect.high


# Coverage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "shared"), [(10, 0.9), (60, 0.7), (60, 0.0)])
def test_paired_means_cover_the_truth(rng, runs, shared):
    def world():
        common, own = rng.normal(size=runs), rng.normal(size=(2, runs))
        a, b = shared * common + (1 - shared) * own
        return effects.quantity(a, b + 0.3)

    assert COVERAGE[0] <= within([bounds(world()) for _ in range(WORLDS)], 0.3) <= COVERAGE[1]


def test_paired_means_of_skewed_outcomes_cover_the_truth(rng):
    def world():
        common = rng.exponential(size=150)
        return effects.quantity(common, common + rng.exponential(0.5, size=150))

    assert COVERAGE[0] <= within([bounds(world()) for _ in range(WORLDS)], 0.5) <= COVERAGE[1]


@pytest.mark.parametrize(("runs", "p", "q"), [(30, 0.4, 0.55), (100, 0.3, 0.38), (200, 0.02, 0.05), (50, 0.5, 0.5)])
@pytest.mark.parametrize("coupled", [True, False])
def test_paired_chances_cover_the_truth(rng, runs, p, q, coupled):
    def world():
        u = rng.random(runs)
        # Half of the histories share their draw: what common random numbers leave of the coupling.
        v = np.where(rng.random(runs) < 0.5, u, rng.random(runs)) if coupled else rng.random(runs)
        return effects.chance((u < p).astype(float), (v < q).astype(float))

    assert COVERAGE[0] <= within([bounds(world()) for _ in range(WORLDS)], q - p) <= 0.995


def test_restricted_means_of_censored_dates_cover_the_truth(rng):
    span, early, late = 108, 60.0, 90.0
    truth = late * (1 - math.exp(-span / late)) - early * (1 - math.exp(-span / early))

    def world():
        u = rng.exponential(size=120)
        v = np.where(rng.random(120) < 0.5, u, rng.exponential(size=120))
        a, b = u * early, v * late
        return effects.date(np.where(a < span, a, np.nan), np.where(b < span, b, np.nan), span)

    assert COVERAGE[0] <= within([bounds(world()) for _ in range(WORLDS)], truth) <= COVERAGE[1]


def test_the_interval_of_a_median_covers_it_under_censoring(rng):
    truth = 60 * math.log(2)

    def world():
        times = rng.exponential(60, size=81)
        return effects.median_interval(np.where(times < 50, times, np.inf))

    assert COVERAGE[0] <= within([world() for _ in range(WORLDS)], truth) <= COVERAGE[1]


def test_shares_cover_the_truth(rng):
    levels = [effects.share((rng.random(40) < 0.15).astype(float)) for _ in range(WORLDS)]
    assert COVERAGE[0] <= within([(level.low, level.high) for level in levels], 0.15) <= COVERAGE[1]


# What was planted -------------------------------------------------------------------------------------------------


def test_a_planted_effect_is_found(rng):
    u = rng.random(400)
    effect = effects.chance((u < 0.5).astype(float), (u < 0.6).astype(float))
    assert effect.clear
    assert effect.p_value < 0.001
    assert effect.down == 0
    assert effect.flips == 0


def test_a_planted_null_is_seldom_taken_for_an_effect(rng):
    def false(kind):
        a, b = rng.random((2, 100))
        return kind(a, b).clear

    def chance(a, b):
        return effects.chance((a < 0.5).astype(float), (b < 0.5).astype(float))

    for kind in (effects.quantity, chance, lambda a, b: effects.date(108 * a * 2, 108 * b * 2, 108)):
        assert np.mean([false(kind) for _ in range(WORLDS)]) < 0.08


def test_common_random_numbers_narrow_the_interval(rng):
    u, v = rng.normal(size=(2, 500))
    alone, shared = effects.quantity(u, v), effects.quantity(u, 0.8 * u + 0.6 * v)
    assert abs(shared.correlation - 0.8) < 0.05
    assert (shared.high - shared.low) / (alone.high - alone.low) == pytest.approx(math.sqrt(1 - 0.8), abs=0.06)


# Known values -----------------------------------------------------------------------------------------------------


def test_tango_has_width_where_nothing_changed():
    z = effects.Z95
    low, high = effects.tango(0, 0, 100)
    assert high == pytest.approx(z * z / (100 + z * z))
    assert low == pytest.approx(-high)


@pytest.mark.parametrize(("more", "less", "pairs"), [(10, 5, 100), (3, 0, 20), (0, 20, 20), (400, 300, 1000)])
def test_tango_is_symmetric_and_holds_the_estimate(more, less, pairs):
    low, high = effects.tango(more, less, pairs)
    assert low <= (more - less) / pairs <= high
    assert effects.tango(less, more, pairs) == pytest.approx((-high, -low), abs=1e-9)


def test_tango_agrees_with_the_normal_interval_for_many_pairs():
    more, less, pairs = 900, 700, 10_000
    error = math.sqrt(more + less - (more - less) ** 2 / pairs) / pairs
    middle = (more - less) / pairs
    expected = (middle - effects.Z95 * error, middle + effects.Z95 * error)
    assert effects.tango(more, less, pairs) == pytest.approx(expected, abs=2e-4)


def test_mcnemar_is_exact():
    assert effects.mcnemar(10, 5) == pytest.approx(2 * sum(math.comb(15, k) for k in range(6)) / 2**15)
    assert effects.mcnemar(4, 4) == 1.0
    assert effects.mcnemar(0, 0) == 1.0
    assert 0 < effects.mcnemar(600, 500) < 0.01


@pytest.mark.parametrize(("freedom", "deviate"), [(1, 12.706), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045)])
def test_students_deviate(freedom, deviate):
    assert effects.student(freedom) == pytest.approx(deviate, rel=0.003)


def test_a_date_that_was_not_reached_is_not_guessed():
    never = np.full(10, np.nan)
    level = effects.when(np.array([3.0, 50.0, *never]), span=108)
    assert level.happened == pytest.approx(2 / 12)
    assert math.isinf(level.median)
    assert level.band_low == 50.0
    assert level.mean == pytest.approx((3 + 50 + 10 * 108) / 12)
    effect = effects.date(never, np.full(10, 48.0), span=108)
    assert effect.difference == -60
    assert math.isinf(effect.a.median)
    assert effect.b.median == 48
    assert effects.when(np.array([120.0]), span=108).happened == 0


def test_flips_go_against_the_mean():
    effect = effects.quantity(np.zeros(5), np.array([1.0, 1.0, 1.0, -1.0, 0.0]))
    assert (effect.up, effect.down, effect.changed, effect.flips) == (0.6, 0.2, 0.8, 0.2)
    assert replace(effect, difference=-0.1).flips == 0.6


def test_undefined_outcomes_leave_their_pair_out():
    effect = effects.quantity(np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, np.nan]))
    assert (effect.pairs, effect.difference) == (1, 1.0)
    assert math.isnan(effect.low)
    nothing = effects.quantity(np.array([np.nan]), np.array([1.0]))
    assert nothing.pairs == 0
    assert not nothing.clear


# Ensembles --------------------------------------------------------------------------------------------------------


def side(name: str, values: dict[int, float], *, months: int = 108, **other) -> Side:
    """A stand-in for a stored ensemble: seed -> whether the Secretariat was kept."""
    parts = {
        seed: Part(Path(f"{seed}.parquet"), f"{name}{seed}", seed, months, other.get("print", f"{name}{seed}"), outcome)
        for seed, value in values.items()
        for outcome in [{"leads": value, "removed.Trotsky": None if value else 57.0, "clients_1929": value / 2}]
    }
    facts = {"recipe": {"scale": other.get("scale"), "overrides": []}, "sectors": ["power"], "off": {},
             "scenario": {"declares": {}}}  # fmt: skip
    design = {"months": months, "model": other.get("model", "m"), "record": "r"}
    return Side(name, parts, facts, design)


def test_outcomes_are_paired_by_seed():
    a, b = side("a", {1: 0.0, 2: 1.0, 3: 0.0}), side("b", {3: 1.0, 2: 1.0, 9: 0.0})
    found = compare.compare(a, b)
    assert found.seeds == (2, 3)
    assert found.line("leads").effect.difference == 0.5
    assert found.line("leads").effect.kind == effects.CHANCE
    assert found.line("removed.Trotsky").effect.kind == effects.DATE
    assert found.line("removed.Trotsky").effect.a.happened == 0.5
    assert found.line("clients_1929").contains_patronage
    assert not found.line("leads").contains_patronage
    assert "1 runs of a have no partner with the same seed and are left out." in found.notes
    with pytest.raises(KeyError):
        found.line("nothing")


def test_the_null_comparison_is_exactly_zero():
    one = side("a", {seed: float(seed % 3 == 0) for seed in range(20)}, print="same")
    found = compare.compare(one, replace(one, name="b"))
    assert found.same == 20
    for line in found.lines:
        assert (line.effect.difference, line.effect.low, line.effect.high, line.effect.changed) == (0, 0, 0, 0)
        assert line.as_dict()["method"] == compare.SAME


def test_other_histories_with_the_same_outcome_keep_a_width():
    values = dict.fromkeys(range(20), 1.0)
    effect = compare.compare(side("a", values), side("b", values)).line("leads").effect
    assert effect.difference == 0
    assert effect.low < 0 < effect.high


@pytest.mark.parametrize(("other", "said"), [
    (side("b", {1: 0.0}, months=50), "months: expected the same months in both; came 108 months and 50 months"),
    (side("b", {1: 0.0}, scale=1), "scale: expected the same scale in both; came --scale sample and --scale 1"),
    (side("b", {5: 0.0, 6: 0.0}), "seeds: expected seeds in common; came 1 to 1 and 5 to 6"),
    (side("b", {}), "seeds: expected seeds in common; came 1 to 1 and no runs"),
])  # fmt: skip
def test_what_cannot_be_paired_is_refused(other, said):
    with pytest.raises(Problem) as caught:
        compare.compare(side("a", {1: 0.0}), other)
    assert caught.value.exit_code == USAGE
    assert said in str(caught.value)


def test_all_reasons_against_a_pairing_are_told_at_once():
    with pytest.raises(Problem) as caught:
        compare.compare(side("a", {1: 0.0}), side("b", {2: 0.0}, months=50, scale=1))
    assert [fault.key for fault in caught.value.faults] == ["months", "scale", "seeds"]


def test_other_versions_are_noted():
    found = compare.compare(side("a", {1: 0.0}), side("b", {1: 1.0}, model="n"))
    assert "The two were made by different versions of the model: differences may come from that." in found.notes
