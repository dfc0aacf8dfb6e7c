"""Stored histories as labelled tables and arrays: polars, pandas, xarray and ArviZ, each imported when it is asked for.

Everything is an Arrow table first, so that polars and pandas give the same. Months are dates, the first of the month;
a month in which something did not happen before the end of a run is missing.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from partystate.foundation import calendar
from partystate.foundation.problems import did_you_mean, problem
from partystate.runs import store

if TYPE_CHECKING:
    from types import ModuleType

    import arviz
    import pandas
    import polars
    import xarray

    from partystate.runs.ensemble import Ensemble
    from partystate.runs.store import Run

EXTRA = "partystate[analysis]"
BY_REGION = "_by_region"
SIMULATED = (
    "Histories simulated forward. Parameters are drawn from their ranges before any history is run and no history is "
    "weighted by the record: `prior` and `prior_predictive`, never a posterior. Each draw is one history, its seed is "
    "the coordinate; shares are of histories under these rules and ranges."
)


def library(name: str) -> ModuleType:
    """An optional package. Raises Problem (exit 2) when it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        do = f"Install the tools of analysis: pip install '{EXTRA}'."
        raise problem(name, "package", f"{name}, which this needs", "no such package", do) from None


def polars_frame(table: pa.Table) -> polars.DataFrame:
    """An Arrow table in polars."""
    return library("polars").from_arrow(table)


def pandas_frame(table: pa.Table) -> pandas.DataFrame:
    """An Arrow table in pandas; dates as datetime64."""
    library("pandas")
    return table.to_pandas(date_as_object=False)


def known(name: str, names: Iterable[str], what: str) -> str:
    """`name` if it is one of `names`. Raises Problem (exit 2) otherwise."""
    names = list(names)
    if name in names:
        return name
    raise problem("table", name, what, name, did_you_mean(name, names) or f"One of {', '.join(names)}.")


# Tables ------------------------------------------------------------------------------------------------------------


def dated(table: pa.Table) -> pa.Table:
    """The table with its labels of months (`1926-07`) turned into dates."""
    if "month" not in table.column_names or not pa.types.is_string(table.schema.field("month").type):
        return table
    place = table.column_names.index("month")
    days = pc.binary_join_element_wise(table.column("month"), "01", "-")
    return table.set_column(place, "month", pc.cast(days, pa.date32()))


