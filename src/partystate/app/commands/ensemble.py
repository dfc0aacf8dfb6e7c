"""`partystate ensemble`: many histories of one scenario, which can be stopped and resumed."""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.commands.run import PANEL
from partystate.app.output import Json, emit, say, show, table
from partystate.foundation.problems import problem

if TYPE_CHECKING:
    from partystate.runs.ensemble import Ensemble, Progress

FAILED = 1
INTERRUPTED = 130
Runs = Annotated[int, typer.Option("--runs", metavar="N", help="How many histories.")]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]
First = Annotated[int, typer.Option("--first-seed", metavar="K", help="Seeds are K, K + 1, …")]


def register(app: typer.Typer) -> None:
    """Adds `ensemble` to the command line."""
    app.command("ensemble", rich_help_panel=PANEL)(ensemble)


def ensemble(
    scenario: inputs.ScenarioFile = None,
    runs: Runs = 200,
    workers: Workers = None,
    first_seed: First = 1,
    scale: inputs.Scale = "sample",
    only: inputs.Only = None,
    until: inputs.Until = None,
    sets: inputs.Sets = None,
    out: inputs.Out = None,
    as_json: Json = False,
) -> None:
    """Run many histories and show medians, bands and probabilities of their outcomes."""
    from partystate.analysis import outcomes
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import design, warm
    from partystate.runs import ensemble as ensembles

    recipe = inputs.recipe(scenario, scale, only, until, sets)
    wanted = design.replicates(recipe, runs, inputs.seeds(first_seed, "--first-seed"))
    folder = out or inputs.runs_folder(None) / f"ensemble-{ensembles.identity(wanted)[:12]}"
    processes = _workers(workers, runs)
    warm.once()
    try:
        with EnsembleLine() as line:
            stored, progress = ensembles.run(wanted, folder, outcomes.measure, processes, line.watch)
    except KeyboardInterrupt:
        say("\nInterrupted. What is done is kept; to go on where it stopped:")
        say(f"  {_again(folder)}")
        raise typer.Exit(INTERRUPTED) from None
    if progress.faults:
        _say_faults(progress, folder)
    rows = summary(stored)
    if as_json:
        emit({"folder": str(folder), "runs": len(stored.parts()), "failed": progress.faults, "outcomes": rows})
    else:
        say(words(progress))
        show(table(("outcome", "runs", "median", "80 % of runs", "mean", "meaning"), [_words_of(row) for row in rows]))
        show(f"\nEnsemble folder: {folder}")
    if progress.faults:
        raise typer.Exit(FAILED)


def summary(stored: Ensemble) -> list[dict[str, Any]]:
    """For each outcome: its definition, in how many runs it is defined, median, 10 % and 90 % quantile, mean."""
    import numpy as np

    from partystate.analysis import outcomes

    rows = []
    for name, values in stored.outcomes().items():
        defined = values[np.isfinite(values)]
        low, median, high = np.quantile(defined, (0.1, 0.5, 0.9)).tolist() if len(defined) else (math.nan,) * 3
        mean = float(defined.mean()) if len(defined) else math.nan
        rows.append(
            {
                "outcome": name,
                "definition": outcomes.DEFINITIONS.get(name, ""),
                "runs": len(defined),
                "median": median,
                "low": low,
                "high": high,
                "mean": mean,
            }
        )
    return rows


def _words_of(row: dict[str, Any]) -> tuple[str, ...]:
    band = f"{row['low']:.3g} to {row['high']:.3g}"
    return row["outcome"], str(row["runs"]), f"{row['median']:.3g}", band, f"{row['mean']:.3g}", str(row["definition"])


def _workers(workers: int | None, runs: int) -> int:
    import os

    if workers is None:
        return max(1, min(os.cpu_count() or 1, runs))
    if workers < 1:
        raise problem("--workers", "workers", "1 or more", workers)
    return workers


def _say_faults(progress: Progress, folder: Path) -> None:
    most = 5
    for seed, fault in list(progress.faults.items())[:most]:
        say(f"Seed {seed} failed: {fault}")
    if len(progress.faults) > most:
        say(f"… and {len(progress.faults) - most} more.")
    say(f"Details lie beside the parts in {folder}/parts. To try those runs again: {_again(folder)}")


def _again(folder: Path) -> str:
    """The command line that goes on with this ensemble."""
    arguments = sys.argv[1:]
    if "--out" not in arguments and not any(argument.startswith("--out=") for argument in arguments):
        arguments = [*arguments, "--out", str(folder)]
    return shlex.join(["partystate", *arguments])
