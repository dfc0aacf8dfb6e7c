"""Sensitivity on functions whose indices are known, with and without chance, and what it refuses to say."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from partystate.analysis import conditions, sensitivity, sensitivity_runs
from partystate.analysis.sensitivity import MATTERS, MORRIS, NOTHING, SOBOL, Estimate, Factor
from partystate.foundation.problems import DATA, USAGE, Problem
from partystate.record.parameters import Setting
from partystate.runs.recipe import Recipe

A, B = 7, 0.1
ISHIGAMI = {  # Ishigami & Homma 1990; x4 does nothing
    "variance": A**2 / 8 + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 0.5,
    "S1": (0.3139, 0.4424, 0.0, 0.0),
    "ST": (0.5576, 0.4424, 0.2437, 0.0),
}
G = np.array([0.0, 1.0, 4.5, 9.0])  # Sobol' g-function; the larger, the less the factor matters
RUNS = 4


@pytest.fixture
def rng():
    return np.random.default_rng(1922)


def single(*names: str) -> list[Factor]:
    return [Factor(name, (name,)) for name in names]


def ishigami(points, seeds):
    x = np.pi * (2 * points - 1)
    value = np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])
    return np.repeat(value[:, None], seeds.shape[1], axis=1)


def g_function(points):
    return np.prod((np.abs(4 * points[:, : len(G)] - 2) + G) / (1 + G), axis=1)


def g_indices():
    parts = 1 / (3 * (1 + G) ** 2)
    variance = np.prod(1 + parts) - 1
    return variance, parts / variance, parts * (1 + variance) / (1 + parts) / variance


def noisy(function, spread, rng, shared=0.5):
    """A model whose chance is partly the seed's own and partly another at every point, as in a history."""

    def model(points, seeds):
        one, place = np.unique(seeds, return_inverse=True)
        common = rng.normal(size=len(one))[place.reshape(seeds.shape)]
        own = rng.normal(size=seeds.shape)
        return function(points)[:, None] + spread * (np.sqrt(shared) * common + np.sqrt(1 - shared) * own)

    return model


def run(method, names, size, model, runs=RUNS, **more):
    design = sensitivity.sample(method, single(*names), size, **more)
    return sensitivity.analyse(design, sensitivity.evaluate(design, model, runs))


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


# Known functions without chance -------------------------------------------------------------------------------------


def test_ishigami_is_recovered_and_agrees_with_salib():
    found = run(SOBOL, "abcd", 512, ishigami)
    assert holds(found.variance, ISHIGAMI["variance"])
    assert found.chance.value == 0
    for place, name in enumerate("abc"):
        factor = found.of(name)
        assert holds(factor.size, ISHIGAMI["ST"][place])
        assert holds(factor.alone, ISHIGAMI["S1"][place])
        assert factor.size.value == pytest.approx(factor.salib["ST"], abs=1e-6)
        assert factor.alone.value == pytest.approx(factor.salib["S1"], abs=1e-6)
        # A jackknife and SALib's bootstrap measure the same spread.
        assert factor.size.high - factor.size.value == pytest.approx(factor.salib["ST_conf"], rel=0.2)
        assert factor.word == MATTERS
    nothing = found.of("d")
    assert (nothing.size.value, nothing.salib["ST"], nothing.word, nothing.tier) == (0, 0, NOTHING, None)


def test_second_order_finds_the_one_interaction():
    found = run(SOBOL, "abcd", 512, ishigami, second_order=True, runs=2)
    one, other, index = found.pairs[0]
    assert (one, other) == ("a", "c")
    assert holds(index, 0.2437)
    assert index.low > 0
    assert all(holds(rest, 0) for _, _, rest in found.pairs[1:])


