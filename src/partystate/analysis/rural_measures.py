"""What the study of the countryside measures in each run: every quantity that its description names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from partystate import record
from partystate.foundation import calendar
from partystate.runs import keys

from . import rural_checks, rural_terms, study

NAME = "countryside"
RATES = "excess_death_rate_1932_34"
EXCESS = "rural_excess_deaths_year"
YEARS = ("1932", "1933", "1934")
UKRAINE = "Ukraine"
DEFINITIONS = {
    "ukraine_share": "share of the regions of Ukraine in the excess deaths of 1932 to 1934",
    "regional_rank": "rank correlation of the excess deaths of 1932 to 1934, per head of the rural population of 1926, "
    "with the rates of the record, over the regions that have one",
}


@lru_cache(maxsize=1)
def asked() -> rural_checks.Asked:
    return rural_checks.of(study.load(NAME))


def kept() -> frozenset[str]:
    """Series that the parts of the study hold: those its quantities are made of."""
    values = (value for value in asked().values if value not in DEFINITIONS)
    return frozenset(name for value in values for name in rural_terms.series_of(value))


def version() -> str:
    """Hash of the sources and the description that say what is measured, which no run key holds."""
    files = [*map(Path, (__file__, rural_terms.__file__, rural_checks.__file__)), study.FOLDER / f"{NAME}.toml"]
    return keys.files_version((path.name, path) for path in files)


def measure(result: Any) -> dict[str, float]:
    """Quantity -> its value in one run, NaN where it is undefined or the run did not come so far."""
    found = {}
    for value in asked().values:
        if value in DEFINITIONS:
            continue
        found[value] = rural_terms.in_history(value, result.series, result.months)
    return {**found, **_regional(result)}


def _regional(result: Any) -> dict[str, float]:
    known = record.load()
    deaths = {name: _deaths(result, name) for name in known.regions}
    total = sum(deaths.values())
    ukraine = sum(deaths[name] for name, region in known.regions.items() if region.republic == UKRAINE)
    rates = {}
    for figure in known.regional:
        if figure.quantity == RATES:
            regions = known.places[figure.place].regions
            people = sum(known.regions[name].rural_1926 for name in regions)
            rates[figure.place] = figure.value, sum(deaths[name] for name in regions) / people
    return {
        "ukraine_share": ukraine / total if total > 0 else np.nan,
        "regional_rank": rank_correlation(*map(np.array, zip(*rates.values(), strict=True))) if total > 0 else np.nan,
    }


def _deaths(result: Any, region: str) -> float:
    """Million, in `YEARS`; NaN where one of them was not worked."""
    values = result.series.get((EXCESS, region))
    if values is None or calendar.index(f"{YEARS[-1]}-12") >= result.months:
        return np.nan
    return float(np.nansum(values[calendar.index(f"{YEARS[0]}-01") : calendar.index(f"{YEARS[-1]}-12") + 1]))


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of (n,) and (n,), equal values sharing their ranks; NaN where either never varies."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.array([((values < v).sum() + (values <= v).sum()) / 2 for v in values])