def of_rows(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of plain data as a table: nested names are joined by `_`, and what is no cell is written as JSON."""
    flat = [_flat(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    return pa.table({name: _column([row.get(name) for row in flat]) for name in names})


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{before}{name}_")
        else:
            found[f"{before}{name}"] = value
    return found


def _column(cells: Sequence[Any]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int, float}:
        cells = [None if cell is None else float(cell) for cell in cells]
    elif kinds - {bool, int, float, str} or len(kinds) > 1:
        cells = [cell if cell is None or isinstance(cell, str) else json.dumps(cell) for cell in cells]
    return pa.array(cells)


def outcomes(stored: Ensemble, arm: str) -> pa.Table:
    """One row for each history: seed, run key and every outcome; outcomes that are months as dates."""
    from partystate.analysis.compare import DATES

    parts = stored.parts(arm)
    columns = {
        name: _dates(values) if name.startswith(DATES) else pa.array(values, from_pandas=True)
        for name, values in stored.outcomes(arm).items()
    }
    return pa.table({"seed": _seeds(stored, arm), "key": [part.key for part in parts], **columns})


def _dates(months: np.ndarray) -> pa.Array:
    text = [f"{calendar.label(int(month))}-01" if np.isfinite(month) else None for month in months]
    return pc.cast(pa.array(text, pa.string()), pa.date32())


def _seeds(stored: Ensemble, arm: str) -> pa.Array:
    return pa.array([part.seed for part in stored.parts(arm)], pa.uint64())


def parameters(stored: Ensemble, arm: str) -> pa.Table:
    """One row for each history: its seed and what it drew of every parameter that has a range."""
    names, values = drawn(stored, arm)
    return pa.table({"seed": _seeds(stored, arm), **{name: values[:, k] for k, name in enumerate(names)}})


def drawn(stored: Ensemble, arm: str) -> tuple[list[str], np.ndarray]:
    """Parameters with a range, and what each history drew of them: (runs, parameters)."""
    from partystate.analysis import discovery_inputs

    inputs, values = discovery_inputs.drawn(
        discovery_inputs.settings(stored, arm), [part.seed for part in stored.parts(arm)]
    )
    return [one.name for one in inputs], values


def series(stored: Ensemble, arm: str, names: Sequence[str] | None = None) -> pa.Table:
    """The long table of several histories: seed, series, month, region, value; every series when `names` is None."""
    chosen = None if names is None else [("series", "in", list(names))]
    tables = []
    for part in stored.parts(arm):
        table = part.table(chosen)
        tables.append(table.add_column(0, "seed", pa.array([part.seed] * len(table), pa.uint64())))
    whole = dated(pa.concat_tables(tables)) if tables else pa.table({})
    check_series(names, whole.column("series").unique().to_pylist() if tables else [], stored, arm)
    return whole


def check_series(names: Sequence[str] | None, held: Sequence[str], stored: Ensemble, arm: str) -> None:
    """Raises Problem (exit 2) when a series that is asked for has no value in the histories."""
    for name in names or ():
        if name not in held:
            first = stored.parts(arm)[:1]
            there = first[0].table().column("series").unique().to_pylist() if first else []
            hint = did_you_mean(name, there)
            raise problem("series", name, f"a series that the histories of {stored.folder} hold", name, hint)


# Arrays ------------------------------------------------------------------------------------------------------------


def dataset(
    histories: Mapping[int, Mapping[tuple[str, str | None], np.ndarray]], months: int, about: Mapping[str, Any]
) -> xarray.Dataset:
    """Histories by seed, each (series, region or None) -> (months,), as variables over seed × month (× region).

    A series with figures for regions has a second variable, NAME_by_region. Titles and units stand in the attributes
    where the record has them.
    """
    xarray = library("xarray")
    time = np.array([f"{calendar.label(month)}-01" for month in range(months)], dtype="datetime64[ns]")
    names = sorted({name for held in histories.values() for name in held}, key=lambda name: (name[0], name[1] or ""))
    regions = sorted({region for _, region in names if region})
    missing = np.full(months, np.nan)
    variables: dict[str, Any] = {}
    for name in dict.fromkeys(name for name, _ in names):
        if (name, None) in names:
            values = [held.get((name, None), missing) for held in histories.values()]
            variables[name] = (("seed", "month"), np.array(values), _labels(name))
        if any((name, region) in names for region in regions):
            values = [[held.get((name, region), missing) for region in regions] for held in histories.values()]
            cube = np.moveaxis(np.array(values), 1, 2)
            variables[name + BY_REGION] = (("seed", "month", "region"), cube, _labels(name))
    axes = {"seed": np.array(list(histories), dtype=np.uint64), "month": time}
    return xarray.Dataset(variables, axes | ({"region": regions} if regions else {}), dict(about))


def _labels(name: str) -> dict[str, str]:
    """Attributes of a series: its title, and its unit where the record has one."""
    from partystate import record

    found = record.load().series.get(name)
    if found is None:
        return {"long_name": name.replace("_", " ")}
    return {"long_name": found.title, "units": found.unit, "definition": found.definition}


def of_run(stored: Run) -> dict[int, dict[tuple[str, str | None], np.ndarray]]:
    """The series of one stored run, by its seed."""
    return {stored.manifest["seed"]: store.series_of(stored.table("series"), stored.months)}


def of_ensemble(
    stored: Ensemble, arm: str, names: Sequence[str] | None
) -> dict[int, dict[tuple[str, str | None], np.ndarray]]:
    """The series of every history of an arm, by seed; only `names` where they are given."""
    chosen = None if names is None else [("series", "in", list(names))]
    found = {part.seed: store.series_of(part.table(chosen), part.months) for part in stored.parts(arm)}
    check_series(names, list({name for held in found.values() for name, _ in held}), stored, arm)
    return found


def inference_data(stored: Ensemble, arm: str, about: Mapping[str, Any]) -> arviz.InferenceData:
    """ArviZ groups of one chain, a draw for each history: `prior` (parameters) and `prior_predictive` (outcomes).

    No group is called posterior: nothing here was conditioned on data. Months count from January 1922; an outcome that
    is undefined, or a month that was not reached, is NaN.
    """
    arviz = library("arviz")
    names, values = drawn(stored, arm)
    told = {"prior": {name: values[None, :, k] for k, name in enumerate(names)}}
    told["prior_predictive"] = {name: found[None, :] for name, found in stored.outcomes(arm).items()}
    data = arviz.from_dict(**told, coords={"draw": [part.seed for part in stored.parts(arm)]})
    for group in told:
        data[group].attrs.update({**about, "meaning": SIMULATED})
    return data
