"""Methods for Python: scores, discovery, sensitivity, attribution, claims, bundles, as their commands do them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from partystate.app import api, inputs
from partystate.app.output import plain
from partystate.app.results import PLACE, Answer, Ensemble, Run, Told
from partystate.foundation.problems import DATA, did_you_mean, problem


def score(ensemble: Ensemble | PLACE, *, arm: str | None = None, series: str | None = None) -> Told:
    """The scorecard of an ensemble against the record. Tables: totals, series, figures, not_scored.

    series: one series, figure by figure. Raises Problem (exit 2) for an unknown arm or series.
    """
    from partystate.analysis import scorecard
    from partystate.app.commands import score as command

    card = scorecard.score(_stored(ensemble), arm, series)
    words = [*(f"Note: {note}" for note in card.notes), command.text(card, alone=series is not None)]
    return Told(
        "scorecard", plain(command.facts(card)), "\n".join(words), ("totals", "series", "figures", "not_scored")
    )


def discover(
    ensemble: Ensemble | PLACE,
    outcome: str = "leads = 1",
    *,
    beside: Sequence[str] = (),
    boxes: int = 1,
    arm: str = "reference",
) -> Told:
    """In which part of the parameters' ranges histories of a kind are gathered. Table: boxes.

    outcome: a condition such as `removed.Bukharin > 1930-01`. beside: other outcomes, or series in a month, to look at
    too. Raises Problem (exit 2) for a condition that cannot be read and for too few histories.
    """
    from partystate.analysis import discovery, discovery_inputs
    from partystate.app.commands import discover as command

    asked = discovery_inputs.of(_stored(ensemble), outcome, beside, arm)
    found = discovery.discover(asked.inputs, asked.values, asked.held, asked.seeds, boxes)
    words = [*(f"Note: {note}" for note in asked.notes), command.text(found, asked.condition.words)]
    return Told("discovery", plain({"outcome": outcome, **command.facts(found)}), "\n".join(words), ("boxes",))


def sensitivity(
    scenario: api.Scenario = None,
    *,
    outcome: str = "leads",
    method: str = "morris",
    points: int | None = None,
    seeds: int = 4,
    vary: Sequence[str] = (),
    by: str | None = None,
    second_order: bool = False,
    off: Iterable[str] = (),
    parameters: api.Parameters = None,
    until: str = "1931-01",
    first_seed: int = 1,
    workers: int | None = None,
    cluster: str | None = None,
    out: PLACE = None,
    progress: bool | None = None,
) -> Told:
    """The parameters an outcome depends on, by elementary effects or shares of the variance. Tables: factors, pairs.

    method: morris or sobol. points: trajectories, or base points. seeds: histories at each point. vary: parameters or
    mechanisms; none for all. by: parameter or mechanism. out: the folder of the design. Other arguments are those of
    `ensemble`. Raises Problem: exit 2 for wrong use, 3 when a history could not be made, since every one is needed.
    """
    from partystate.analysis import outcomes, sensitivity_runs
    from partystate.analysis import sensitivity as analysis
    from partystate.app.commands import sensitivity as command
    from partystate.runs import warm

    wanted = api.recipe(scenario, off, parameters, until, "sample", None)
    if method not in analysis.METHODS:
        hint = did_you_mean(method, analysis.METHODS)
        raise problem("--method", "method", " or ".join(analysis.METHODS), method, hint)
    analysis.check_runs(seeds)
    factors = sensitivity_runs.factors(wanted, vary, by or command.BY[method])
    design = analysis.sample(method, factors, command.SIZES[method] if points is None else points, second_order)
    processes, executor = inputs.processes(workers), inputs.executor(cluster, workers)
    warm.once()
    known = tuple(outcomes.measure(wanted.built().simulate(inputs.seeds(first_seed, "--first-seed")).result()))
    target = sensitivity_runs.target(outcome, known, wanted.months)
    folder = api.path(out) or inputs.runs_folder(None) / "sensitivity"
    with api.watched(progress) as watch:
        made, done = sensitivity_runs.run(wanted, design, seeds, folder, processes, watch, first_seed, executor)
    if done.faults:
        seed, fault = next(iter(done.faults.items()))
        raise problem(str(folder), "runs", "every history", f"{len(done.faults)} failed; seed {seed}: {fault}",
                      "Call again to try those again.", DATA)  # fmt: skip
    design = sensitivity_runs.load(made.folder)
    found = analysis.analyse(design, sensitivity_runs.values(made, design, target))
    data = plain({"outcome": outcome, **found.as_dict()})
    return Told("sensitivity", data, command.text(found, target.words), ("factors", "pairs"))


def attribute(
    groups: Mapping[str, str | Sequence[str]] | Sequence[str],
    *,
    outcome: str = "leads",
    runs: int = 200,
    exact: bool | None = None,
    scenario: api.Scenario = None,
    parameters: api.Parameters = None,
    until: str = "1930-01",
    first_seed: int = 200_000,
    workers: int | None = None,
    cluster: str | None = None,
    out: PLACE = None,
    progress: bool | None = None,
) -> Told:
    """What several groups of systems do together, divided among them by Shapley's values. Tables: shares and more.

    groups: names of systems (["S01", "S03"]), or name -> systems ({"machine": ["S01", "S05"], "ban": "S03"}). exact:
    every coalition (by default up to three groups), or sampled orders of joining. Literature: docs/guide/attribution.
    Raises Problem (exit 2) for systems that are not built and outcomes that are not measured.
    """
    from partystate.analysis import attribution_text
    from partystate.app.commands import attribute as command
    from partystate.runs import design, warm

    named = groups.items() if isinstance(groups, Mapping) else [(name, name) for name in groups]
    texts = [f"{name}={members if isinstance(members, str) else ','.join(members)}" for name, members in named]
    base = api.recipe(scenario, (), parameters, until, "sample", None)
    seeds = design.seed_range(runs, inputs.seeds(first_seed, "--first-seed"))
    asked = command.inquired(command.grouped(texts), outcome, base, seeds, exact, inputs.runs_folder(api.path(out)))
    processes, executor = inputs.processes(workers), inputs.executor(cluster, workers)
    warm.once()
    with api.watched(progress) as watch:
        stored, found, done = asked.work_out(processes, watch, executor)
    api.warn(done.faults, True, asked.target)
    meanings = command.meaning_of_off(stored, asked.groups)
    data = command.facts(stored, outcome, asked.groups, meanings) | found.as_dict()
    words = attribution_text.lines(found, meanings)
    return Told("attribution", plain(data), words, ("shares", "interactions", "differences"))


def claims(
    *,
    system: Sequence[str] = (),
    claim: Sequence[str] = (),
    runs: int = 0,
    ensemble: Ensemble | PLACE = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Told:
    """What students' notes say, judged by the record and by histories that their checks need. Table: groups.

    system, claim: only those about these; none for all. runs: histories in each arm; with 0 the evidence alone judges.
    ensemble: judge by these histories and run nothing. Raises Problem (exit 2) for an unknown system or claim.
    """
    from partystate import record
    from partystate.analysis import claim_runs
    from partystate.analysis import claims as ledgers
    from partystate.app.commands import claims as command
    from partystate.runs import warm
    from partystate.views import claims_page

    known = record.load()
    names = ledgers.chosen(known, system, claim)
    if runs < 0:
        raise problem("--runs", "runs", "0 or more", runs)
    made = {} if ensemble is None else claim_runs.opened(_stored(ensemble).folder)
    clauses = [clause for group in ledgers.read(known, names).values() for clause in group]
    wanted = claim_runs.design(known, clauses, runs) if ensemble is None else {}
    if wanted:
        warm.once()
        with api.watched(progress) as watch:
            made, done = claim_runs.run(wanted, inputs.runs_folder(None), inputs.processes(workers), watch)
        api.warn(done.faults, True, next(iter(made.values())).folder)
    ledger = ledgers.evaluate(known, names, made)
    told = claims_page.summary(ledger, ledger.groups, everything=True)
    return Told("ledger of claims", plain(command.as_data(ledger, ledger.groups)), told, ("groups",))


def cite(result: Run | Ensemble | Answer | PLACE = "last", out: PLACE = None, *, zipped: bool = False) -> Path:
    """Writes the bundle from which another machine reproduces a result; returns its folder or file.

    result: what `run`, `ensemble` or `ask` gave, or the folder of a stored result. zipped: one .zip file.
    Raises Problem: exit 2 for what is no whole result of this version or a name that is taken, 3 for a damaged one.
    """
    from partystate.app.commands import cite as command

    place = result.folder if isinstance(result, Run | Ensemble | Answer) else result
    return command.write(str(place), api.path(out), zipped)


def _stored(ensemble: Ensemble | PLACE):
    return ensemble.stored if isinstance(ensemble, Ensemble) else api.open_ensemble(ensemble).stored
