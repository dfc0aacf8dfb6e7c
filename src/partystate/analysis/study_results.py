"""What a study found: levels, paired effects, order, dates, checks against the record, and what each system moves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from partystate import record
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble

from . import against_record, effects, outcomes
from .compare import CHANCES, DATES, Comparison, Line, Side, compare, patronage, title
from .effects import Effect, Level
from .intervals import quantiles, wilson
from .study import HOLDER, OFF, Arm, Check, Condition, PowerStudy
from .study_measures import MEAN, STANDING, observables

REMOVED, FIRST = "removed.", "first."
HIGHEST = 0.95  # a chance above this would mean that what happened could hardly have failed to
ALONE, WITHOUT = "identical", "identical-S01-off"
HOLDS, FAILS, UNDECIDED, UNMEASURED = "holds", "fails", "undecided", "not measured"
MOVES, STILL = "moves", "does not move"


@dataclass(frozen=True)
class Outcome:
    """An outcome in the reference."""

    name: str
    title: str
    meaning: str
    level: Level
    runs: int
    contains_patronage: bool


@dataclass(frozen=True)
class Asked:
    """A condition, the share of histories in which it held with its interval, and a verdict in a word."""

    condition: Condition
    share: float
    low: float
    high: float
    runs: int
    verdict: str


@dataclass(frozen=True)
class Departure:
    """When one person went out: in `runs` histories, beside the record. low … high: of those who went.

    median: over all these histories, infinite when fewer than half of them reached it, with its interval.
    """

    person: str
    among: str
    runs: int
    happened: float
    low: float
    middle: float
    high: float
    median: float
    median_low: float
    median_high: float
    record_date: str
    record_month: int | None
    verdict: str = ""


@dataclass(frozen=True)
class Checked:
    """A figure of the record beside the model's median and middle 80 % of histories."""

    check: Check
    runs: int
    median: float
    band_low: float
    band_high: float
    record: float
    record_low: float
    record_high: float
    use: str
    grade: str
    source: str
    verdict: str


@dataclass(frozen=True)
class Moved:
    """One series that a system is declared to move, and whether it did. effect: None where it was not measured."""

    system: str
    series: str
    total: bool
    effect: Effect | None
    word: str
    contains_patronage: bool


@dataclass(frozen=True)
class Given:
    """One person with and without the Secretariat. standing: of being the last one standing, with against without."""

    person: str
    keeps: Level
    leads: Level
    standing: Effect


@dataclass(frozen=True)
class Alike:
    """All contenders alike: how often the holder is the last one standing, any other on average, and the gap."""

    arm: Arm
    holder: Level
    others: Level
    gap: float
    low: float
    high: float
    runs: int


