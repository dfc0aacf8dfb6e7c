"""The door for notebooks and scripts: the commands as functions. `import partystate`, then `partystate.run(...)`.

Arguments mirror the command line, and so do faults: wrong use raises `Problem` with the words that a command prints.
Results lie in the same folders, under the same keys; what a command has made, a function finds, and the other way
round.
"""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partystate.app import inputs
from partystate.app.results import PLACE, Answer, Comparison, Ensemble, Run
from partystate.foundation.problems import DATA, problem

if TYPE_CHECKING:
    from partystate.runs.ensemble import Watch
    from partystate.runs.recipe import Recipe

Scenario = str | Path | Mapping[str, Any] | None
Parameters = Mapping[str, float | Sequence[float]] | None


def run(
    scenario: Scenario = None,
    *,
    seed: int = 1,
    off: Iterable[str] = (),
    parameters: Parameters = None,
    until: str | None = None,
    scale: str | int = "sample",
    only: str | None = None,
    out: PLACE = None,
    strict: bool = False,
) -> Run:
    """Runs one history and stores it under `out`, by default runs/ here or $PARTYSTATE_RUNS.

    scenario: path of a file, its text, or what it says as a dict; None is the reference. off: ids of systems that are
    off beside those of the scenario. parameters: key -> number, which fixes it, or (low, high), which changes its
    range. until: the month (YYYY-MM) before which the history stops. scale: sample, full, or how many persons one row
    of the membership table stands for. only: the sectors that run, with commas between. strict: check every access of
    every mechanism.
    Raises Problem (exit 2) for whatever is named and does not exist.
    """
    from partystate.analysis import rural_outcomes
    from partystate.runs import single
    from partystate.runs.recipe import Watching

    wanted = recipe(scenario, off, parameters, until, scale, only)
    root = inputs.runs_folder(path(out))
    measure = rural_outcomes.of_sectors(wanted.built().sectors)
    return Run(single.run(wanted, inputs.seeds(seed), root, measure, watching=Watching(strict=strict)))


def ensemble(
    scenario: Scenario = None,
    *,
    runs: int = 200,
    first_seed: int = 1,
    off: Iterable[str] = (),
    parameters: Parameters = None,
    until: str | None = None,
    scale: str | int = "sample",
    only: str | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    out: PLACE = None,
    progress: bool | None = None,
) -> Ensemble:
    """Runs the histories of seeds first_seed … first_seed + runs − 1, or those of them that are not stored yet.

    workers: processes, by default one for each core. cluster: address of a Dask scheduler instead. out: the folder of
    the ensemble. progress: lines on stderr; by default where that is a terminal. Other arguments are those of `run`.
    Histories that could not be made are warned of and named in `failed`.
    """
    from partystate.analysis import rural_outcomes
    from partystate.runs import design, warm
    from partystate.runs import ensemble as ensembles

    wanted = design.replicates(
        recipe(scenario, off, parameters, until, scale, only), runs, inputs.seeds(first_seed, "--first-seed")
    )
    folder = path(out) or inputs.runs_folder(None) / f"ensemble-{ensembles.identity(wanted)[:12]}"
    processes, executor = inputs.processes(workers, runs), inputs.executor(cluster, workers, runs)
    warm.once()
    measure = rural_outcomes.of_sectors(wanted.arms[0].recipe.built().sectors)
    with watched(progress) as watch:
        stored, done = ensembles.run(wanted, folder, measure, processes, watch, executor)
    warn(done.faults, bool(stored.parts()), folder)
    return Ensemble(stored, dict(done.faults))


def compare(
    a: Ensemble | PLACE,
    b: Ensemble | PLACE,
    *,
    series: Sequence[str] = (),
    since: str = "1922-01",
    through: str | None = None,
) -> Comparison:
    """What ensemble B changed against A, history by history under the same seeds.

    a, b: ensembles or their folders. series: names of series whose means over the months `since` … `through` are
    compared too. Raises Problem (exit 2) when the two cannot be paired.
    """
    from partystate.analysis import compare as comparing
    from partystate.app.commands.compare import window

    opened = [each.stored if isinstance(each, Ensemble) else open_ensemble(each).stored for each in (a, b)]
    months = min(each.months for each in opened)
    sides = (comparing.Side.of(each) for each in opened)
    return Comparison(comparing.compare(*sides, tuple(series), window(since, through, months)))


