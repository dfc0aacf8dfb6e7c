"""Sensitivity: which of the model's numbers an outcome depends on, and which cannot be told from nothing.

Two methods, both on SALib's samples of the unit cube, each coordinate being a probability that the parameter's own
range turns into a value. *Morris* (1991; Campolongo, Cariboni & Saltelli 2007) moves one factor at a time along
trajectories: μ* is the mean size of its elementary effects, the change of the outcome per whole range; σ is their
spread, large with interactions. *Sobol'* (Saltelli et al. 2010) divides the variance of the outcome: S1 is the part a
factor causes alone, ST the part that would be gone without its uncertainty, interactions included. A factor is one
parameter or all of one mechanism, moved together.

The model is random, so every point is run on R seeds. All points that a method compares (a trajectory; a base point
with its crossings) share their seeds; the next block has fresh ones, so that blocks are independent and intervals,
which are a jackknife over blocks with Student's deviate, hold the chance of the histories too. Chance inflates μ* and
ST. In a deterministic model a dummy parameter shows the floor below which an index means nothing (Sarrazin, Pianosi &
Wagener 2016; Khorashadi Zadeh et al. 2017); under shared seeds a dummy changes exactly nothing. Here each factor has a
dummy of its own: its very steps, with the sign of half of the histories turned round, so that whatever is systematic
cancels and only chance is left. For squares and products, averaging over all such halves is the same as multiplying
different seeds only, which leaves no bias; so S1, ST and the variance due to parameters are free of chance.

A factor *matters* when its effect exceeds its dummy's by more than the interval and by the rule of Benjamini &
Hochberg (1995) at 5 %, since of hundreds of factors some would pass otherwise. Factors whose intervals overlap are not
ranked: they share a tier.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import combinations, islice
from typing import Any

import numpy as np

from partystate.foundation.problems import problem

from . import effects

MORRIS, SOBOL = "morris", "sobol"
METHODS = (MORRIS, SOBOL)
LEVELS = 4
CONFIDENCE = 0.95
FALSE_ALARMS = 0.05
MOST_HALVES = 500  # ways of turning half of the seeds that are averaged over
RESAMPLES = 1000  # of SALib's own intervals
MATTERS, NOTHING, FEW = "matters", "not told from nothing", "too few runs"

Evaluator = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Factor:
    """What is varied: one parameter, or several that move together."""

    name: str
    keys: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Sample:
    """A design: points (points, parameters) of the unit cube, in blocks that are compared within.

    size: trajectories of Morris, base points of Sobol'. The columns follow the factors and their keys.
    """

    method: str
    factors: tuple[Factor, ...]
    size: int
    second_order: bool
    points: np.ndarray

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for factor in self.factors for key in factor.keys)

    @property
    def block(self) -> int:
        """Points in a block."""
        return len(self.points) // self.size

    @cached_property
    def digest(self) -> str:
        """Hash of everything in the design, 64 hexadecimal digits."""
        names = [self.method, self.size, self.second_order, [(f.name, f.keys) for f in self.factors]]
        return hashlib.sha256(repr(names).encode() + np.ascontiguousarray(self.points, "<f8").tobytes()).hexdigest()

    def seeds(self, runs: int, first: int = 1) -> np.ndarray:
        """The seeds of every point (points, runs): the same within a block, fresh ones in the next."""
        blocks = np.arange(self.size, dtype=np.uint64)[:, None] * np.uint64(runs)
        each = np.uint64(first) + blocks + np.arange(runs, dtype=np.uint64)
        return np.repeat(each, self.block, axis=0)


@dataclass(frozen=True)
class Results:
    """Values (points, runs) of an outcome, and the design at whose points they were found."""

    method: str
    digest: str
    values: np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, and the probability of one so large if the truth were zero or less (one-sided)."""

    value: float
    low: float
    high: float
    p_value: float = math.nan

    @property
    def word(self) -> str:
        """Why a share that cannot be negative came out so; empty otherwise."""
        return FEW if self.value < 0 else ""


@dataclass(frozen=True)
class Finding:
    """One factor.

    size: the effect that is judged and ranked: μ* beyond that of the dummy (of a strong effect too low by up to the
    dummy), or ST with chance taken out. dummy: μ*, or share of the variance of point means, that chance alone gives the
    same steps. salib: what SALib says of the point means, chance included. word: MATTERS or NOTHING. alone: S1
    (Sobol'). shift: mean change from the low to the high end of the range (Morris, single parameters). tier: 1 for the
    foremost, None if it is not told from nothing.
    """

    factor: Factor
    size: Estimate
    dummy: float
    salib: Mapping[str, float]
    word: str
    alone: Estimate | None = None
    shift: Estimate | None = None
    tier: int | None = None


