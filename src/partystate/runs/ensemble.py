"""An ensemble: a folder with its design (`ensemble.json`) and one part per run, which can be stopped and resumed.

Running it means making the parts that are missing. So an interrupted ensemble goes on where it stopped, and one that
is enlarged keeps what it has.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import DATA, Problem, did_you_mean, problem
from partystate.runs import executors, keys, store
from partystate.runs.design import REFERENCE_ARM, Arm, Design
from partystate.runs.parts import TEMPORARY, Part, facts, path_of, sound

DESIGN = "ensemble.json"
PARTS = "parts"
LOCK = ".lock"
LONGEST_RUN = 3600.0  # seconds after which a temporary file in a shared folder is nobody's any more
ALIKE = ("months", "sectors", "off", "variants")  # what a run and an ensemble beside it have in common


@dataclass
class Progress:
    """How far an ensemble is. found: runs that were there before.

    faults: seed, or "SEED of ARM" where there are several arms -> what went wrong.
    """

    total: int
    found: int = 0
    done: int = 0
    faults: dict[int | str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def ended(self) -> int:
        return self.found + self.done + len(self.faults)

    @property
    def rate(self) -> float:
        """Runs per second since the start, 0 before the first."""
        return (self.done + len(self.faults)) / max(time.monotonic() - self.started, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """Time left at the present rate; None before 5 % are done, when a guess would be worth nothing."""
        made = self.done + len(self.faults)
        if made == 0 or made < 0.05 * (self.total - self.found):
            return None
        return (self.total - self.ended) / self.rate


Watch = Callable[[Progress], None]


def run(
    design: Design,
    folder: Path,
    measure: executors.Measure,
    workers: int = 1,
    watch: Watch | None = None,
    executor: executors.Executor | None = None,
    keep: frozenset[str] | None = None,
    parts: Path | None = None,
) -> tuple[Ensemble, Progress]:
    """Makes every missing part of `design` in `folder`; calls `watch` after each run.

    keep: the national series that the parts hold; None for all series. parts: another folder for them, which several
    ensembles that measure and keep the same may share, so that none makes a run that another has made.
    Raises Problem: exit 2 when `folder` belongs to another design, to another process or cannot be written to.
    """
    laid_out = [_laid_out(arm) for arm in design.arms]
    shared = parts is not None
    parts = parts if parts is not None else folder / PARTS
    _prepare(folder)
    _prepare(parts)
    with _locked(folder):
        _write_design(design, laid_out, folder, keep, parts)
        _clear(parts, LONGEST_RUN if shared else 0)
        tasks, progress = _missing(laid_out, parts, measure, workers, keep)
        named = {key: each.arm.name for each in laid_out for _, key in each.runs} if len(laid_out) > 1 else {}
        for done in (executor or executors.executor(workers))(tasks):
            if done.fault:
                progress.faults[f"{done.seed} of {named[done.key]}" if named else done.seed] = done.fault
            else:
                progress.done += 1
            if watch:
                watch(progress)
    return open_ensemble(folder), progress


@dataclass(frozen=True)
class _LaidOut:
    """An arm with what its recipe, built once, says: pairs (seed, key), the key of seed 0, and the facts."""

    arm: Arm
    runs: tuple[tuple[int, str], ...]
    zero: str
    facts: dict[str, Any]


def _laid_out(arm: Arm) -> _LaidOut:
    built = arm.recipe.built()
    pairs = zip(arm.seeds, built.keys(arm.seeds), strict=True)
    return _LaidOut(arm, tuple(pairs), built.key(0).digest, built.facts())


def _missing(
    laid_out: Sequence[_LaidOut],
    folder: Path,
    measure: executors.Measure,
    workers: int,
    keep: frozenset[str] | None,
) -> tuple[list[executors.Task], Progress]:
    there = {path.name for path in folder.glob("*.parquet")}
    total = missing = 0
    tasks: list[executors.Task] = []
    asked: set[str] = set()
    for each in laid_out:
        total += len(each.runs)
        paths = {key: path_of(folder, key) for _, key in each.runs}
        gone = {key for key, path in paths.items() if path.name not in there or not sound(path, key)}
        missing += len(gone)
        # Two arms may need the very same run; it is made once.
        runs = [(seed, key) for seed, key in each.runs if key in gone and key not in asked]
        asked |= gone
        tasks += executors.batches(each.arm.recipe, runs, folder, measure, workers, keep)
    return tasks, Progress(total - missing + len(asked), found=total - missing)


def _clear(folder: Path, older: float) -> None:
    """Removes what killed runs left behind, if it is older than so many seconds."""
    for leftover in [*folder.glob(f"{TEMPORARY}*"), *folder.glob(f"*{executors.TRACE}")]:
        with contextlib.suppress(OSError):  # another process may have done so
            if time.time() - leftover.stat().st_mtime >= older:
                leftover.unlink()


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise problem("--out", str(folder), "a folder that can be written to", error.strerror or str(error)) from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps a second process out of the folder. The system drops the lock with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # Windows: parts are written atomically all the same
        yield
        return
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise problem("--out", str(folder), "a folder no other process writes to", "one in use") from None
        yield


def identity(design: Design, keep: frozenset[str] | None = None) -> str:
    """Hash of what must stay the same when an ensemble is resumed or enlarged: recipes and versions, not seeds."""
    return _identity([(arm.name, arm.recipe.built().key(0).digest) for arm in design.arms], keep)


def _identity(arms: Sequence[tuple[str, str]], keep: frozenset[str] | None) -> str:
    named = [list(arm) for arm in arms]
    return keys.digest(named if keep is None else [named, sorted(keep)])


def _write_design(
    design: Design, laid_out: Sequence[_LaidOut], folder: Path, keep: frozenset[str] | None, parts: Path
) -> None:
    path = folder / DESIGN
    mine = _identity([(each.arm.name, each.zero) for each in laid_out], keep)
    if path.exists():
        there = store.read_json(path, ("identity", "model", "record"))
        if there["identity"] != mine:
            raise _another(path, there)
    store.write_json(path, _facts(design, laid_out, mine) | {"parts": os.path.relpath(parts, folder)})


def _another(path: Path, there: Mapping[str, Any]) -> Exception:
    came = "another scenario or other settings"
    if there["model"] != keys.model_version():
        came = "runs of another version of the model"
    elif there["record"] != record.load().version:
        came = "runs of another version of the record"
    expected = "an empty folder or one with runs of this very design"
    return problem("--out", str(path.parent), expected, came, "Choose another --out.")


def _facts(design: Design, laid_out: Sequence[_LaidOut], mine: str) -> dict[str, Any]:
    common: dict[str, Any] = {}
    arms: list[dict[str, Any]] = []
    for each in laid_out:
        # What a later arm has in common with the first, or its recipe says anyway, is not said again: a design may have
        # thousands of arms.
        said = {key for key, value in each.arm.recipe.overrides if common and not isinstance(value, tuple)}
        settings = {
            key: item for key, item in each.facts["parameters"].items() if common.get(key) != item and key not in said
        }
        common = common or settings
        arms.append(
            {
                "arm": each.arm.name,
                "seeds": [seed for seed, _ in each.runs],
                "keys": [key for _, key in each.runs],
                "facts": each.facts | {"parameters": settings},
            }
        )
    return {
        "schema": store.SCHEMA,
        "identity": mine,
        "model": keys.model_version(),
        "record": record.load().version,
        "runs": design.runs,
        "first_seed": min(arm["seeds"][0] for arm in arms if arm["seeds"]),
        "months": design.months,
        "platform": store.made_on(),
        "arms": arms,
    }


# Reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """A stored ensemble. Runs are in the order of the design; those not made yet are left out.

    facts: `ensemble.json`. The `parameters` of an arm after the first hold only what differs from the first arm's and
    is not fixed by an override of its recipe.
    """

    folder: Path
    facts: Mapping[str, Any]

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(arm["arm"] for arm in self.facts["arms"])

    @property
    def months(self) -> int:
        return self.facts["months"]

    def keys(self, arm: str = REFERENCE_ARM) -> list[str]:
        """Run keys of an arm, by seed. Raises Problem (exit 2) for an unknown arm."""
        for entry in self.facts["arms"]:
            if entry["arm"] == arm:
                return entry["keys"]
        raise problem("arm", arm, f"an arm of {self.folder}", arm, did_you_mean(arm, self.arms))

    def parts(self, arm: str = REFERENCE_ARM) -> list[Part]:
        """The facts of every run of an arm that is there. Raises Problem (exit 3) for a damaged part."""
        self.keys(arm)
        return list(self._parts[arm])

    @cached_property
    def _parts(self) -> dict[str, tuple[Part, ...]]:
        folder = self.folder / self.facts.get("parts", PARTS)
        return {
            arm: tuple(facts(path, key) for key in self.keys(arm) if (path := path_of(folder, key)).exists())
            for arm in self.arms
        }

    def outcomes(self, arm: str = REFERENCE_ARM) -> dict[str, np.ndarray]:
        """Outcome -> values (runs,), NaN where a run leaves it undefined."""
        found = self.parts(arm)
        names = sorted({name for part in found for name in part.outcomes})
        return {name: np.array([_number(part.outcomes.get(name)) for part in found]) for name in names}

    def seeds(self, arm: str = REFERENCE_ARM) -> list[int]:
        """The seeds that the design gives an arm, whether their runs are there or not."""
        self.keys(arm)
        return next(entry["seeds"] for entry in self.facts["arms"] if entry["arm"] == arm)

    def national(self, names: Sequence[str], arm: str = REFERENCE_ARM) -> dict[str, np.ndarray]:
        """Several national series of every run at once: name -> (runs, months), NaN where a run has no value.

        Read by DuckDB, which is much faster than part by part. Raises Problem (exit 3) for parts it cannot read.
        """
        parts = self.parts(arm)
        found = {name: np.full((len(parts), self.months), np.nan) for name in names}
        if not parts:
            return found
        import duckdb

        places = {part.path.name: place for place, part in enumerate(parts)}
        asked = "SELECT series, filename, month, value FROM read_parquet(?, filename = true) "
        asked += "WHERE region IS NULL AND list_contains(?, series)"
        try:
            with duckdb.connect() as reader:
                table = reader.execute(asked, [[str(part.path) for part in parts], list(names)]).fetchnumpy()
        except duckdb.Error as error:
            said, do = str(error).splitlines()[0], "Run the same command again; only what is missing is run."
            raise problem(str(parts[0].path.parent), "parts", "sound parts", said, do, DATA) from None
        rows = np.array([places[Path(name).name] for name in table["filename"]], dtype=np.int64)
        months = np.array([calendar.index(label) for label in table["month"]], dtype=np.int64)
        for name in names:
            chosen = np.asarray(table["series"] == name)
            found[name][rows[chosen], months[chosen]] = table["value"][chosen]
        return found

    def by_seed(self, outcome: str, arm: str = REFERENCE_ARM) -> dict[int, float]:
        """Seed -> value of one outcome in the runs of an arm; NaN where a run leaves it undefined."""
        return {part.seed: _number(part.outcomes.get(outcome)) for part in self.parts(arm)}

    def series(self, name: str, region: str | None = None, arm: str = REFERENCE_ARM) -> np.ndarray:
        """One series of every run: (runs, months), NaN where it has no value."""
        rows = []
        for part in self.parts(arm):
            values = store.series_of(part.table([("series", "==", name)]), part.months)
            rows.append(values.get((name, region), np.full(part.months, np.nan)))
        return np.array(rows).reshape(len(rows), self.months)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def open_ensemble(folder: Path) -> Ensemble:
    """The ensemble in `folder`. Raises Problem: exit 2 when there is none, 3 when its design cannot be trusted."""
    if not (folder / DESIGN).is_file():
        hint = "Make one with `partystate ensemble`."
        raise problem("ENSEMBLE", str(folder), f"a folder with an {DESIGN}", "none there", hint)
    return Ensemble(folder, store.read_json(folder / DESIGN, ("identity", "arms", "runs", "first_seed", "months")))


def newest(root: Path, run: store.Run) -> Path | None:
    """The folder of the latest ensemble under `root` that holds other seeds of the same history, or None."""
    found = sorted(root.glob(f"*/{DESIGN}") if root.is_dir() else (), key=lambda path: -path.stat().st_mtime_ns)
    for path in found:
        try:
            arm = open_ensemble(path.parent).facts["arms"][0]["facts"]
        except Problem:
            continue
        if all(arm[name] == run.manifest[name] for name in ALIKE) and _declared(arm) == _declared(run.manifest):
            return path.parent
    return None


def _declared(facts: Mapping[str, Any]) -> Any:
    return facts["scenario"]["declares"]
