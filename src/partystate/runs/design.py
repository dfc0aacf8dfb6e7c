"""Designs: which runs an experiment needs, as a table of arm, replicate, seed and run key.

An arm is one recipe on some seeds. Arms that are to be compared share their seeds, so that two of them share every
random draw that both make and their difference is paired. A design says nothing of where or how it is run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from partystate.foundation.problems import problem
from partystate.runs.recipe import Recipe

REFERENCE_ARM = "reference"
ALL, NONE = "all on", "all off"


@dataclass(frozen=True)
class Row:
    """One run of a design."""

    arm: str
    replicate: int
    seed: int
    key: str


@dataclass(frozen=True)
class Arm:
    """One recipe on several seeds."""

    name: str
    recipe: Recipe
    seeds: Sequence[int]


@dataclass(frozen=True)
class Design:
    """Arms with names of their own; all run equally many months."""

    arms: tuple[Arm, ...]

    @property
    def runs(self) -> int:
        """How many runs there are in all arms together."""
        return sum(len(arm.seeds) for arm in self.arms)

    @property
    def months(self) -> int:
        return self.arms[0].recipe.months

    def table(self) -> list[Row]:
        """Every run, arm by arm. Raises Problem for a recipe that cannot be built."""
        rows = []
        for arm in self.arms:
            keys = arm.recipe.built().keys(arm.seeds)
            rows += [Row(arm.name, n, seed, key) for n, (seed, key) in enumerate(zip(arm.seeds, keys, strict=True))]
        return rows


def of(arms: Iterable[Arm]) -> Design:
    """A design of these arms. Raises Problem (exit 2) for none, two of one name, seeds or lengths that do not go."""
    arms = tuple(arms)
    if not arms or not any(len(arm.seeds) for arm in arms):
        raise problem("design", "arms", "at least one run", "none")
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise problem("design", "arms", "a name of its own for each arm", f"{name} more than once")
    if len({arm.recipe.months for arm in arms}) > 1:
        raise problem("design", "months", "arms of equal length", sorted({arm.recipe.months for arm in arms}))
    for arm in arms:
        if len(set(arm.seeds)) < len(arm.seeds):
            raise problem("design", f"seeds of {arm.name}", "each seed once", "a seed more than once")
    return Design(arms)


def replicates(recipe: Recipe, runs: int, first_seed: int = 1) -> Design:
    """One recipe on the seeds first_seed … first_seed + runs − 1. Raises Problem for fewer than 1 or a seed below 0."""
    return paired({REFERENCE_ARM: recipe}, runs, first_seed)


def paired(arms: Mapping[str, Recipe], runs: int, first_seed: int = 1) -> Design:
    """Several recipes on the same seeds."""
    seeds = seed_range(runs, first_seed)
    return of(Arm(name, recipe, seeds) for name, recipe in arms.items())


def seed_range(runs: int, first_seed: int = 1) -> range:
    """first_seed … first_seed + runs − 1. Raises Problem (exit 2) when there are none or one cannot be a seed."""
    if runs < 1:
        raise problem("--runs", "runs", "1 or more", runs)
    if not 0 <= first_seed < 2**64 - runs:
        raise problem("--first-seed", "seed", "0 or more, below 2**64", first_seed)
    return range(first_seed, first_seed + runs)


# Coalitions: which of several groups of systems are on ------------------------------------------------------------


def coalitions(
    base: Recipe, groups: Mapping[str, Collection[str]], seeds: Mapping[frozenset[str], Sequence[int]]
) -> Design:
    """An arm for each coalition of groups that are on, every other group's systems being off, on the seeds given.

    base: what all arms have in common. groups: name -> ids of its systems.
    """
    return of(
        Arm(coalition_name(groups, on), without(base, off_of(groups, on)), sorted(seeds[on]))
        for on in sorted(seeds, key=lambda on: (-len(on), coalition_name(groups, on)))
        if seeds[on]
    )


def factorial(base: Recipe, groups: Mapping[str, Collection[str]], runs: int, first_seed: int = 1) -> Design:
    """Every coalition of the groups on the same seeds: 2^k arms for k groups."""
    seeds = seed_range(runs, first_seed)
    subsets = (frozenset(on) for size in range(len(groups) + 1) for on in combinations(groups, size))
    return coalitions(base, groups, dict.fromkeys(subsets, seeds))


def coalition_name(groups: Iterable[str], on: frozenset[str]) -> str:
    """`all on`, `all off`, or the groups that are on, joined by +."""
    groups = list(groups)
    if len(on) == len(groups):
        return ALL
    return "+".join(name for name in groups if name in on) or NONE


def off_of(groups: Mapping[str, Collection[str]], on: Collection[str]) -> tuple[str, ...]:
    """The systems that are off when only the groups `on` are on."""
    return tuple(sorted({system for name, systems in groups.items() if name not in on for system in systems}))


def without(base: Recipe, systems: Collection[str]) -> Recipe:
    """`base` with more systems off."""
    return replace(base, off=tuple(sorted({*base.off, *systems})))


# Points in the space of parameters ---------------------------------------------------------------------------------


def points(base: Recipe, names: Sequence[str], values: Sequence[Sequence[float]], seeds: Sequence[int]) -> Design:
    """An arm for each row of `values` (points, parameters), the parameters `names` fixed at it, on the same seeds."""
    width = len(str(len(values) - 1))
    kept = tuple(item for item in base.overrides if item[0] not in set(names))
    return of(
        Arm(
            f"point {number:0{width}d}",
            replace(base, overrides=(*kept, *((name, float(x)) for name, x in zip(names, row, strict=True)))),
            seeds,
        )
        for number, row in enumerate(values)
    )


def latin_hypercube(base: Recipe, names: Sequence[str], count: int, seeds: Sequence[int], number: int = 0) -> Design:
    """`count` points, each parameter once in each of `count` equally likely parts of its range (McKay et al. 1979).

    number: which of the possible designs; the same number gives the same points.
    """
    import numpy as np

    from partystate.foundation import draws

    settings = base.built().parameters
    rows = np.arange(count, dtype=np.uint64)
    columns = []
    for name in names:
        order = np.argsort(draws.uniform(number, f"design.order.{name}", 0, rows), kind="stable")
        places = (order + draws.uniform(number, f"design.place.{name}", 0, rows)) / count
        columns.append([settings[name].at(float(place)) for place in places])
    return points(base, names, np.array(columns).T.tolist(), seeds)