@dataclass(frozen=True)
class Findings:
    """The answer for one outcome. mean: over all runs. variance: of the outcome's expectation, due to the parameters.

    chance: share of the variance of single histories that is not due to the factors. pairs: (first factor, second,
    second-order index), the largest first. refused: why no factor can be judged; empty otherwise.
    """

    sample: Sample
    runs: int
    mean: Estimate
    variance: Estimate
    chance: Estimate
    factors: tuple[Finding, ...]
    pairs: tuple[tuple[str, str, Estimate], ...] = ()
    refused: str = ""

    @property
    def tiers(self) -> tuple[tuple[Finding, ...], ...]:
        """The factors that matter, by tier."""
        count = max((f.tier or 0 for f in self.factors), default=0)
        return tuple(tuple(f for f in self.factors if f.tier == tier) for tier in range(1, count + 1))

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        design = {name: getattr(self.sample, name) for name in ("method", "size", "second_order", "digest")}
        told = {name: asdict(getattr(self, name)) for name in ("mean", "variance", "chance")}
        pairs = [{"factors": [one, other], **asdict(index)} for one, other, index in self.pairs]
        factors = [asdict(finding) for finding in self.factors]
        points = {"points": len(self.sample.points), "runs_at_each": self.runs}
        return design | points | told | {"refused": self.refused, "factors": factors, "pairs": pairs}

    def of(self, name: str) -> Finding:
        """The finding of a factor; KeyError when there is none of that name."""
        for finding in self.factors:
            if finding.factor.name == name:
                return finding
        raise KeyError(name)


# Designs ------------------------------------------------------------------------------------------------------------


def sample(method: str, factors: Sequence[Factor], size: int, second_order: bool = False, seed: int = 1) -> Sample:
    """A design of SALib's for these factors. The same arguments give the same points.

    Raises Problem (exit 2) for an unknown method, fewer than two factors, or a size that the method cannot use.
    """
    if method not in METHODS:
        raise problem("--method", "method", " or ".join(METHODS), method)
    if len(factors) < 2:
        raise problem("--parameter", "factors", "two or more to hold against each other", len(factors))
    if method == MORRIS and size < 4:
        raise problem("--points", "trajectories", "4 or more", size)
    if method == SOBOL and (size < 16 or size & (size - 1)):
        raise problem("--points", "base points", "a power of two from 16 on", size)
    if second_order and method != SOBOL:
        raise problem("--second-order", "method", SOBOL, method)
    described = _described(factors)
    if method == MORRIS:
        points = _salib("sample.morris").sample(described, size, num_levels=LEVELS, seed=seed)
    else:
        points = _salib("sample.sobol").sample(described, size, calc_second_order=second_order, seed=seed)
    return Sample(method, tuple(factors), size, second_order, np.asarray(points, dtype=float))


def evaluate(design: Sample, evaluator: Evaluator, runs: int, first_seed: int = 1) -> Results:
    """The outcome at every point. evaluator: points (points, parameters) and seeds (points, runs) to values alike."""
    values = np.asarray(evaluator(design.points, design.seeds(runs, first_seed)), dtype=float)
    return Results(design.method, design.digest, values)


def points_of(method: str, factors: int, size: int, second_order: bool = False) -> int:
    """How many points a design has."""
    if method == MORRIS:
        return size * (factors + 1)
    return size * (2 * factors + 2 if second_order else factors + 2)


def check_runs(runs: int) -> None:
    """Raises Problem (exit 2) for a number of seeds that cannot be divided into two halves."""
    if runs < 2 or runs % 2:
        raise problem("--seeds", "seeds", "an even number, 2 or more (one half is held against the other)", runs)


def _described(factors: Sequence[Factor]) -> dict[str, Any]:
    """The factors as SALib wants them."""
    keys = [key for factor in factors for key in factor.keys]
    told: dict[str, Any] = {"num_vars": len(keys), "names": keys, "bounds": [[0.0, 1.0]] * len(keys)}
    if len(keys) > len(factors):
        told["groups"] = [factor.name for factor in factors for _ in factor.keys]
    return told


def _salib(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"SALib.{module}")
    except ImportError:
        hint = "Install it with: pip install 'partystate[analysis]'"
        raise problem("sensitivity", "SALib", "the library SALib", "none installed", hint) from None


# Analysis -----------------------------------------------------------------------------------------------------------


