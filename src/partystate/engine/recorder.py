"""What is written down of a run: declared measures, roll-calls, leaders by month. Copies, never references."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    votes: list[Motion] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def measure(self, series: str, month: int, value: float, region: str | None = None) -> None:
        try:
            self.series[series, region][month] = value
        except KeyError:
            self.series[series, region] = np.full(calendar.MONTHS, np.nan)
            self.series[series, region][month] = value

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
        labels = [calendar.label(m) for m in months]
        stack = {k: np.stack([row[k] for row in self.rows]) for k in self.rows[0] if k != "month"} if self.rows else {}
        if not stack:
            return {}
        seat = np.array(SEATS)[np.maximum(stack["seat"], 0)]
        seat = np.where(stack["alive"] > 0, seat, "dead")
        held = [""] * (n * len(months))
        for at, row in enumerate(self.rows):
            for office, person in enumerate(row["holder"]):
                if person >= 0:
                    cell = at * n + person
                    held[cell] = f"{held[cell]};{offices[office]}" if held[cell] else offices[office]
        columns = {
            "person": np.tile(np.array(names), len(months)),
            "month": np.repeat(np.array(labels), n),
            "seat": seat.ravel(),
            "offices": np.array(held),
        }
        for name in COLUMNS:
            columns[name] = stack[name].ravel()
        for kind in ("position", "declared"):
            for k, issue in enumerate(ISSUES):
                columns[f"{kind}_{issue}"] = stack[kind][:, :, k].ravel()
        return columns
