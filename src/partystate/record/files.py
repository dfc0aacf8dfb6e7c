"""Reading the data folder: CSV and TOML with the line of every row and key, so that a fault can point at it."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector, did_you_mean

TABLE_HEAD = re.compile(r"\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?")
KEY_HEAD = re.compile(r"""("[^"]+"|'[^']+'|[\w.\-]+)\s*=""")


@dataclass(frozen=True, slots=True)
class Row:
    """One CSV row: ``row["column"]`` is the text without blanks around it; `where` is ``file:line``."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def read_csv(
    folder: Path, name: str, columns: Sequence[str], faults: Collector, required: Iterable[str] = ()
) -> list[Row]:
    """The rows of `name`, whose header must be exactly `columns`; cells named in `required` may not be empty."""
    path = folder / name
    if not path.is_file():
        faults.add(
            name, "file", "a file of the record", "no such file", f"Restore it with the columns {list(columns)}."
        )
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        faults.add(name, "file", "UTF-8 text", f"byte {error.start} cannot be read", "Save the file as UTF-8.")
        return []
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    if header != list(columns):
        faults.add(f"{name}:1", "header", ",".join(columns), ",".join(header), "Put the columns back in this order.")
        return []
    rows = []
    needed = [(columns.index(column), column) for column in required]
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            faults.add(
                f"{name}:{reader.line_num}", "row", f"{len(header)} cells", f"{len(cells)}", "Quote cells with commas."
            )
            continue
        cells = [cell.strip() for cell in cells]
        for at, column in needed:
            if not cells[at]:
                faults.add(f"{name}:{reader.line_num}", column, "a value", "")
        rows.append(Row(name, reader.line_num, dict(zip(header, cells, strict=True))))
    return rows


def first_column(folder: Path, name: str) -> frozenset[str] | None:
    """The ids of `name` (None without the file), those of faulty rows too: rows that cite one are not at fault."""
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    rows = csv.reader(text.splitlines(keepends=True))
    next(rows, None)
    return frozenset(cells[0].strip() for cells in rows if cells)


@dataclass(frozen=True)
class Toml:
    """A parsed TOML file; `where(table, key)` is ``file:line`` of a key, of its table, or of the file."""

    file: str
    data: dict
    lines: dict[tuple[str, str], int]

    def where(self, table: str, key: str = "") -> str:
        line = self.lines.get((table, key)) or self.lines.get((table, ""))
        return f"{self.file}:{line}" if line else self.file


def read_toml(folder: Path, name: str, faults: Collector) -> Toml | None:
    """`name` parsed, or None with the fault noted."""
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        faults.add(name, "file", "a file of the record", "no such file", "Restore it.")
        return None
    except UnicodeDecodeError as error:
        faults.add(name, "file", "UTF-8 text", f"byte {error.start} cannot be read", "Save the file as UTF-8.")
        return None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        where = f"{name}:{at[1]}" if at else name
        faults.add(where, "file", "TOML", str(error), "Text values need quotes; a table begins with [name].")
        return None
    return Toml(name, data, _line_numbers(text))


def _line_numbers(text: str) -> dict[tuple[str, str], int]:
    """Line of every table head and key. tomllib keeps none, and the files of the record use plain heads and keys."""
    lines: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if head := TABLE_HEAD.fullmatch(line):
            table = ".".join(part.strip().strip("\"'") for part in head[1].split("."))
            lines.setdefault((table, ""), number)
        elif key := KEY_HEAD.match(line):
            lines.setdefault((table, key[1].strip("\"'")), number)
    return lines


def unknown_keys(found: Iterable[str], valid: Sequence[str], where, table: str, faults: Collector) -> None:
    """A fault for every key of `found` that is not `valid`; `where(table, key)` gives its place."""
    for key in found:
        if key not in valid:
            faults.add(where(table, key), key, "one of " + ", ".join(valid), key, did_you_mean(key, valid))
