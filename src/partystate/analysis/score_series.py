"""Figures, series and totals of a scorecard: what is counted, weighted and averaged, and with which intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from partystate.record.series import CALIBRATION, VALIDATION, Series

from . import scoring
from .intervals import wilson

HINDSIGHT = "hindsight"  # the third use, beside calibration and validation
USES = (VALIDATION, CALIBRATION, HINDSIGHT)
SECTORS_TOGETHER = "all"
BANDS = (50, 80, 95)
FIFTHS = 5
# How much a figure counts in a mean. A figure read in its source counts in full; one taken over at second hand, or
# contested, may yet be replaced. Nothing measures by how much: the steps are equal, and totals with equal weights are
# given beside.
GRADE_WEIGHTS = {"A": 1.0, "B": 2 / 3, "C": 1 / 3}
EQUAL_WEIGHTS = dict.fromkeys(GRADE_WEIGHTS, 1.0)


@dataclass(frozen=True)
class Figure:
    """One figure of the record beside the ensemble.

    quantiles: of the runs, at `scoring.QUANTILES`. inside: band in % -> whether it holds the figure; *_aware: with the
    range of the record allowed for. rank: where the figure lies among the runs, 0 to 1, ties broken by lot. naive:
    name -> CRPS, only where enough was known. hindsight: drivers coded with hindsight that had been at work; CRPS is
    then NaN and `naive` empty.
    """

    series: str
    date: str
    month: int
    use: str
    grade: str
    source: str
    record: float
    low: float
    high: float
    quantiles: tuple[float, ...]
    inside: Mapping[int, bool]
    inside_aware: Mapping[int, bool]
    rank: float
    crps: float
    crps_aware: float
    naive: Mapping[str, float]
    naive_aware: Mapping[str, float]
    hindsight: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        return self.quantiles[scoring.QUANTILES.index(0.5)]

    @property
    def width(self) -> float:
        """Width of the 80 % band, in the unit of the series."""
        return self.quantiles[scoring.QUANTILES.index(0.9)] - self.quantiles[scoring.QUANTILES.index(0.1)]

    @property
    def bias(self) -> float:
        """How far the median is above the record, as a share of the record."""
        return (self.median - self.record) / self.record if self.record else math.nan

    @property
    def bias_in_ranges(self) -> float:
        """The same in widths of the record's range; NaN where it gives none."""
        width = self.high - self.low
        return (self.median - self.record) / width if width > 0 else math.nan


@dataclass(frozen=True)
class Against:
    """A series against one naive forecast: means over the `figures` for which that has a forecast."""

    figures: int
    crps: float
    naive: float
    crps_aware: float
    naive_aware: float
    level: float
    weight: float

    @property
    def skill(self) -> float:
        """1 − CRPS / CRPS of the naive forecast: 1 is perfect, below 0 is worse than naive."""
        return _skill(self.crps, self.naive)

    @property
    def skill_aware(self) -> float:
        return _skill(self.crps_aware, self.naive_aware)


@dataclass(frozen=True)
class Line:
    """One series in one use. within: band in % -> figures inside it, with Wilson's 95 % interval of the share.

    crps, level, width: means of the CRPS, of the size of the record's figures, and of the width of the 80 % band, in
    the unit of the series. bias: median over the figures. grades: grade -> number of figures.
    """

    series: str
    title: str
    unit: str
    sector: str
    use: str
    figures: tuple[Figure, ...]
    grades: Mapping[str, int]
    within: Mapping[int, tuple[int, float, float]]
    within_aware: Mapping[int, tuple[int, float, float]]
    crps: float
    crps_aware: float
    level: float
    width: float
    bias: float
    bias_in_ranges: float
    against: Mapping[str, Against]

    @property
    def worst(self) -> float:
        """The skill against the naive forecast that does best; NaN where there is none."""
        return min((one.skill for one in self.against.values()), default=math.nan)

    @property
    def fails(self) -> bool:
        """Whether some naive forecast does better."""
        return self.worst < 0


@dataclass(frozen=True)
class Skill:
    """Skill of all series together against one naive forecast, with 95 % interval, and in how many it is below 0."""

    value: float
    low: float
    high: float
    aware: float
    aware_low: float
    aware_high: float
    series: int
    worse: int


@dataclass(frozen=True)
class Total:
    """All series of one use, in one sector or together; 95 % intervals by resampling series.

    within: band in % -> share of figures inside, with interval (`_held`). fifths: how many figures lie in each fifth of
    the runs, lowest first; as many in each if the ensemble is right. fails: series for which a naive forecast does
    better, of `compared` that have one.
    """

    use: str
    sector: str
    weights: str
    series: int
    figures: int
    within: Mapping[int, tuple[float, float, float]]
    within_aware: Mapping[int, tuple[float, float, float]]
    fifths: tuple[int, ...]
    skill: Mapping[str, Skill]
    fails: int
    compared: int


def _skill(crps: float, naive: float) -> float:
    if naive > 0:
        return 1 - crps / naive
    return -math.inf if crps > 0 else 0.0  # the naive forecast is perfect