def test_morris_measures_slopes_and_agrees_with_salib():
    weights = np.array([5.0, -3.0, 1.0, 0.0])
    found = run(MORRIS, "abcd", 10, lambda x, seeds: np.repeat((x @ weights)[:, None], seeds.shape[1], axis=1))
    for name, weight in zip("abcd", weights, strict=True):
        factor = found.of(name)
        assert factor.shift.value == pytest.approx(weight)
        assert factor.size.value == pytest.approx(factor.salib["mu_star"]) == pytest.approx(abs(weight))
        assert factor.salib["sigma"] == pytest.approx(0, abs=1e-9)
        assert factor.dummy == pytest.approx(0, abs=1e-9)
    assert [f.factor.name for f in found.factors] == ["a", "b", "c", "d"]
    assert [f.tier for f in found.factors] == [1, 2, 3, None]


def test_groups_move_together():
    factors = [Factor("first", ("first.a", "first.b")), Factor("second", ("second.c", "second.d"))]
    for method, size in ((SOBOL, 256), (MORRIS, 20)):
        design = sensitivity.sample(method, factors, size)
        assert len(design.points) == sensitivity.points_of(method, 2, size)
        weights = np.array([3.0, 2.0, 1.0, 0.0])
        found = sensitivity.analyse(
            design, sensitivity.evaluate(design, lambda x, s, w=weights: np.repeat((x @ w)[:, None], 2, axis=1), 2)
        )
        assert [f.factor.name for f in found.factors] == ["first", "second"]
        if method == SOBOL:
            assert holds(found.of("first").alone, 13 / 14)
            assert holds(found.of("second").size, 1 / 14)
        else:
            assert found.of("first").shift is None
            assert np.isnan(found.of("first").salib["sigma"])
            assert found.of("second").salib["mu_star"] == pytest.approx(found.of("second").size.value) == 1


# With chance --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_indices_cover_the_truth_though_most_of_the_variance_is_chance(rng):
    variance, first, total = g_indices()
    spread = 2 * np.sqrt(variance)
    worlds = [run(SOBOL, "abcde", 128, noisy(g_function, spread, rng)) for _ in range(40)]
    covered = [holds(w.of(n).size, t) for w in worlds for n, t in zip("abcd", total, strict=True)]
    alone = [holds(w.of(n).alone, t) for w in worlds for n, t in zip("abcd", first, strict=True)]
    assert np.mean(covered) > 0.9
    assert np.mean(alone) > 0.9
    assert np.mean([holds(w.chance, 0.8) for w in worlds]) > 0.88
    assert np.mean([w.of("a").word == MATTERS for w in worlds]) > 0.9
    # What SALib is given is the mean over seeds, and chance makes every factor of it look as if it mattered.
    assert np.mean([w.of("e").salib["ST"] - w.of("e").salib["ST_conf"] > 0.1 for w in worlds]) > 0.95
    assert np.mean([w.of("e").word == NOTHING for w in worlds]) > 0.93
    mean = np.mean([w.of("e").size.value for w in worlds])
    assert abs(mean) < 0.05
    dummies = [w.of("e").dummy - w.of("e").salib["ST"] for w in worlds]
    assert abs(np.mean(dummies)) < 0.02


def test_a_planted_nothing_is_not_told_from_nothing_by_morris(rng):
    weights = np.array([4.0, 2.0, 0.0, 0.0])
    worlds = [run(MORRIS, "abcd", 10, noisy(lambda x: x @ weights, 1.5, rng)) for _ in range(60)]
    nothing = [w.of(name) for w in worlds for name in "cd"]
    assert np.mean([f.word == NOTHING for f in nothing]) > 0.93
    assert np.mean([f.salib["mu_star"] - f.salib["mu_star_conf"] > 0 for f in nothing]) > 0.95
    assert np.mean([f.size.value for f in nothing]) == pytest.approx(0, abs=0.1)
    assert np.mean([w.of("a").word == MATTERS for w in worlds]) > 0.9
    assert np.mean([holds(w.of("a").shift, 4) for w in worlds]) > 0.88