def analyse(design: Sample, results: Results) -> Findings:
    """What the results say of every factor.

    Raises Problem (exit 2) when the results are those of another design, are undefined somewhere, or have seeds that
    cannot be halved.
    """
    _check(design, results)
    values, runs = results.values, results.values.shape[1]
    blocks = values.reshape(design.size, design.block, runs)
    centred = blocks - values.mean()
    # The points of a Sobol' block that are independent of each other are its first and last.
    free = centred if design.method == MORRIS else centred[:, [0, -1]]
    caused = _cross(free, free).mean(axis=1)
    luck = free.var(axis=2, ddof=1).mean(axis=1)
    one = np.ones(design.size)
    (mean,) = _estimates(blocks.mean(axis=(1, 2))[:, None], one)
    if np.isin(values, (0, 1)).all():
        mean = replace(mean, low=max(mean.low, 0.0), high=min(mean.high, 1.0))
    (variance,) = _estimates(caused[:, None], one)
    (chance,) = _estimates(luck[:, None], caused + luck)
    told: dict[str, Any] = {"sample": design, "runs": runs, "mean": mean, "variance": variance, "chance": chance}
    if np.ptp(values) == 0:
        return Findings(**told, factors=(), refused="The outcome is the same in every history; nothing moves it.")
    if design.method == MORRIS:
        return Findings(**told, factors=_ranked(_morris(design, values, blocks)))
    if variance.low <= 0:
        refused = (
            "All parameters together make no difference that this many histories can tell from chance; take more "
            "--points or --seeds."
        )
        return Findings(**told, factors=(), refused=refused)
    findings, pairs = _sobol(design, values, centred, caused)
    return Findings(**told, factors=_ranked(findings), pairs=pairs)


