"""`partystate attribute`: what several groups of systems do together, divided among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.commands.ask import FAILED, INTERRUPTED, PANEL, First, Workers, command_line
from partystate.app.output import Json, emit, say, show
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.runs.ensemble import Ensemble

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
    from pathlib import Path

    from partystate.analysis import attribution, attribution_text, compare, experiments
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import design, warm

    named = grouped(groups)
    check_outcome(outcome)
    whole = len(named) <= FEW_GROUPS if exact is None else exact
    if whole:
        attribution.check_players(tuple(named), attribution.MOST)
    base = inputs.recipe(Path(scenario) if scenario else None, "sample", None, until, sets)
    seeds = design.seed_range(runs, inputs.seeds(first_seed, "--first-seed"))
    orders = {} if whole else attribution.orders(tuple(named), seeds)
    everything = attribution.all_coalitions(tuple(named)) if whole else []
    wanted = dict.fromkeys(everything, seeds) if whole else attribution.coalitions_of(orders)
    laid_out = design.coalitions(base, named, wanted)
    executor, processes = inputs.executor(cluster, workers), inputs.processes(workers)
    root = inputs.runs_folder(out)
    keys = [[arm.name, list(arm.seeds)] for arm in laid_out.arms]
    target = experiments.folder(root, "attribution", experiments.identity(base.text, base.overrides, named, keys))
    warm.once()
    say(f"{laid_out.runs:,} histories in {len(laid_out.arms)} coalitions, those stored included")
    try:
        with EnsembleLine() as line:
            stored, progress = experiments.run(laid_out, target, root, processes, line.watch, executor)
    except KeyboardInterrupt:
        say(f"\nInterrupted. What is done is kept; the same command goes on where it stopped:\n  {command_line()}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    values = {on: stored.by_seed(outcome, design.coalition_name(named, on)) for on in wanted}
    span = base.months if outcome.startswith(compare.DATES) else None
    game = attribution.Game(tuple(named), values, span=span)
    found = attribution.exact(game) if whole else attribution.sampled(game, orders)
    meanings = meaning_of_off(stored, named)
    if as_json:
        emit(facts(stored, outcome, named, meanings) | {"failed": len(progress.faults), **found.as_dict()})
    else:
        show(f"{compare.title(outcome)}: {compare.DEFINITIONS.get(outcome, '')}\n")
        show(attribution_text.lines(found, meanings))
        show(f"\nFolder: {target}")
    if progress.faults:
        raise typer.Exit(FAILED)


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
