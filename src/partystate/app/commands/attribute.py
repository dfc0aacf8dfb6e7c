"""`partystate attribute`: what several groups of systems do together, divided among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.commands.ask import FAILED, INTERRUPTED, PANEL, First, Workers, command_line
from partystate.app.output import Json, emit, say, show
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.analysis.inquiry import Division
    from partystate.runs.ensemble import Ensemble
    from partystate.runs.recipe import Recipe

GroupList = Annotated[
    list[str],
    typer.Argument(metavar="GROUP...", help="A system (S01), or several under a name (machine=S01,S05)."),
]
OutcomeName = Annotated[str, typer.Option("--outcome", metavar="NAME", help="The outcome that is divided.")]
Runs = Annotated[int, typer.Option("--runs", metavar="N", help="Seeds; each walks every coalition, or one order.")]
Exact = Annotated[
    bool | None,
    typer.Option("--exact/--sampled", help="Every coalition, or sampled orders; default exact up to three groups."),
]
FEW_GROUPS = 3


def register(app: typer.Typer) -> None:
    """Adds `attribute` to the command line."""
    app.command("attribute", rich_help_panel=PANEL)(attribute)


def attribute(
    groups: GroupList,
    outcome: OutcomeName = "leads",
    runs: Runs = 200,
    exact: Exact = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="FILE", help="What all coalitions have in common.")
    ] = None,
    until: inputs.Until = "1930-01",
    sets: inputs.Sets = None,
    first_seed: First = 200_000,
    workers: Workers = None,
    cluster: inputs.Cluster = None,
    out: inputs.Out = None,
    as_json: Json = False,
) -> None:
    """Divide the effect of groups of systems on an outcome among them (Shapley values, necessity, sufficiency)."""
    from partystate.analysis import attribution_text, compare
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import design, warm

    base = inputs.recipe(Path(scenario) if scenario else None, "sample", None, until, sets)
    seeds = design.seed_range(runs, inputs.seeds(first_seed, "--first-seed"))
    asked = inquired(grouped(groups), outcome, base, seeds, exact, inputs.runs_folder(out))
    executor, processes = inputs.executor(cluster, workers), inputs.processes(workers)
    warm.once()
    say(f"{asked.design.runs:,} histories in {len(asked.design.arms)} coalitions, those stored included")
    try:
        with EnsembleLine() as line:
            stored, found, progress = asked.work_out(processes, line.watch, executor)
    except KeyboardInterrupt:
        say(f"\nInterrupted. What is done is kept; the same command goes on where it stopped:\n  {command_line()}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    meanings = meaning_of_off(stored, asked.groups)
    if as_json:
        emit(facts(stored, outcome, asked.groups, meanings) | {"failed": len(progress.faults), **found.as_dict()})
    else:
        show(f"{compare.title(outcome)}: {compare.DEFINITIONS.get(outcome, '')}\n")
        show(attribution_text.lines(found, meanings))
        show(f"\nFolder: {asked.target}")
    if progress.faults:
        raise typer.Exit(FAILED)


def inquired(
    groups: Mapping[str, tuple[str, ...]],
    outcome: str,
    base: Recipe,
    seeds: Sequence[int],
    exact: bool | None,
    root: Path,
) -> Division:
    """The experiment that is asked for; every coalition of up to three groups unless `exact` says otherwise."""
    from partystate.analysis import inquiry

    check_outcome(outcome)
    return inquiry.divide(groups, outcome, base, seeds, len(groups) <= FEW_GROUPS if exact is None else exact, root)


def grouped(groups: list[str]) -> dict[str, tuple[str, ...]]:
    """`["machine=S01,S05", "S03"]` as name -> systems. Raises Problem (exit 2) for what is not built or named twice."""
    from partystate.model import catalogue

    built, found, seen = set(catalogue.systems()), {}, {}
    for text in groups:
        name, sign, listed = text.partition("=")
        systems = tuple((listed if sign else name).split(","))
        for system in systems:
            if system not in built:
                hint = did_you_mean(system, built) or "`partystate systems` lists them."
                raise problem("GROUP", text, "systems that are built, such as S01 or machine=S01,S05", system, hint)
            if system in seen:
                raise problem("GROUP", text, "each system in one group only", f"{system} in {seen[system]} too")
            seen[system] = text
        if name in found:
            raise problem("GROUP", text, "a name of its own for each group", name)
        found[name] = systems
    return found


def check_outcome(name: str) -> None:
    """Raises Problem (exit 2) for an outcome that no run measures."""
    from partystate import record
    from partystate.analysis import compare

    people = [row["person"] for row in record.load().founding["leaders"] if row["contender"] == "1"]
    known = [*compare.DEFINITIONS, *(f"{kind}.{p}" for kind in ("removed", "censured", "first") for p in people)]
    if name not in known:
        raise problem("--outcome", name, "an outcome", name, did_you_mean(name, known) or f"Outcomes: {known}.")


def meaning_of_off(stored: Ensemble, groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Group -> what takes the place of its systems."""
    off = {system: means for arm in stored.facts["arms"] for system, means in arm["facts"]["off"].items()}
    return {name: " ".join(off.get(system, "") for system in systems) for name, systems in groups.items()}


def facts(stored: Ensemble, outcome: str, groups: Any, meanings: Mapping[str, str]) -> dict[str, Any]:
    """What `--json` says of the experiment itself."""
    from partystate.analysis import compare

    arms = stored.facts["arms"]
    return {
        "outcome": outcome,
        "meaning": compare.DEFINITIONS.get(outcome, ""),
        "groups_off": {name: {"systems": list(systems), "off": meanings[name]} for name, systems in groups.items()},
        "model": stored.facts["model"],
        "record": stored.facts["record"],
        "folder": str(stored.folder),
        "keys": {arm["arm"]: {"seeds": arm["seeds"], "keys": [key[:16] for key in arm["keys"]]} for arm in arms},
    }
