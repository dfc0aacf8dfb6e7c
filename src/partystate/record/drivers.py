"""Drivers: exogenous series a mechanism may follow. A driver is never scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record import dates
from partystate.record.dates import Span
from partystate.record.files import first_column
from partystate.record.schema import SOURCE, Table, date, grade, number, ref, remark, text, unit, yes_no


@dataclass(frozen=True, slots=True)
class DriverPoint:
    """A value from a date on, or for a period."""

    date: Span
    value: float
    note: str = ""


@dataclass(frozen=True)
class Driver:
    """`hindsight` marks codings made by people who knew the outcome: never score what such a driver moves."""

    id: str
    title: str
    unit: str
    place: str
    hindsight: bool
    source: str
    grade: str
    note: str
    points: tuple[DriverPoint, ...] = ()

    def monthly(self, kind: str = "step"):
        """float64[234] from January 1922; see `dates.monthly`."""
        return dates.monthly([(point.date, point.value) for point in self.points], kind)


@dataclass(frozen=True, slots=True)
class _Value:
    driver_id: str
    date: Span
    value: float
    note: str


def _driver(driver_id: str, **rest) -> Driver:
    return Driver(id=driver_id, **rest)


DRIVERS = Table(
    "drivers.csv",
    _driver,
    (
        text("driver_id"), text("title"), unit(), ref("place", "places", False), yes_no("hindsight"), SOURCE, grade(),
        remark("note"),
    ),
    ("driver_id",),
)  # fmt: skip
POINTS = Table(
    "driver_points.csv",
    _Value,
    (ref("driver_id", "drivers"), date("date"), number("value"), remark("note")),
    ("driver_id", "date"),
)


def read_drivers(folder: Path, faults: Collector, known: Mapping) -> dict[str, Driver]:
    """All drivers by id, points in order of date."""
    drivers = {driver.id: (where, driver) for where, driver in DRIVERS.read(folder, faults, known)}
    ids = first_column(folder, DRIVERS.file)
    points: dict[str, list[DriverPoint]] = {}
    for _, row in POINTS.read(folder, faults, {"drivers": ids}):
        points.setdefault(row.driver_id, []).append(DriverPoint(row.date, row.value, row.note))
    made = {}
    for name, (where, driver) in drivers.items():
        if name not in points:
            faults.add(where, name, "at least one value in driver_points.csv", None)
        placed = sorted(points.get(name, ()), key=lambda point: point.date.first)
        made[name] = replace(driver, points=tuple(placed))
    return made