class Results:
    """A study as far as it was run. ensembles: arm -> stored ensemble; the reference must be among them."""

    def __init__(self, study: PowerStudy, ensembles: Mapping[str, Ensemble]) -> None:
        self.study = study
        self.sides = {arm: Side.of(stored) for arm, stored in ensembles.items()}
        self.reference = self.sides[REFERENCE_ARM]
        self.known = record.load()
        stored = ensembles[REFERENCE_ARM].outcomes()
        self.values: Mapping[str, np.ndarray] = stored
        self.comparisons: dict[str, Comparison] = {
            name: compare(self.reference, side) for name, side in self.sides.items() if name != REFERENCE_ARM
        }

    @property
    def runs(self) -> int:
        return len(self.reference.parts)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Arms that were run, the reference ahead."""
        return tuple(arm for arm in self.study.arms if arm.name in self.sides)

    @property
    def contenders(self) -> list[str]:
        return [name.removeprefix(FIRST) for name in self.values if name.startswith(FIRST)]

    @property
    def holder(self) -> str:
        """Who is given the Secretariat when nobody else is named."""
        return next(row["person"] for row in self.known.founding["given"] if row["office"] == "secretariat")

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data; infinite months (not reached) and what is undefined become null in JSON."""
        among = self.study.dates.among
        comparisons = {
            arm: {"pairs": len(found.seeds), "notes": found.notes, "outcomes": [line.as_dict() for line in found.lines]}
            for arm, found in self.comparisons.items()
        }
        return {
            "runs": self.runs,
            "seeds": [min(self.reference.parts), max(self.reference.parts)],
            "arms": [asdict(arm) | {"meaning": self.meaning(arm)} for arm in self.arms],
            "reference": [asdict(outcome) for outcome in self.outcomes()],
            "conditions": [asdict(asked) for asked in self.conditions()],
            "first_censured": {
                a or "all": {p: asdict(x) for p, x in self.first_censured(a).items()} for a in ("", among)
            },
            "departures": [asdict(line) for a in ("", among) for line in self.departures(a)],
            "checks": [asdict(line) for line in self.checks()],
            "systems": [asdict(line) for line in self.moved()],
            "permutation": [asdict(line) for line in self.permutation()],
            "given_to_another": [line.as_dict() for line in self.given_to_another()],
            "alike": [asdict(line) for line in self.alike()],
            "appointment_gap": self.appointment_gap(),
            "effects": comparisons,
        }

    def outcomes(self) -> list[Outcome]:
        """Every defined outcome in the reference."""
        found = []
        for name, meaning in outcomes.DEFINITIONS.items():
            values = self.values[name]
            runs = len(values) if name.startswith(DATES) else int(np.isfinite(values).sum())
            found.append(Outcome(name, title(name), meaning, self.level(name), runs, patronage(name)))
        return found

    def level(self, name: str) -> Level:
        """The level of an outcome in the reference."""
        values = self.values[name]
        if name.startswith(DATES):
            return effects.when(values, self.study.months)
        defined = values[np.isfinite(values)]
        return effects.share(defined) if name.startswith(CHANCES) else effects.amount(defined)

    def highest_chance(self) -> Outcome:
        """The chance nearest to certainty."""
        return max((o for o in self.outcomes() if o.name in outcomes.CHANCES), key=lambda outcome: outcome.level.mean)

    def effect(self, arm: str, name: str) -> Line | None:
        """An outcome of an arm against the reference; None where it is not measured in both."""
        return next((line for line in self.comparisons[arm].lines if line.name == name), None)

    def _among(self, name: str) -> np.ndarray:
        return self.values[name] > 0 if name else np.ones(self.runs, dtype=bool)

    def conditions(self) -> list[Asked]:
        """What is asked of the reference."""
        return [self._asked(condition) for condition in self.study.conditions]

    def _asked(self, condition: Condition) -> Asked:
        values = self.values[condition.outcome][self._among(condition.among)]
        if not len(values):
            return Asked(condition, math.nan, math.nan, math.nan, 0, UNDECIDED)
        low, high = wilson(values.sum(), len(values))
        verdict = HOLDS if low >= condition.least else FAILS if high < condition.least else UNDECIDED
        return Asked(condition, float(values.mean()), low, high, len(values), verdict)

    def first_censured(self, among: str) -> dict[str, Level]:
        """Contender -> share of histories in which he was the first to be censured (a tie is shared)."""
        chosen = self._among(among)
        return {person: effects.share(self.values[FIRST + person][chosen]) for person in self.contenders}

    def departures(self, among: str = "") -> list[Departure]:
        """Each contender's removal beside the record, those who went first in the record ahead."""
        chosen = self._among(among)
        times = {person: self.values[REMOVED + person][chosen] for person in self.contenders}
        lines = against_record.removals({person: [None] for person in times}, self.known, self.study.months)
        told = {line.person: line for line in lines}
        order = sorted(times, key=lambda p: told[p].record_month if p in told else math.inf)
        return [self._departure(person, among, times[person], told.get(person)) for person in order]

    def _departure(self, person: str, among: str, months: np.ndarray, told: Any) -> Departure:
        went = months[np.isfinite(months)]
        all_of_them = np.where(np.isfinite(months), months, np.inf)
        low, middle, high = quantiles(went, effects.BAND)
        median = effects.quantile(all_of_them, 0.5)
        date, month = (told.record_date, told.record_month) if told else ("", None)
        verdict, dates = "", self.study.dates
        if month is not None and among == dates.among and person in dates.persons:
            near = abs(median - month) <= dates.within  # of an infinite or undefined median: no
            verdict = HOLDS if near else FAILS
        share = len(went) / len(months) if len(months) else math.nan
        interval = effects.median_interval(all_of_them)
        return Departure(person, among, len(months), share, low, middle, high, median, *interval, date, month, verdict)

    def checks(self) -> list[Checked]:
        """Figures of the record that were named beforehand."""
        return [self._checked(check) for check in self.study.checks]

    def _checked(self, check: Check) -> Checked:
        series = self.known.series[check.series]
        point = next(point for point in series.points if point.date.text == check.date)
        low, high = (bound * check.factor for bound in point.bounds)
        values = self.values[check.outcome][self._among(check.among)] if check.outcome else np.empty(0)
        values = values[np.isfinite(values)]
        level = effects.amount(values)
        verdict = UNMEASURED
        if len(values):
            verdict = HOLDS if level.band_low <= high and level.band_high >= low else FAILS
        return Checked(
            check, len(values), level.median, level.band_low, level.band_high, point.value * check.factor, low, high,
            series.window(point.date), point.grade, point.source, verdict,
        )  # fmt: skip

    def moved(self) -> list[Moved]:
        """Every series that a system is declared to move, where its arm was run."""
        declared = observables()
        systems = [arm.name.removesuffix("-off") for arm in self.arms if arm.group == OFF]
        return [self._moved(system, series) for system in systems for series in declared.get(system, ())]

    def _moved(self, system: str, series: str) -> Moved:
        line = self.effect(f"{system}-off", MEAN + series)
        effect = line.effect if line and line.effect.pairs else None
        word = UNMEASURED if effect is None else MOVES if effect.clear else STILL
        return Moved(system, series, series in self.study.totals, effect, word, patronage(series))

    def meaning(self, arm: Arm) -> str:
        """What an arm is without, and what takes its place; empty where nothing is off."""
        return " ".join(self.sides[arm.name].facts["off"].values())

    def permutation(self) -> list[Given]:
        """Each person with the Secretariat against the same person without it, in the same seeds."""
        found = []
        for arm in (arm for arm in self.arms if arm.group == HOLDER):
            person = arm.name.partition("-")[2]
            levels = (self.comparisons[arm.name].line(name).effect.b for name in ("keeps_secretariat", "leads"))
            found.append(Given(person, *levels, self.comparisons[arm.name].line(STANDING + person).effect))
        return found

    def given_to_another(self) -> list[Line]:
        """How often the first holder of the record is the last one standing when another has the Secretariat."""
        arms = (arm.name for arm in self.arms if arm.group == HOLDER)
        return [self.comparisons[arm].line(STANDING + self.holder) for arm in arms]

    def alike(self) -> list[Alike]:
        """All contenders alike, with and without appointment from above."""
        return [self._alike(arm) for arm in self.arms if arm.name in (ALONE, WITHOUT)]

    def _alike(self, arm: Arm) -> Alike:
        holder, others = self._standing(arm.name)
        gap = holder - others
        low, high = effects.mean_interval(gap)
        middle = float(gap.mean()) if len(gap) else math.nan
        return Alike(arm, effects.share(holder), effects.amount(others), middle, low, high, len(gap))

    def _standing(self, arm: str) -> tuple[np.ndarray, np.ndarray]:
        """(runs,) of the holder, and the mean of the other contenders."""
        parts = [part.outcomes for part in self.sides[arm].parts.values()]
        by_person = {p: np.array([part[STANDING + p] for part in parts], dtype=float) for p in self.contenders}
        holder = by_person.pop(self.holder)
        return holder, np.mean(list(by_person.values()), axis=0)

    def appointment_gap(self) -> tuple[float, float, float] | None:
        """By how much the holder's advantage among equals shrinks without appointment, with its paired interval."""
        if not {ALONE, WITHOUT} <= self.sides.keys():
            return None
        one, other = (
            dict(zip(self.sides[arm].parts, np.subtract(*self._standing(arm)), strict=True)) for arm in (ALONE, WITHOUT)
        )
        change = np.array([one[seed] - other[seed] for seed in sorted(one.keys() & other.keys())])
        return (float(change.mean()), *effects.mean_interval(change)) if len(change) else None


def by_arm(results: Results, names: Sequence[str]) -> list[tuple[Arm, list[Effect | None]]]:
    """For each arm but the reference, its effect on each of `names`."""
    rows = []
    for arm in results.arms[1:]:
        lines = [results.effect(arm.name, name) for name in names]
        rows.append((arm, [line.effect if line else None for line in lines]))
    return rows
