"""Regions of the USSR in 1926 borders, larger places made of them, and figures by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.dates import Span
from partystate.record.schema import SOURCE, Table, date, grade, number, ref, refs, remark, text, unit, whole


@dataclass(frozen=True, slots=True)
class Region:
    """A region as the model uses it. People and households in thousands, grain area in million ha, all of 1926-28.

    Totals by republic are those of the census of December 1926; the urban split, households and grain area are
    estimates scaled to national totals. `tile_row` and `tile_col` place the region on a tile map.
    """

    region_id: str
    name: str
    republic: str
    kind: str
    major_city: str
    tile_row: int
    tile_col: int
    lat: float
    lon: float
    population_1926: float
    urban_1926: float
    rural_1926: float
    households_1926: float
    grain_area_1928: float
    population_grade: str


@dataclass(frozen=True, slots=True)
class Place:
    """Several regions that a source counts together."""

    place_id: str
    name: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionalFigure:
    """A figure for one region or place. For display and contrasts; mostly grade C, not for calibration."""

    quantity: str
    place: str
    date: Span
    value: float
    unit: str
    source: str
    grade: str
    note: str


REGIONS = Table(
    "regions.csv",
    Region,
    (
        text("region_id"), text("name"), text("republic"), text("kind"), text("major_city"), whole("tile_row"),
        whole("tile_col"), number("lat"), number("lon"), number("population_1926"), number("urban_1926"),
        number("rural_1926"), number("households_1926"), number("grain_area_1928"), grade("population_grade"),
    ),
    ("region_id",),
)  # fmt: skip
PLACES = Table("places.csv", Place, (text("place_id"), text("name"), refs("regions", "regions")), ("place_id",))
REGIONAL = Table(
    "regional.csv",
    RegionalFigure,
    (
        text("quantity"), ref("place", "places"), date("date"), number("value"), unit(), SOURCE, grade(),
        remark("note"),
    ),
    ("quantity", "place", "date", "source"),
)  # fmt: skip


def read_regions(folder: Path, faults: Collector) -> dict[str, Region]:
    """Regions by id; town and country must add up, and no two share a tile."""
    regions, tiles = {}, {}
    for where, region in REGIONS.read(folder, faults):
        total = region.urban_1926 + region.rural_1926
        if abs(total - region.population_1926) > 1:
            faults.add(where, "population_1926", f"urban + rural = {total:g}", f"{region.population_1926:g}")
        tile = region.tile_row, region.tile_col
        if tile in tiles:
            faults.add(where, "tile_row+tile_col", "a tile of its own", f"the tile of {tiles[tile]}")
        tiles.setdefault(tile, region.region_id)
        regions[region.region_id] = region
    return regions


def read_places(folder: Path, faults: Collector, known: Mapping, regions: Mapping[str, Region]) -> dict[str, Place]:
    """Places by id; every region is also a place of its own."""
    own = {region.region_id: Place(region.region_id, region.name, (region.region_id,)) for region in regions.values()}
    for where, place in PLACES.read(folder, faults, known):
        if place.place_id in regions:
            faults.add(where, "place_id", "an id that is not a region", place.place_id)
        own[place.place_id] = place
    return own


def read_regional(folder: Path, faults: Collector, known: Mapping) -> tuple[RegionalFigure, ...]:
    return tuple(figure for _, figure in REGIONAL.read(folder, faults, known))
