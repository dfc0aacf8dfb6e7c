"""What stood in January 1922, and what the calendar gives: the data from which a history begins.

Files of ``data/founding``: leaders (seats and ties), traits (measured counts and codings), positions (issue by issue,
from texts of 1922-23), bonds, offices, posts, organisations (the party in the regions), membership (the party in
numbers), calendar (statutory meetings
and sizes), given (seatings, deaths), power_drivers and countryside_drivers (other sectors, as recorded), countryside
(land, households and animals by region).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.files import Row, read_csv

COLUMNS = {
    "leaders": "person seat contender group patron tie source grade note",
    "traits": "person joined reports politburo_years oratory organisation old_bolshevik alienation consistency stain"
    " networks grade note",
    "positions": "person issue value low high basis source grade",
    "line": "issue value low high basis source grade",
    "bonds": "person other value low high basis source grade",
    "offices": "office title weight low high holder from issue pull source grade note",
    "posts": "branch scope office count rank delegate_weight committee_weight source grade note",
    "organisations": "region provinces member_share office own_base national source grade note",
    "calendar": "date kind title committee_size committee_candidates politburo_size politburo_candidates delegates"
    " source grade",
    "given": "date kind person seat office source grade note",
    "membership": "part category value low high since until source grade note",
    "power_drivers": "driver date value low high source grade note",
    "countryside_drivers": "driver date value low high source grade note",
    "countryside": "region households grain_area zone yield stabled garden stock herders ukrainian ports horses"
    " cattle pigs sheep tile_row tile_col source grade note",
}  # fmt: skip
DRIVERS = ("power_drivers", "countryside_drivers")
NUMBERS = {
    "traits": "joined reports politburo_years oratory organisation old_bolshevik alienation consistency stain networks",
    "positions": "value",
    "line": "value",
    "bonds": "value",
    "offices": "weight low high pull",
    "posts": "count rank delegate_weight committee_weight",
    "organisations": "provinces member_share own_base national",
    "membership": "value",
    "power_drivers": "value",
    "countryside_drivers": "value",
    "countryside": "households grain_area yield stabled garden stock herders ukrainian ports horses cattle pigs sheep"
    " tile_row tile_col",
}
POINTS = ("driver_id", "date", "value", "note")
MEASURED = ("rain_may_jul_z_", "weather_index")  # yearly series that a mechanism may follow
PEOPLE = ("traits", "positions", "bonds", "given")


@dataclass(frozen=True)
class FoundingData:
    """Tables by name; each a tuple of rows whose cells are text."""

    tables: Mapping[str, tuple[Row, ...]]

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        return self.tables[table]

    @cached_property
    def drivers(self) -> tuple[Row, ...]:
        """Dated rows of all series that are given, or stand in for a sector that does not run."""
        return tuple(row for table in DRIVERS for row in self.tables[table])

    def measured(self) -> dict[str, list[tuple[str, float]]]:
        """Yearly measurements that a variant may follow in place of chance: driver -> (year, value)."""
        found: dict[str, list[tuple[str, float]]] = {}
        for row in self.tables["driver_points"]:
            found.setdefault(row["driver_id"], []).append((row["date"], float(row["value"])))
        return found


def load_founding(folder: Path, faults: Collector) -> FoundingData:
    """All founding tables of a data folder; faults (missing columns, numbers, unknown persons) go to ``faults``."""
    tables = {}
    for name, columns in COLUMNS.items():
        names = columns.split()
        tables[name] = tuple(read_csv(folder, f"founding/{name}.csv", names, faults, required=names[:2]))
    points = read_csv(folder, "driver_points.csv", POINTS, faults, required=POINTS[:2])
    tables["driver_points"] = tuple(row for row in points if row["driver_id"].startswith(MEASURED))
    _check_numbers(tables, faults)
    _check_names(tables, faults)
    return FoundingData(tables)


def bounds(row: Row) -> tuple[float, float]:
    """Low and high of a row; the value itself where no range is given."""
    return float(row["low"] or row["value"]), float(row["high"] or row["value"])


def _check_numbers(tables: Mapping[str, tuple[Row, ...]], faults: Collector) -> None:
    for name, columns in NUMBERS.items():
        for row in tables[name]:
            for column in columns.split():
                if not _is_number(row[column]):
                    faults.add(row.where, column, "a number", row[column])
            ranged = {"low", "high", "value"} <= row.cells.keys()
            if ranged and all(_is_number(row[column] or "0") for column in ("low", "high", "value")):
                low, high = bounds(row)
                if not low <= float(row["value"]) <= high:
                    faults.add(row.where, "value", f"a value from {low:g} to {high:g}", row["value"])


def _check_names(tables: Mapping[str, tuple[Row, ...]], faults: Collector) -> None:
    people = {row["person"] for row in tables["leaders"]}
    for name in PEOPLE:
        for row in tables[name]:
            if row["person"] not in people:
                faults.add(row.where, "person", "a person of founding/leaders.csv", row["person"])
    offices = {row["office"] for row in tables["offices"]}
    for name in ("posts", "organisations"):
        for row in tables[name]:
            if row["office"] and row["office"] not in offices:
                faults.add(row.where, "office", "an office of founding/offices.csv", row["office"])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
