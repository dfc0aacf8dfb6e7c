"""`load()`: the whole record behind one object, read part by part when it is asked for.

A part is checked when it is read. When it has a fault, and when `Record.check` is called, all parts are read and the
faults of all of them are reported at once. A run needs few parts, so it does not pay for the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from partystate.foundation.problems import Collector, did_you_mean, problem
from partystate.record import (
    abroad,
    checks,
    claims,
    drivers,
    events,
    founding,
    parameters,
    persons,
    places,
    plans,
    readings,
    series,
    sources,
)
from partystate.record.files import first_column

DATA = Path(__file__).parent / "data"
PARTS = (
    "sources", "series", "events", "treaties", "foreign_events", "persons", "offices", "leader_evidence",
    "report_slots", "regions", "places", "regional", "drivers", "plans", "balances", "norms", "capabilities",
    "alliances", "wars", "systems", "claims", "metrics", "questions", "interactions", "couplings", "contested",
    "checks", "parameters", "readings", "founding",
)  # fmt: skip


# Files that no run reads: what notes say, what is asked, and how either is held against results.
SAID = frozenset(
    {"checks.toml", "claims.csv", "contested.csv", "couplings.csv", "loops.csv", "metrics.csv", "questions.csv"}
)
SAID_PARTS = ("claims", "checks", "metrics", "questions", "interactions", "couplings", "contested")


class Record:
    """What is known, and how well. Every part is frozen and is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._gathering: Collector | None = None

    def check(self) -> None:
        """Reads everything; raises one Problem with every fault of every file."""
        whole = Record(self.folder)
        whole._gathering = faults = Collector()
        for part in PARTS:
            getattr(whole, part)
        faults.raise_if_any()
        self.__dict__.update({part: getattr(whole, part) for part in PARTS})

    def _read(self, reader: Callable[..., Any], *known: Any) -> Any:
        faults = self._gathering
        if faults is not None:
            return reader(self.folder, faults, *known)
        faults = Collector()
        part = reader(self.folder, faults, *known)
        if faults.faults:
            self.check()  # raises with the faults of every file, so that all can be mended at once
        return part

    @cached_property
    def version(self) -> str:
        """sha256 over the names and bytes of all data files but those of what is only said and asked.

        Run keys hold it. A reworded claim changes no history, so it must not make a stored one worthless.
        """
        return self._hash(lambda name: name not in SAID)

    @cached_property
    def said_version(self) -> str:
        """sha256 over the files of what is said and asked: claims, checks, questions and the like."""
        return self._hash(lambda name: name in SAID)

    def _hash(self, wanted: Callable[[str], bool]) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.suffix in (".csv", ".toml") and wanted(name):
                digest.update(name.encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
        return digest.hexdigest()

    @cached_property
    def _ids(self) -> dict[str, frozenset[str] | None]:
        """What other files may cite, by kind."""
        ids = {name: first_column(self.folder, f"{name}.csv") for name in ("sources", "persons", "systems", "regions")}
        places = first_column(self.folder, "places.csv")
        ids["places"] = None if places is None or ids["regions"] is None else places | ids["regions"]
        return ids

    # --- evidence -------------------------------------------------------------------------------------------------
    @cached_property
    def sources(self) -> dict[str, sources.Source]:
        return self._read(sources.read_sources)

    @cached_property
    def series(self) -> dict[str, series.Series]:
        return self._read(series.read_series, self._ids)

    @cached_property
    def events(self) -> tuple[events.RecordEvent, ...]:
        return self._read(events.read_events, self._ids)

    @cached_property
    def treaties(self) -> tuple[events.Treaty, ...]:
        return self._read(events.read_treaties, self._ids)

    @cached_property
    def foreign_events(self) -> tuple[events.ForeignEvent, ...]:
        return self._read(events.read_foreign_events, self._ids)

    @cached_property
    def persons(self) -> dict[str, persons.Person]:
        return self._read(persons.read_persons, self._ids)

    @cached_property
    def offices(self) -> tuple[persons.Tenure, ...]:
        return self._read(persons.read_offices, self._ids)

    @cached_property
    def leader_evidence(self) -> tuple[persons.LeaderEvidence, ...]:
        return self._read(persons.read_leader_evidence, self._ids)

    @cached_property
    def report_slots(self) -> tuple[persons.ReportSlot, ...]:
        return self._read(persons.read_report_slots, self._ids)

    @cached_property
    def regions(self) -> dict[str, places.Region]:
        return self._read(places.read_regions)

    @cached_property
    def places(self) -> dict[str, places.Place]:
        return self._read(places.read_places, self._ids, self.regions)

    @cached_property
    def regional(self) -> tuple[places.RegionalFigure, ...]:
        return self._read(places.read_regional, self._ids)

    @cached_property
    def drivers(self) -> dict[str, drivers.Driver]:
        return self._read(drivers.read_drivers, self._ids)

    @cached_property
    def plans(self) -> tuple[plans.Plan, ...]:
        return self._read(plans.read_plans, self._ids)

    @cached_property
    def balances(self) -> tuple[plans.Balance, ...]:
        return self._read(plans.read_balances, self._ids)

    @cached_property
    def norms(self) -> dict[str, plans.Norm]:
        return self._read(plans.read_norms, self._ids)

    @cached_property
    def capabilities(self) -> tuple[abroad.Capability, ...]:
        return self._read(abroad.read_capabilities)

    @cached_property
    def alliances(self) -> tuple[abroad.Alliance, ...]:
        return self._read(abroad.read_alliances)

    @cached_property
    def wars(self) -> tuple[abroad.War, ...]:
        return self._read(abroad.read_wars)

    # --- what is said and asked -----------------------------------------------------------------------------------
    @cached_property
    def systems(self) -> dict[str, claims.System]:
        return self._read(claims.read_systems)

    @cached_property
    def claims(self) -> dict[str, claims.Claim]:
        return self._read(claims.read_claims, self._ids)

    @cached_property
    def metrics(self) -> dict[str, claims.Metric]:
        return self._read(claims.read_metrics)

    @cached_property
    def checks(self) -> checks.Checks:
        return self._read(checks.read_checks)

    @cached_property
    def questions(self) -> dict[str, claims.Question]:
        return self._read(claims.read_questions, self._ids)

    @cached_property
    def interactions(self) -> dict[str, claims.Loop]:
        return self._read(claims.read_loops)

    @cached_property
    def couplings(self) -> tuple[claims.Coupling, ...]:
        return self._read(claims.read_couplings)

    @cached_property
    def contested(self) -> tuple[claims.Contested, ...]:
        return self._read(claims.read_contested)

    # --- what a run starts from -----------------------------------------------------------------------------------
    @cached_property
    def parameters(self) -> parameters.Registry:
        cited = self._ids["sources"] or frozenset()
        return self._read(lambda folder, faults: parameters.load_parameters(folder, cited, faults))

    @cached_property
    def readings(self) -> dict[str, readings.Reading]:
        return self._read(readings.read_readings, self.parameters)

    @cached_property
    def founding(self) -> founding.FoundingData:
        cited = self._ids["sources"] or frozenset()
        return self._read(lambda folder, faults: _founding(folder, faults, cited))

    # --- looking up -----------------------------------------------------------------------------------------------
    def reading(self, name: str) -> readings.Reading:
        """The reading `name`, or a Problem that names the nearest."""
        return look_up(self.readings, name, "reading")

    def one_series(self, name: str) -> series.Series:
        """The series `name`, or a Problem that names the nearest."""
        return look_up(self.series, name, "series")


def look_up(known: dict[str, Any], name: str, kind: str) -> Any:
    """``known[name]``, or a Problem (exit code 2) with the nearest names."""
    if name not in known:
        hint = did_you_mean(name, known) or f"The record has {len(known)}."
        raise problem(kind, name, f"a {kind} of the record", name, hint)
    return known[name]


def _founding(folder: Path, faults: Collector, cited: frozenset[str]) -> founding.FoundingData:
    """The founding tables, their sources and grades checked like those of every other file."""
    data = founding.load_founding(folder, faults)
    for row in (row for rows in data.tables.values() for row in rows):
        if "source" in row.cells and row["source"] not in cited:
            faults.add(row.where, "source", "a key of sources.csv", row["source"], did_you_mean(row["source"], cited))
        if "grade" in row.cells and row["grade"] not in parameters.GRADES:
            faults.add(row.where, "grade", "one of " + ", ".join(parameters.GRADES), row["grade"])
    return data


@lru_cache(maxsize=8)
def _record(folder: Path) -> Record:
    return Record(folder)


def load(path: str | Path | None = None) -> Record:
    """The shipped record, or that of another folder, which is checked whole at once. Raises `Problem`."""
    if path is None:
        return _record(DATA)
    folder = Path(path)
    if not folder.is_dir():
        raise problem("record", str(path), "a folder with the files of the record", "no such folder")
    record = Record(folder)
    record.check()
    return record
