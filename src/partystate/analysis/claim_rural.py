"""What the claims measure in runs that have the countryside, and what each measure means.

Quantities that are one figure of a series are written as text, as `rural_terms` reads it; what needs more is worked out
below. What needs a month that the run did not reach is left out. Everything was defined before any history was run for
a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partystate import record
from partystate.foundation import calendar
from partystate.runs import keys

from . import measures, rural_terms
from .check_arms import COUNTRYSIDE, MONTHS, POWER
from .outcomes import Table

if TYPE_CHECKING:
    from partystate.runs.executors import Measure

PERCENT = 0.01
UKRAINE = "Ukraine"
DEATHS = "rural_excess_deaths_year"
NOT_ESTABLISHED = "The model does not establish the level and the timing of the famine."
CRISIS = 0.8  # purchases of the autumn over those of the autumn before
MASS = 20.0  # per cent of households; the record has 18 at the beginning of January 1930, the month of the decree
REQUISITION = 0.1  # mean place of the regions on the ladder of coercion, 0 the foot to 1 the top
# National series that are kept of every run.
KEPT = frozenset(
    {"collectivised_households", "grain_harvest_dw", "grain_procurement", "cattle_jan", "horses_jan",
     "village_unrest_index", "rural_population"}
)  # fmt: skip

_JOINED = "Share of households in kolkhozy at the beginning of"
_UNREST = "Open discontent per household and month as the village shows it, not as events are counted, mean of"
# Name of the measure -> (quantity, factor, meaning).
Quantities = dict[str, tuple[str, float, str]]
Parts = dict[str, tuple[str, Callable[[Any], float], str]]
QUANTITIES: Quantities = {
    **{
        f"collectivised_{date.replace('-', '_')}": (f"collectivised_households {date}", PERCENT, f"{_JOINED} {date}.")
        for date in ("1930-03", "1930-07", "1930-09", "1931-07", "1932-07", "1933-07")
    },
    "households_1930": ("peasant_households 1930-01", 1, "Peasant households in January 1930, million."),
    **{
        f"harvest_{year}": (f"grain_harvest_dw {year}", 1, f"Grain harvest of {year}, million tonnes.")
        for year in ("1922", "1926", "1928", "1931", "1933")
    },
    **{
        f"harvest_{first}_{last[2:]}": (
            f"mean grain_harvest_dw {first}..{last}", 1, f"Grain harvest, mean of {first} to {last}, million tonnes.",
        )
        for first, last in (("1926", "1928"), ("1931", "1934"), ("1933", "1935"))
    },
    **{
        f"sown_{first}_{last[2:]}": (
            f"mean sown_area_grain {first}..{last}", 1, f"Area sown with grain, mean of {first} to {last}, million ha.",
        )
        for first, last in (("1926", "1928"), ("1933", "1935"))
    },
    **{
        f"procured_{year}": (
            f"grain_procurement {year}", 1,
            f"Grain that the state bought or took in the harvest year from July {year}, million tonnes.",
        )
        for year in ("1925", "1927", "1928", "1931", "1933")
    },
    "procured_1929_32": (
        "sum grain_procurement 1929..1932", 1, "The same, over the harvest years from July 1929 to June 1933.",
    ),
    "plan_1927": (
        "grain_procurement_plan 1927", 1, "Plan for it in the harvest year from July 1927, million tonnes.",
    ),
    "plan_1929_32": (
        "sum grain_procurement_plan 1929..1932", 1, "Plans for it over the harvest years from July 1929 to June 1933.",
    ),
    **{
        f"exports_{first}_{last[2:]}": (
            f"mean grain_exports {first}..{last}", 1, f"Grain exported, mean of {first} and {last}, million tonnes.",
        )
        for first, last in (("1927", "1928"), ("1930", "1931"))
    },
    **{
        f"cattle_{year}": (f"cattle_jan {year}-01", 1, f"Cattle in January {year}, million head.")
        for year in ("1928", "1929", "1933", "1940")
    },
    **{
        f"horses_{year}": (f"horses_jan {year}-01", 1, f"Horses in January {year}, million head.")
        for year in ("1929", "1933")
    },
    "deported_1930_31": (
        "sum dekulak_deported_year 1930..1931", 1, "Persons deported as kulaks in 1930 and 1931, million.",
    ),
    **{
        f"unrest_{year}": (f"mean village_unrest_index {year}..{year}", 1, f"{_UNREST} {year}.")
        for year in ("1927", "1930", "1932")
    },
    "unrest_1928_32": ("mean village_unrest_index 1928..1932", 1, f"{_UNREST} 1928 to 1932."),
    "coercion_1928_32": (
        "mean grain_coercion 1928..1932", 1,
        "How far up the ladder of coercion officials stand who collect grain, 0 to 1, mean of 1928 to 1932.",
    ),
    "excess_deaths_1930_34": (
        f"sum {DEATHS} 1930..1934", 1,
        f"Excess deaths in the villages in 1930 to 1934, million. {NOT_ESTABLISHED} Only differences between arms with "
        "the same seeds may be read.",
    ),
    "worst_month": (
        "month_of_max rural_excess_deaths 1930-01..1938-12", 1,
        f"Month of 1930 to 1938 with the most excess deaths in the villages. {NOT_ESTABLISHED}",
    ),
}  # fmt: skip
# What takes both sectors.
TOGETHER: Quantities = {
    **{
        f"officials_peasants_{date.replace('-', '_')}": (
            f"mood_officials_peasants {date}", 1,
            f"Median view of officials on the peasants, {date}, -1 market to 1 command.",
        )
        for date in ("1927-06", "1928-06")
    },
    "noncompliance_1929_32": (
        "mean noncompliance 1929..1932", 1,
        "Share of orders of the leadership not carried out in the provinces, mean of 1929 to 1932.",
    ),
}  # fmt: skip
CHANCES = ("crisis_1927",)
DATES = ("worst_month", "procurement_crisis", "requisition", "mass_collectivisation", "holder_to_command")


def definitions(sectors: tuple[str, ...]) -> dict[str, str]:
    """What each measure of this module means, by name, of those that claims' histories of these sectors hold."""
    if COUNTRYSIDE not in sectors:
        return {}
    months, both = MONTHS[sectors], POWER in sectors
    tables = (QUANTITIES, TOGETHER) if both else (QUANTITIES,)
    found = {
        name: meaning
        for table in tables
        for name, (text, _, meaning) in table.items()
        if rural_terms.last_month(text) < months
    }
    parts = {**PARTS, **(TOGETHER_PARTS if both else {})}
    return found | {name: meaning for name, (last, _, meaning) in parts.items() if calendar.index(last) < months}


