"""The run key: one hash over everything that decides what a run contains.

Two runs with one key hold the same bytes; changing any part gives a new key. The versions of model and record are
hashes of the files themselves, so that no stale result survives a mended line.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import partystate

MODEL_FLOORS = ("foundation", "record", "model", "mechanisms", "engine")
SHORT = 16


def canonical(data: Any) -> str:
    """JSON with one spelling for one content: sorted keys, no blanks, no NaN."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


@dataclass(frozen=True)
class RunKey:
    """The parts that decide a run, and their hash.

    parts: model, record (versions), parameters (hash of range, distribution and layer of each), scenario (its
    declarations), scale, seed, months, sectors (those not forced to the record), parent (key and month of the run this
    one was forked from, or None).
    """

    parts: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        return digest(dict(self.parts))

    @property
    def short(self) -> str:
        """The first 16 digits: the name of the run's folder."""
        return self.digest[:SHORT]

    def __str__(self) -> str:
        return self.digest


def run_key(
    *,
    model: str,
    record: str,
    parameters: Mapping[str, Any],
    scenario: Mapping[str, Any],
    scale: int,
    seed: int,
    months: int,
    sectors: Iterable[str],
    parent: Mapping[str, Any] | None = None,
) -> RunKey:
    """The key of one run. Large tables enter by their hash, so that a thousand keys cost nothing."""
    return RunKey(
        {
            "model": model,
            "record": record,
            "parameters": digest(dict(parameters)),
            "scenario": dict(scenario),
            "scale": scale,
            "seed": seed,
            "months": months,
            "sectors": sorted(sectors),
            "parent": dict(parent) if parent else None,
        }
    )


def files_version(files: Iterable[tuple[str, Path]]) -> str:
    """Hash of (name, content) of every file, whatever order they come in."""
    total = hashlib.sha256()
    for name, path in sorted(files):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


@lru_cache(maxsize=1)
def model_version() -> str:
    """Hash of every source file of floors 1-5 and of every mechanism added by another package."""
    root = Path(partystate.__file__).parent
    own = [(path.relative_to(root).as_posix(), path) for floor in MODEL_FLOORS for path in (root / floor).rglob("*.py")]
    return files_version([*own, *_added_mechanisms()])


def _added_mechanisms() -> list[tuple[str, Path]]:
    from importlib import metadata

    if not metadata.entry_points(group="partystate.mechanisms"):
        return []  # nothing was added, so the mechanisms need not be imported to know it
    from partystate.model import catalogue

    modules = {inspect.getmodule(mechanism) for mechanism in catalogue.mechanisms().values()}
    return [
        (module.__name__, Path(module.__file__))
        for module in modules
        if module and module.__file__ and not module.__name__.startswith("partystate.")
    ]
