"""A study: a fixed list of arms on fresh seeds, described in `studies/NAME.toml` before its results are seen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import did_you_mean, problem
from partystate.model import catalogue
from partystate.runs.design import REFERENCE_ARM

FOLDER = Path(__file__).with_name("studies")
OFF, HOLDER = "off", "holder"


@dataclass(frozen=True)
class Arm:
    """One ensemble of a study. group: reference, off, variant, together, holder or identical."""

    name: str
    group: str
    title: str
    scenario: str = ""


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
    """What `studies/NAME.toml` says; `text` is the file itself."""

    name: str
    title: str
    months: int
    first_seed: int
    runs: int
    arms: tuple[Arm, ...]
    totals: tuple[str, ...]
    windows: Mapping[str, tuple[int, int]]
    conditions: tuple[Condition, ...]
    checks: tuple[Check, ...]
    dates: Dates
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


def parse(name: str, text: str) -> Study:
    """A study from the text of its file."""
    data = tomllib.loads(text)
    offs = [*data["first_off"], *(key for key in catalogue.systems() if key not in data["first_off"])]
    return Study(
        name=name,
        title=data["title"],
        months=calendar.index(data["until"]),
        first_seed=data["first_seed"],
        runs=data["runs"],
        arms=(
            Arm(REFERENCE_ARM, REFERENCE_ARM, "The reference history"),
            *map(_off, offs),
            *(Arm(**row) for row in data["arms"]),
            *map(_holder, data["holders"]),
        ),
        totals=tuple(data["totals"]),
        windows={key: (calendar.index(first), calendar.index(last)) for key, (first, last) in data["windows"].items()},
        conditions=tuple(Condition(**row) for row in data["conditions"]),
        checks=tuple(Check(**row) for row in data["checks"]),
        dates=Dates(data["dates"]["within"], tuple(data["dates"]["persons"]), data["dates"]["among"]),
        text=text,
    )


def _off(system: str) -> Arm:
    title = f"Without {system}, {record.load().systems[system].name}"
    return Arm(f"{system}-off", OFF, title, f'[systems]\noff = ["{system}"]\n')


def _holder(person: str) -> Arm:
    title = f"{person} is given the Secretariat"
    return Arm(f"holder-{person}", HOLDER, title, f'[founding]\nholder = "{person}"\n')


def chosen(study: Study, only: Sequence[str]) -> tuple[Arm, ...]:
    """The arms named in `only`, all when it is empty; always with the reference, which every other is paired with."""
    wanted = {study.arm(name).name for name in only} | {REFERENCE_ARM}
    return tuple(arm for arm in study.arms if not only or arm.name in wanted)