@lru_cache(maxsize=1)
def version() -> str:
    """Hash of the sources that say what is measured, which no run key holds."""
    own = keys.files_version((path.name, path) for path in map(Path, (__file__, rural_terms.__file__)))
    return keys.digest([own, measures.version()])


def measure(result: Any) -> dict[str, float]:
    """The measures of one run of the countryside; NaN where undefined, absent where the run is too short for them."""
    return {**_quantities(QUANTITIES, result), **_parts(PARTS, result)}


def measure_both(result: Any) -> dict[str, float]:
    """The same of one run of both sectors, with what claims and questions measure in the struggle for power."""
    own = {**_quantities(TOGETHER, result), **_parts(TOGETHER_PARTS, result)}
    return {**measures.measure(result), **measure(result), **own}


def of_sectors(sectors: tuple[str, ...]) -> Measure:
    """The measure of runs of these sectors, the countryside among them."""
    return measure_both if POWER in sectors else measure


def _quantities(table: Quantities, result: Any) -> dict[str, float]:
    return {
        name: factor * rural_terms.in_history(text, result.series, result.months)
        for name, (text, factor, _) in table.items()
        if rural_terms.last_month(text) < result.months
    }


def _parts(parts: Parts, result: Any) -> dict[str, float]:
    return {name: of(result) for name, (last, of, _) in parts.items() if calendar.index(last) < result.months}


