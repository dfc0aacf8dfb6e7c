"""The chapter on the countryside: kolkhozy by region, grain from field to mouth, herds, and deaths of hunger.

Everything comes from the run's series and flows. Where a series of the run is one of the record, the record's figures
stand beside it with their grades; where the record keeps them back, or has none, the chapter says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from partystate.analysis.history import History
from partystate.foundation import calendar
from partystate.foundation.units import KILOGRAMS, MILLION
from partystate.record.places import Region

from . import beside, charts, flows, narrative, svg, tiles
from .charts import Caption, Chart, Line, Table

SHARE = "collectivised_households"
HARVEST, PROCUREMENT, PLAN = "grain_harvest_dw", "grain_procurement", "grain_procurement_plan"
HERDS = ("horses_jan", "cattle_jan", "pigs_jan", "sheep_goats_jan")
GRAIN = (HARVEST, PROCUREMENT, PLAN, "grain_procurement_halfyear")
DRAWN = (SHARE, *GRAIN, *HERDS)
RURAL = ("agriculture", "collectivisation", "procurement", "demography")  # sectors of the record
ALSO = ("special_settlers",)
DEATHS = "rural_excess_deaths_year"
WARNING = (
    "The model does not establish how many died of hunger, nor when. In its histories the level and the timing of "
    "excess deaths swing widely with assumptions for which no figure was found. The curve can show how hunger comes "
    "about in this model; it may not be quoted as an estimate."
)
MAPPED = ("1929-10", "1930-01", "1930-03", "1930-06", "1931-07", "1933-07", "1937-07")  # where regions have figures
GRAIN_YEARS = (1926, 1932)  # harvest years to draw: before the emergency measures, and that of the record's famine
JULY = 6  # months by which a harvest year begins after a calendar year
MEGATONNE = MILLION * KILOGRAMS
LEAST = 0.05  # million t: smaller flows are not drawn

GREEN, SAND = "#3f8f6b", "#a08a5f"
# Accounts that are drawn as one: what lies in village markets still is the village's, and relief the state's.
JOINED = {"villages": "households", "relief": "state"}
NODES = (
    flows.Node("fields", "Harvest", 0, SAND),
    flows.Node("drawn", "From stores", 0, svg.GREY),
    flows.Node("kolkhozy", "Kolkhozy", 1, svg.ORANGE, 0.0),
    flows.Node("households", "Households", 2, GREEN, 1.0),
    flows.Node("state", "State", 3, svg.BLUE, 0.0),
    flows.Node("exported", "Exported", 4, svg.BLUE),
    flows.Node("towns", "Towns, army, industry", 4, svg.BLUE),
    flows.Node("seed", "Seed", 4, SAND),
    flows.Node("feed", "Feed for animals", 4, SAND),
    flows.Node("eaten", "Eaten in villages", 4, GREEN),
    flows.Node("spoilt", "Spoilt", 4, svg.GREY),
    flows.Node("stored", "Into stores", 4, svg.GREY),
)
NARROW = {"towns": "Towns, army", "feed": "Feed", "eaten": "Villages ate", "drawn": "Stores"}
HOLDERS = ("kolkhozy", "households", "state")


@dataclass(frozen=True)
class Chapter:
    """What the page sets, in its order. `grain` are flow pictures by harvest year, `balance` the table of all years."""

    tiles: Chart | None
    share: Chart | None
    grain: tuple[Chart, ...]
    balance: Table | None
    harvest: tuple[Chart, ...]
    herds: tuple[Chart, ...]
    deaths: Chart | None
    others: tuple[Chart, ...]
    regions: int
    warning: str = WARNING


def belongs(history: History, name: str) -> bool:
    """Whether a series of the record belongs into the chapter."""
    return name in ALSO or history.known.series[name].sector in RURAL


def chapter(
    history: History, caption: Caption, many: Mapping[str, np.ndarray], shared: Sequence[str]
) -> Chapter | None:
    """The chapter, or None where the run has nothing of the countryside.

    many: series -> (runs, months) of an ensemble; shared: the series that the run has in common with the record.
    """
    if SHARE not in shared:
        return None

    def chart(name: str) -> Chart | None:
        if name not in shared:
            return None
        return beside.series_chart(history, name, caption, many.get(name))

    def some(names: Iterable[str]) -> tuple[Chart, ...]:
        return tuple(found for found in map(chart, names) if found)

    years = grain_years(history)
    return Chapter(
        tiles_chart(history, caption),
        chart(SHARE),
        tuple(grain_chart(years[year], year, caption) for year in GRAIN_YEARS if year in years),
        balance(years),
        some(GRAIN),
        some(HERDS),
        deaths_chart(history, caption, many.get(DEATHS)) if history.has(DEATHS) else None,
        some(name for name in shared if name not in DRAWN and belongs(history, name)),
        len(regions_of(history)),
    )


def brief(history: History) -> list[str]:
    """What became of the countryside in this run, in a few sentences."""
    found = []
    shares = [(year, value_at(history, SHARE, f"{year}-07")) for year in (1930, 1933, 1937)]
    said = [f"{svg.number(value, 'percent')} in July {year}" for year, value in shares if not math.isnan(value)]
    if said:
        found.append(f"Of peasant households {narrative.listing(said)} were in kolkhozy in this run.")
    herds = []
    for name, words in (("horses_jan", "horses"), ("cattle_jan", "cattle")):
        before, after = (value_at(history, name, f"{year}-01") for year in (1929, 1934))
        if not math.isnan(before + after):
            herds.append(f"{words} went from {svg.number(before)} to {svg.number(after)} million head")
    if herds:
        found.append(f"Between January 1929 and January 1934 {narrative.listing(herds)}.")
    taken = [(year, yearly(history, PROCUREMENT, year), yearly(history, HARVEST, year)) for year in (1926, 1932)]
    said = [
        f"{svg.number(grain)} of {svg.number(harvest)} million tonnes of the harvest of {year}"
        for year, grain, harvest in taken
        if not math.isnan(grain + harvest)
    ]
    if said:
        found.append(f"The state took {narrative.listing(said)}.")
    return found


def value_at(history: History, name: str, date: str) -> float:
    """The run's value of a series in a month ``1930-07``; NaN where it has none."""
    month = calendar.index(date)
    values = history.series(name) if history.has(name) else np.array([])
    return float(values[month]) if month < len(values) else math.nan


