"""What the study of power measures in each run: the outcomes, and what only this study asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from partystate import record
from partystate.model import catalogue
from partystate.runs import keys

from . import outcomes
from .study import HOLDER, power

MEAN, STANDING = "mean.", "last_standing."


def observables() -> dict[str, tuple[str, ...]]:
    """System -> the series that its mechanisms declare it to move."""
    found: dict[str, dict[str, None]] = {}
    for kind in catalogue.mechanisms().values():
        for system, series in kind.moves.items():
            found.setdefault(system, {}).update(dict.fromkeys(series))
    return {system: tuple(found[system]) for system in sorted(found)}


def kept() -> frozenset[str]:
    """Series that the parts of a study hold: those declared to move."""
    return frozenset(name for series in observables().values() for name in series)


def measures_version() -> str:
    """Hash of the sources that say what is measured, which no run key holds."""
    return keys.files_version((path.name, path) for path in map(Path, (__file__, outcomes.__file__)))


def measure_power(result: Any) -> dict[str, float]:
    """Outcomes of one run of the study of power: all of `outcomes`, and what this study adds.

    mean.SERIES: mean over the months with a value, or the total of a series of `totals`. posts_filled_…: vacancies
    filled between congresses; post_moved_…: the chance that a post was among them. last_standing.PERSON: 1 when he
    sits in the Politburo in December 1929 and four or more of the other contenders are out, whoever heads the
    Secretariat.
    """
    return {**outcomes.measure(result), **_means(result), **_posts(result), **_standing(result)}


def _means(result: Any) -> dict[str, float]:
    totals = power().totals
    found = {}
    for name in kept():
        values = result.series.get((name, None), np.empty(0))[: result.months]
        values = values[np.isfinite(values)]
        if name in totals:
            found[MEAN + name] = float(values.sum())
        else:
            found[MEAN + name] = float(values.mean()) if values.size else np.nan
    return found


def _posts(result: Any) -> dict[str, float]:
    filled = result.series.get(("vacancies_filled", None))
    if filled is None:
        return {}
    posts = sum(int(row["count"]) for row in record.load().founding["posts"])
    found = {}
    for name, (first, last) in power().windows.items():
        part = filled[first : last + 1]
        found[f"posts_filled_{name}"] = float(np.nansum(part))
        found[f"post_moved_{name}"] = float(1 - np.prod(1 - np.nan_to_num(part) / posts))
    return found


def _standing(result: Any) -> dict[str, float]:
    if result.months <= outcomes.HORIZON:
        return {}
    table = outcomes.Table(result.leaders)
    contenders = result.facts["people"]["contenders"]
    out = {person: table.removed(person) <= outcomes.HORIZON for person in contenders}
    given = [arm.name.partition("-")[2] for arm in power().group(HOLDER)]
    return {
        STANDING + person: float(
            table.seated(person, outcomes.HORIZON)
            and sum(out[other] for other in contenders if other != person) >= outcomes.RIVALS_TO_LEAD
        )
        for person in dict.fromkeys([*contenders, *given])
    }
