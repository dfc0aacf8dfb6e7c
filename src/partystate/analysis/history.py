"""A stored run as analysis and views use it: events, roll-calls, leaders and series, typed and found by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.model.chronicle import Event
from partystate.runs import store

from . import outcomes


@dataclass(frozen=True)
class Ballot:
    """One vote on one motion: 1 for, 0 abstaining, −1 against; `reasons` are the terms that were added up to it."""

    voter: str
    vote: int
    reasons: Mapping[str, float]


@dataclass(frozen=True)
class Rollcall:
    """All ballots on the motion that is event `motion`."""

    motion: str
    month: int
    forum: str
    title: str
    ballots: tuple[Ballot, ...]

    def count(self, vote: int) -> int:
        return sum(ballot.vote == vote for ballot in self.ballots)


@dataclass(frozen=True)
class History:
    """One stored run, each table read when it is first asked for. Months are numbers, 0 (January 1922) to 233."""

    run: store.Run
    record: Any = None

    @classmethod
    def open(cls, folder: Path | str, record: Any = None) -> History:
        """Read a run folder, beside `record` (the shipped one when left out); raises Problem when it is damaged."""
        return cls(store.open_run(Path(folder)), record)

    @cached_property
    def known(self) -> Any:
        """The record that the run is read beside."""
        from partystate import record

        return self.record if self.record is not None else record.load()

    @property
    def name(self) -> str:
        return self.run.folder.name

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.run.manifest

    @property
    def months(self) -> int:
        return self.run.months

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The chronicle, in order."""
        return tuple(
            Event(
                row["id"],
                calendar.index(row["month"]),
                row["kind"],
                row["title"],
                tuple(row["actors"] or ()),
                row["place"],
                row["numbers"],
                tuple(row["because"] or ()),
                row["mechanism"],
            )
            for row in self.run.rows("chronicle")
        )

    @cached_property
    def event(self) -> dict[str, Event]:
        """Events by id."""
        return {event.id: event for event in self.events}

    @cached_property
    def rollcalls(self) -> dict[str, Rollcall]:
        """Motion (event id) -> its roll-call."""
        gathered: dict[str, list[dict]] = {}
        for row in self.run.rows("votes"):
            gathered.setdefault(row["motion"], []).append(row)
        return {motion: _rollcall(motion, rows) for motion, rows in gathered.items()}

    @cached_property
    def leaders(self) -> dict[str, list[dict[str, Any]]]:
        """Person -> one row a month, in order, with `month` as a number."""
        people: dict[str, list[dict]] = {}
        for row in self.run.rows("leaders"):
            people.setdefault(row["person"], []).append(row | {"month": calendar.index(row["month"])})
        for rows in people.values():
            rows.sort(key=lambda row: row["month"])
        return people

    def has(self, series: str) -> bool:
        return series in self.run.series_ids()

    def series(self, name: str) -> np.ndarray:
        """A series by month (months,), NaN where it has no value."""
        return self.run.series(name)

    def removed(self, person: str) -> int | None:
        """The month in which `person` went out of the Politburo, as `outcomes` defines it; None if never."""
        if not any(row["seat"] in ("full", "candidate") for row in self.leaders.get(person, ())):
            return None
        month = self._table.removed(person)
        return None if month != month else int(month)

    def died(self, person: str) -> int | None:
        """The month in which `person` died, or was taken away by a lever of the scenario; None if never."""
        return next((row["month"] for row in self.leaders.get(person, ()) if row["seat"] == "dead"), None)

    @cached_property
    def _table(self) -> outcomes.Table:
        table = self.run.table("leaders")
        return outcomes.Table({name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names})


def _rollcall(motion: str, rows: list[dict[str, Any]]) -> Rollcall:
    ballots = tuple(Ballot(row["voter"], row["vote"], row["reasons"]) for row in rows)
    return Rollcall(motion, calendar.index(rows[0]["month"]), rows[0]["forum"], rows[0]["title"], ballots)
