"""What an answer rests on: claims, parameters with source and grade, and which numbers it hangs on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from partystate import record
from partystate.model import catalogue
from partystate.runs.design import REFERENCE_ARM

from . import compare
from .findings import Findings

SIGNIFICANT = 0.05
TOLD = ("key", "title", "unit", "value", "low", "high", "grade", "note")


@dataclass(frozen=True)
class Hinge:
    """A parameter with which the main outcome goes in the reference: its level where the parameter is low, and high.

    Halves are of the drawn values. p_value is Holm's (1979), for all parameters looked at together.
    """

    parameter: str
    title: str
    grade: str
    below: float
    above: float
    difference: float
    low: float
    high: float
    p_value: float


def claims(systems: Iterable[str]) -> list[dict[str, Any]]:
    """Claims of the ledger about these systems whose systems are all built, each check once."""
    built, asked = set(catalogue.systems()), set(systems)
    found, seen = [], set()
    for claim in record.load().claims.values():
        if not asked & set(claim.systems) or not set(claim.systems) <= built or claim.check_group in seen:
            continue
        seen.add(claim.check_group)
        found.append({"claim": claim.claim_id, "text": claim.claim, "quality": claim.quality, "check": claim.check})
    return found


def parameters(systems: Iterable[str], more: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Parameters of the mechanisms that carry these systems, and others by key: value, range, grade, sources."""
    known, asked = record.load(), set(systems)
    keys = dict.fromkeys(more)
    for kind in catalogue.mechanisms().values():
        if asked & set(kind.systems):
            keys |= dict.fromkeys(kind.parameters)
    return [_parameter(known.parameters[key], known) for key in sorted(keys)]


def _parameter(parameter: Any, known: Any) -> dict[str, Any]:
    told = {
        name: getattr(parameter, name) for name in ("key", "title", "unit", "value", "low", "high", "grade", "note")
    }
    return told | {"sources": {key: known.sources[key].citation for key in parameter.source}}


def grades(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many of the parameters have each grade."""
    counted = Counter(row["grade"] for row in rows)
    return {grade: counted[grade] for grade in sorted(counted)}


def hinges(findings: Findings, outcome: str, most: int = 5) -> tuple[list[Hinge], int]:
    """The parameters with which the outcome of the reference clearly goes, and how many were looked at.

    Every history draws its own parameters, so the reference is also an experiment on them: the mean outcome of the
    histories in the upper half of a parameter's draws is held against that of the lower half (Welch's test). A date is
    cut at the end of the runs. An association holds for these ranges; it is no effect of one parameter alone.
    """
    from partystate.engine.runner import draw_parameters
    from partystate.runs.recipe import Recipe

    resolved = Recipe.from_data(_recipe(findings)).built().parameters
    values = findings.values(REFERENCE_ARM, outcome)
    if outcome.startswith(compare.DATES):
        values = {
            seed: min(v, findings.asked.months) if v == v else findings.asked.months for seed, v in values.items()
        }
    seeds = [seed for seed, value in values.items() if math.isfinite(value)]
    if len(seeds) < 2:
        return [], 0
    y = np.array([values[seed] for seed in seeds])
    drawn = [draw_parameters(resolved, seed) for seed in seeds]
    ranged = [key for key, setting in resolved.items() if not setting.fixed and setting.high > setting.low]
    found = [hinge for key in ranged if (hinge := _hinge(key, np.array([d[key] for d in drawn]), y))]
    clear = [hinge for hinge in _holm(found) if hinge.p_value < SIGNIFICANT]
    return clear[:most], len(ranged)


def _recipe(findings: Findings) -> dict[str, Any]:
    arms = findings.stored.facts["arms"]
    return next(arm["facts"]["recipe"] for arm in arms if arm["arm"] == REFERENCE_ARM)


def _hinge(key: str, x: np.ndarray, y: np.ndarray) -> Hinge | None:
    from .effects import student

    upper = x > np.median(x)
    above, below = y[upper], y[~upper]
    if min(len(above), len(below)) < 2:
        return None
    parts = [side.var(ddof=1) / len(side) for side in (above, below)]
    error = math.sqrt(sum(parts))
    if error == 0:
        return None
    freedom = sum(parts) ** 2 / sum(v * v / (len(s) - 1) for v, s in zip(parts, (above, below), strict=True))
    gap, half = float(above.mean() - below.mean()), student(max(1, int(freedom))) * error
    parameter = record.load().parameters[key]
    p = math.erfc(abs(gap) / error / math.sqrt(2))
    levels = float(below.mean()), float(above.mean())
    return Hinge(key, parameter.title, parameter.grade, *levels, gap, gap - half, gap + half, p)


def _holm(found: Sequence[Hinge]) -> list[Hinge]:
    """The hinges by p, each with Holm's adjusted value."""
    from dataclasses import replace

    ordered, worst, adjusted = sorted(found, key=lambda hinge: hinge.p_value), 0.0, []
    for place, hinge in enumerate(ordered):
        worst = max(worst, min(1.0, (len(ordered) - place) * hinge.p_value))
        adjusted.append(replace(hinge, p_value=worst))
    return adjusted
