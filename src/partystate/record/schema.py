"""Tables of the record: which columns a CSV has, how each cell is read, and which ids it must match.

A `Table` names the file, the class of its rows and its columns in order. `read` makes one object per row and notes
every fault with file and line; the checks that all tables share (required cells, known ids, low <= value <= high,
repeated keys) live here, so a module of the record only adds what is special to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partystate.foundation import units
from partystate.foundation.problems import Collector, did_you_mean
from partystate.record import dates
from partystate.record.files import Row, read_csv


@dataclass(frozen=True)
class Column:
    """How one cell is read. `parse` raises ValueError with what it expected; `ids` names a set of known ids."""

    name: str
    parse: Callable[[str], Any] = str
    required: bool = True
    ids: str = ""
    missing: Any = ""


def text(name: str) -> Column:
    return Column(name)


def remark(name: str) -> Column:
    """Free text that may be empty."""
    return Column(name, required=False)


def ref(name: str, ids: str, required: bool = True) -> Column:
    """An id of another table."""
    return Column(name, required=required, ids=ids)


def refs(name: str, ids: str, separator: str | None = ";", required: bool = False) -> Column:
    """Several ids of another table."""
    return Column(name, lambda cell: _split(cell, separator), required, ids, ())


def words(name: str) -> Column:
    """Names separated by semicolons; any names."""
    return Column(name, lambda cell: _split(cell, ";"), False, "", ())


def number(name: str, required: bool = True) -> Column:
    return Column(name, _number, required, missing=None)


def whole(name: str, required: bool = True) -> Column:
    return Column(name, _whole, required, missing=None)


def date(name: str, required: bool = True) -> Column:
    return Column(name, dates.span, required, missing=None)


def unit(name: str = "unit") -> Column:
    return Column(name, _unit)


def choice(name: str, *allowed: str) -> Column:
    def parse(cell: str) -> str:
        if cell not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return cell

    return Column(name, parse)


def yes_no(name: str) -> Column:
    def parse(cell: str) -> bool:
        if cell not in ("yes", "no"):
            raise ValueError("yes or no")
        return cell == "yes"

    return Column(name, parse)


def grade(name: str = "grade", *extra: str) -> Column:
    """A read in the source, B attributed and not opened, C uncertain or contested."""
    return choice(name, "A", "B", "C", *extra)


SOURCE = ref("source", "sources")
# What a user is told when an id of another table is not known.
HOME = {
    "sources": "a key of sources.csv",
    "series": "a series of series.csv",
    "persons": "a person of persons.csv",
    "places": "a region of regions.csv or a place of places.csv",
    "regions": "a region of regions.csv",
    "drivers": "a driver of drivers.csv",
    "systems": "a system of systems.csv",
    "claims": "a claim of claims.csv",
}


def _split(cell: str, separator: str | None) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in cell.split(separator)) if part)


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise ValueError("a number") from None
    if not math.isfinite(value):
        raise ValueError("a finite number")
    return value


def _whole(cell: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise ValueError("a whole number") from None


def _unit(cell: str) -> str:
    if not units.known(cell):
        raise ValueError("a known unit")
    return cell


@dataclass(frozen=True)
class Table:
    """A CSV of the record. `key` columns together may not repeat."""

    file: str
    make: Callable[..., Any]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def read(
        self,
        folder: Path,
        faults: Collector,
        known: Mapping[str, Container[str] | None] | None = None,
        broken: set[str] | None = None,
    ) -> list[tuple[str, Any]]:
        """(``file:line``, object) for every row that can be used.

        `known` holds, by kind, the ids a cell may cite. `broken` is given the first cell of every row that cannot be
        used, so that one fault does not raise others in the rows that belong with it.
        """
        required = [column.name for column in self.columns if column.required]
        rows = read_csv(folder, self.file, self.names, faults, required)
        made = []
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            values = self._values(row, faults, known or {})
            if values is None:
                if broken is not None:
                    broken.add(row[self.names[0]])
                continue
            if self.key:
                key = tuple(row[name] for name in self.key)
                if key in seen:
                    came = f"{', '.join(key)} again, first in line {seen[key]}"
                    faults.add(
                        row.where, "+".join(self.key), "each only once", came, "Keep a rival under its own source."
                    )
                seen.setdefault(key, row.line)
            made.append((row.where, self.make(**values)))
        return made

    def _values(self, row: Row, faults: Collector, known: Mapping[str, Container[str] | None]) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        usable = True
        for column in self.columns:
            cell = row.cells[column.name]
            if not cell:
                values[column.name] = column.missing
                usable = usable and not column.required  # read_csv has noted the empty cell
                continue
            try:
                value = values[column.name] = column.parse(cell)
            except ValueError as expected:
                faults.add(row.where, column.name, str(expected), cell, _hint(str(expected), cell))
                usable = False
                continue
            ids = known.get(column.ids)
            if ids is not None:
                for name in value if isinstance(value, tuple) else (value,):
                    if name not in ids:
                        faults.add(row.where, column.name, HOME[column.ids], name, did_you_mean(name, ids))
        if not usable:
            return None
        _check_range(row, values, faults)
        return values


def _hint(expected: str, cell: str) -> str:
    if expected == "a known unit":
        return units.hint(cell)
    return ""


def _check_range(row: Row, values: Mapping[str, Any], faults: Collector) -> None:
    """low <= value <= high where a table has all three."""
    if "low" not in values:
        return
    low, value, high = values["low"], values["value"], values["high"]
    if low is not None and high is not None and low > high:
        faults.add(row.where, "low", "low not above high", f"low {low:g}, high {high:g}", "Swap the two.")
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        bounds = f"low {row['low'] or 'none'}, high {row['high'] or 'none'}"
        do = "Widen the range or correct the value."
        faults.add(row.where, "value", "a value between low and high", f"{value:g} ({bounds})", do)
