"""Stored ensembles that were never run: arms with values that a test has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from partystate.analysis.question import Question, laid_out
from partystate.runs.design import REFERENCE_ARM

Values = Mapping[str, Mapping[str, np.ndarray]]  # arm -> outcome -> value by place in the arm's seeds


@dataclass(frozen=True)
class World:
    """Answers like an Ensemble. values: arm -> outcome -> (runs,); the seeds are those of the question's design."""

    asked: Question
    values: Values
    runs: int
    first_seed: int = 1

    @property
    def design(self):
        return {arm.name: list(arm.seeds) for arm in laid_out(self.asked, self.runs, self.first_seed).arms}

    def seeds(self, arm: str = REFERENCE_ARM) -> list[int]:
        return self.design[arm]

    def parts(self, arm: str = REFERENCE_ARM):
        return [SimpleNamespace(seed=seed) for seed in self.seeds(arm)]

    def by_seed(self, outcome: str, arm: str = REFERENCE_ARM) -> dict[int, float]:
        whole = range(self.first_seed, self.first_seed + self.runs)
        values = dict(zip(whole, self.values[arm][outcome], strict=True))
        return {seed: float(values[seed]) for seed in self.seeds(arm)}
