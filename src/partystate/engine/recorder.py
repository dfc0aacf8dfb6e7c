"""What is written down of a run: declared measures, roll-calls, leaders by month. Copies, never references."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.model.chronicle import Event
from partystate.model.decisions import Motion
from partystate.model.ledger import FlowRow
from partystate.model.schema import ISSUES, SEATS
from partystate.model.world import World

# Columns of a leader that `leaders.parquet` gives as they are.
COLUMNS = ("rung", "prestige", "clients", "committee_clients", "power", "opposed", "bloc", "grievance", "patron")
KEPT = [(name, f"leader.{name}") for name in ("seat", "alive", "position", "declared", *COLUMNS)]


@dataclass(frozen=True)
class RunResult:
    """One finished (or stopped) run. ``series``: (id, region or None) -> (months,), NaN where not measured."""

    months: int
    series: dict[tuple[str, str | None], np.ndarray]
    chronicle: list[Event]
    flows: list[FlowRow]
    leaders: dict[str, np.ndarray]
    votes: list[Motion]
    facts: dict


@dataclass
class Recorder:
    """Collects as the run goes. With ``details`` off (ensembles) roll-calls are left out; the run never knows."""

    details: bool = True
    series: dict[tuple[str, str | None], np.ndarray] = field(default_factory=dict)
    regional: dict[str, np.ndarray] = field(default_factory=dict)
    votes: list[Motion] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def measure(self, series: str, month: int, value: float, region: str | None = None) -> None:
        try:
            self.series[series, region][month] = value
        except KeyError:
            self.series[series, region] = np.full(calendar.MONTHS, np.nan)
            self.series[series, region][month] = value

    def by_region(self, series: str, month: int, values: np.ndarray, regions: tuple[str, ...]) -> None:
        """The value of every region at once, as the series of the regions are rows of one array."""
        if series not in self.regional:
            self.regional[series] = np.full((len(regions), calendar.MONTHS), np.nan)
            for region, row in zip(regions, self.regional[series], strict=True):
                row[:] = self.series.get((series, region), np.nan)
                self.series[series, region] = row
        self.regional[series][:, month] = values

    def vote(self, motion: Motion) -> None:
        if self.details:
            self.votes.append(motion)

    def leaders(self, world: World) -> None:
        """Keep this month's state of every leader."""
        now = world.now
        row: dict[str, Any] = {name: now[column].copy() for name, column in KEPT}
        row["holder"] = now["office.holder"].copy()
        row["line"] = now["line.position"].copy()
        row["month"] = world.month
        self.rows.append(row)

    def leader_columns(self, world: World) -> dict[str, np.ndarray]:
        """Long table, one row a leader and month, with the columns of ``leaders.parquet``."""
        names, offices = world.labels["leader"], world.labels["office"]
        n, months = len(names), [row["month"] for row in self.rows]
        if not self.rows:
            return {}
        stack = {k: _stacked([row[k] for row in self.rows]) for k in self.rows[0] if k != "month"}
        seat = np.where(stack["alive"] > 0, np.maximum(stack["seat"], 0), len(SEATS))
        columns = {
            "person": _tiled(names, len(months)),
            "month": _repeated(tuple(months), n),
            "seat": np.array([*SEATS, "dead"])[seat.ravel()],
            "offices": self._offices(offices, n),
        }
        for name in COLUMNS:
            columns[name] = stack[name].ravel()
        for kind in ("position", "declared"):
            for k, issue in enumerate(ISSUES):
                columns[f"{kind}_{issue}"] = stack[kind][:, :, k].ravel()
        return columns

    def _offices(self, offices: tuple[str, ...], n: int) -> np.ndarray:
        """(month x leader,) the offices that each leader holds, joined by semicolons."""
        number = {"": 0}  # each such text -> its place in the list of them
        known: dict[bytes, list[int]] = {}  # as holders change seldom
        places: list[int] = []
        for row in self.rows:
            holders = row["holder"].tobytes()
            if holders not in known:
                held = [""] * n
                for office, person in enumerate(row["holder"].tolist()):
                    if person >= 0:
                        held[person] = f"{held[person]};{offices[office]}" if held[person] else offices[office]
                known[holders] = [number.setdefault(text, len(number)) for text in held]
            places += known[holders]
        return np.array(list(number))[places]


def _stacked(arrays: list[np.ndarray]) -> np.ndarray:
    """Arrays of one shape, one above the other."""
    return np.concatenate(arrays).reshape(len(arrays), *arrays[0].shape)


@lru_cache(maxsize=64)
def _tiled(names: tuple[str, ...], months: int) -> np.ndarray:
    """(month x leader,) names of the leaders; shared by all histories, so not to be written to."""
    tiled = np.tile(np.array(names), months)
    tiled.flags.writeable = False
    return tiled


@lru_cache(maxsize=64)
def _repeated(months: tuple[int, ...], n: int) -> np.ndarray:
    """(month x leader,) labels of the months; shared by all histories, so not to be written to."""
    repeated = np.repeat(np.array([calendar.label(month) for month in months]), n)
    repeated.flags.writeable = False
    return repeated
