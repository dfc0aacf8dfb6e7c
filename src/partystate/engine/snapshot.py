"""Snapshots: the whole state of a history between two months, as arrays and JSON, never as pickled objects.

`freeze` copies the state, `thaw` sets a new simulation going from it, under the same model or another; `save` and
`load` keep it in one `.npz` file. A history that is frozen, thawed and continued gives the same bits as one that was
never stopped.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from partystate.engine.runner import RunSetting, Simulation
from partystate.foundation.problems import DATA, problem
from partystate.model.catalogue import Model
from partystate.model.chronicle import Chronicle, Event
from partystate.model.decisions import Directive, Motion
from partystate.model.ledger import FlowRow

SCHEMA = 1
TEXT = "json"  # the member of the .npz that holds everything but arrays, as UTF-8 bytes
WORLD, LEADERS, SERIES = "world/", "leaders/", "series"


@dataclass(frozen=True)
class Frozen:
    """A state: arrays by name, and the rest as plain JSON data. `month` is the next month to be run."""

    arrays: Mapping[str, np.ndarray]
    rest: Mapping[str, Any]

    @property
    def month(self) -> int:
        return self.rest["month"]

    @property
    def series(self) -> dict[tuple[str, str | None], np.ndarray]:
        """(id, region) -> values by month, as the recorder held them."""
        return {(name, region): self.arrays[SERIES][row] for row, (name, region) in enumerate(self.rest["series"])}


def freeze(simulation: Simulation) -> Frozen:
    """The state between two months: a copy, which later months do not touch."""
    recorder, world = simulation.recorder, simulation.world
    arrays = {WORLD + name: np.array(values) for name, values in world.now.items()}
    names = [name for name in recorder.rows[0] if name != "month"] if recorder.rows else []
    arrays |= {LEADERS + name: np.stack([row[name] for row in recorder.rows]) for name in names}
    if recorder.series:
        arrays[SERIES] = np.stack(list(recorder.series.values()))
    rest = {
        "month": simulation.month,
        "pending": [_plain(asdict(directive)) for directive in world.pending],
        "accounts": simulation.ledger.accounts,
        "flows": [list(asdict(row).values()) for row in simulation.ledger.rows],
        "chronicle": [_plain(asdict(event)) for event in simulation.chronicle.events],
        "votes": [_motion_data(motion) for motion in recorder.votes],
        "series": [list(key) for key in recorder.series],
        "leader_months": [row["month"] for row in recorder.rows],
    }
    return Frozen(arrays, json.loads(_text(rest)))


def thaw(model: Model, setting: RunSetting, frozen: Frozen) -> Simulation:
    """A simulation that goes on from `frozen`. Its past is that of the frozen history, its future that of `model`."""
    simulation = Simulation(model, setting)
    rest, world, recorder = frozen.rest, simulation.world, simulation.recorder
    world.now.clear()
    world.now.update({name: np.array(values) for name, values in _under(WORLD, frozen.arrays)})
    world.restore_pending([Directive(**_tupled(item, "because")) for item in rest["pending"]])
    simulation.ledger.accounts = {stock: dict(held) for stock, held in rest["accounts"].items()}
    simulation.ledger.rows.extend(FlowRow(*row) for row in rest["flows"])
    # The handles of the mechanisms hold this very chronicle, so its contents are replaced, not the object.
    events = [Event(**_tupled(item, "actors", "because")) for item in rest["chronicle"]]
    vars(simulation.chronicle).update(vars(Chronicle(events)))
    recorder.votes.extend(_motion(item) for item in rest["votes"])
    recorder.series.update({key: values.copy() for key, values in frozen.series.items()})
    for place, month in enumerate(rest["leader_months"]):
        row = {name: values[place].copy() for name, values in _under(LEADERS, frozen.arrays)}
        recorder.rows.append(row | {"month": month})
    simulation.month = rest["month"]
    return simulation


def save(frozen: Frozen, path: Path, key: str) -> None:
    """Writes the state of the run with this key to one `.npz` file. Equal states give equal bytes."""
    text = _text({"schema": SCHEMA, "key": key, "rest": frozen.rest}).encode()
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{TEXT: np.frombuffer(text, dtype=np.uint8)}, **frozen.arrays)


def load(path: Path, key: str) -> Frozen:
    """The state in `path`. Raises Problem (exit 3) when the file is damaged or belongs to another run."""
    again = "Delete it; `partystate fork` then replays the run up to the month."
    try:
        with np.load(path, allow_pickle=False) as file:
            text = json.loads(file[TEXT].tobytes())
            schema, found = text["schema"], text["key"]
            frozen = Frozen({name: file[name] for name in file.files if name != TEXT}, text["rest"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise problem(str(path), "file", "a sound snapshot", said, again, DATA) from None
    if schema != SCHEMA:
        raise problem(str(path), "schema", f"schema {SCHEMA}", schema, again, DATA)
    if found != key:
        raise problem(str(path), "key", f"a snapshot of run {key[:12]}", f"one of {found[:12]}", again, DATA)
    return frozen


def same(one: Frozen, other: Frozen) -> bool:
    """Whether two states are equal to the last bit (NaN equals NaN)."""
    if one.arrays.keys() != other.arrays.keys() or _text(one.rest) != _text(other.rest):
        return False
    return all(_same_array(values, other.arrays[name]) for name, values in one.arrays.items())


def _same_array(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def _under(prefix: str, arrays: Mapping[str, np.ndarray]) -> list[tuple[str, np.ndarray]]:
    return [(name.removeprefix(prefix), values) for name, values in arrays.items() if name.startswith(prefix)]


def _text(data: Any) -> str:
    """JSON that keeps every float to the last bit."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_unusual)


def _unusual(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be kept in a snapshot; expected numbers, texts and lists")


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in item.items()}


def _tupled(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return item | {name: tuple(item[name]) for name in names}


def _motion_data(motion: Motion) -> dict[str, Any]:
    return {
        "event": motion.event,
        "month": motion.month,
        "forum": motion.forum,
        "title": motion.title,
        "voters": list(motion.voters),
        "votes": _array_data(motion.votes),
        "reasons": {term: _array_data(parts) for term, parts in motion.reasons.items()},
    }


def _motion(item: dict[str, Any]) -> Motion:
    changed = {
        "voters": tuple(item["voters"]),
        "votes": _array(item["votes"]),
        "reasons": {term: _array(parts) for term, parts in item["reasons"].items()},
    }
    return Motion(**(item | changed))


def _array_data(values: Any) -> list[Any]:
    values = np.asarray(values)
    return [values.dtype.str, values.tolist()]


def _array(data: list[Any]) -> np.ndarray:
    return np.array(data[1], dtype=data[0])