def yearly(history: History, name: str, year: int) -> float:
    """The run's last value of a series in a calendar year; NaN where it has none."""
    first = calendar.index(f"{year}-01")
    values = history.series(name)[first : first + 12] if history.has(name) else np.array([])
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan


def regions_of(history: History) -> dict[str, Region]:
    """The regions for which the run has a collectivised share."""
    return {name: region for name, region in history.known.regions.items() if history.run.has_series(SHARE, name)}


def tiles_chart(history: History, caption: Caption) -> Chart | None:
    """The collectivised share by region at dates for which regions have figures, as far as the run goes."""
    regions = regions_of(history)
    dates = [date for date in MAPPED if calendar.index(date) < history.months]
    if not regions or not dates:
        return None
    record = {
        (f.date.text, f.place): (f.value, f.grade, f.source) for f in history.known.regional if f.quantity == SHARE
    }
    national = {p.date.text: p for p in history.known.series[SHARE].points}
    ran = {region: history.run.series(SHARE, region) for region in regions}
    sheets, rows = [], []
    for date in dates:
        month = calendar.index(date)
        values = {region: float(ran[region][month]) for region in regions}
        known = {region: record[date, region][:2] for region in regions if (date, region) in record}
        under = f"country: run {svg.number(value_at(history, SHARE, date), 'percent')}"
        if date in national:
            under += f", record {svg.number(national[date].value, 'percent')}"
        sheets.append(tiles.Sheet(narrative.month_words(month), under, values, known))
        for region, value in values.items():
            figure = record.get((date, region))
            shown = (svg.number(figure[0], "percent"), figure[1], figure[2]) if figure else ("–", "", "")
            rows.append((date, regions[region].name, svg.number(value, "percent"), *shown))
    placed = [tiles.Tile(r, region.name, region.tile_row, region.tile_col) for r, region in regions.items()]
    note = (
        "Each tile is a region in the borders of 1926, placed roughly where it lies; its size says nothing of its "
        "people. Figures of regions are mostly contested (grade C) and are shown for contrast only."
    )
    words = "; ".join(f"{sheet.title}, {sheet.under}" for sheet in sheets)
    return tiles.tile_maps(
        "collectivised-map",
        "Peasant households in kolkhozy, by region",
        placed,
        sheets,
        caption=replace(caption, unit="percent of peasant households", note=note),
        alt=f"A map of {len(placed)} regions at {len(sheets)} dates. {words}.",
        table=Table(
            ("Date", "Region", "This run", "Record", "Grade", "Source"), tuple(rows), frozenset({"This run", "Record"})
        ),
    )


def grain_years(history: History) -> dict[int, dict[tuple[str, str], float]]:
    """Harvest year (July of it to June) -> (source, target) -> million t moved, for the years that are complete."""
    table = history.run.table("flows")
    columns = {name: table.column(name).to_pylist() for name in ("month", "stock", "source", "target", "amount")}
    found: dict[int, dict[tuple[str, str], float]] = {}
    last = (history.months - JULY) // 12
    for month, stock, source, target, amount in zip(*columns.values(), strict=True):
        place = (calendar.index(month) - JULY) // 12
        if stock != "grain" or not 0 <= place < last:
            continue
        year = found.setdefault(calendar.year(0) + place, {})
        year[source, target] = year.get((source, target), 0.0) + amount / MEGATONNE
    return found


