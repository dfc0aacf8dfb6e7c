"""What a study of the countryside found: every check with its verdict, other weather, and what each arm changed.

A verdict follows from an estimate with its 95 % interval and the band that was asked for: it holds when the whole
interval lies in the band, fails when the whole interval lies outside, and is undecided otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble

from . import effects, rural_checks
from .compare import Side
from .compare import check as check_pair
from .effects import Effect, Level
from .intervals import wilson
from .rural_checks import OVERLAP, RATIO, SHARE, Band, Check, KeptBack
from .study import Arm, Study

HOLDS, FAILS, UNDECIDED, UNMEASURED, UNSCORED = "holds", "fails", "undecided", "not measured", "not scored"
WEATHER = "weather"
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Checked:
    """A check and what came of it, over `runs` histories, or pairs of them.

    estimate, low, high: what the rule looks at, with its 95 % interval. median, band_low, band_high: of the quantity
    over histories, the middle 80 %. share …: of the histories, or pairs, that lie inside the band by themselves.
    """

    check: Check
    runs: int
    median: float
    band_low: float
    band_high: float
    estimate: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    verdict: str

    @property
    def record_inside(self) -> bool | None:
        """Whether the record's range meets the middle 80 % of histories; None without a record or histories."""
        if self.check.figure is None or not self.runs:
            return None
        return self.band_low <= self.check.figure.high and self.band_high >= self.check.figure.low


@dataclass(frozen=True)
class Shown:
    """A figure of the model without the record's, which is kept back."""

    what: KeptBack
    level: Level
    runs: int


class Results:
    """A study as far as it was run. ensembles: arm -> stored ensemble; the reference must be among them."""

    def __init__(self, study: Study, ensembles: Mapping[str, Ensemble]) -> None:
        self.study = study
        self.asked = rural_checks.of(study)
        self.sides = {arm: Side.of(stored) for arm, stored in ensembles.items()}
        self.reference = self.sides[REFERENCE_ARM]
        for name, side in self.sides.items():
            if name != REFERENCE_ARM:
                check_pair(self.reference, side)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Arms that were run, the reference ahead."""
        return tuple(arm for arm in self.study.arms if arm.name in self.sides)

    def meaning(self, arm: Arm) -> str:
        """What an arm is without, and what takes its place; empty where nothing is off."""
        return " ".join(self.sides[arm.name].facts["off"].values())

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data; what is undefined or open becomes null in JSON."""
        return {
            "runs": {name: len(side.parts) for name, side in self.sides.items()},
            "first_seed": min(self.reference.parts),
            "arms": [asdict(arm) | {"meaning": self.meaning(arm)} for arm in self.arms],
            "checks": [asdict(line) | {"record_inside": line.record_inside} for line in self.checks],
            "weather": {arm: [asdict(line) for line in lines] for arm, lines in self.weather().items()},
            "effects": {
                arm.name: {name: asdict(effect) for name, effect in row.items()} for arm, row in self.effects()
            },
            "kept_back": [asdict(line) for line in self.kept_back()],
            "unmeasured": [dict(row) for row in self.asked.unmeasured],
        }

    def values(self, arm: str, value: str, event: Band | None = None) -> dict[int, float]:
        """Seed -> the quantity in the runs of an arm where it is defined; 1 or 0 of whether it lies in `event`."""
        told = {seed: part.outcomes.get(value) for seed, part in self.sides[arm].parts.items()}
        found = {seed: float(number) for seed, number in told.items() if number is not None and math.isfinite(number)}
        return found if event is None else {seed: float(inside(number, event)) for seed, number in found.items()}

    @cached_property
    def checks(self) -> tuple[Checked, ...]:
        """Everything that was asked, in the order of the description."""
        return tuple(self.judge(check, check.arm) for check in self.asked.checks)

    def judge(self, check: Check, arm: str) -> Checked:
        """A check in an arm."""
        needed = {arm, check.against} if check.paired else {arm}
        if not needed <= self.sides.keys():
            return _nothing(check)
        a, b = self._pair(check, arm)
        return judged(check, a, b, self.asked.fewest)

    def _pair(self, check: Check, arm: str) -> tuple[np.ndarray, np.ndarray]:
        """(runs,) in `against` and in the arm, of the same seeds; twice the arm where nothing is paired."""
        other = self.values(arm, check.value, check.event)
        base = self.values(check.against, check.value, check.event) if check.paired else other
        seeds = sorted(base.keys() & other.keys())
        return np.array([base[s] for s in seeds]), np.array([other[s] for s in seeds])

    def weather(self) -> dict[str, list[Checked]]:
        """Arm of another weather -> what is asked of the reference, asked of it; harvests where they are scored."""
        asked = [c for c in self.asked.checks if c.arm == REFERENCE_ARM and not c.paired]
        asked = [c for c in asked if c.harvest or not c.level]
        found = {}
        for arm in (arm.name for arm in self.arms if arm.group == WEATHER):
            lines = (self.judge(check, arm) for check in asked)
            barred = arm in self.asked.not_scored
            found[arm] = [_unscored(line) if barred and line.check.harvest else line for line in lines]
        return found

    def effects(self) -> list[tuple[Arm, dict[str, Effect]]]:
        """Every arm against the reference on the quantities that are followed, paired by seed."""
        followed = [self.asked.check(name) for name in self.asked.follow]
        base = {check.id: self.values(REFERENCE_ARM, check.value) for check in followed}
        rows = []
        for arm in self.arms[1:]:
            row = {}
            for check in followed:
                other = self.values(arm.name, check.value)
                seeds = sorted(base[check.id].keys() & other.keys())
                a, b = (np.array([side[seed] for seed in seeds]) for side in (base[check.id], other))
                row[check.id] = effects.quantity(a, b)
            rows.append((arm, row))
        return rows

    def kept_back(self) -> list[Shown]:
        """The model's figures of series whose record is kept back."""
        found = []
        for what in self.asked.kept_back:
            values = np.array(list(self.values(REFERENCE_ARM, what.value).values()))
            found.append(Shown(what, effects.amount(values), len(values)))
        return found


