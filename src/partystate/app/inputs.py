"""What several commands take: scenario files, months, scales, parameters set on the command line, folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partystate.foundation import calendar
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.runs.executors import Executor
    from partystate.runs.recipe import Recipe

ScenarioFile = Annotated[
    Path | None, typer.Argument(metavar="SCENARIO", help="A scenario file (.toml); none is the reference history.")
]
Scale = Annotated[
    str, typer.Option(help="sample, full (1:1), or how many persons one row of the membership table stands for.")
]
Only = Annotated[
    str | None,
    typer.Option(
        metavar="SECTORS", help="The sectors that run, with commas between; the others are forced to the record."
    ),
]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Stop before this month and keep the state.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the results; default runs/ here, or $PARTYSTATE_RUNS.")]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Fix a parameter (KEY=0.4) or its range (KEY=0.3:0.5). May be repeated."
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Run on the workers of this Dask scheduler (tcp://HOST:PORT)."),
]


def recipe(scenario: Path | None, scale: str, only: str | None, until: str | None, sets: list[str] | None) -> Recipe:
    """The recipe that the arguments of a command describe. Raises Problem (exit 2) for what is wrong with them."""
    from partystate.runs.recipe import Recipe

    text, where = read(scenario)
    return Recipe(
        text=text,
        where=where,
        overrides=tuple(_override(item) for item in sets or ()),
        scale=persons(scale),
        only=sector(only),
        months=months(until),
    )


def read(scenario: Path | None) -> tuple[str, str]:
    """Text and name of a scenario file, checked; none is the reference."""
    from partystate.runs import scenario_file

    if scenario is None:
        return "", "reference"
    checked = scenario_file.load(scenario)
    return checked.text, checked.where


def persons(scale: str) -> int | None:
    """`sample` is None, `full` is 1, a number is itself."""
    if scale == "sample":
        return None
    if scale == "full":
        return 1
    if not scale.isdigit() or int(scale) < 1:
        raise problem(
            "--scale", "scale", "sample, full or a whole number above 0", scale, did_you_mean(scale, ["sample", "full"])
        )
    return int(scale)


def sector(only: str | None) -> str | None:
    """Sectors that are built, with commas between, in the order of the catalogue."""
    from partystate.model.catalogue import SECTORS

    if only is None:
        return None
    named = [name.strip() for name in only.split(",")]
    for name in named:
        if name not in SECTORS:
            hint = did_you_mean(name, SECTORS) or f"Built so far: {', '.join(SECTORS)}."
            raise problem("--only", "sector", "a sector that is built", name, hint)
    return ",".join(name for name in SECTORS if name in named)


def months(until: str | None) -> int:
    """How many months there are before `until`; all when it is None."""
    if until is None:
        return calendar.MONTHS
    number = month(until, "--until")
    if number == 0:
        raise problem("--until", "month", f"a month after {calendar.FIRST}, the first", until)
    return number


def month(text: str, flag: str) -> int:
    """The number of a month given as YYYY-MM."""
    from partystate.foundation.problems import Problem

    try:
        return calendar.index(text)
    except Problem:
        raise problem(flag, "month", f"a month YYYY-MM from {calendar.FIRST} to {calendar.LAST}", text) from None


def seeds(seed: int, flag: str = "--seed") -> int:
    """A seed: 0 to 2**64 - 1."""
    if not 0 <= seed < 2**64:
        raise problem(flag, "seed", "a whole number from 0 to 2**64 - 1", seed)
    return seed


def executor(cluster: str | None, workers: int | None, runs: int | None = None) -> Executor:
    """What makes the runs: the workers of a scheduler, or `workers` processes here, by default one for each core.

    Raises Problem (exit 2) for both at once, fewer than one process, or a scheduler that cannot be used.
    """
    from partystate.runs import executors

    if cluster is None:
        return executors.executor(processes(workers, runs))
    if workers is not None:
        raise problem("--workers", "workers", "nothing beside --cluster, which has its own", workers)
    from partystate.runs.cluster import cluster as on_cluster

    return on_cluster(cluster)


def processes(workers: int | None, runs: int | None = None) -> int:
    """How many processes: as many as asked for, else one for each core, and no more than there are runs."""
    cores = os.cpu_count() or 1
    if workers is None:
        return cores if runs is None else max(1, min(cores, runs))
    if workers < 1:
        raise problem("--workers", "workers", "1 or more", workers)
    return workers


def runs_folder(out: Path | None) -> Path:
    """Where runs go: --out, or the usual place."""
    from partystate.runs import store

    return out or store.home()


def _override(item: str) -> tuple[str, float | tuple[float, float]]:
    key, sign, value = item.partition("=")
    parts = value.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not key.strip() or not sign or len(numbers) not in (1, 2):
        raise problem("--set", key.strip() or "key", "KEY=NUMBER or KEY=LOW:HIGH", item)
    return key.strip(), numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])
