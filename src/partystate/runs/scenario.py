"""A scenario: what is different from the reference history. `scenario_file` reads and checks one from TOML.

The reference scenario is the empty file. A scenario may hold:

    title = "Vacancies filled by local election"
    question = "How much did the power of appointment matter?"
    expect = "the holder of the Secretariat leads less often"
    sources = ["rigby1988"]
    reading = "V.structural"

    [systems]
    off = ["S01"]

    [variants]
    appointments = "local_election"

    [parameters]
    "appointments.reach_after_list" = [0.2, 0.4]      # a number fixes, a pair changes the range

    [drivers]
    grain_shortfall = { scale = 0.5, values = { "1928-01" = 0.0 } }

    [founding]
    holder = "Zinoviev"
    alike = ["positions"]                             # or: identical_leaders = true
    traits = { "Trotsky.organisation" = 0.9 }
    deaths = { Lenin = "1926-01" }                    # or "never"
    illness = { Lenin = 0.5 }                         # factor on the share of work missed

    [[levers]]
    at = "1924-05"                                    # or: when = "power.client_share > 0.5"
    remove = "Trotsky"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partystate.foundation import calendar

RELATIONS = (">=", "<=", ">", "<")
ACTIONS = ("remove", "parameter", "systems_off", "systems_on")


@dataclass(frozen=True)
class Trigger:
    """`series relation threshold`; true in the first month in which the series satisfies it."""

    series: str
    relation: str
    threshold: float

    def holds(self, value: float) -> bool:
        """Whether `value` satisfies the relation; a missing value (NaN) never does."""
        return bool(
            {
                ">": value > self.threshold,
                "<": value < self.threshold,
                ">=": value >= self.threshold,
                "<=": value <= self.threshold,
            }[self.relation]
        )

    def __str__(self) -> str:
        return f"{self.series} {self.relation} {self.threshold:g}"


@dataclass(frozen=True)
class Lever:
    """One dated or triggered intervention: `at` is a month (0 = January 1922) or None, `when` a trigger or None.

    Exactly one action is set: `remove` (a person), `parameter` with `value`, `systems_off` or `systems_on`.
    """

    at: int | None = None
    when: Trigger | None = None
    remove: str | None = None
    parameter: str | None = None
    value: float | None = None
    systems_off: tuple[str, ...] = ()
    systems_on: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """The name of the one action that is set."""
        return next(name for name in ACTIONS if getattr(self, name))

    def __str__(self) -> str:
        time = f"at {calendar.label(self.at)}" if self.at is not None else f"when {self.when}"
        if self.parameter:
            return f"{time}: {self.parameter} = {self.value:g}"
        what = self.remove or ", ".join(self.systems_off or self.systems_on)
        return f"{time}: {self.action.replace('_', ' ')} {what}"


@dataclass(frozen=True)
class DriverChange:
    """A driver as the scenario has it: value × scale + shift, then `values` by month (0 = January 1922)."""

    scale: float = 1.0
    shift: float = 0.0
    values: Mapping[int, float] = field(default_factory=dict)


ALIKE = ("traits", "positions", "bonds", "offices")


@dataclass(frozen=True)
class Founding:
    """January 1922 as the scenario has it, and the deaths that the calendar gives.

    holder: who is given the Secretariat. alike: in what the contenders do not differ, of `ALIKE`; `identical_leaders`
    in a file names all four. traits: (person, trait) -> value in the model's unit, 0 to 1. deaths: person -> month
    (0 = January 1922) of a natural death, None for none within the run. illness: person -> factor on the share of work
    that illness keeps him from.
    """

    holder: str | None = None
    alike: frozenset[str] = frozenset()
    traits: Mapping[tuple[str, str], float] = field(default_factory=dict)
    deaths: Mapping[str, int | None] = field(default_factory=dict)
    illness: Mapping[str, float] = field(default_factory=dict)

    def canonical(self) -> dict[str, Any]:
        """What is declared, as plain JSON data."""
        everything = self.alike == frozenset(ALIKE)
        return _declared(
            holder=self.holder,
            identical_leaders=everything,
            alike=[] if everything else sorted(self.alike),
            traits={f"{person}.{trait}": value for (person, trait), value in sorted(self.traits.items())},
            deaths={
                person: "never" if month is None else calendar.label(month)
                for person, month in sorted(self.deaths.items())
            },
            illness=dict(sorted(self.illness.items())),
        )


@dataclass(frozen=True)
class Scenario:
    """A checked scenario; `scenario_file.load` makes one, `REFERENCE` is the empty one. `text` is the file itself."""

    title: str = ""
    question: str = ""
    expect: str = ""
    sources: tuple[str, ...] = ()
    reading: str | None = None
    systems_off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    drivers: Mapping[str, DriverChange] = field(default_factory=dict)
    founding: Founding = Founding()
    levers: tuple[Lever, ...] = ()
    text: str = ""
    where: str = "reference"

    def canonical(self) -> dict[str, Any]:
        """What the file declares as plain JSON data, with defaults, order and layout taken out; the reference is {}."""
        levers = [_lever_data(lever) for lever in self.levers]
        drivers = {
            name: _declared(
                scale=_unless(change.scale, 1.0),
                shift=_unless(change.shift, 0.0),
                values={calendar.label(month): value for month, value in sorted(change.values.items())},
            )
            for name, change in sorted(self.drivers.items())
        }
        return _declared(
            title=self.title,
            question=self.question,
            expect=self.expect,
            sources=list(self.sources),
            reading=self.reading,
            systems=_declared(off=sorted(self.systems_off)),
            variants=dict(sorted(self.variants.items())),
            parameters={
                key: list(value) if isinstance(value, tuple) else value
                for key, value in sorted(self.parameters.items())
            },
            drivers=drivers,
            founding=self.founding.canonical(),
            levers=levers,
        )

    @property
    def name(self) -> str:
        """The title, or the file's name, or `reference`."""
        return self.title or (Path(self.where).stem if self.canonical() else "reference")


REFERENCE = Scenario()


def _declared(**items: Any) -> dict[str, Any]:
    # Compared one by one: 0.0 == False, and a driver scaled by 0 is anything but undeclared.
    return {
        key: value
        for key, value in items.items()
        if value is not None and value is not False and value != "" and value != [] and value != {}
    }


def _unless(value: float, default: float) -> float | None:
    return None if value == default else value


def _lever_data(lever: Lever) -> dict[str, Any]:
    time = {"at": calendar.label(lever.at)} if lever.at is not None else {"when": str(lever.when)}
    # A parameter may be set to 0, which `_declared` would drop.
    action = (
        {"parameter": lever.parameter, "value": lever.value}
        if lever.parameter
        else _declared(remove=lever.remove, systems_off=list(lever.systems_off), systems_on=list(lever.systems_on))
    )
    return time | action
