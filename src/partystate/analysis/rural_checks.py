"""What the study of the countryside asks, read from its description: checks, levels, and what cannot be measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import problem
from partystate.record.series import CALIBRATION, VALIDATION, WITHHELD
from partystate.runs.design import REFERENCE_ARM

from . import rural_terms
from .rural_terms import Figure
from .study import Study

MEDIAN, SHARE, OVERLAP, RATIO, RESPONSE = RULES = ("median", "share", "overlap", "ratio", "response")
PAIRED = (RATIO, RESPONSE)
SPECIAL = ("ukraine_share", "regional_rank")
CALIBRATED_TO = calendar.index("1933-12")
Band = tuple[float, float]


@dataclass(frozen=True)
class Check:
    """One thing asked. within: the band; least, most: bounds of a share; event: the band that makes a history a 1.

    use: the window of the record it belongs to. harvest: rests on harvests. level: a single figure of a series.
    """

    id: str
    title: str
    value: str
    rule: str
    within: Band
    least: float = 0.0
    most: float = 1.0
    event: Band | None = None
    arm: str = REFERENCE_ARM
    against: str = REFERENCE_ARM
    prices: tuple[float, float] = (math.e, 1.0)
    use: str = CALIBRATION
    figure: Figure | None = None
    harvest: bool = False
    no_result: bool = False
    level: bool = False
    why_it_may_fail: str = ""

    @property
    def paired(self) -> bool:
        return self.rule in PAIRED

    @property
    def months(self) -> bool:
        """Whether the value is a month."""
        return self.value.startswith("month_of_max")


@dataclass(frozen=True)
class KeptBack:
    """A figure of the model that is put out without the record's, which is kept back."""

    series: str
    answers_to: str
    date: str
    value: str


@dataclass(frozen=True)
class Asked:
    """All that a study of the countryside asks.

    follow: id of a check -> heading, for the quantities shown in every arm. not_scored: arms whose weather knew the
    harvests. fewest: histories below which nothing is decided. values: every quantity that has to be measured.
    """

    checks: tuple[Check, ...]
    kept_back: tuple[KeptBack, ...]
    unmeasured: tuple[Mapping[str, str], ...]
    follow: Mapping[str, str]
    not_scored: tuple[str, ...]
    fewest: int
    about: str
    values: tuple[str, ...]

    def check(self, name: str) -> Check:
        return next(check for check in self.checks if check.id == name)


def of(study: Study) -> Asked:
    """What the description of `study` asks. Raises Problem (exit 2) for a rule, arm or band that does not go."""
    data, arms = study.data, {arm.name for arm in study.arms}
    checks = [_check(row, arms) for row in data["checks"]]
    kept: list[KeptBack] = []
    for row in data["levels"]:
        if _kept_back(row):
            answers = row.get("answers_to", row["series"])
            kept += [KeptBack(row["series"], answers, date, f"{row['series']} {date}") for date in row["dates"]]
        else:
            checks += [_level(row, date) for date in row["dates"]]
    values = dict.fromkeys([*(check.value for check in checks), *(each.value for each in kept)])
    return Asked(
        tuple(checks), tuple(kept), tuple(data["unmeasured"]), data["follow"],
        tuple(data["not_scored"]), data["fewest"], data["about"].strip(), tuple(values),
    )  # fmt: skip


def _kept_back(row: Mapping[str, Any]) -> bool:
    series = record.load().series.get(row.get("answers_to", row["series"]))
    return series is not None and series.withheld


def _check(row: Mapping[str, Any], arms: set[str]) -> Check:
    name = row["id"]
    if row["rule"] not in RULES:
        raise problem("checks", f"{name}.rule", f"one of {', '.join(RULES)}", row["rule"])
    for key in ("arm", "against"):
        if key in row and row[key] not in arms:
            raise problem("checks", f"{name}.{key}", "an arm of the study", row[key])
    given = {key: item for key, item in row.items() if key not in ("within", "event", "prices", "slack", "record")}
    figure = None if row["value"] in SPECIAL else rural_terms.in_record(row.get("record", row["value"]))
    if "arm" in row or "event" in row:
        figure = None  # what did not happen has no record
    return Check(
        **{"use": _use(row["value"]), **given},
        figure=figure,
        within=_band(row["within"]) if "within" in row else _near(name, figure, row.get("slack", 0.0)),
        event=_band(row["event"]) if "event" in row else None,
        prices=tuple(row.get("prices", (math.e, 1.0))),
    )


def _level(row: Mapping[str, Any], date: str) -> Check:
    value = f"{row['series']} {date}"
    figure = rural_terms.in_record(value)
    unit = record.load().series[row["series"]].unit
    title = f"{record.load().series[row['series']].title}, {date}, {unit}"
    within = _near(value, figure, row["slack"])
    harvest = row.get("harvest", False)
    return Check(
        value, title, value, MEDIAN, within, use=_use(value), figure=figure, harvest=harvest, level=True
    )  # fmt: skip


def _near(name: str, figure: Figure | None, slack: float) -> Band:
    """The record's range, or so much of its value to either side, whichever is wider."""
    if figure is None:
        raise problem("checks", name, "a band, or a figure of the record to be near to", "neither")
    return min(figure.low, figure.value * (1 - slack)), max(figure.high, figure.value * (1 + slack))


def _band(pair: Sequence[Any]) -> Band:
    """[low, high] as numbers: a month as its number, an empty side as infinite."""
    low, high = (calendar.index(side) if isinstance(side, str) and side else side for side in pair)
    return -math.inf if low == "" else float(low), math.inf if high == "" else float(high)


def _use(value: str) -> str:
    """calibration to 1933, validation after; withheld where a series of the quantity is kept back."""
    if value in SPECIAL:
        return CALIBRATION
    known = record.load().series
    if any(name in known and known[name].withheld for name in rural_terms.series_of(value)):
        return WITHHELD
    return CALIBRATION if rural_terms.last_month(value) <= CALIBRATED_TO else VALIDATION