def _unscored(line: Checked) -> Checked:
    return replace(line, verdict=UNSCORED)


def _nothing(check: Check) -> Checked:
    """A check of which no history says anything."""
    none = math.nan
    return Checked(check, 0, none, none, none, none, none, none, none, none, none, UNMEASURED)


# Judging ----------------------------------------------------------------------------------------------------------


def judged(check: Check, a: np.ndarray, b: np.ndarray, fewest: int) -> Checked:
    """A check on histories b (runs,), paired with a (runs,) where its rule pairs. Below `fewest` all is undecided."""
    if not len(b):
        return _nothing(check)
    values = _single(check, a, b)
    level = effects.amount(values[np.isfinite(values)])
    share = _meeting(check, a, b, values)
    estimate, band = _estimate(check, a, b, values, share)
    verdict = decide(estimate, band)
    if check.rule == OVERLAP:
        verdict = HOLDS if level.band_low <= check.within[1] and level.band_high >= check.within[0] else FAILS
    if len(b) < fewest:
        verdict = UNDECIDED
    return Checked(check, len(b), level.median, level.band_low, level.band_high, *estimate, *share, verdict)


def _meeting(check: Check, a: np.ndarray, b: np.ndarray, values: np.ndarray) -> Interval:
    """Share of histories that lie inside the band by themselves, or of pairs whose ratio does, with its interval."""
    if check.event is not None:
        return math.nan, math.nan, math.nan  # a single history has an event or not, and no ratio
    if check.rule == RATIO:
        values = b[a != 0] / a[a != 0]
    if not len(values):
        return math.nan, math.nan, math.nan
    met = sum(inside(value, check.within) for value in values)
    return met / len(values), *wilson(met, len(values))


def _single(check: Check, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(runs,) of what is shown for each history or pair: the quantity; of a ratio, that of the arm."""
    if check.rule != rural_checks.RESPONSE:
        return b
    known = (a > 0) & (b > 0)
    return np.log(b[known] / a[known]) / math.log(check.prices[0] / check.prices[1])


def _estimate(check: Check, a: np.ndarray, b: np.ndarray, values: np.ndarray, share: Interval) -> tuple[Interval, Band]:
    """What the rule looks at, with its interval, and the band it is held against."""
    if check.rule == SHARE:
        return share, (check.least, check.most)
    if check.rule == RATIO:
        return ratio_of_means(a, b), check.within
    return (effects.amount(values).median, *effects.median_interval(values)), check.within


def decide(estimate: Interval, band: Band) -> str:
    """Holds when the interval lies in the band, fails when it lies outside, undecided when it reaches over an edge."""
    _, low, high = estimate
    if math.isnan(low) or math.isnan(high):
        return UNDECIDED
    if band[0] <= low and high <= band[1]:
        return HOLDS
    return FAILS if high < band[0] or low > band[1] else UNDECIDED


def inside(value: float, band: Band) -> bool:
    return band[0] <= value <= band[1]


def ratio_of_means(a: np.ndarray, b: np.ndarray) -> Interval:
    """mean(b) / mean(a) of pairs (runs,) with Fieller's 95 % interval; NaN where mean(a) cannot be told from 0.

    Fieller, Journal of the Royal Statistical Society B 16 (1954) 175–185.
    """
    n = len(a)
    if n < 2 or a.mean() == 0:
        return math.nan, math.nan, math.nan
    middle = float(b.mean() / a.mean())
    (va, vab), (_, vb) = np.cov(a, b) * effects.student(n - 1) ** 2 / n
    p, q, r = a.mean() ** 2 - va, a.mean() * b.mean() - vab, b.mean() ** 2 - vb
    if p <= 0:
        return middle, math.nan, math.nan
    root = math.sqrt(max(q * q - p * r, 0.0))
    return middle, float((q - root) / p), float((q + root) / p)


def tally(lines: Sequence[Checked]) -> dict[str, int]:
    """Verdict -> how many."""
    return {word: sum(line.verdict == word for line in lines) for word in (HOLDS, FAILS, UNDECIDED, UNMEASURED)}


def groups(lines: Sequence[Checked]) -> dict[str, list[Checked]]:
    """The checks by where they are shown: each window of the record, changed (what one arm changed), no_result."""
    found: dict[str, list[Checked]] = {}
    for line in lines:
        check = line.check
        changed = check.paired or check.arm != REFERENCE_ARM
        place = "no_result" if check.no_result else "changed" if changed else check.use
        found.setdefault(place, []).append(line)
    return found