def lines_of(figures: Mapping[str, Sequence[Figure]], known: Any, weights: Mapping[str, float]) -> list[Line]:
    """One line for each series and use. figures: series -> its figures; weights: grade -> how much it counts."""
    return [
        _line(known.series[name], use, chosen, weights)
        for name, its in figures.items()
        for use in USES
        if (chosen := [figure for figure in its if figure.use == use])
    ]


def _line(series: Series, use: str, figures: Sequence[Figure], weights: Mapping[str, float]) -> Line:
    grades = [figure.grade for figure in figures]
    mean = partial(_mean, weights=[weights[grade] for grade in grades])
    return Line(
        series=series.id,
        title=series.title,
        unit=series.unit,
        sector=series.sector,
        use=use,
        figures=tuple(figures),
        grades={grade: grades.count(grade) for grade in sorted(set(grades))},
        within={band: _share([figure.inside[band] for figure in figures]) for band in BANDS},
        within_aware={band: _share([figure.inside_aware[band] for figure in figures]) for band in BANDS},
        crps=mean([figure.crps for figure in figures]),
        crps_aware=mean([figure.crps_aware for figure in figures]),
        level=mean([abs(figure.record) for figure in figures]),
        width=mean([figure.width for figure in figures]),
        bias=_median([figure.bias for figure in figures]),
        bias_in_ranges=_median([figure.bias_in_ranges for figure in figures]),
        against={
            name: _against([figure for figure in figures if name in figure.naive], name, weights)
            for name in scoring.NAIVE
            if any(name in figure.naive for figure in figures)
        },
    )


def _against(figures: Sequence[Figure], name: str, weights: Mapping[str, float]) -> Against:
    counts = [weights[figure.grade] for figure in figures]
    mean = partial(_mean, weights=counts)
    return Against(
        figures=len(figures),
        crps=mean([figure.crps for figure in figures]),
        naive=mean([figure.naive[name] for figure in figures]),
        crps_aware=mean([figure.crps_aware for figure in figures]),
        naive_aware=mean([figure.naive_aware[name] for figure in figures]),
        level=mean([abs(figure.record) for figure in figures]),
        weight=float(np.mean(counts)),
    )


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return float(np.average(values, weights=weights))


def _median(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return float(np.median(finite)) if finite else math.nan


def _share(held: Sequence[bool]) -> tuple[int, float, float]:
    return sum(held), *wilson(sum(held), len(held))


def totals_of(lines: Sequence[Line], weights: str) -> list[Total]:
    """Each use, all sectors together and, where there are several, each sector. weights: the name of those used."""
    found = []
    for use in USES:
        chosen = [line for line in lines if line.use == use]
        sectors = sorted({line.sector for line in chosen})
        for sector in ([SECTORS_TOGETHER] if chosen else []) + (sectors if len(sectors) > 1 else []):
            mine = [line for line in chosen if sector in (SECTORS_TOGETHER, line.sector)]
            found.append(_total(use, sector, weights, mine))
    return found


def _total(use: str, sector: str, weights: str, lines: Sequence[Line]) -> Total:
    sizes = np.array([len(line.figures) for line in lines])
    ranks = [figure.rank for line in lines for figure in line.figures]
    compared = [line for line in lines if line.against]
    return Total(
        use=use,
        sector=sector,
        weights=weights,
        series=len(lines),
        figures=int(sizes.sum()),
        within={band: _held([line.within[band][0] for line in lines], sizes) for band in BANDS},
        within_aware={band: _held([line.within_aware[band][0] for line in lines], sizes) for band in BANDS},
        fifths=tuple(np.histogram(ranks, bins=FIFTHS, range=(0, 1))[0].tolist()),
        skill={
            name: _together([line.against[name] for line in compared if name in line.against])
            for name in scoring.NAIVE
            if any(name in line.against for line in compared)
        },
        fails=sum(line.fails for line in compared),
        compared=len(compared),
    )


def _held(inside: Sequence[int], figures: np.ndarray) -> tuple[float, float, float]:
    """Share of figures inside, with the wider on either side of the interval by series and Wilson's by figures.

    Resampling series is blind where all or none of the figures are inside; counting figures, where those of a series
    go together.
    """
    value, low, high = scoring.ratio(inside, figures)
    counted_low, counted_high = wilson(sum(inside), int(figures.sum()))
    return value, float(np.fmin(low, counted_low)), float(np.fmax(high, counted_high))


def _together(series: Sequence[Against]) -> Skill:
    """Every CRPS as a share of the level of its series, so that series of any unit can be added up, each once."""
    share = np.array([one.weight / one.level if one.level > 0 else 0.0 for one in series])

    def skill(crps: list[float], naive: list[float]) -> tuple[float, float, float]:
        value, low, high = scoring.ratio(share * crps, share * naive)
        return 1 - value, 1 - high, 1 - low

    plain = skill([one.crps for one in series], [one.naive for one in series])
    aware = skill([one.crps_aware for one in series], [one.naive_aware for one in series])
    return Skill(*plain, *aware, len(series), sum(one.skill < 0 for one in series))


def severity(line: Line) -> tuple[bool, float, float]:
    """Sorts the worst first: by the skill against the best naive forecast, without one by the share inside 80 %."""
    known = math.isfinite(line.worst)
    return not known, line.worst if known else 0.0, line.within[80][0] / len(line.figures)
