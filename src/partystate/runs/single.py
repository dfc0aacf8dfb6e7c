"""One history from recipe to run folder, and the branching of a new history from a stored one."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from partystate.engine import snapshot
from partystate.engine.runner import Simulation
from partystate.engine.snapshot import Frozen
from partystate.foundation import calendar
from partystate.foundation.problems import DATA, problem
from partystate.runs import keys, store, tables
from partystate.runs.executors import Measure
from partystate.runs.recipe import PLAIN, Built, Fork, Hook, Recipe, Watching
from partystate.runs.store import Run


def run(
    recipe: Recipe, seed: int, root: Path, measure: Measure, hook: Hook | None = None, watching: Watching = PLAIN
) -> Run:
    """Runs one history and stores it under `root`; one that stops before June 1941 leaves its state in the folder.

    measure: turns a RunResult into outcomes (name -> value), for the manifest.
    Raises Problem for whatever the recipe names that does not exist, and for a folder that cannot be written to.
    """
    built = recipe.built()
    begun = time.perf_counter()
    return _finish(built, built.start(seed, watching), begun, root, measure, hook)


def fork(
    parent: Run,
    month: int,
    text: str,
    where: str,
    root: Path,
    measure: Measure,
    hook: Hook | None = None,
    until: int = calendar.MONTHS,
) -> Run:
    """Runs the history that follows `parent` before `month` and the scenario `text` from then on.

    The state comes from a snapshot in the parent's folder or from replaying the parent, whose every figure before the
    month must come out as it is stored. Raises Problem: exit 2 for a month outside the parent, 3 when the parent cannot
    be replayed or comes out otherwise.
    """
    at = calendar.label(month)
    if not 0 < month <= parent.months:
        expected = f"a month from {calendar.label(1)} to {calendar.label(parent.months)}, which the run reaches"
        raise problem("--at", "month", expected, at)
    if until <= month:
        raise problem("--until", "month", f"a month after {at}, where the fork begins", calendar.label(until))
    origin = Recipe.from_data(parent.manifest["recipe"])
    built = Recipe(text, where, scale=origin.scale, only=origin.only, months=until, fork=Fork(origin, month)).built()
    begun = time.perf_counter()
    seed = parent.manifest["seed"]
    return _finish(built, built.resume(seed, state(parent, month)), begun, root, measure, hook)


def state(run: Run, month: int) -> Frozen:
    """The state of a stored run before `month`: its snapshot, or a replay checked against what is stored."""
    built = Recipe.from_data(run.manifest["recipe"]).built()
    seed = run.manifest["seed"]
    if built.key(seed).digest != run.key:
        raise _changed(run)
    if path := run.snapshots().get(month):
        run.check(path.name)
        return snapshot.load(path, run.key)
    frozen = snapshot.freeze(built.go_on(built.start(seed), month))
    for (name, region), values in frozen.series.items():
        stored = run.series(name, region)[:month] if run.has_series(name, region) else np.full(month, np.nan)
        if not np.array_equal(values[:month], stored, equal_nan=True):
            expected = f"the {name} of the stored run up to {calendar.label(month - 1)}"
            do = "Run `partystate verify`: this machine computes otherwise than the one that made the run."
            raise problem(str(run.folder), "replay", expected, "other values", do, DATA)
    return frozen


def _changed(run: Run) -> Exception:
    parts = run.manifest["key_parts"]
    part = "model" if parts["model"] != keys.model_version() else "record"
    do = "Run the parent again, then fork that run."
    return problem(str(run.folder), part, f"the version of the {part} that made the run", "another one", do, DATA)


def _finish(built: Built, simulation: Simulation, begun: float, root: Path, measure: Measure, hook: Hook | None) -> Run:
    seed, key = simulation.setting.seed, built.key(simulation.setting.seed)
    simulation = built.go_on(simulation, built.recipe.months, hook)
    result = simulation.result()
    facts: dict[str, Any] = built.facts() | {"seed": seed, "forced": result.facts["forced"]}
    facts["outcomes"] = json.loads(tables.plain_json(measure(result)))
    drawn = result.facts["values"]
    facts["parameters"] = {name: setting | {"drawn": drawn[name]} for name, setting in facts["parameters"].items()}
    facts["timings"] = {"seconds": round(time.perf_counter() - begun, 3)}

    def keep(folder: Path) -> None:
        name = f"snapshot-{calendar.label(simulation.month)}.npz"
        snapshot.save(snapshot.freeze(simulation), folder / name, key.digest)

    return store.write(root, key, result, facts, keep if simulation.month < calendar.MONTHS else None)
