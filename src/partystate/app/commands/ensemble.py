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

if TYPE_CHECKING:
    from partystate.runs.ensemble import Ensemble, Progress

FAILED = 1
BAND = (0.1, 0.5, 0.9)
REMOVED = "removed."
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
    cluster: inputs.Cluster = None,
    first_seed: First = 1,
    scale: inputs.Scale = "sample",
    only: inputs.Only = None,
    until: inputs.Until = None,
    sets: inputs.Sets = None,
    out: inputs.Out = None,
    as_json: Json = False,
) -> None:
    """Run many histories and show medians, bands and probabilities of their outcomes."""
    from partystate.analysis import rural_outcomes
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import design, warm
    from partystate.runs import ensemble as ensembles

    recipe = inputs.recipe(scenario, scale, only, until, sets)
    wanted = design.replicates(recipe, runs, inputs.seeds(first_seed, "--first-seed"))
    folder = out or inputs.runs_folder(None) / f"ensemble-{ensembles.identity(wanted)[:12]}"
    measure = rural_outcomes.of_sectors(recipe.built().sectors)
    processes = inputs.processes(workers, runs)
    executor = inputs.executor(cluster, workers, runs)
    warm.once()
    try:
        with EnsembleLine() as line:
            stored, progress = ensembles.run(wanted, folder, measure, processes, line.watch, executor)
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
        show(text(rows))
        show(f"\nEnsemble folder: {folder}")
    if progress.faults:
        raise typer.Exit(FAILED)


def summary(stored: Ensemble, arm: str = "reference") -> list[dict[str, Any]]:
    """For each outcome of an arm: its meaning, in how many runs it is defined, mean, median, 10 % and 90 % quantile.

    For an outcome that is 1 or 0 the mean is its probability; `interval` is then Wilson's 95 % interval.
    """
    import numpy as np

    from partystate.analysis import outcomes, rural_outcomes
    from partystate.analysis.intervals import quantiles, wilson

    titles = outcomes.TITLES | rural_outcomes.TITLES
    definitions = outcomes.DEFINITIONS | rural_outcomes.DEFINITIONS
    chances = (*outcomes.CHANCES, *rural_outcomes.CHANCES)

    rows = []
    for name, values in stored.outcomes(arm).items():
        defined = values[np.isfinite(values)]
        chance = name in chances and len(defined) > 0
        low, median, high = quantiles(defined, BAND)
        rows.append(
            {
                "outcome": name,
                "title": titles.get(name, name),
                "meaning": definitions.get(name),
                "runs": len(defined),
                "share_defined": len(defined) / len(values),
                "mean": float(defined.mean()) if len(defined) else math.nan,
                "median": median,
                "low": low,
                "high": high,
                "interval": wilson(int(defined.sum()), len(defined)) if chance else None,
            }
        )
    order = list(definitions)
    return sorted(rows, key=lambda row: order.index(row["outcome"]) if row["outcome"] in order else len(order))


def text(rows: list[dict[str, Any]]) -> str:
    """Chances, quantities and dates, each in a table of its own."""
    chances = [row for row in rows if row["interval"]]
    dates = [row for row in rows if row["outcome"].startswith(REMOVED)]
    other = [row for row in rows if row["meaning"] and not row["interval"] and row["runs"]]
    parts = [
        (("chance", "share of runs", "95 % interval"), [_chance(row) for row in chances]),
        (("quantity", "median", "80 % of runs"), [_quantity(row) for row in other]),
        (("out of the Politburo", "share of runs", "median month", "80 % of those"), [_date(row) for row in dates]),
    ]
    return "\n\n".join(table(head, cells) for head, cells in parts if cells)


def _chance(row: dict[str, Any]) -> tuple[str, ...]:
    low, high = row["interval"]
    return row["title"], f"{row['mean']:.2f}", f"{low:.2f} to {high:.2f}"


def _quantity(row: dict[str, Any]) -> tuple[str, ...]:
    return row["title"], f"{row['median']:.3g}", f"{row['low']:.3g} to {row['high']:.3g}"


def _date(row: dict[str, Any]) -> tuple[str, ...]:
    from partystate.foundation import calendar

    person, share = row["outcome"].removeprefix(REMOVED), f"{row['share_defined']:.2f}"
    if not row["runs"]:
        return person, share, "", ""
    low, median, high = (calendar.label(round(row[name])) for name in ("low", "median", "high"))
    return person, share, median, f"{low} to {high}"


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
