"""How far a rewriting of history goes: the edited state of the party against the spread of the reference.

"Minimal rewrite" asks that a counterfactual leave the world as it was known (Tetlock and Belkin 1996; Levy 2008). Here
the state at a date is a vector of national series; its squared Mahalanobis distance from the reference histories is
held against their own. A median at the 50th percentile is a state like any other; one beyond the 95th is a world that
the reference hardly ever shows, and its answers rest on the rules far from where anything was observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from partystate.runs.design import REFERENCE_ARM

from . import measures

if TYPE_CHECKING:
    from .findings import Findings

# Up to which median percentile of the reference a rewriting gets a mark; the project's convention, fixed beforehand.
MARKS = {"A": 60.0, "B": 80.0, "C": 95.0, "D": 100.0}
WORDS = {
    "A": "hardly a rewriting",
    "B": "a modest rewriting",
    "C": "a strong rewriting",
    "D": "another world: beyond what 95 % of reference histories show",
}
FAR = 95.0
LEAST = 3  # histories for each component of the state, below which no distance is given


@dataclass(frozen=True)
class Rewriting:
    """The state of an arm at a date against the reference. percentile: median over its histories, 0 to 100.

    beyond: share of its histories beyond the 95th percentile of the reference. mark: A to D; empty where no date of
    the state shows a difference yet, or there are too few histories.
    """

    arm: str
    date: str
    percentile: float
    beyond: float
    mark: str

    @property
    def words(self) -> str:
        return WORDS.get(self.mark, "not measured")


def rewriting(findings: Findings, arm: str) -> Rewriting:
    """The first date of the state at which an arm differs from the reference, and how far."""
    for date in measures.STATE_DATES:
        names = [f"{measures.STATE}{date}.{series}" for series in measures.STATE_SERIES]
        reference, edited = (states(findings, side, names) for side in (REFERENCE_ARM, arm))
        shared = sorted(reference.keys() & edited.keys())
        if all(np.array_equal(reference[seed], edited[seed], equal_nan=True) for seed in shared):
            continue
        own, others = np.array(list(reference.values())), np.array(list(edited.values()))
        if len(own) < LEAST * len(names):
            break
        percentile = percentiles(own, others)
        middle = float(np.median(percentile))
        mark = next(mark for mark, most in MARKS.items() if middle <= most)
        return Rewriting(arm, date, middle, float((percentile > FAR).mean()), mark)
    return Rewriting(arm, "", np.nan, np.nan, "")


def states(findings: Findings, arm: str, names: list[str]) -> Mapping[int, np.ndarray]:
    """Seed -> state vector of an arm, for runs in which all of it is defined."""
    columns = [findings.values(arm, name) for name in names]
    rows = {seed: np.array([column[seed] for column in columns]) for seed in columns[0]}
    return {seed: row for seed, row in rows.items() if np.isfinite(row).all()}


def percentiles(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Percentile of each row of `others` (m, k) among the distances of `own` (n, k) from their own centre.

    A reference history counts in the centre and spread it is held against, so its distance is corrected by the exact
    leave-one-out formula.
    """
    varies = own.std(axis=0) > 0
    changed = (others[:, ~varies] != own[0, ~varies]).any(axis=1)
    scale = own[:, varies].std(axis=0)
    own, others = own[:, varies] / scale, others[:, varies] / scale
    n, centre = len(own), own.mean(axis=0)
    precision = np.linalg.pinv(np.cov(own, rowvar=False), hermitian=True)

    def squared(rows: np.ndarray) -> np.ndarray:
        away = rows - centre
        return np.einsum("ij,jk,ik->i", away, precision, away)

    inside = squared(own)
    # Distance of a row from the others, had it been left out (Sherman-Morrison).
    shrunk = 1 - n * inside / (n - 1) ** 2
    left_out = np.where(shrunk > 0, (n / (n - 1)) ** 2 * (n - 2) / (n - 1) * inside / np.maximum(shrunk, 1e-12), np.inf)
    rank = np.searchsorted(np.sort(left_out), squared(others), side="right") / n * 100
    return np.where(changed, 100.0, rank)
