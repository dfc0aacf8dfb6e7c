"""Designs: which runs an experiment needs, as a table of arm, replicate, seed and run key.

All arms use the same seeds, so that two arms share every random draw that both make and their difference is paired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from partystate.foundation.problems import problem
from partystate.runs.recipe import Recipe

REFERENCE_ARM = "reference"


@dataclass(frozen=True)
class Row:
    """One run of a design."""

    arm: str
    replicate: int
    seed: int
    key: str


@dataclass(frozen=True)
class Design:
    """Recipes by arm, run on the seeds first_seed … first_seed + runs − 1."""

    arms: tuple[tuple[str, Recipe], ...]
    runs: int
    first_seed: int = 1

    def table(self) -> list[Row]:
        """Every run, arm by arm. Raises Problem for a recipe that cannot be built."""
        rows = []
        for arm, recipe in self.arms:
            built = recipe.built()
            for replicate in range(self.runs):
                seed = self.first_seed + replicate
                rows.append(Row(arm, replicate, seed, built.key(seed).digest))
        return rows


def replicates(recipe: Recipe, runs: int, first_seed: int = 1) -> Design:
    """One recipe on many seeds. Raises Problem when `runs` is below 1 or a seed is below 0."""
    return paired({REFERENCE_ARM: recipe}, runs, first_seed)


def paired(arms: Mapping[str, Recipe], runs: int, first_seed: int = 1) -> Design:
    """Several recipes on the same seeds."""
    if runs < 1:
        raise problem("--runs", "runs", "1 or more", runs)
    if not 0 <= first_seed < 2**64 - runs:
        raise problem("--first-seed", "seed", "0 or more, below 2**64", first_seed)
    return Design(tuple(arms.items()), runs, first_seed)
