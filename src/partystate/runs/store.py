"""The run store: a folder per run, written to a temporary folder beside it and renamed when complete.

So a reader sees a whole run or none. The manifest holds the size and hash of every file; a file that was cut short
or changed since is named, never read as if it were sound.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.problems import DATA, Problem, did_you_mean, problem
from partystate.runs import tables
from partystate.runs.keys import RunKey

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = 1
MANIFEST = "manifest.json"
TABLES = ("series", "chronicle", "flows", "leaders", "votes")
TEMPORARY = ".partial-"
STALE = 3600  # seconds after which a temporary folder has been left behind
LAST = "last"


def home() -> Path:
    """Where runs are kept: $PARTYSTATE_RUNS, or `runs` in the current folder."""
    return Path(os.environ.get("PARTYSTATE_RUNS") or "runs")


@dataclass(frozen=True)
class Run:
    """A stored run. Tables are read when asked for, and checked against the manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.manifest["key"]

    @property
    def months(self) -> int:
        return self.manifest["months"]

    def table(self, name: str) -> pa.Table:
        """The table `name` (one of TABLES). Raises Problem (exit 3) when its file is missing or changed."""
        return tables.read(self.check(f"{name}.parquet"))

    def check(self, file: str) -> Path:
        """The path of a file of the run, once size and hash agree with the manifest. Raises Problem (exit 3)."""
        path = self.folder / file
        _check_file(path, self.manifest["files"].get(file))
        return path

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The table as a list of dicts; `numbers` and `reasons` are parsed."""
        rows = self.table(name).to_pylist()
        for row in rows:
            for column in ("numbers", "reasons"):
                if column in row:
                    row[column] = json.loads(row[column])
        return rows

    @cached_property
    def _series(self) -> dict[tuple[str, str | None], np.ndarray]:
        return series_of(self.table("series"), self.months)

    def series_ids(self) -> list[str]:
        """All series of the run, in alphabetical order."""
        return sorted({name for name, _ in self._series})

    def has_series(self, name: str, region: str | None = None) -> bool:
        """Whether the run measured the series at all."""
        return (name, region) in self._series

    def series(self, name: str, region: str | None = None) -> np.ndarray:
        """One series by month (months,), NaN where it has no value. Raises Problem (exit 2) for an unknown one."""
        if not self.has_series(name, region):
            hint = did_you_mean(name, self.series_ids())
            raise problem("series", name, f"a series of run {self.folder.name}", name, hint)
        return self._series[name, region]

    def snapshots(self) -> dict[int, Path]:
        """Month -> file of every stored state."""
        found = {}
        for path in self.folder.glob("snapshot-*.npz"):
            found[calendar.index(path.stem.removeprefix("snapshot-"))] = path
        return dict(sorted(found.items()))


def series_of(table: pa.Table, months: int) -> dict[tuple[str, str | None], np.ndarray]:
    """(id, region) -> values by month (months,), NaN where the table has no row."""
    names, name_codes = _coded(table.column("series"))
    regions, region_codes = _coded(table.column("region"))
    labels, label_codes = _coded(table.column("month"))
    month_of = np.array([calendar.index(label) for label in labels], dtype=np.int64)
    pairs, rows = np.unique(name_codes * len(regions) + region_codes, return_inverse=True)
    values = np.full((len(pairs), months), np.nan)
    if len(rows):
        values[rows, month_of[label_codes]] = table.column("value").to_numpy()
    return {(names[pair // len(regions)], regions[pair % len(regions)]): values[row] for row, pair in enumerate(pairs)}


def _coded(column: pa.ChunkedArray) -> tuple[list[Any], np.ndarray]:
    """Distinct values of a column, and the place of each row's value among them."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.dictionary.to_pylist(), np.asarray(coded.indices, dtype=np.int64)


# Writing ----------------------------------------------------------------------------------------------------------


def write(root: Path, key: RunKey, result: Any, facts: Mapping[str, Any], snapshot: Any = None) -> Run:
    """Stores a RunResult under `root` and returns the stored Run.

    facts: what the manifest says beside the key. snapshot: a function that writes the state into a given folder.
    When the same key is there already, its numbers must be the same: the run in place is kept.
    Raises Problem: exit 2 when `root` cannot be written to, 3 when the same key holds other numbers.
    """
    target = root / key.short
    temporary = _temporary(root, key.short)
    try:
        for name, table in _tables_of(result).items():
            tables.write(table, temporary / f"{name}.parquet")
        if snapshot is not None:
            snapshot(temporary)
        manifest = {
            "schema": SCHEMA,
            "key": key.digest,
            "key_parts": dict(key.parts),
            **facts,
            "fingerprint": tables.fingerprint(result.series, result.months),
            "platform": made_on(),
            "files": {path.name: _file_facts(path) for path in sorted(temporary.iterdir())},
        }
        write_json(temporary / MANIFEST, manifest)
        sync_folder(temporary)
        _put_in_place(temporary, target, manifest)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return open_run(target)


def _tables_of(result: Any) -> dict[str, pa.Table]:
    return {
        "series": tables.series_table(result.series),
        "chronicle": tables.chronicle_table(result.chronicle),
        "flows": tables.flows_table(result.flows),
        "leaders": tables.columns_table(result.leaders),
        "votes": tables.votes_table(result.votes),
    }


def _temporary(root: Path, name: str) -> Path:
    temporary = root / f"{TEMPORARY}{name}-{os.getpid()}-{time.time_ns()}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        _clear_away(root)
        temporary.mkdir()
    except OSError as error:
        raise problem("--out", str(root), "a folder that can be written to", error.strerror or str(error)) from None
    return temporary


