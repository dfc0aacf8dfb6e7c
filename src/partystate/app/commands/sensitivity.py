"""`partystate sensitivity`: which numbers of the model an outcome depends on, and which cannot be told from nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from partystate.app import inputs
from partystate.app.commands.study import command
from partystate.app.commands.why import PANEL
from partystate.app.output import Json, emit, say, show, table, wrapped
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.analysis.sensitivity import Estimate, Finding, Findings, Sample
    from partystate.runs.recipe import Recipe

FAILED = 1
INTERRUPTED = 130
SHOWN_PAIRS = 5
SIZES = {"morris": 10, "sobol": 64}
BY = {"morris": "parameter", "sobol": "mechanism"}
Outcome = Annotated[
    str, typer.Option(metavar="OUTCOME", help="An outcome, or a condition such as 'removed.Bukharin > 1930-01'.")
]
Method = Annotated[str, typer.Option(help="morris (screening) or sobol (shares of the variance).")]
Points = Annotated[
    int | None,
    typer.Option(metavar="N", help="Trajectories of morris (default 10), base points of sobol (a power of two; 64)."),
]
Seeds = Annotated[int, typer.Option(metavar="R", help="Histories at each point; an even number.")]
First = Annotated[int, typer.Option("--first-seed", metavar="K", help="Seeds are K, K + 1, …")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="KEY", help="Vary this parameter or mechanism only. May be repeated."),
]
By = Annotated[
    str | None, typer.Option(help="Factors: each parameter (default of morris) or each mechanism (of sobol).")
]
Second = Annotated[bool, typer.Option("--second-order", help="Indices of pairs too (sobol); twice the histories.")]
Until = Annotated[
    str | None, typer.Option(metavar="YYYY-MM", help="Stop before this month; default 1931-01, after all outcomes.")
]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]
Everything = Annotated[bool, typer.Option("--all", help="Show also the factors that are not told from nothing.")]
EXPLANATION = {
    "sobol": (
        "ST: share of the variance due to the factors that would be gone without the uncertainty of this one, with its "
        "95 % interval; S1: the share it causes alone. Chance is taken out of both. ST adds up to more than 1 where "
        "factors interact."
    ),
    "morris": (
        "μ*: mean size of the change of the outcome per whole range of the factor, with SALib's 95 % interval. Chance: "
        "what μ* would be if the factor did nothing; beyond: the difference, with its interval. σ: spread of the "
        "changes, large beside μ* where factors interact or the effect bends."
    ),
}
RULE = (
    "Factors of one tier are not ranked, because their intervals overlap. Of those said to matter about one in twenty "
    "may be a false alarm (Benjamini and Hochberg). What is not told from nothing may still matter: more points or "
    "seeds would tell."
)


def register(app: typer.Typer) -> None:
    """Adds `sensitivity` to the command line."""
    app.command("sensitivity", rich_help_panel=PANEL)(sensitivity)


def sensitivity(
    scenario: inputs.ScenarioFile = None,
    outcome: Outcome = "leads",
    method: Method = "morris",
    points: Points = None,
    seeds: Seeds = 4,
    parameter: Parameters = None,
    by: By = None,
    second_order: Second = False,
    until: Until = None,
    sets: inputs.Sets = None,
    scale: inputs.Scale = "sample",
    only: inputs.Only = None,
    first_seed: First = 1,
    workers: Workers = None,
    cluster: inputs.Cluster = None,
    out: inputs.Out = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Find the parameters that an outcome depends on; stopped, it goes on where it was."""
    import numpy as np

    from partystate.analysis import outcomes, sensitivity_runs
    from partystate.analysis import sensitivity as analysis
    from partystate.app.progress import EnsembleLine, words
    from partystate.foundation import calendar
    from partystate.runs import warm

    recipe = inputs.recipe(scenario, scale, only, until or calendar.label(outcomes.LAST_ORDER + 1), sets)
    if method not in analysis.METHODS:
        hint = did_you_mean(method, analysis.METHODS)
        raise problem("--method", "method", " or ".join(analysis.METHODS), method, hint)
    analysis.check_runs(seeds)
    inputs.seeds(first_seed, "--first-seed")
    processes = inputs.processes(workers)
    factors = sensitivity_runs.factors(recipe, parameter or (), by or BY[method])
    design = analysis.sample(method, factors, SIZES[method] if points is None else points, second_order)
    executor = inputs.executor(cluster, workers)
    warm.once()
    seconds, one = _one(recipe, first_seed)
    target = sensitivity_runs.target(outcome, tuple(one), recipe.months)
    if not np.isfinite(target.of({name: np.array([one[name]]) for name in target.names}, recipe.months)).all():
        say(f"Note: {outcome} is undefined in a first history; it must be defined in all of them.")
    say(announced(design, seeds, seconds, 0 if cluster else processes))
    folder = out or inputs.runs_folder(None) / "sensitivity"
    try:
        with EnsembleLine() as line:
            made, progress = sensitivity_runs.run(
                recipe, design, seeds, folder, processes, line.watch, first_seed, executor
            )
    except KeyboardInterrupt:
        say(f"\nInterrupted. What is done is kept; the same command goes on where it stopped:\n  {command(exact=True)}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    if progress.faults:
        for seed, fault in list(progress.faults.items())[:5]:
            say(f"Seed {seed} failed: {fault}")
        say(f"Every run is needed. To try those again: {command(exact=True)}")
        raise typer.Exit(FAILED)
    design = sensitivity_runs.load(made.folder)
    found = analysis.analyse(design, sensitivity_runs.values(made, design, target))
    if as_json:
        emit({"outcome": outcome, "words": target.words, "folder": str(made.folder), **found.as_dict()})
        return
    show(f"{text(found, target.words, everything)}\n\nFolder: {made.folder}")


def _one(recipe: Recipe, seed: int) -> tuple[float, dict[str, float]]:
    """Seconds of one history, and the outcomes of one: their names are those of all histories of this length."""
    from partystate.analysis import outcomes
    from partystate.runs.recipe import BARE

    built = recipe.built()
    found = outcomes.measure(built.simulate(seed, watching=BARE).result())
    begun = time.perf_counter()
    built.simulate(seed + 1, watching=BARE)
    return time.perf_counter() - begun, found


def announced(design: Sample, seeds: int, seconds: float, processes: int) -> str:
    """How many histories a design needs and how long they take on so many processes here; told before any is run."""
    from partystate.app.progress import duration

    count = len(design.points) * seeds
    told = f"{_design(design)}, each on {seeds} seeds: {count:,} histories"
    if not processes:
        return f"{told}, {duration(count * seconds)} of one process if none is there yet."
    plural = "es" if processes > 1 else ""
    taken = duration(count * seconds / processes)
    return f"{told}, about {taken} on {processes} process{plural} if none is there yet."


def _design(design: Sample) -> str:
    what = {"morris": f"Morris, {design.size} trajectories", "sobol": f"Sobol', {design.size} base points"}
    return f"{what[design.method]} of {len(design.factors)} factors: {len(design.points):,} points"


# Words --------------------------------------------------------------------------------------------------------------


def text(found: Findings, outcome: str, everything: bool = False) -> str:
    """The findings for a reader: how much is chance, which factors matter, and which cannot be told from nothing."""
    count = len(found.sample.points) * found.runs
    parts = [
        f"{outcome}\n{_design(found.sample)}, each on {found.runs} seeds: {count:,} histories\n"
        f"Mean over the ranges: {_interval(found.mean)}"
    ]
    if found.variance.value > 0:
        parts.append(wrapped(_chance(found)))
    if found.refused:
        return "\n\n".join([*parts, wrapped(found.refused)])
    matter = [finding for tier in found.tiers for finding in tier]
    rest = [finding for finding in found.factors if finding.tier is None]
    listed = list(found.factors) if everything else matter
    if listed:
        head = ("tier", "factor", *_HEADS[found.sample.method], "")
        parts.append(table(head, [_row(finding, found.sample.method) for finding in listed]))
    parts.append(wrapped(_verdict(found, len(matter))))
    if rest:
        parts.append(wrapped(_rest(rest, found.sample.method)))
    if found.pairs:
        parts.append(table(("pair", "share beyond the two alone (95 %)", ""), _pairs(found)))
    return "\n\n".join([*parts, wrapped(f"{EXPLANATION[found.sample.method]} {RULE}")])


_HEADS = {
    "sobol": ("ST (95 %)", "S1 (95 %)"),
    "morris": ("μ*", "chance", "beyond (95 %)", "a higher value gives", "σ"),
}


def _chance(found: Findings) -> str:
    return (
        f"Of the variance of single histories {_percent(found.chance)} is chance, the parameters that were not varied "
        "included; the rest is due to the factors. Taken out of the means over seeds: the spread of the histories at a "
        f"point divided by {found.runs}."
    )


def _verdict(found: Findings, matter: int) -> str:
    total, tiers = len(found.factors), len(found.tiers)
    if not matter:
        return f"None of the {total} factors is told from nothing by these histories."
    if tiers == 1 and matter > 1:
        return f"{matter} of {total} factors matter. They are not ranked: their intervals overlap."
    return f"{matter} of {total} factors matter, in {tiers} tier{'s' if tiers > 1 else ''}."


def _rest(rest: list[Finding], method: str) -> str:
    names = ", ".join(sorted(finding.factor.name for finding in rest))
    most = max(finding.size.high for finding in rest)
    what = {"sobol": "ST", "morris": "μ* beyond chance"}[method]
    few = sum(finding.size.value < 0 for finding in rest)
    negative = f" {few} came out below 0, which no true value is: too few runs." if few else ""
    listed = f": {names}" if len(rest) <= 30 else ""
    return f"Not told from nothing ({len(rest)}; no {what} above {most:.3g} at 95 %){listed}.{negative}"


def _row(finding: Finding, method: str) -> tuple[str, ...]:
    tier = str(finding.tier or "")
    last = finding.factor.title if finding.tier else finding.word
    if method == "sobol":
        assert finding.alone is not None
        return tier, finding.factor.name, _share(finding.size), _share(finding.alone), last
    raw = finding.salib
    star = f"{raw['mu_star']:.3f} ± {raw['mu_star_conf']:.3f}"
    sigma = "" if raw["sigma"] != raw["sigma"] else f"{raw['sigma']:.3f}"
    size = _interval(finding.size) + _few(finding.size)
    return tier, finding.factor.name, star, f"{finding.dummy:.3f}", size, _direction(finding), sigma, last


def _pairs(found: Findings) -> list[tuple[str, ...]]:
    """The largest second-order indices; those whose interval holds zero are told as such."""
    from partystate.analysis.sensitivity import NOTHING

    return [
        (f"{one} with {other}", f"{index.value:.2f} ({index.low:.2f} to {index.high:.2f})", NOTHING * (index.low <= 0))
        for one, other, index in found.pairs[:SHOWN_PAIRS]
    ]


def _direction(finding: Finding) -> str:
    """What a higher value does to the outcome, where the histories agree on it."""
    shift = finding.shift
    if shift is None:
        return ""
    if shift.low > 0:
        return "more"
    return "less" if shift.high < 0 else "not clear"


def _interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f}){_few(estimate)}"


def _few(estimate: Estimate) -> str:
    return ", too few runs" if estimate.value < 0 else ""


def _percent(estimate: Estimate) -> str:
    low, high = (100 * min(max(bound, 0.0), 1.0) for bound in (estimate.low, estimate.high))
    return f"{100 * min(max(estimate.value, 0.0), 1.0):.0f} % ({low:.0f} to {high:.0f})"
