"""Does the order inside a phase matter where it should not? Runs a history under other orders and compares.

Mechanisms of one phase may change places unless one reads this month what the other writes, both draw on the same
account of the ledger, or one carries out directives. Everything else must commute to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from partystate.foundation import draws
from partystate.model.catalogue import Model
from partystate.model.ledger import parse_flow
from partystate.model.mechanism import Mechanism
from partystate.runs import tables
from partystate.runs.recipe import Recipe


@dataclass(frozen=True)
class Trial:
    """One other order, and whether the history came out the same."""

    order: tuple[str, ...]
    moved: int
    same: bool


def trials(recipe: Recipe, seed: int, count: int) -> Iterator[Trial]:
    """Runs a history under `count` other orders of its mechanisms."""
    built = recipe.built()
    usual = built.model(built.course)
    names = [mechanism.name for mechanism in usual.mechanisms]
    wanted = tables.fingerprint(built.simulate(seed).result().series, recipe.months)
    for number in range(count):
        other = shuffled(usual, number)
        order = tuple(mechanism.name for mechanism in other.mechanisms)
        moved = sum(one != two for one, two in zip(names, order, strict=True))
        simulation = built.go_on(built.start(seed, model=other), recipe.months)
        found = tables.fingerprint(simulation.result().series, recipe.months)
        yield Trial(order, moved, found == wanted)


def shuffled(model: Model, number: int) -> Model:
    """The model with the mechanisms of each phase in another order that respects what must stay in order."""
    order: list[Mechanism] = []
    for phase, group in groupby(model.mechanisms, key=lambda mechanism: mechanism.phase):
        waiting = list(group)
        ranks = dict(zip((m.name for m in waiting), _ranks(waiting, phase, number), strict=True))
        while waiting:
            free = [m for i, m in enumerate(waiting) if not any(bound(before, m) for before in waiting[:i])]
            chosen = min(free, key=lambda mechanism: ranks[mechanism.name])
            order.append(chosen)
            waiting.remove(chosen)
    return replace(model, mechanisms=tuple(order))


def bound(first: Mechanism, second: Mechanism) -> bool:
    """Whether two mechanisms of one phase must keep their order."""
    writes = ({*one.sets, *one.keeps} & {*other.reads_now} for one, other in ((first, second), (second, first)))
    accounts = {parse_flow(flow)[:2] for flow in first.flows} & {parse_flow(flow)[:2] for flow in second.flows}
    return any(writes) or bool(accounts) or bool(first.receives) or bool(second.receives)


def _ranks(mechanisms: list[Mechanism], phase: str, number: int) -> list[float]:
    entities = [draws.entity_id(mechanism.name) for mechanism in mechanisms]
    return draws.uniform(number, f"shuffle.{phase}", 0, entities).tolist()