def net(year: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The flows as they are drawn: accounts joined, both ways set off, and what stores gave or took."""
    joined: dict[tuple[str, str], float] = {}
    for (source, target), value in year.items():
        pair = JOINED.get(source, source), JOINED.get(target, target)
        if pair[0] != pair[1]:
            joined[pair] = joined.get(pair, 0.0) + value
    columns = {node.name: node.column for node in NODES}
    found = {}
    for (source, target), value in joined.items():
        left = value - joined.get((target, source), 0.0)
        if left > 0:
            found[source, target] = left
    # Between holders grain may run against the order of the columns; it is then drawn as coming out of stores.
    for source, target in [pair for pair in found if columns[pair[0]] >= columns[pair[1]]]:
        value = found.pop((source, target))
        found[source, "stored"] = found.get((source, "stored"), 0.0) + value
        found["drawn", target] = found.get(("drawn", target), 0.0) + value
    for holder in HOLDERS:
        got = sum(v for (_, target), v in found.items() if target == holder)
        gave = sum(v for (source, _), v in found.items() if source == holder)
        pair = (holder, "stored") if got > gave else ("drawn", holder)
        if abs(got - gave) > 0:
            found[pair] = found.get(pair, 0.0) + abs(got - gave)
    return found


def grain_chart(year: Mapping[tuple[str, str], float], first: int, caption: Caption) -> Chart:
    """One harvest year's grain from the fields to its ends."""
    drawn = net(year)
    bands = [flows.Flow(source, target, value) for (source, target), value in drawn.items() if value >= LEAST]
    labels = {node.name: node.label for node in NODES}
    rows = sorted(year.items(), key=lambda item: -item[1])
    words = "; ".join(
        f"{labels[flow.source]} to {labels[flow.target].lower()} {svg.number(flow.value)}"
        for flow in sorted(bands, key=lambda flow: -flow.value)
    )
    period = f"July {first} to June {first + 1}"
    note = (
        f"Bands are as wide as the grain they carry. Markets in the village are drawn with households, relief with the "
        f"state; where grain went both ways the difference is drawn; flows under {LEAST} million t are left out. Food, "
        f"feed and losses are the model’s, not the record’s."
    )
    return flows.picture(
        f"grain-{first}",
        f"Where the grain of {first}/{(first + 1) % 100} went",
        NODES,
        bands,
        short=NARROW,
        caption=replace(caption, period=period, unit="million t", note=note),
        alt=f"Flows of grain, {period}, million t: {words}.",
        table=Table(
            ("From", "To", "Million t"),
            tuple((source, target, svg.number(value)) for (source, target), value in rows if value >= LEAST / 10),
            frozenset({"Million t"}),
        ),
    )


def balance(years: Mapping[int, Mapping[tuple[str, str], float]]) -> Table | None:
    """The balance of grain of every harvest year, million t: harvest, its uses, and what stores gained."""
    if not years:
        return None
    ends = ("seed", "feed", "eaten", "spoilt", "towns", "exported")
    rows = []
    for year, moved in sorted(years.items()):
        harvest = sum(v for (source, _), v in moved.items() if source == "fields")
        used = [sum(v for (_, target), v in moved.items() if target == end) for end in ends]
        figures = (svg.number(value) for value in (harvest, *used, harvest - sum(used)))
        rows.append((f"{year}/{(year + 1) % 100:02d}", *figures))
    columns = ("Harvest year", "Harvest", "Seed", "Feed", "Eaten in villages", "Spoilt", "Towns, army, industry",
               "Exported", "Into stores")  # fmt: skip
    return Table(columns, tuple(rows), frozenset(columns[1:]))


def deaths_chart(history: History, caption: Caption, ensemble: np.ndarray | None) -> Chart:
    """Excess deaths in villages by year: the model alone, without the record, under the warning."""
    values = history.series(DEATHS)
    months = tuple(int(m) for m in np.flatnonzero(np.isfinite(values)))
    ran = tuple(float(values[m]) for m in months)
    bands = [] if ensemble is None else beside.bands_of(ensemble)
    runs = caption.runs if ensemble is None else f"{caption.runs}; bands: {len(ensemble)} runs"
    rows = [(str(calendar.year(m)), svg.number(value)) for m, value in zip(months, ran, strict=True)]
    note = (
        "Deaths that the model puts down to hunger, beyond those usual for each age. Level and timing are not "
        "established; no record is drawn, for estimates differ by what they count."
    )
    return charts.timeline(
        "excess-deaths",
        "Deaths in villages beyond the usual, by year",
        "million persons",
        [Line("this run", months, ran)],
        bands,
        caption=replace(caption, unit="million persons a year", runs=runs, note=note),
        alt=f"Excess deaths by year in this run. {WARNING}",
        table=Table(("Year", "This run"), tuple(rows), frozenset({"This run"})),
        span=(0, history.months),
    )