def _clear_away(root: Path) -> None:
    """Removes what killed processes left behind; a run being written just now is seconds old."""
    for leftover in root.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > STALE:
                shutil.rmtree(leftover)


def _put_in_place(temporary: Path, target: Path, manifest: Mapping[str, Any]) -> None:
    """Renames the finished folder; an older one of the same key is kept when sound, replaced when damaged."""
    if target.exists():
        try:
            kept = open_run(target)
            for name in kept.manifest["files"]:
                kept.check(name)
        except Problem:
            target.rename(temporary.with_name(temporary.name + "-damaged"))
            shutil.rmtree(temporary.with_name(temporary.name + "-damaged"), ignore_errors=True)
        else:
            _same_numbers(kept, manifest)
            return
    temporary.rename(target)
    sync_folder(target.parent)


def _same_numbers(kept: Run, manifest: Mapping[str, Any]) -> None:
    if kept.manifest["fingerprint"] == manifest["fingerprint"]:
        return
    made, here = kept.manifest["platform"], manifest["platform"]
    raise problem(
        str(kept.folder),
        "fingerprint",
        f"{kept.manifest['fingerprint'][:12]}, made with {_said(made)}",
        f"{manifest['fingerprint'][:12]} with {_said(here)}",
        "One key must give the same numbers: run `partystate verify`, or choose another --out.",
        DATA,
    )


def _said(made: Mapping[str, str]) -> str:
    return f"Python {made.get('python')}, NumPy {made.get('numpy')} on {made.get('machine')}"


def made_on() -> dict[str, str]:
    """Versions and machine that decide floating-point results; no host or user names."""
    from importlib.metadata import version

    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "pyarrow": version("pyarrow"),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def write_json(path: Path, data: Any) -> None:
    """Writes JSON to a temporary name beside `path`, waits for the disk, and renames it."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, ensure_ascii=False, sort_keys=False, allow_nan=False, default=_plain)
        file.write("\n")
        tables.sync(file)
    temporary.replace(path)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` durable where the system lets a folder be opened (not on Windows)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _file_facts(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _check_file(path: Path, facts: Mapping[str, Any] | None) -> None:
    again = "Delete the folder and run it again."
    if facts is None:
        raise problem(str(path), "file", "a file named in the manifest", "one that is not", again, DATA)
    if not path.is_file():
        raise problem(str(path), "file", f"{facts['bytes']} bytes", "no such file", again, DATA)
    size = path.stat().st_size
    if size != facts["bytes"]:
        raise problem(str(path), "file", f"{facts['bytes']} bytes", f"{size} bytes", again, DATA)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != facts["sha256"]:
        came = f"content with hash {found[:12]}"
        raise problem(str(path), "file", f"content with hash {facts['sha256'][:12]}", came, again, DATA)


# Reading ----------------------------------------------------------------------------------------------------------


def open_run(folder: Path) -> Run:
    """The run in `folder`. Raises Problem: exit 2 when there is none, 3 when its manifest cannot be trusted."""
    path = folder / MANIFEST
    if not folder.is_dir() or not path.is_file():
        raise problem(
            "RUN", str(folder), f"a folder with a {MANIFEST}", "none there", "Make one with `partystate run`."
        )
    return Run(folder, read_json(path, ("key", "key_parts", "months", "fingerprint", "files")))


def read_json(path: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    """A JSON file of the store with its `needed` keys. Raises Problem (exit 3) naming the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise problem(str(path), "file", "JSON", str(error), "Delete the folder and run it again.", DATA) from None
    if not isinstance(data, dict):
        raise problem(str(path), "file", "a JSON object", type(data).__name__, exit_code=DATA)
    if data.get("schema") != SCHEMA:
        came = data.get("schema", "none")
        raise problem(str(path), "schema", f"schema {SCHEMA}", came, "Another version of partystate wrote it.", DATA)
    missing = [key for key in needed if key not in data]
    if missing:
        raise problem(str(path), ", ".join(missing), "a value", "nothing", "Delete the folder and run it again.", DATA)
    return data


def list_runs(root: Path | None = None) -> list[Run]:
    """All sound runs under `root`, newest first; folders that are not runs are passed over."""
    root = root or home()
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.name.startswith(".") or not (folder / MANIFEST).is_file():
            continue
        try:
            found.append(open_run(folder))
        except Problem:
            continue
    return sorted(found, key=lambda run: (-(run.folder / MANIFEST).stat().st_mtime_ns, run.folder.name))


def find(reference: str, root: Path | None = None) -> Run:
    """The run meant by a path, by `last`, or by the beginning of its key. Raises Problem (exit 2) if not one."""
    root = root or home()
    path = Path(reference)
    if path.name == MANIFEST:
        path = path.parent
    if (path / MANIFEST).is_file():
        return open_run(path)
    stored = list_runs(root)
    if not stored:
        raise problem("RUN", reference, f"a run in {root}/", "none there", "Make one with `partystate run`.")
    if reference == LAST:
        return stored[0]
    hits = [run for run in stored if run.key.startswith(reference.lower())] if reference else []
    if len(hits) == 1:
        return hits[0]
    names = [run.folder.name for run in stored]
    if hits:
        came = f"{len(hits)}: " + ", ".join(run.folder.name for run in hits[:5])
        raise problem("RUN", reference, "the beginning of one run's key", came, "Give more of its digits.")
    hint = did_you_mean(reference, names) or f"Newest: {names[0]}. `last` means the newest."
    raise problem("RUN", reference, f"a run in {root}/ or the path of one", "none that begins so", hint)