def _series(result: Any, name: str, region: str | None = None) -> np.ndarray:
    """(months,) of a series, NaN where it has no value."""
    return result.series.get((name, region), np.full(calendar.MONTHS, np.nan))[: result.months]


def _first(true: np.ndarray, since: str) -> float:
    found = np.flatnonzero(true[calendar.index(since) :])
    return float(calendar.index(since) + found[0]) if found.size else np.nan


def _crises(result: Any) -> np.ndarray:
    """(months,) whether this is a December by which the state had got little since July."""
    got = _series(result, "grain_procurement_halfyear")
    short = np.zeros(result.months, dtype=bool)
    year = calendar.MONTHS_PER_YEAR
    with np.errstate(all="ignore"):
        short[year:] = got[year:] <= CRISIS * got[:-year]
    return short


def _crisis_1927(result: Any) -> float:
    return float(_crises(result)[calendar.index("1927-12")])


def _crisis(result: Any) -> float:
    return _first(_crises(result), "1926-12")


def _requisition(result: Any) -> float:
    return _first(_series(result, "grain_coercion") >= REQUISITION, "1926-01")


def _mass(result: Any) -> float:
    return _first(_series(result, "collectivised_households") >= MASS, calendar.FIRST)


def _unrest_peak(result: Any) -> float:
    whole = np.nan_to_num(_series(result, "village_unrest_index")[: calendar.index("1934-01")])
    years = whole.reshape(-1, calendar.MONTHS_PER_YEAR).mean(axis=1)
    return float(calendar.year(0) + np.argmax(years)) if years.max() > 0 else np.nan


def _ukraine(result: Any) -> float:
    regions = [name for name, region in record.load().regions.items() if region.republic == UKRAINE]
    span = slice(calendar.index("1932-01"), calendar.index("1934-12") + 1)
    return float(sum(np.nansum(_series(result, DEATHS, name)[span]) for name in regions))


def _holder(result: Any) -> float:
    view = Table(result.leaders).of("declared_peasants", result.facts["people"]["holder"])
    return _first(view > 0, "1926-01")


# Name of the measure -> (last month that it needs, how it is worked out, meaning).
PARTS: Parts = {
    "unrest_peak_year": (
        "1933-12", _unrest_peak,
        "Year of 1922 to 1933 in which open discontent in the village was highest on the mean.",
    ),
    "ukraine_deaths_1932_34": (
        "1934-12", _ukraine, f"Excess deaths in the villages of Ukraine in 1932 to 1934, million. {NOT_ESTABLISHED}",
    ),
    "crisis_1927": (
        "1927-12", _crisis_1927,
        "The state got at most four fifths of the grain in July to December 1927 that it got in those months of 1926.",
    ),
    "procurement_crisis": (
        "1932-12", _crisis,
        "First December from 1926 on by which the state had got at most four fifths of the grain since July that it "
        "got in those months of the year before.",
    ),
    "requisition": (
        "1932-12", _requisition,
        "First month from January 1926 on in which officials who collect grain stand a tenth or more of the way up the "
        "ladder of coercion, on the mean of the regions.",
    ),
    "mass_collectivisation": (
        "1932-12", _mass,
        "First month at whose beginning a fifth or more of all households are in kolkhozy. It stands for the call from "
        "above; the record has about that share when the decree of January 1930 was issued.",
    ),
}  # fmt: skip
TOGETHER_PARTS: Parts = {
    "holder_to_command": (
        "1932-12", _holder,
        "First month from January 1926 on in which the holder's declared view on the peasants is on the side of "
        "command.",
    ),
}  # fmt: skip