def test_chance_without_parameters_refuses_every_index(rng):
    found = run(SOBOL, "abc", 32, noisy(lambda x: 0 * x[:, 0], 1.0, rng))
    assert found.factors == ()
    assert found.refused.startswith("All parameters together make no difference")
    assert found.chance.high > 0.95


def test_an_outcome_that_never_differs_is_said_to_be_the_same():
    for method, size in ((SOBOL, 32), (MORRIS, 4)):
        found = run(method, "abc", size, lambda x, seeds: np.ones(seeds.shape))
        assert found.refused == "The outcome is the same in every history; nothing moves it."
        assert found.mean.value == found.mean.low == 1


# Rankings -----------------------------------------------------------------------------------------------------------


def test_overlapping_intervals_share_a_tier():
    def spans(*pairs):
        return [Estimate((low + high) / 2, low, high) for low, high in pairs]

    assert sensitivity.tiers(spans((5, 7), (4, 6), (1, 2))) == [1, 1, 2]
    assert sensitivity.tiers(spans((5, 7), (3, 4), (1, 2))) == [1, 2, 3]
    # The first and the last are apart, but each overlaps the one between them.
    assert sensitivity.tiers(spans((5, 7), (3, 5.5), (1, 3.5))) == [1, 1, 1]
    # A wide interval at the end reaches over everything.
    assert sensitivity.tiers(spans((5, 7), (3, 4), (-4, 8))) == [1, 1, 1]
    assert sensitivity.tiers([]) == []


def test_few_points_do_not_rank(rng):
    weights = np.array([2.0, 1.9, 1.8])
    found = run(MORRIS, "abc", 8, noisy(lambda x: x @ weights, 0.3, rng))
    assert {f.tier for f in found.factors} == {1}


def test_a_share_below_zero_is_told_as_too_few_runs():
    assert Estimate(-0.01, -0.1, 0.08).word == sensitivity.FEW
    assert Estimate(0.01, -0.1, 0.12).word == ""


# Designs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "size"), [(MORRIS, 6), (SOBOL, 32)])
def test_the_same_arguments_give_the_same_answer(method, size, rng):
    one, other = (sensitivity.sample(method, single(*"abc"), size) for _ in range(2))
    assert one.digest == other.digest
    assert sensitivity.sample(method, single(*"abc"), size, seed=2).digest != one.digest
    values = sensitivity.evaluate(one, noisy(lambda x: x @ np.ones(3), 1.0, rng), 2)
    assert sensitivity.analyse(one, values) == sensitivity.analyse(one, values)
    # A larger design begins with the smaller one, so that its runs are used again.
    larger = sensitivity.sample(method, single(*"abc"), 2 * size)
    assert np.array_equal(larger.points[: len(one.points)], one.points)
    assert np.array_equal(larger.seeds(2)[: len(one.points)], one.seeds(2))


@pytest.mark.parametrize(("method", "size"), [(MORRIS, 6), (SOBOL, 16)])
def test_points_that_are_compared_share_their_seeds_and_no_others_do(method, size):
    design = sensitivity.sample(method, single(*"abc"), size)
    seeds = design.seeds(4, first=7).reshape(size, design.block, 4)
    assert (seeds == seeds[:, :1]).all()
    assert sorted(seeds[:, 0].ravel().tolist()) == list(range(7, 7 + 4 * size))


