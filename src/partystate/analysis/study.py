"""A study: a fixed list of arms on fresh seeds, described in `studies/NAME.toml` before its results are seen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import did_you_mean, problem
from partystate.model import catalogue
from partystate.runs.design import REFERENCE_ARM

FOLDER = Path(__file__).with_name("studies")
OFF, HOLDER = "off", "holder"
POWER = "power"


@dataclass(frozen=True)
class Arm:
    """One ensemble of a study. group: such as reference, off or variant. runs: how many, None for as many as asked."""

    name: str
    group: str
    title: str
    scenario: str = ""
    runs: int | None = None


@dataclass(frozen=True)
class Condition:
    """A share of histories that is asked for: `outcome` among the histories where `among` is above 0."""

    outcome: str
    among: str
    least: float
    title: str


@dataclass(frozen=True)
class Check:
    """A figure of the record, and the outcome that answers to it when the figure is multiplied by `factor`."""

    outcome: str
    series: str
    date: str
    title: str
    factor: float = 1.0
    among: str = ""


@dataclass(frozen=True)
class Dates:
    """Removals whose median is asked to lie within so many months of the record, among histories where …"""

    within: int
    persons: tuple[str, ...]
    among: str


@dataclass(frozen=True)
class Study:
    """What all studies have in common.

    kind: what is measured and shown, see `study_kinds`. sector: the one that runs alone, None for the standard ones.
    data: `studies/NAME.toml` as it was read. text: the file itself.
    """

    name: str
    kind: str
    title: str
    months: int
    first_seed: int
    runs: int
    arms: tuple[Arm, ...]
    sector: str | None
    data: Mapping[str, Any]
    text: str

    def arm(self, name: str) -> Arm:
        """An arm by name. Raises Problem (exit 2) when there is none."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        names = [arm.name for arm in self.arms]
        raise problem("--only", "arm", "an arm of the study", name, did_you_mean(name, names) or f"Arms: {names}.")

    def group(self, name: str) -> tuple[Arm, ...]:
        return tuple(arm for arm in self.arms if arm.group == name)


@dataclass(frozen=True)
class PowerStudy(Study):
    """What is asked of the struggle for power."""

    totals: tuple[str, ...]
    windows: Mapping[str, tuple[int, int]]
    conditions: tuple[Condition, ...]
    checks: tuple[Check, ...]
    dates: Dates


def names() -> list[str]:
    """The studies there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache(maxsize=4)
def load(name: str) -> Study:
    """The study `name`. Raises Problem (exit 2) when there is none."""
    if name not in names():
        hint = did_you_mean(name, names()) or f"Studies: {', '.join(names())}."
        raise problem("STUDY", name, "the name of a study", name, hint)
    return parse(name, (FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def power() -> PowerStudy:
    """The study of the struggle for power."""
    return cast(PowerStudy, load(POWER))


def parse(name: str, text: str) -> Study:
    """A study from the text of its file; one that names no kind is of the kind of its name."""
    data = tomllib.loads(text)
    kind, sector = data.get("kind", name), data.get("sector")
    carried = catalogue.systems((sector,) if sector else catalogue.STANDARD)
    offs = [*data["first_off"], *(key for key in carried if key not in data["first_off"])]
    common = {
        "name": name,
        "kind": kind,
        "title": data["title"],
        "months": calendar.index(data["until"]) if "until" in data else calendar.MONTHS,
        "first_seed": data["first_seed"],
        "runs": data["runs"],
        "arms": (
            Arm(REFERENCE_ARM, REFERENCE_ARM, "The reference history"),
            *(_off(system, data.get("runs_off")) for system in offs),
            *(Arm(**row) for row in data["arms"]),
            *map(_holder, data.get("holders", ())),
        ),
        "sector": sector,
        "data": data,
        "text": text,
    }
    if kind != POWER:
        return Study(**common)
    return PowerStudy(
        **common,
        totals=tuple(data["totals"]),
        windows={key: (calendar.index(first), calendar.index(last)) for key, (first, last) in data["windows"].items()},
        conditions=tuple(Condition(**row) for row in data["conditions"]),
        checks=tuple(Check(**row) for row in data["checks"]),
        dates=Dates(data["dates"]["within"], tuple(data["dates"]["persons"]), data["dates"]["among"]),
    )


def _off(system: str, runs: int | None) -> Arm:
    title = f"Without {system}, {record.load().systems[system].name}"
    return Arm(f"{system}-off", OFF, title, f'[systems]\noff = ["{system}"]\n', runs)


def _holder(person: str) -> Arm:
    title = f"{person} is given the Secretariat"
    return Arm(f"holder-{person}", HOLDER, title, f'[founding]\nholder = "{person}"\n')


def chosen(study: Study, only: Sequence[str]) -> tuple[Arm, ...]:
    """The arms named in `only`, all when it is empty; always with the reference, which every other is paired with."""
    wanted = {study.arm(name).name for name in only} | {REFERENCE_ARM}
    return tuple(arm for arm in study.arms if not only or arm.name in wanted)
