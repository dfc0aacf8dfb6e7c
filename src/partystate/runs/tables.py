"""The tables of a run as Parquet: zstd, byte-stream-split floats, page checksums; equal content gives equal bytes."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partystate.foundation import calendar
from partystate.foundation.problems import DATA, problem

Series = Mapping[tuple[str, str | None], np.ndarray]

SERIES = pa.schema([("series", pa.string()), ("month", pa.string()), ("region", pa.string()), ("value", pa.float64())])
CHRONICLE = pa.schema(
    [
        ("id", pa.string()),
        ("month", pa.string()),
        ("kind", pa.string()),
        ("title", pa.string()),
        ("actors", pa.list_(pa.string())),
        ("place", pa.string()),
        ("numbers", pa.string()),
        ("because", pa.list_(pa.string())),
        ("mechanism", pa.string()),
    ]
)
FLOWS = pa.schema(
    [
        ("month", pa.string()),
        ("stock", pa.string()),
        ("source", pa.string()),
        ("target", pa.string()),
        ("region", pa.string()),
        ("mechanism", pa.string()),
        ("amount", pa.float64()),
    ]
)
VOTES = pa.schema(
    [
        ("motion", pa.string()),
        ("month", pa.string()),
        ("forum", pa.string()),
        ("title", pa.string()),
        ("voter", pa.string()),
        ("vote", pa.int8()),
        ("reasons", pa.string()),
    ]
)


def series_table(series: Series) -> pa.Table:
    """Long table of (id, region) -> values by month (months,), sorted; months without a value are left out."""
    if not series:
        return SERIES.empty_table()
    names = sorted(series, key=_by_name)
    lengths = [len(series[name]) for name in names]
    months = np.concatenate([np.arange(length) for length in lengths])
    values = np.concatenate([np.asarray(series[name], dtype=np.float64) for name in names])
    kept = np.isfinite(values)
    rows = np.repeat(np.arange(len(names)), lengths)[kept]
    ids = pa.array([name for name, _ in names], pa.string())
    regions = pa.array([region for _, region in names], pa.string())
    columns = [ids.take(pa.array(rows)), _labels(months[kept]), regions.take(pa.array(rows)), pa.array(values[kept])]
    return pa.Table.from_arrays(columns, schema=SERIES)


def fingerprint(series: Series, months: int) -> str:
    """SHA-256 over ids, regions and the bits of the values of the first `months` months.

    NaN has one spelling, −0 counts as 0, and a series without any value is left out.
    """
    total = hashlib.sha256()
    for name, region in sorted(series, key=_by_name):
        clean = np.asarray(series[name, region][:months], dtype="<f8") + 0.0
        if np.isnan(clean).all():
            continue
        clean[np.isnan(clean)] = np.nan
        total.update(f"{name}\0{region or ''}\0{len(clean)}\n".encode())
        total.update(clean.tobytes())
    return total.hexdigest()


def _by_name(key: tuple[str, str | None]) -> tuple[str, str]:
    return key[0], key[1] or ""


def chronicle_table(events: Iterable[Any]) -> pa.Table:
    """One row per Event of the chronicle; `numbers` as JSON."""
    rows = [
        {
            "id": event.id,
            "month": calendar.label(event.month),
            "kind": event.kind,
            "title": event.title,
            "actors": list(event.actors),
            "place": event.place,
            "numbers": plain_json(event.numbers),
            "because": list(event.because),
            "mechanism": event.mechanism,
        }
        for event in events
    ]
    return pa.Table.from_pylist(rows, schema=CHRONICLE)


def flows_table(flows: Iterable[Any]) -> pa.Table:
    """One row per FlowRow of the ledger."""
    rows = [{name: getattr(flow, name) for name in FLOWS.names} for flow in flows]
    for row in rows:
        row["month"] = calendar.label(row["month"])
    return pa.Table.from_pylist(rows, schema=FLOWS)


def votes_table(motions: Iterable[Any]) -> pa.Table:
    """One row per voter of every Motion; `reasons` as JSON, term -> contribution."""
    rows = []
    for motion in motions:
        head = {
            "motion": motion.event,
            "month": calendar.label(motion.month),
            "forum": motion.forum,
            "title": motion.title,
        }
        for place, voter in enumerate(motion.voters):
            reasons = {term: parts[place] for term, parts in motion.reasons.items()}
            rows.append(head | {"voter": voter, "vote": int(motion.votes[place]), "reasons": plain_json(reasons)})
    return pa.Table.from_pylist(rows, schema=VOTES)


def columns_table(columns: Mapping[str, Any]) -> pa.Table:
    """A table from a dict of equally long columns; whole numbers in `month` become labels."""
    arrays = {}
    for name, values in columns.items():
        values = values if isinstance(values, np.ndarray) else list(values)
        array = pa.array(values)
        if name == "month" and pa.types.is_integer(array.type):
            array = _labels(np.asarray(values))
        arrays[name] = array
    return pa.table(arrays)


def plain_json(data: Mapping[str, Any]) -> str:
    """JSON of a flat mapping whose numbers may be NumPy scalars; a number that is not finite becomes null."""
    return json.dumps({key: _plain(value) for key, value in data.items()}, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def _labels(months: np.ndarray) -> pa.Array:
    last = int(months.max()) + 1 if len(months) else 0
    return pa.array([calendar.label(month) for month in range(last)], pa.string()).take(pa.array(months))


def write(table: pa.Table, path: Path, wait: bool = True) -> None:
    """Writes one Parquet file; with `wait` returns only when it is on the disk."""
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in table.schema if field.name not in floats]
    with path.open("wb") as file:
        pq.write_table(
            table,
            file,
            compression="zstd",
            use_dictionary=others,
            use_byte_stream_split=floats,
            write_page_checksum=True,
        )
        if wait:
            sync(file)


def read(path: Path, filters: Any = None) -> pa.Table:
    """Reads one Parquet file, checking every page. Raises Problem (exit 3) naming the file if it cannot be trusted."""
    try:
        return pq.read_table(path, filters=filters, page_checksum_verification=True)
    except FileNotFoundError:
        raise problem(str(path), "file", "a part of a run", "no such file", "Run it again.", DATA) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise problem(str(path), "file", "a sound Parquet file", said, "Delete it and run again.", DATA) from None


def sync(file: Any) -> None:
    """Flushes an open file to the disk."""
    file.flush()
    os.fsync(file.fileno())
