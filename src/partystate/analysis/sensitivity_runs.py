"""Runs the design of a sensitivity analysis: every point is an arm of an ensemble, its parameters fixed.

A folder holds each design made in it (`design.json`, `points.npy` and the table of its runs) in a folder of its own,
and the runs of all of them together, so that a larger design and another outcome use what is there.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from partystate.foundation.problems import DATA, did_you_mean, problem
from partystate.record.parameters import Setting
from partystate.runs import design, ensemble, executors, keys, store
from partystate.runs.design import Arm, Design
from partystate.runs.ensemble import Ensemble
from partystate.runs.recipe import Recipe

from . import conditions, outcomes
from .sensitivity import Factor, Results, Sample

FACTS, POINTS = "design.json", "points.npy"
PARAMETER, MECHANISM = "parameter", "mechanism"


@dataclass(frozen=True)
class Target:
    """What is asked of each history: a condition (1 or 0), or the outcome `name` itself; a date is cut at the end."""

    name: str = ""
    condition: conditions.Condition | None = None

    @property
    def words(self) -> str:
        if self.condition:
            return self.condition.words
        until = ", which counts as the end of the histories where it does not come"
        return f"“{conditions.title(self.name)}”{until if conditions.is_date(self.name) else ''}"

    @property
    def names(self) -> tuple[str, ...]:
        return self.condition.names if self.condition else (self.name,)

    def of(self, found: dict[str, np.ndarray], months: int) -> np.ndarray:
        """The value in each history; found: outcome -> values of one shape."""
        if self.condition:
            return self.condition.hold(found)
        values = found[self.name]
        return np.where(np.isnan(values), months, values) if conditions.is_date(self.name) else values


def target(text: str, known: Sequence[str], months: int) -> Target:
    """What `text` asks: the name of an outcome, or a condition. Raises Problem (exit 2) for what cannot be read."""
    name = conditions.bare(text)
    if name is None:
        return Target(condition=conditions.parse(text, known, months))
    conditions.check(name, known)
    return Target(name)


def factors(recipe: Recipe, chosen: Sequence[str] = (), by: str = PARAMETER) -> tuple[Factor, ...]:
    """The parameters that have a range under the recipe, each a factor, or those of a mechanism together.

    chosen: keys or first parts of keys; none for all. Raises Problem (exit 2) for one there is not, one that is fixed,
    and an unknown `by`.
    """
    if by not in (PARAMETER, MECHANISM):
        raise problem("--by", "factors", f"{PARAMETER} or {MECHANISM}", by, did_you_mean(by, (PARAMETER, MECHANISM)))
    built = recipe.built()
    settings = built.parameters
    ranged = [key for key in settings if varies(settings[key])]
    for name in chosen:
        _check_chosen(name, settings, ranged)
    wanted = [key for key in ranged if not chosen or any(_is_in(key, name) for name in chosen)]
    if by == PARAMETER:
        return tuple(Factor(key, (key,), built.record.parameters[key].title) for key in wanted)
    groups: dict[str, list[str]] = {}
    for key in wanted:
        groups.setdefault(key.partition(".")[0], []).append(key)
    return tuple(
        Factor(name, tuple(found), f"{len(found)} parameters of {name}" if len(found) > 1 else found[0])
        for name, found in groups.items()
    )


def varies(setting: Setting) -> bool:
    """Whether histories differ in the parameter."""
    return not setting.fixed and setting.high > setting.low


def _is_in(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")


def _check_chosen(name: str, settings: dict[str, Setting], ranged: Sequence[str]) -> None:
    if any(_is_in(key, name) for key in ranged):
        return
    if any(_is_in(key, name) for key in settings):
        raise problem("--parameter", name, "a parameter with a range", "one that is fixed")
    names = [*settings, *(key.partition(".")[0] for key in settings)]
    raise problem("--parameter", "parameter", "a parameter or mechanism", name, did_you_mean(name, names))


def arms(recipe: Recipe, sample: Sample, runs: int, first_seed: int = 1) -> Design:
    """An arm for each point, its parameters fixed at what their ranges give for the coordinates of the point."""
    settings = recipe.built().parameters
    kept = tuple(item for item in recipe.overrides if item[0] not in set(sample.keys))
    ranges = [settings[key] for key in sample.keys]
    seeds = sample.seeds(runs, first_seed).tolist()
    width = len(str(len(sample.points) - 1))
    return design.of(
        Arm(
            f"point {number:0{width}d}",
            replace(recipe, overrides=(*kept, *((one.key, one.at(u)) for one, u in zip(ranges, point, strict=True)))),
            seeds[number],
        )
        for number, point in enumerate(sample.points.tolist())
    )


def run(
    recipe: Recipe,
    sample: Sample,
    runs: int,
    folder: Path,
    workers: int = 1,
    watch: ensemble.Watch | None = None,
    first_seed: int = 1,
    executor: executors.Executor | None = None,
) -> tuple[Ensemble, ensemble.Progress]:
    """Makes the missing runs of a design under `folder`. Raises Problem as `ensemble.run` does."""
    own = place(folder, recipe, sample, runs, first_seed)
    wanted = arms(recipe, sample, runs, first_seed)
    save(sample, own)
    return ensemble.run(
        wanted, own, outcomes.measure, workers, watch, executor, keep=frozenset(), parts=parts_of(folder)
    )


def place(folder: Path, recipe: Recipe, sample: Sample, runs: int, first_seed: int = 1) -> Path:
    """The folder of a design in `folder`: named by the design, what is run at its points, and on which seeds."""
    base = recipe.built().key(0).digest
    return folder / f"{sample.method}-{keys.digest([sample.digest, base, runs, first_seed])[:12]}"


def parts_of(folder: Path) -> Path:
    """Where the runs of all designs in `folder` lie: apart for each version of what is measured in them."""
    source = Path(outcomes.__file__)
    return folder / f"parts-{keys.files_version([(source.name, source)])[:8]}"


def values(stored: Ensemble, sample: Sample, asked: Target) -> Results:
    """What is asked, in every run of a design. Raises Problem (exit 2) when runs are missing."""
    found: dict[str, list[list[float]]] = {name: [] for name in asked.names}
    missing = 0
    for arm in stored.facts["arms"]:
        parts = stored.parts(arm["arm"])
        missing += len(arm["keys"]) - len(parts)
        for name, rows in found.items():
            rows.append([_number(part.outcomes.get(name)) for part in parts])
    if missing:
        hint = "Give the same command again; only what is missing is run."
        raise problem(str(stored.folder), "runs", "every run of the design", f"{missing:,} missing", hint)
    arrays = {name: np.array(rows) for name, rows in found.items()}
    return Results(sample.method, sample.digest, asked.of(arrays, stored.months))


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def save(sample: Sample, folder: Path) -> None:
    """Stores a design. Raises Problem (exit 2) when the folder cannot be written to."""
    content = io.BytesIO()
    np.save(content, sample.points, allow_pickle=False)
    facts = {name: getattr(sample, name) for name in ("method", "size", "second_order", "digest")}
    described = [asdict(factor) for factor in sample.factors]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{store.TEMPORARY}{POINTS}"
        temporary.write_bytes(content.getvalue())
        temporary.replace(folder / POINTS)
    except OSError as error:
        raise problem("--out", str(folder), "a folder that can be written to", error.strerror or str(error)) from None
    store.write_json(folder / FACTS, {"schema": store.SCHEMA, **facts, "factors": described})


def load(folder: Path) -> Sample:
    """The design stored in `folder`. Raises Problem (exit 3) when it is not what was stored."""
    facts = store.read_json(folder / FACTS, ("method", "size", "second_order", "digest", "factors"))
    again = "Give the command that made it again."
    try:
        points = np.load(folder / POINTS, allow_pickle=False)
    except (OSError, ValueError) as error:
        came = str(error).splitlines()[0]
        raise problem(str(folder / POINTS), "file", "the points of a design", came, again, DATA) from None
    described = tuple(Factor(one["name"], tuple(one["keys"]), one["title"]) for one in facts["factors"])
    found = Sample(facts["method"], described, facts["size"], facts["second_order"], points)
    if found.digest != facts["digest"]:
        expected = f"points with the hash {facts['digest'][:12]}"
        raise problem(str(folder), "design", expected, found.digest[:12], again, DATA)
    return found
