"""Scoring rules: against a reference library, analytic cases, and synthetic worlds whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scoringrules

from partystate.analysis import scoring
from partystate.analysis.scoring import EXACT, crps

WORLDS = 600


@pytest.fixture
def rng():
    return np.random.default_rng(1922)


# CRPS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [2, 3, 60, 501])
@pytest.mark.parametrize(("fair", "estimator"), [(True, "fair"), (False, "nrg")])
def test_crps_agrees_with_the_reference_library(rng, members, fair, estimator):
    for observed in rng.normal(1.8e6, 4e5, size=20):
        runs = rng.normal(2e6, 3e5, size=members)
        expected = scoringrules.crps_ensemble(observed, runs, estimator=estimator)
        assert crps(runs, observed, fair=fair) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_crps_of_one_member_is_the_absolute_error():
    assert crps(np.array([7.0]), 4.0, fair=False) == 3.0
    assert math.isnan(crps(np.array([7.0]), 4.0))
    assert math.isnan(crps(np.empty(0), 4.0, fair=False))


def test_crps_of_two_equally_likely_values_by_hand():
    # F is ½ between 0 and 2: the integral of (F − 1{t ≥ 1})² is 2 · ¼ · 1.
    assert crps(np.array([0.0, 2.0]), 1.0, fair=False) == pytest.approx(0.5)
    assert crps(np.array([0.0, 2.0]), 5.0, fair=False) == pytest.approx(2 / 4 + 3)


def test_crps_of_many_members_is_that_of_the_distribution():
    shares = (np.arange(20_000) + 0.5) / 20_000
    assert crps(shares, 0.3, fair=False) == pytest.approx(float(scoringrules.crps_uniform(0.3, 0, 1)), abs=1e-4)


def test_the_fair_estimator_does_not_depend_on_the_number_of_members(rng):
    truth = float(scoringrules.crps_normal(0.7, 0.0, 1.0))
    few = rng.normal(size=(4000, 4))
    assert np.mean([crps(members, 0.7) for members in few]) == pytest.approx(truth, abs=0.03)
    assert np.mean([crps(members, 0.7, fair=False) for members in few]) > truth + 0.1


def test_errors_are_paired_with_every_member_but_no_member_with_itself():
    members, errors, observed = np.array([1.0, 4.0, 9.0]), np.array([-1.0, 0.0, 3.0]), 5.0
    first = np.mean([abs(x + e - observed) for x in members for e in errors])
    others = [(i, j) for i in range(3) for j in range(3) if i != j]
    pairs = [abs(members[i] + e - members[j] - f) for i, j in others for e in errors for f in errors]
    assert crps(members, observed, errors) == pytest.approx(first - np.mean(pairs) / 2)


def best(scores: dict[str, list[float]]) -> str:
    return min(scores, key=lambda name: float(np.mean(scores[name])))


def claims(rng, truth: float, runs: int = 60) -> dict[str, np.ndarray]:
    """What forecasters say of a quantity that is normal about `truth`: the right thing, and four wrong ones."""
    honest = truth + rng.normal(size=runs)
    return {"honest": honest, "high": honest + 0.4, "low": honest - 0.4, "narrow": truth + (honest - truth) * 0.6,
            "wide": truth + (honest - truth) * 1.6}  # fmt: skip


def test_who_says_what_he_believes_scores_best(rng):
    scores: dict[str, list[float]] = {}
    for _ in range(1000):
        truth = rng.normal(scale=5)
        observed = truth + rng.normal()
        for name, members in claims(rng, truth).items():
            scores.setdefault(name, []).append(crps(members, observed))
    assert best(scores) == "honest"


@pytest.mark.slow
def test_allowing_for_errors_of_the_record_keeps_the_score_proper(rng):
    aware: dict[str, list[float]] = {}
    blind: dict[str, list[float]] = {}
    for _ in range(1000):
        truth = rng.normal(scale=5)
        recorded = truth + rng.normal() + rng.triangular(-4, 0, 4)
        errors = scoring.recording_errors(recorded, recorded - 4, recorded + 4)
        for name, members in claims(rng, truth).items():
            aware.setdefault(name, []).append(crps(members, recorded, errors))
            blind.setdefault(name, []).append(crps(members, recorded))
    assert best(aware) == "honest"
    assert best(blind) == "wide"


# The record's errors, bands, ranks --------------------------------------------------------------------------------


def test_a_figure_without_a_range_has_no_error():
    assert scoring.recording_errors(5.0, 5.0, 5.0) is EXACT


@pytest.mark.parametrize(("value", "low", "high"), [(10.0, 8.0, 13.0), (10.0, 10.0, 12.0), (10.0, 6.0, 10.0)])
def test_errors_are_quantiles_of_a_triangle(value, low, high):
    truth = value - scoring.recording_errors(value, low, high)
    assert len(truth) == scoring.ERRORS
    assert low < truth.min() <= truth.max() < high
    assert truth.mean() == pytest.approx((low + value + high) / 3, abs=0.02)
    below = (value - low) / (high - low)
    assert np.mean(truth < value) == pytest.approx(below, abs=1 / scoring.ERRORS)


@pytest.mark.parametrize("band", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("runs", [40, 60, 300])
def test_bands_hold_what_they_should(rng, band, runs):
    worlds = rng.gamma(2.0, size=(2 * WORLDS, runs + 1))
    held = np.mean([scoring.inside(world[1:], world[0], band) for world in worlds])
    assert held == pytest.approx(band, abs=0.035)


def test_bands_hold_what_they_should_where_the_record_errs(rng):
    aware, blind = [], []
    for _ in range(WORLDS):
        members = rng.normal(size=60)
        recorded = rng.normal() + rng.triangular(-3, 0, 3)
        errors = scoring.recording_errors(recorded, recorded - 3, recorded + 3)
        aware.append(scoring.inside(scoring.dressed(members, errors), recorded, 0.8))
        blind.append(scoring.inside(members, recorded, 0.8))
    assert 0.75 <= np.mean(aware) <= 0.85
    assert np.mean(blind) < 0.7


def test_ranks_are_even_also_with_ties(rng):
    worlds = rng.integers(0, 4, size=(1000, 20))
    ranks = [scoring.rank(world[1:], world[0], rng.random()) for world in worlds]
    counts, _ = np.histogram(ranks, bins=10, range=(0, 1))
    assert counts.sum() == 1000
    assert ((counts - 100) ** 2 / 100).sum() < 27.9  # 0.1 % point of chi-square with 9 degrees of freedom


# Events -----------------------------------------------------------------------------------------------------------


def test_the_fair_brier_score_is_unbiased_and_proper(rng):
    def mean(chance: float, fair: bool) -> float:
        happened = rng.random(WORLDS * 12) < 0.3
        said = rng.random((WORLDS * 12, 5)) < chance
        return float(np.mean([scoring.brier(row, h, fair) for row, h in zip(said, happened, strict=True)]))

    assert mean(0.3, fair=True) == pytest.approx(0.21, abs=0.015)
    assert mean(0.3, fair=False) > 0.24
    assert mean(0.3, fair=True) < min(mean(0.15, fair=True), mean(0.45, fair=True))
    assert scoring.brier(np.array([1, 1, 1, 0]), True, fair=False) == pytest.approx(0.0625)


def test_months_are_scored_up_to_the_horizon_only(rng):
    months = np.where(rng.random(50) < 0.3, np.nan, rng.integers(0, 300, size=50))
    observed, horizon = 57.0, 108
    seen = np.where(np.isnan(months), np.inf, months)
    shares = np.array([np.mean(seen <= t) for t in range(horizon)])
    happened = np.arange(horizon) >= observed
    by_hand = ((shares - happened) ** 2 - shares * (1 - shares) / 49).sum()
    assert scoring.months_crps(months, observed, horizon) == pytest.approx(by_hand)
    expected = scoringrules.twcrps_ensemble(observed, np.minimum(seen, 1e6), a=-np.inf, b=horizon, estimator="fair")
    assert scoring.months_crps(months, observed, horizon) == pytest.approx(float(expected))


def test_what_comes_after_the_horizon_is_as_good_as_never():
    months = np.array([10.0, 50.0, 200.0, np.nan])
    never = scoring.months_crps(months, math.inf, 108)
    assert scoring.months_crps(months, 150.0, 108) == never
    assert scoring.months_crps(np.array([10.0, 50.0, np.nan, np.nan]), math.inf, 108) == never
    assert scoring.months_crps(np.full(4, np.nan), math.inf, 108) == 0
    assert scoring.months_crps(np.full(4, 20.0), math.inf, 108) == 88


@pytest.mark.parametrize("observed", [0.0, 57.0, math.inf])
def test_ignorance_has_a_score_of_its_own(observed):
    horizon, steps = 108, 200_000
    t = (np.arange(steps) + 0.5) * horizon / steps
    by_sum = ((t / (2 * horizon) - (t >= observed)) ** 2).mean() * horizon
    assert scoring.ignorant_months_crps(observed, horizon) == pytest.approx(by_sum, rel=1e-4)


# Naive forecasts --------------------------------------------------------------------------------------------------

MONTHS, VALUES = np.array([0.0, 12.0, 48.0]), np.array([10.0, 14.0, 20.0])


def test_persistence_is_the_last_figure_and_earlier_changes_stretched_by_time():
    members = scoring.persistence(MONTHS, VALUES, 60.0)
    assert sorted(members) == pytest.approx(sorted([20 + 4, 20 - 4, 20 + 6 / math.sqrt(3), 20 - 6 / math.sqrt(3)]))
    assert scoring.persistence(MONTHS[:1], VALUES[:1], 60.0).tolist() == [10.0]
    assert len(scoring.persistence(MONTHS[:0], VALUES[:0], 60.0)) == 0


def test_the_trend_goes_through_the_figures_of_its_years_alone():
    months, values = np.array([-12.0, 0.0, 36.0, 72.0, 84.0]), np.array([99.0, 1.0, 4.0, 7.0, 99.0])
    assert scoring.trend(months, values, 120.0) == pytest.approx([11.0] * 3)
    assert scoring.trend(months[:3], values[:3], 120.0) == pytest.approx([11.0])
    assert len(scoring.trend(months[:2], values[:2], 120.0)) == 0


def test_the_trend_is_as_wide_as_a_forecast_errs(rng):
    months = np.arange(0.0, 84.0, 7.0)
    errors, spreads = [], []
    for _ in range(WORLDS):
        values = 3 * months + rng.normal(scale=20, size=len(months))
        members = scoring.trend(months, values, 140.0)
        errors.append(3 * 140.0 + rng.normal(scale=20) - members.mean())
        spreads.append(members.std())
    assert np.mean(np.square(spreads)) == pytest.approx(np.mean(np.square(errors)), rel=0.15)


def test_climatology_is_all_that_was_seen():
    assert scoring.climatology(MONTHS, VALUES, 60.0).tolist() == VALUES.tolist()
    assert len(scoring.climatology(MONTHS[:1], VALUES[:1], 60.0)) == 0


def test_figures_of_one_date_are_averaged_and_put_in_order():
    months, values = scoring.by_date([(24, 35), (0, 0), (24, 35)], [6.0, 1.0, 8.0])
    assert months.tolist() == [0.0, 29.5]
    assert values.tolist() == [1.0, 7.0]


# Intervals --------------------------------------------------------------------------------------------------------


def test_the_interval_over_clusters_covers_the_truth(rng):
    held = []
    for _ in range(400):
        sizes = rng.integers(2, 20, size=25)
        chances = rng.beta(8, 2, size=25)  # figures of one series go together
        low, high = scoring.ratio(rng.binomial(sizes, chances), sizes)[1:]
        held.append(low <= 0.8 <= high)
    assert 0.88 <= np.mean(held) <= 0.98


def test_the_interval_is_drawn_by_keys_and_so_always_the_same():
    parts, wholes = np.array([1.0, 4.0, 2.0]), np.array([2.0, 5.0, 8.0])
    value, low, high = scoring.ratio(parts, wholes)
    assert (value, low, high) == scoring.ratio(parts, wholes)
    assert value == pytest.approx(7 / 15)
    assert low < value < high


def test_one_cluster_has_no_interval_and_nothing_no_ratio():
    value, low, high = scoring.ratio([3.0], [4.0])
    assert value == 0.75
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(scoring.ratio([1.0, 1.0], [0.0, 0.0])[0])