REFUSED = [
    (("efast", "ab", 8), "--method: method: expected morris or sobol; came efast"),
    ((MORRIS, "a", 8), "--parameter: factors: expected two or more to hold against each other; came 1"),
    ((MORRIS, "ab", 3), "--points: trajectories: expected 4 or more; came 3"),
    ((SOBOL, "ab", 48), "--points: base points: expected a power of two from 16 on; came 48"),
    ((MORRIS, "ab", 8, True), "--second-order: method: expected sobol; came morris"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_designs_that_are_refused(arguments, said):
    method, names, *rest = arguments
    with pytest.raises(Problem) as caught:
        sensitivity.sample(method, single(*names), *rest)
    assert said in str(caught.value)
    assert caught.value.exit_code == USAGE


def test_results_of_another_design_are_refused():
    design = sensitivity.sample(SOBOL, single(*"abc"), 16)
    results = sensitivity.evaluate(design, ishigami, 2)
    morris = sensitivity.sample(MORRIS, single(*"abc"), 4)
    with pytest.raises(Problem, match="results of a sobol design; came of a morris design"):
        sensitivity.analyse(design, sensitivity.evaluate(morris, ishigami, 2))
    another = sensitivity.sample(SOBOL, single(*"abd"), 16)
    with pytest.raises(Problem, match="results of this very design; came those of another"):
        sensitivity.analyse(another, results)
    with pytest.raises(Problem, match="results of this very design"):
        sensitivity.analyse(replace(design, points=design.points + 1e-9), results)
    holes = results.values.copy()
    holes[3, 1] = np.nan
    with pytest.raises(Problem, match="one in every history; came none in 1 of 160"):
        sensitivity.analyse(design, replace(results, values=holes))
    with pytest.raises(Problem, match="an even number, 2 or more"):
        sensitivity.analyse(design, sensitivity.evaluate(design, ishigami, 3))


def test_without_salib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    with pytest.raises(Problem, match=r"pip install 'partystate\[analysis\]'"):
        sensitivity.sample(MORRIS, single(*"ab"), 4)


# Runs ---------------------------------------------------------------------------------------------------------------


def test_factors_are_what_has_a_range():
    recipe = Recipe(overrides=(("agenda.control", 0.4),))
    alone = sensitivity_runs.factors(recipe)
    settings = recipe.built().parameters
    assert {f.name for f in alone} == {k for k, s in settings.items() if s.high > s.low}
    assert "agenda.control" not in {f.name for f in alone}
    assert all(f.title for f in alone)
    groups = sensitivity_runs.factors(recipe, by="mechanism")
    assert [key for group in groups for key in group.keys] == [f.name for f in alone]
    chosen = sensitivity_runs.factors(recipe, ("appointments", "perception.misjudgement"))
    assert {f.name for f in chosen} == {
        f.name for f in alone if f.name.startswith("appointments.") or f.name == "perception.misjudgement"
    }


@pytest.mark.parametrize(("name", "said"), [
    ("agenda.control", "expected a parameter with a range; came one that is fixed"),
    ("agenda.controll", "Did you mean agenda.control"),
    ("appointment", "Did you mean appointments"),
])  # fmt: skip
def test_factors_that_are_refused(name, said):
    with pytest.raises(Problem) as caught:
        sensitivity_runs.factors(Recipe(overrides=(("agenda.control", 0.4),)), (name,))
    assert said in str(caught.value)


def test_points_become_values_by_the_quantile_function_of_each_range():
    recipe = Recipe(overrides=(("agenda.control", (0.1, 0.2)),), months=12)
    factors = sensitivity_runs.factors(recipe, ("agenda", "perception"))
    design = sensitivity.sample(MORRIS, factors, 4)
    arms = sensitivity_runs.arms(recipe, design, 2, first_seed=5).arms
    settings = recipe.built().parameters
    for arm, point in zip(arms, design.points, strict=True):
        given = dict(arm.recipe.overrides)
        assert given == {key: settings[key].at(u) for key, u in zip(design.keys, point, strict=True)}
    assert 0.1 <= min(dict(arm.recipe.overrides)["agenda.control"] for arm in arms) < 0.2
    assert list(arms[0].seeds) == [5, 6]
    built = arms[3].recipe.built().parameters
    assert all(built[key].fixed for key in design.keys)
    # The shape of a prior is that of its quantile function.
    skewed = Setting("x", "share", 1.0, 100.0, 10.0, "loguniform")
    assert skewed.at(0.5) == pytest.approx(10)


def test_a_stored_design_is_the_one_that_was_made(tmp_path):
    design = sensitivity.sample(SOBOL, [Factor("m", ("m.a", "m.b"), "two"), Factor("n", ("n.c",))], 16)
    sensitivity_runs.save(design, tmp_path)
    again = sensitivity_runs.load(tmp_path)
    assert (again.digest, again.factors, again.size) == (design.digest, design.factors, design.size)
    np.save(tmp_path / sensitivity_runs.POINTS, design.points[::-1])
    with pytest.raises(Problem, match="points with the hash") as caught:
        sensitivity_runs.load(tmp_path)
    assert caught.value.exit_code == DATA
    (tmp_path / sensitivity_runs.POINTS).write_bytes(b"nothing")
    with pytest.raises(Problem, match="the points of a design"):
        sensitivity_runs.load(tmp_path)


# Conditions ---------------------------------------------------------------------------------------------------------

KNOWN = ("leads", "removed.Bukharin", "clients_1929", "lost_secretariat")


def test_conditions_are_read_and_put_into_words():
    found = {
        "leads": np.array([1.0, 0.0, 1.0, 1.0]),
        "removed.Bukharin": np.array([np.nan, 96.0, 97.0, 90.0]),
        "clients_1929": np.array([0.2, 0.5, np.nan, 0.4]),
    }
    for text, held in {
        "leads": [1, 0, 1, 1],
        "leads = 0": [0, 1, 0, 0],
        "removed.Bukharin > 1930-01": [1, 0, 1, 0],
        "removed.Bukharin<=1930-01": [0, 1, 0, 1],
        "clients_1929 ≥ 0.4": [0, 1, np.nan, 1],
        "leads and removed.Bukharin >= 1930-01": [1, 0, 1, 0],
    }.items():
        condition = conditions.parse(text, KNOWN, 108)
        assert np.array_equal(condition.hold(found), held, equal_nan=True), text
    words = conditions.parse("removed.Bukharin > 1930-01 and leads = 0 and clients_1929 >= 0.4", KNOWN, 108).words
    assert words == (
        "“Bukharin: not out of the Politburo by 1930-01” and “not: Leads in December 1929” and "
        "“Patronage: posts, December 1929 ≥ 0.4”"
    )


@pytest.mark.parametrize(("text", "said"), [
    ("", "--outcome: condition: expected `leads = 1`"),
    ("leads = 1 or leads = 0", "--outcome: condition: expected"),
    ("leeds = 1", "expected an outcome of these histories; came leeds. Did you mean leads?"),
    ("clients_1929", "clients_1929: expected a comparison such as"),
    ("clients_1929 > much", "clients_1929: expected a number to compare it with; came much"),
    ("clients_1929 > nan", "clients_1929: expected a number to compare it with; came nan"),
    ("removed.Bukharin > 96", "removed.Bukharin: expected a month YYYY-MM up to 1930-12"),
    ("removed.Bukharin > 1931-01", "up to 1930-12, the last of these histories; came 1931-01"),
    ("removed.Bukharin > 1930-13", "expected a month YYYY-MM"),
])  # fmt: skip
def test_conditions_that_are_refused(text, said):
    with pytest.raises(Problem) as caught:
        conditions.parse(text, KNOWN, 108)
    assert said in str(caught.value)
    assert caught.value.exit_code == USAGE


def test_a_date_counts_as_the_end_where_it_does_not_come():
    asked = sensitivity_runs.target("lost_secretariat", KNOWN, 108)
    assert asked.of({"lost_secretariat": np.array([40.0, np.nan])}, 108).tolist() == [40, 108]
    assert "counts as the end" in asked.words
    assert sensitivity_runs.target("leads = 1", KNOWN, 108).condition is not None
    with pytest.raises(Problem, match="came nobody"):
        sensitivity_runs.target("nobody", KNOWN, 108)