def _check(design: Sample, results: Results) -> None:
    if results.method != design.method:
        raise problem("sensitivity", "method", f"results of a {design.method} design", f"of a {results.method} design")
    if results.digest != design.digest or len(results.values) != len(design.points):
        raise problem("sensitivity", "design", "results of this very design", "those of another")
    check_runs(results.values.shape[1])
    undefined = int((~np.isfinite(results.values)).sum())
    if undefined:
        came = f"none in {undefined:,} of {results.values.size:,}"
        hint = "State a condition on it instead, which holds or does not hold in every history."
        raise problem("--outcome", "value", "one in every history", came, hint)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean over the last axis of a[s] · b[t] for seeds s ≠ t: the product of the means, with chance taken out."""
    runs = a.shape[-1]
    return (a.sum(axis=-1) * b.sum(axis=-1) - (a * b).sum(axis=-1)) / (runs * (runs - 1))


def _estimates(numerators: np.ndarray, denominators: np.ndarray) -> list[Estimate]:
    """Ratios of means over blocks with jackknife intervals. numerators: (blocks, ratios); denominators: (blocks,)."""
    from scipy.stats import t as student

    n = len(numerators)
    total, base = numerators.sum(axis=0), denominators.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = total / base
        without = (total - numerators) / (base - denominators)[:, None]
        error = np.sqrt((n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
        # A quotient that never varies has an exact value: nothing is left to chance.
        p = np.where(error > 0, student.sf(value / error, n - 1), np.where(value > 0, 0.0, 1.0))
    half = effects.student(n - 1) * error
    return [Estimate(*map(float, row)) for row in zip(value, value - half, value + half, p, strict=True)]


def _morris(design: Sample, values: np.ndarray, blocks: np.ndarray) -> list[Finding]:
    found = _salib("analyze.morris").analyze(
        _described(design.factors), design.points, values.mean(axis=1), num_resamples=RESAMPLES,
        conf_level=CONFIDENCE, num_levels=LEVELS, seed=1,
    )  # fmt: skip
    step = _elementary(design, blocks)
    chance = np.mean([np.abs(step @ half) for half in _halves(step.shape[-1])], axis=0)
    one = np.ones(design.size)
    beyond = _estimates(np.abs(step.mean(axis=-1)) - chance, one)
    shifts = _estimates(step.mean(axis=-1), one)
    raw = {name: np.ma.filled(found[name], np.nan) for name in ("mu", "mu_star", "mu_star_conf", "sigma")}
    return [
        Finding(
            factor,
            size,
            float(dummy),
            {name: float(values[place]) for name, values in raw.items()},
            "",
            shift=shift if len(factor.keys) == 1 else None,
        )
        for place, (factor, size, dummy, shift) in enumerate(
            zip(design.factors, beyond, chance.mean(axis=0), shifts, strict=True)
        )
    ]


def _elementary(design: Sample, blocks: np.ndarray) -> np.ndarray:
    """Elementary effects of every factor by trajectory and seed: (trajectories, factors, runs)."""
    places = np.repeat(np.arange(len(design.factors)), [len(factor.keys) for factor in design.factors])
    moves = np.diff(design.points.reshape(design.size, design.block, -1), axis=1)
    column = np.abs(moves).argmax(axis=2)
    # A group goes up and down at once: its direction means nothing, and only the size of its step counts.
    turn = np.sign(np.take_along_axis(moves, column[:, :, None], axis=2))
    delta = LEVELS / (2 * (LEVELS - 1))
    steps = np.diff(blocks, axis=1) * turn / delta
    found = np.empty((design.size, len(design.factors), blocks.shape[2]))
    np.put_along_axis(found, places[column][:, :, None], steps, axis=1)
    return found


def _halves(runs: int) -> list[np.ndarray]:
    """Weights ±1/runs, half of each sign: every way of turning half of the seeds, or the first `MOST_HALVES`."""
    found = []
    for turned in islice(combinations(range(1, runs), runs // 2), MOST_HALVES):
        weights = np.full(runs, 1 / runs)
        weights[list(turned)] *= -1
        found.append(weights)
    return found


def _sobol(
    design: Sample, values: np.ndarray, y: np.ndarray, caused: np.ndarray
) -> tuple[list[Finding], tuple[tuple[str, str, Estimate], ...]]:
    """Estimators of Saltelli et al. (2010) and Jansen (1999) with products of different seeds; y: centred blocks."""
    # SALib leaves its own intervals to a global generator unless the seed is above 0.
    found = _salib("analyze.sobol").analyze(
        _described(design.factors), values.mean(axis=1), calc_second_order=design.second_order,
        num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=1,
    )  # fmt: skip
    count = len(design.factors)
    a, b, ab = y[:, :1], y[:, -1:], y[:, 1 : count + 1]
    total = _cross(a - ab, a - ab) / 2
    first = _cross(np.broadcast_to(b, ab.shape), ab - a)
    sizes, alone = _estimates(total, caused), _estimates(first, caused)
    luck = ((a - ab).var(axis=2, ddof=1) / y.shape[2] / 2).mean(axis=0) / values.mean(axis=1).var()
    findings = [
        Finding(
            factor,
            sizes[place],
            float(luck[place]),
            {name: float(found[name][place]) for name in ("S1", "S1_conf", "ST", "ST_conf")},
            "",
            alone=alone[place],
        )
        for place, factor in enumerate(design.factors)
    ]
    return findings, _pairs(design, y, first, caused) if design.second_order else ()


def _pairs(
    design: Sample, y: np.ndarray, first: np.ndarray, caused: np.ndarray
) -> tuple[tuple[str, str, Estimate], ...]:
    """Second-order indices, the largest first; those of factors j and k after Saltelli (2002)."""
    count = len(design.factors)
    a, b, ab, ba = y[:, 0], y[:, -1], y[:, 1 : count + 1], y[:, count + 1 : -1]
    pairs = list(combinations(range(count), 2))
    joint = [_cross(ba[:, j], ab[:, k]) - _cross(a, b) - first[:, j] - first[:, k] for j, k in pairs]
    estimates = _estimates(np.array(joint).T, caused)
    named = [(design.factors[j].name, design.factors[k].name, e) for (j, k), e in zip(pairs, estimates, strict=True)]
    return tuple(sorted(named, key=lambda pair: -pair[2].value))


# Words --------------------------------------------------------------------------------------------------------------


def _ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings with their word and tier, largest first."""
    passed = _false_discovery([finding.size.p_value for finding in findings])
    told = []
    for finding, passes in zip(findings, passed, strict=True):
        matters = passes and finding.size.low > 0
        told.append(replace(finding, word=MATTERS if matters else NOTHING))
    told.sort(key=lambda finding: (finding.word != MATTERS, -finding.size.value, finding.factor.name))
    matter = [finding for finding in told if finding.word == MATTERS]
    numbers = tiers([finding.size for finding in matter])
    ranked = [replace(finding, tier=tier) for finding, tier in zip(matter, numbers, strict=True)]
    return (*ranked, *told[len(matter) :])


def tiers(estimates: Sequence[Estimate]) -> list[int]:
    """Tiers, from 1, of estimates in falling order: a new one begins only where no interval reaches across."""
    found, tier = [], 1
    for place in range(len(estimates)):
        if place and min(e.low for e in estimates[:place]) > max(e.high for e in estimates[place:]):
            tier += 1
        found.append(tier)
    return found


def _false_discovery(p_values: Sequence[float]) -> np.ndarray:
    """Which pass the step-up rule of Benjamini & Hochberg (1995): few of them are expected to be false alarms."""
    p = np.asarray(p_values)
    order = np.argsort(p, kind="stable")
    under = p[order] <= FALSE_ALARMS * np.arange(1, len(p) + 1) / len(p)
    passed = np.zeros(len(p), dtype=bool)
    if under.any():
        passed[order[: np.flatnonzero(under)[-1] + 1]] = True
    return passed
