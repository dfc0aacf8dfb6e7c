"""What is asked of every run that has the countryside, defined once and before results are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from partystate.analysis import outcomes
from partystate.foundation import calendar

if TYPE_CHECKING:
    from partystate.runs.executors import Measure

RETREAT = "Retreat"
BEFORE, DRIVE, AFTER = "1929-10", ("1929-12", "1930-06"), ("1930-05", "1931-01")
FAMINE = ("1930-01", "1934-12")
HALF = 50  # per cent of households

DEFINITIONS = {
    "collectivised_peak": "Highest share of households in kolkhozy from December 1929 to June 1930, per cent.",
    "collectivised_trough": "Lowest share from May 1930 to January 1931, per cent.",
    "collectivised_1932": "Share of households in kolkhozy in July 1932, per cent.",
    "half_collectivised": "Half of all households are in kolkhozy at some time before January 1935 (1 or 0).",
    "retreat": "The leadership retreats at least once before January 1931 (1 or 0).",
    "horses_left": "Horses of January 1934 as a share of those of January 1929.",
    "cattle_left": "Cattle of January 1933 as a share of those of January 1928.",
    "harvest_1932": "Grain harvest of 1932, million tonnes.",
    "procured_1931": "Grain procured from the harvest of 1931, million tonnes.",
    "excess_deaths": (
        "Excess deaths in the villages in 1930-34, millions. Level and timing of the famine are not established by the "
        "model; only differences between arms with the same seeds may be read."
    ),
}
TITLES = {
    "collectivised_peak": "Peak of the collectivised share, winter 1930",
    "collectivised_trough": "Trough after it",
    "collectivised_1932": "Collectivised share, July 1932",
    "half_collectivised": "Half collectivised before 1935",
    "retreat": "Retreat before 1931",
    "horses_left": "Horses left, 1934 of 1929",
    "cattle_left": "Cattle left, 1933 of 1928",
    "harvest_1932": "Harvest of 1932, million tonnes",
    "procured_1931": "Procured from the harvest of 1931, million tonnes",
    "excess_deaths": "Excess deaths 1930-34, millions (not established)",
}
CHANCES = ("half_collectivised", "retreat")


def measure(result: Any) -> dict[str, float]:
    """Outcome -> its value in one run, NaN where the run did not come so far."""
    share = _national(result, "collectivised_households")
    deaths = _national(result, "rural_excess_deaths")[_span(*FAMINE)] / 1000
    retreats = [event.month for event in result.chronicle if event.title.startswith(RETREAT)]
    return {
        "collectivised_peak": _of(np.max, share[_span(*DRIVE)]),
        "collectivised_trough": _of(np.min, share[_span(*AFTER)]),
        "collectivised_1932": share[calendar.index("1932-07")],
        "half_collectivised": _flag(
            np.nanmax(share[: calendar.index("1935-01")], initial=0) >= HALF, result, "1935-01"
        ),
        "retreat": _flag(any(month < calendar.index("1931-01") for month in retreats), result, "1931-01"),
        "horses_left": _ratio(result, "horses_jan", "1934-01", "1929-01"),
        "cattle_left": _ratio(result, "cattle_jan", "1933-01", "1928-01"),
        "harvest_1932": _national(result, "grain_harvest_dw")[calendar.index("1932-12")],
        "procured_1931": _national(result, "grain_procurement")[calendar.index("1931-12")],
        "excess_deaths": _of(np.sum, deaths),
    }


def of_sectors(sectors: Sequence[str]) -> Measure:
    """The measure of runs of these sectors."""
    if "countryside" not in sectors:
        return outcomes.measure
    return both if "power" in sectors else measure


def both(result: Any) -> dict[str, float]:
    """Outcomes of the struggle and of the countryside, for runs of both sectors."""
    return {**outcomes.measure(result), **measure(result)}


def _national(result: Any, name: str) -> np.ndarray:
    return result.series.get((name, None), np.full(calendar.MONTHS, np.nan))


def _span(first: str, last: str) -> slice:
    return slice(calendar.index(first), calendar.index(last) + 1)


def _of(what: Any, values: np.ndarray) -> float:
    return float(what(values)) if np.isfinite(values).all() else np.nan


def _flag(value: bool, result: Any, until: str) -> float:
    return float(value) if value or result.months >= calendar.index(until) else np.nan


def _ratio(result: Any, name: str, later: str, earlier: str) -> float:
    values = _national(result, name)
    return float(values[calendar.index(later)] / values[calendar.index(earlier)])
