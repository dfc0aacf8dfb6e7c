"""Runs a study: every arm is an ensemble in a folder of its own, made like any other.

So a study can be stopped, resumed and enlarged, and any two of its arms can be compared by hand. Its parts hold only
the series that its kind names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from partystate import record
from partystate.foundation.problems import problem
from partystate.runs import design, ensemble, executors, keys, store
from partystate.runs.recipe import Recipe

from .study import Arm, Study
from .study_kinds import KINDS

FACTS = "study.json"


def identity(study: Study) -> str:
    """Hash of everything that decides what the runs of a study hold and what is measured in them, seeds apart."""
    return keys.digest([keys.model_version(), record.load().version, KINDS[study.kind].version(), study.text])


@dataclass
class StudyProgress(ensemble.Progress):
    """How far a whole study is. arm: the one under way, arm_half: whether half of it is done.

    faults: (arm, seed) -> what went wrong.
    """

    arm: str = ""
    arm_half: bool = False
    faults: dict[tuple[str, int], str] = field(default_factory=dict)  # type: ignore[assignment]


def run(
    study: Study,
    folder: Path,
    arms: Sequence[Arm],
    runs: int | None,
    workers: int,
    watch: Callable[[StudyProgress], None] | None = None,
    executor: executors.Executor | None = None,
) -> tuple[dict[str, ensemble.Ensemble], StudyProgress]:
    """Makes the missing runs of `arms` under `folder`, one folder for each; calls `watch` after every run.

    runs: in every arm; None for as many as the study says, which may be fewer in an arm than in the reference.
    Raises Problem (exit 2) when `folder` holds a study of another description, or of other versions.
    """
    designs = {arm.name: _design(study, arm, runs) for arm in arms}
    _claim(study, folder)
    whole = StudyProgress(sum(wanted.runs for wanted in designs.values()))
    made = {}
    for name, wanted in designs.items():
        found, done, faults = whole.found, whole.done, dict(whole.faults)
        whole.arm, whole.arm_half = name, False

        def add(part: ensemble.Progress, found=found, done=done, faults=faults, name=name) -> None:
            whole.found, whole.done = found + part.found, done + part.done
            whole.arm_half = 2 * part.ended >= part.total
            whole.faults = faults | {(name, seed): fault for seed, fault in part.faults.items()}

        def seen(part: ensemble.Progress, add=add) -> None:
            add(part)
            if watch:
                watch(whole)

        kind = KINDS[study.kind]
        made[name], part = ensemble.run(wanted, folder / name, kind.measure, workers, seen, executor, keep=kind.kept())
        add(part)
    return made, whole


def _design(study: Study, arm: Arm, runs: int | None) -> design.Design:
    recipe = Recipe(text=arm.scenario, where=arm.name, months=study.months, only=study.sector)
    return design.replicates(recipe, (arm.runs or study.runs) if runs is None else runs, study.first_seed)


def _claim(study: Study, folder: Path) -> None:
    """Marks `folder` as that of this study, unless it is another's."""
    path = folder / FACTS
    if path.exists() and store.read_json(path, ("identity",))["identity"] != identity(study):
        expected = "an empty folder or one with runs of this very study"
        came = "another description of it, or other versions of model, record or outcomes"
        raise problem("--out", str(folder), expected, came, "Choose another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise problem("--out", str(folder), "a folder that can be written to", error.strerror or str(error)) from None
    store.write_json(path, {"schema": store.SCHEMA, "study": study.name, "identity": identity(study)})
