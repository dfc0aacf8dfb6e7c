"""When the levers of a course act.

A dated lever acts before its month is worked. A triggered one acts once, before the month after the first in which its
condition held. Both follow from the month and the measured series, so a snapshot needs no note of what was pulled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from partystate.foundation import calendar
from partystate.runs.scenario import Lever

Counted = Sequence[tuple[Lever, int]]
Series = Mapping[tuple[str, str | None], np.ndarray]
NEVER = calendar.MONTHS


def acting(levers: Counted, series: Series, until: int) -> list[tuple[int, Lever]]:
    """(month, lever) for every lever that acts before or in month `until`, in the order in which they act.

    levers: pairs of a lever and the month from which its trigger counts. series: what was measured before `until`.
    """
    dated = [(_acts_in(lever, since, series, until), place, lever) for place, (lever, since) in enumerate(levers)]
    return [(month, lever) for month, _, lever in sorted(dated, key=lambda row: row[:2]) if month <= until]


def _acts_in(lever: Lever, since: int, series: Series, until: int) -> int:
    if lever.at is not None:
        return lever.at
    values = series.get((lever.when.series, None)) if lever.when else None
    if values is None or lever.when is None:
        return NEVER
    held = (month for month in range(since, until) if lever.when.holds(values[month]))
    return next((month + 1 for month in held), NEVER)
