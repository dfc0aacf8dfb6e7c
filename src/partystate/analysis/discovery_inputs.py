"""What scenario discovery takes from a stored ensemble: the numbers each history drew, and a condition on its outcomes.

What a history drew is a function of its seed and of the ranges that are stored with the ensemble, so it is computed
again and not stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partystate import record
from partystate.engine.runner import draw_parameters
from partystate.foundation import calendar
from partystate.foundation.problems import Problem, problem
from partystate.record.parameters import Parameter, Resolved, Setting
from partystate.runs import keys
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble

from . import conditions
from .discovery import Input


@dataclass(frozen=True)
class Asked:
    """Inputs, their values (runs, inputs), the condition (`held`: (runs,) of 1 and 0) and the seeds (runs,).

    notes: what a reader must know before the answer.
    """

    inputs: tuple[Input, ...]
    values: np.ndarray
    condition: conditions.Condition
    held: np.ndarray
    seeds: np.ndarray
    notes: tuple[str, ...]


def of(stored: Ensemble, text: str, beside: Sequence[str] = (), arm: str = REFERENCE_ARM) -> Asked:
    """What is asked of an ensemble. text: the condition; beside: outcomes, and series as NAME@YYYY-MM, to look at too.

    Raises Problem: exit 2 for an unknown arm, outcome or series and a condition that cannot be read, 3 for a damaged
    part.
    """
    parts = stored.parts(arm)
    found = stored.outcomes(arm)
    condition = conditions.parse(text, found, stored.months)
    held = condition.hold(found)
    seeds = np.array([part.seed for part in parts], dtype=np.uint64)
    added = [_beside(stored, name, found, condition, arm) for name in beside]
    inputs, values = drawn(settings(stored, arm), seeds.tolist())
    inputs += [one for one, _ in added]
    values = np.column_stack([values, *(column for _, column in added)])
    defined = np.isfinite(held) & np.isfinite(values).all(axis=1)
    varied = np.array([np.ptp(column) > 0 for column in values[defined].T]) if defined.any() else np.zeros(0, bool)
    if not varied.any():
        came = "none" if defined.any() else "no history in which the condition is defined"
        raise problem(str(stored.folder), "inputs", "something that differs between histories", came)
    kept = tuple(one for one, varies in zip(inputs, varied, strict=True) if varies)
    notes = tuple(_notes(stored, int((~defined).sum()), beside))
    return Asked(kept, values[defined][:, varied], condition, held[defined], seeds[defined], notes)


def settings(stored: Ensemble, arm: str = REFERENCE_ARM) -> Resolved:
    """The parameters of an arm as they were when it was run."""
    known = record.load().parameters
    told = {entry["arm"]: entry["facts"] for entry in stored.facts["arms"]}
    # An arm after the first holds only what differs from it and is not fixed by its recipe.
    first = stored.facts["arms"][0]["arm"]
    merged = {**told[first]["parameters"], **told[arm]["parameters"]}
    for key, value in told[arm]["recipe"]["overrides"]:
        if not isinstance(value, list):
            fixed = {"low": value, "high": value, "value": value, "distribution": "fixed"}
            merged[key] = merged[key] | fixed
    return Resolved({key: _setting(key, facts, known.get(key)) for key, facts in merged.items()})


def _setting(key: str, facts: dict, parameter: Parameter | None) -> Setting:
    unit = parameter.unit if parameter else ""
    return Setting(key, unit, *(facts[name] for name in ("low", "high", "value", "distribution", "layer")))


def drawn(resolved: Resolved, seeds: Sequence[int]) -> tuple[list[Input], np.ndarray]:
    """The parameters that differ between histories, and what each seed draws of them: (seeds, parameters)."""
    known = record.load().parameters
    ranged = {key: one for key, one in resolved.items() if not one.fixed and one.high > one.low}
    narrowed = Resolved(ranged)
    inputs = [
        Input(key, known[key].title if key in known else "", one.unit, one.low, one.high)
        for key, one in narrowed.items()
    ]
    rows = [list(draw_parameters(narrowed, seed).values()) for seed in seeds]
    return inputs, np.array(rows, dtype=float).reshape(len(seeds), len(inputs))


def _beside(
    stored: Ensemble, text: str, found: dict[str, np.ndarray], condition: conditions.Condition, arm: str
) -> tuple[Input, np.ndarray]:
    """An outcome, a date that did not come counting as the end; or a series in a month."""
    name, at, month = text.partition("@")
    if at:
        return Input(f"{name} in {month}"), _series(stored, name, month, arm)
    conditions.check(name, found, "--with")
    if name in condition.names:
        raise problem("--with", name, "an outcome that is not in the condition", name)
    values = found[name]
    if conditions.is_date(name):
        values = np.where(np.isnan(values), stored.months, values)
    return Input(name, conditions.title(name), "months from January 1922" if conditions.is_date(name) else ""), values


def _series(stored: Ensemble, name: str, month: str, arm: str) -> np.ndarray:
    last = calendar.label(stored.months - 1)
    try:
        at = calendar.index(month)
    except Problem:
        at = stored.months
    if at >= stored.months:
        raise problem("--with", name, f"a month YYYY-MM up to {last}, the last of these histories", month or "nothing")
    values = stored.series(name, arm=arm)[:, at]
    if not np.isfinite(values).any():
        raise problem("--with", "series", f"a series with values in {month}", name)
    return values


def _notes(stored: Ensemble, undefined: int, beside: Sequence[str]) -> list[str]:
    notes = []
    if undefined:
        notes.append(f"{undefined} histories in which something is undefined are left out.")
    if stored.facts.get("model") != keys.model_version():
        notes.append("The ensemble was made by another version of the model; its draws are computed by this one.")
    if beside:
        notes.append("What --with adds is itself a result of the history, not something that was set.")
    return notes