def ask(
    question: str,
    *,
    runs: int = 1000,
    first_seed: int = 200_000,
    workers: int | None = None,
    cluster: str | None = None,
    out: PLACE = None,
    again: bool = False,
    progress: bool | None = None,
) -> Answer:
    """The answer to an essay question, Q01 to Q38: from the store if it was asked before, else from many histories.

    runs: histories in each arm. out: the runs folder. again: work it out anew from the stored histories.
    Raises Problem (exit 2) for a question that the built sectors cannot answer.
    """
    from partystate.analysis import inquiry
    from partystate.runs import warm

    asked = inquiry.of(question, inputs.runs_folder(path(out)), runs, inputs.seeds(first_seed, "--first-seed"))
    found = None if again else asked.remembered()
    if found is None:
        processes, executor = inputs.processes(workers), inputs.executor(cluster, workers)
        command = f"partystate ask {question} --runs {runs} --first-seed {first_seed}"
        warm.once()
        with watched(progress) as watch:
            found, done = asked.work_out(command, processes, watch, executor)
        warn(done.faults, found is not None, asked.target)
    assert found is not None  # else a Problem was raised
    return Answer(found, asked.target)


def open_run(reference: PLACE = "last", *, root: PLACE = None) -> Run:
    """A stored run by its folder, by the beginning of its key, or `last`, the newest under `root`."""
    from partystate.runs import store

    return Run(store.find(str(reference), inputs.runs_folder(path(root))))


def open_ensemble(folder: PLACE) -> Ensemble:
    """The ensemble stored in `folder`. Raises Problem: exit 2 when there is none, 3 when it cannot be trusted."""
    from partystate.runs import ensemble as ensembles

    return Ensemble(ensembles.open_ensemble(Path(folder or "")))


# Arguments ---------------------------------------------------------------------------------------------------------


def recipe(
    scenario: Scenario,
    off: Iterable[str],
    parameters: Parameters,
    until: str | None,
    scale: str | int,
    only: str | None,
) -> Recipe:
    """The recipe that the arguments of a function describe. Raises Problem (exit 2) for what is wrong with them."""
    from partystate.runs.recipe import Recipe

    text, where = scenario_text(scenario)
    without = tuple(sorted({off} if isinstance(off, str) else set(off)))
    return Recipe(
        text=text,
        where=f"without {', '.join(without)}" if without and not text else where,
        overrides=tuple((key, _setting(key, value)) for key, value in (parameters or {}).items()),
        scale=inputs.persons(str(scale)),
        only=inputs.sector(only),
        months=inputs.months(until),
        off=without,
    )


def scenario_text(scenario: Scenario) -> tuple[str, str]:
    """Text and name of a scenario given as a path, as text or as a dict, checked."""
    from partystate.runs import scenario_file

    if isinstance(scenario, Mapping):
        import tomli_w

        try:
            scenario = tomli_w.dumps(scenario)
        except (TypeError, ValueError) as error:
            raise problem("scenario", "dict", "what a scenario file can say", str(error)) from None
    elif scenario is None or not isinstance(scenario, str) or not _is_text(scenario):
        return inputs.read(path(scenario))
    checked = scenario_file.parse(scenario, "scenario")
    return checked.text, checked.where


def _is_text(scenario: str) -> bool:
    """Whether a str is a scenario rather than the path of one; an empty text is the reference."""
    return not scenario.strip() or "\n" in scenario or "=" in scenario


def _setting(key: str, value: float | Sequence[float]) -> float | tuple[float, float]:
    numbers = [value] if isinstance(value, Real) else list(value) if isinstance(value, Iterable) else []
    plain = [float(number) for number in numbers if isinstance(number, Real) and not isinstance(number, bool)]
    if len(plain) != len(numbers) or len(plain) not in (1, 2) or not all(map(math.isfinite, plain)):
        raise problem("parameters", key, "a number, or a pair (low, high)", value)
    return plain[0] if len(plain) == 1 else (plain[0], plain[1])


def path(place: PLACE) -> Path | None:
    """A place as a path."""
    return None if place is None else Path(place)


# Working -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def watched(progress: bool | None) -> Iterator[Watch | None]:
    """What is called after every run, for as long as runs are made; None for silence."""
    from partystate.app.progress import EnsembleLine

    with _script_at_rest():
        if not (sys.stderr.isatty() if progress is None else progress):
            yield None
            return
        with EnsembleLine() as line:
            yield line.watch


@contextlib.contextmanager
def _script_at_rest() -> Iterator[None]:
    """Keeps new processes from running the script that called: they need nothing of it, and few scripts guard it.

    A process that is spawned first imports the main module of its parent again, which it finds by these two names.
    """
    main = vars(sys.modules["__main__"])
    before = {name: main[name] for name in ("__spec__", "__file__") if name in main}
    main |= dict.fromkeys(before)
    try:
        yield
    finally:
        main |= before


def warn(faults: Mapping[int, str], some: bool, folder: Path) -> None:
    """Warns of histories that could not be made. Raises Problem (exit 3) when not one could."""
    if not faults:
        return
    seed, fault = next(iter(faults.items()))
    told = f"{len(faults)} histories could not be made; seed {seed}: {fault}"
    if not some:
        raise problem(str(folder), "runs", "histories", told, exit_code=DATA)
    warnings.warn(f"{told}. Details lie beside the parts; call again to try them again.", stacklevel=3)
