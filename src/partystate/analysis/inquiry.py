"""A question from its design to its stored answer, and groups of systems likewise: what all doors have in common."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partystate.runs import design
from partystate.runs.design import Design
from partystate.runs.recipe import Recipe

from . import experiments, question
from .question import Question

if TYPE_CHECKING:
    from partystate.runs.ensemble import Ensemble, Progress, Watch
    from partystate.runs.executors import Executor

    from .attribution import Attribution


@dataclass(frozen=True)
class Inquiry:
    """A question on `runs` seeds from `first_seed` on; `target` is the folder of its answer, under `root`."""

    asked: Question
    runs: int
    first_seed: int
    root: Path
    target: Path

    @cached_property
    def design(self) -> Design:
        """Every arm on its seeds. Raises Problem (exit 2) for no runs, or seeds that are none."""
        return question.laid_out(self.asked, self.runs, self.first_seed)

    def remembered(self) -> dict[str, Any] | None:
        """The answer if it was worked out before; None otherwise."""
        return experiments.remembered(self.target)

    def work_out(
        self,
        command: str,
        workers: int = 1,
        watch: Watch | None = None,
        executor: Executor | None = None,
    ) -> tuple[dict[str, Any] | None, Progress]:
        """Makes the missing histories and answers from all; None when not one could be made.

        command: what the answer says it was made by. An answer with gaps is given and not stored.
        """
        from .answer import answer
        from .findings import Findings

        began = datetime.datetime.now(datetime.UTC)
        stored, progress = experiments.run(self.design, self.target, self.root, workers, watch, executor)
        if not stored.parts():
            return None, progress
        found = answer(Findings(self.asked, stored), self._made(command, began, stored, progress))
        if not progress.faults:
            experiments.remember(self.target, found)
        return found, progress

    def _made(self, command: str, began: datetime.datetime, stored: Ensemble, progress: Progress) -> dict[str, Any]:
        return {
            "command": command,
            "date": began.date().isoformat(),
            "seconds": round((datetime.datetime.now(datetime.UTC) - began).total_seconds(), 1),
            "runs": self.runs,
            "first_seed": self.first_seed,
            "last_seed": self.first_seed + self.runs - 1,
            "histories": self.design.runs,
            "made_now": progress.done,
            "failed": len(progress.faults),
            "model": stored.facts["model"],
            "record": stored.facts["record"],
            "platform": stored.facts["platform"],
            "folder": str(self.target),
        }


def of(name: str, root: Path, runs: int = question.RUNS, first_seed: int = question.FIRST_SEED) -> Inquiry:
    """The inquiry into a question by its id. Raises Problem (exit 2) for an unknown one, and for no runs."""
    asked = question.load(name)
    target = experiments.folder(root, name, experiments.identity(asked.source, runs, first_seed))
    design.seed_range(runs, first_seed)
    return Inquiry(asked, runs, first_seed, root, target)


@dataclass(frozen=True)
class Division:
    """An experiment that divides the effect of groups of systems: which coalitions are run on which seeds.

    groups: name -> ids of its systems. orders: seed -> orders of joining, empty where every coalition is run.
    """

    groups: Mapping[str, Sequence[str]]
    outcome: str
    coalitions: Mapping[frozenset[str], Sequence[int]]
    orders: Mapping[int, Sequence[Sequence[str]]]
    design: Design
    root: Path
    target: Path

    def work_out(
        self, workers: int = 1, watch: Watch | None = None, executor: Executor | None = None
    ) -> tuple[Ensemble, Attribution, Progress]:
        """Makes the missing histories and divides what all groups do together."""
        from . import attribution, compare

        stored, progress = experiments.run(self.design, self.target, self.root, workers, watch, executor)
        values = {on: stored.by_seed(self.outcome, design.coalition_name(self.groups, on)) for on in self.coalitions}
        span = self.design.months if self.outcome.startswith(compare.DATES) else None
        game = attribution.Game(tuple(self.groups), values, span=span)
        found = attribution.sampled(game, self.orders) if self.orders else attribution.exact(game)
        return stored, found, progress


def divide(
    groups: Mapping[str, Sequence[str]],
    outcome: str,
    base: Recipe,
    seeds: Sequence[int],
    exact: bool,
    root: Path,
) -> Division:
    """The experiment that divides the effect of `groups` on `outcome`; base: what all coalitions have in common.

    exact: every coalition on every seed; otherwise each seed walks one order of joining. Raises Problem (exit 2) for
    no groups, or too many for every coalition.
    """
    from . import attribution

    players = tuple(groups)
    if exact:
        attribution.check_players(players, attribution.MOST)
    orders = {} if exact else attribution.orders(players, seeds)
    wanted = attribution.coalitions_of(orders) if orders else dict.fromkeys(attribution.all_coalitions(players), seeds)
    laid_out = design.coalitions(base, groups, wanted)
    arms = [[arm.name, list(arm.seeds)] for arm in laid_out.arms]
    own = experiments.identity(base.text, base.overrides, base.off, base.months, dict(groups), arms)
    return Division(groups, outcome, wanted, orders, laid_out, root, experiments.folder(root, "attribution", own))
