"""One run of an ensemble as one Parquet file: its series, and in the schema's metadata its key, seed and outcomes.

A part is written under a temporary name and renamed, so that no half-written part is seen while the machine runs. It
is not waited for until it is on the disk, as that takes longer than some runs do: should the power fail, a part may be
damaged, and `sound` reads every page of one before it is trusted. Nothing in a part depends on when, where or in which
order it was made.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from partystate.foundation.problems import DATA, Problem, problem
from partystate.runs import store, tables

if TYPE_CHECKING:
    import pyarrow as pa

METADATA = b"partystate"
TEMPORARY = store.TEMPORARY


@dataclass(frozen=True)
class Part:
    """One run: key (64 digits), seed, months, fingerprint and outcomes (name -> value, None if undefined)."""

    path: Path
    key: str
    seed: int
    months: int
    fingerprint: str
    outcomes: Mapping[str, float | None]

    def table(self, filters: list[tuple[str, str, str]] | None = None) -> pa.Table:
        """The long table of its series, or of the rows that `filters` let through."""
        return tables.read(self.path, filters)


def path_of(folder: Path, key: str) -> Path:
    """Where the part of a run key lies."""
    return folder / f"{key}.parquet"


def write(
    folder: Path,
    key: str,
    seed: int,
    result: Any,
    months: int,
    outcomes: Mapping[str, float],
    keep: Collection[str] | None = None,
) -> Path:
    """Writes the part of one run; returns its path.

    keep: the national series that are stored; None stores all. The fingerprint is of all of them either way.
    """
    facts = {
        "schema": store.SCHEMA,
        "key": key,
        "seed": seed,
        "months": months,
        "fingerprint": tables.fingerprint(result.series, months),
        "outcomes": json.loads(tables.plain_json(outcomes)),
    }
    kept = result.series
    if keep is not None:
        kept = {name: values for name, values in kept.items() if name[0] in keep and name[1] is None}
    table = tables.series_table(kept)
    table = table.replace_schema_metadata({METADATA: json.dumps(facts, sort_keys=True).encode()})
    target = path_of(folder, key)
    # Machines that share a folder may have processes of the same number.
    temporary = folder / f"{TEMPORARY}{key}-{socket.gethostname()}-{os.getpid()}"
    tables.write(table, temporary, wait=False)
    temporary.replace(target)
    return target


def facts(path: Path, key: str | None = None) -> Part:
    """Key, seed and outcomes of a part. Raises Problem (exit 3) when it is damaged or belongs to another key."""
    again = "Delete it and run the ensemble again; only what is missing is run."
    try:
        found = json.loads(pq.read_schema(path).metadata[METADATA])
        part = Part(path, *(found[name] for name in ("key", "seed", "months", "fingerprint", "outcomes")))
        schema = found["schema"]
    except FileNotFoundError:
        raise problem(str(path), "file", "a part of an ensemble", "no such file", again, DATA) from None
    except Exception as error:  # whatever a damaged file makes the reader raise
        raise problem(str(path), "file", "a sound part of an ensemble", _first_line(error), again, DATA) from None
    if schema != store.SCHEMA:
        raise problem(str(path), "schema", f"schema {store.SCHEMA}", schema, again, DATA)
    if key is not None and part.key != key:
        raise problem(str(path), "key", key[:12], part.key[:12], again, DATA)
    return part


def sound(path: Path, key: str) -> bool:
    """Whether the part of `key` is there and every page of it can be read."""
    try:
        facts(path, key).table()
    except Problem:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
