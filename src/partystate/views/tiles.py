"""Maps of equal tiles, one a region: small multiples by date, with the record's figure set inside its tile.

A tile says where a region lies among the others and nothing of its size; shades are steps, told in the legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from . import svg
from .charts import Caption, Chart, Table
from .svg import FAINT, INK, MUTED, tag, text

SHADES = ("#f3efe8", "#cfe0ee", "#93bddb", "#4a93c3", "#0b5c8c")  # light to dark, each a fifth of the whole
WHOLE = 100.0
INNER = 0.44  # side of the record's square, in sides of its tile


@dataclass(frozen=True)
class Tile:
    """A region's place on the map."""

    region: str
    name: str
    row: int
    column: int


@dataclass(frozen=True)
class Sheet:
    """The map at one date. values: region -> percent; record: region -> (percent, grade), where there is a figure."""

    title: str
    under: str
    values: Mapping[str, float]
    record: Mapping[str, tuple[float, str]]


def shade(percent: float) -> str:
    """The colour of a share."""
    return SHADES[min(max(int(percent * len(SHADES) / WHOLE), 0), len(SHADES) - 1)]


def tile_maps(
    key: str, title: str, tiles: Sequence[Tile], sheets: Sequence[Sheet], *, caption: Caption, alt: str, table: Table
) -> Chart:
    """A map for each date, and one with the names of the regions."""
    top_row, first = min(t.row for t in tiles), min(t.column for t in tiles)
    rows, columns = max(t.row for t in tiles) - top_row + 1, max(t.column for t in tiles) - first + 1

    def place(tile: Tile, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        return x + (tile.column - first) * width, y + (tile.row - top_row) * height

    def sheet_at(sheet: Sheet, x: float, y: float, side: float) -> Markup:
        parts = [text(x, y + 10, sheet.title, 13, font_weight="600"), text(x, y + 26, sheet.under, 11, MUTED)]
        for tile in tiles:
            value = sheet.values.get(tile.region)
            left, up = place(tile, x, y + 38, side, side)
            if value is None:
                parts.append(svg.rect(left, up, side - 1.5, side - 1.5, fill="none", stroke=FAINT))
                continue
            said = f"{tile.name}, {sheet.title}: this run {svg.number(value, 'percent')}"
            inner: list[Markup] = []
            if tile.region in sheet.record:
                known, grade = sheet.record[tile.region]
                said += f", record {svg.number(known, 'percent')} ({grade})"
                size, edge = side * INNER, (side - 1.5) * (1 - INNER) / 2
                inner = [
                    svg.rect(
                        left + edge,
                        up + edge,
                        size,
                        size,
                        fill=shade(known),
                        stroke=INK,
                        stroke_width=0.9,
                        data_record=f"{known:.10g}",
                    )
                ]
            box = svg.rect(
                left, up, side - 1.5, side - 1.5, fill=shade(value), stroke=MUTED, stroke_width=0.4,
                data_value=f"{value:.10g}",
            )  # fmt: skip
            parts.append(tag("g", tag("title", said), box, *inner, data_region=tile.region))
        return tag("g", *parts, class_="sheet")

    def names_at(x: float, y: float, width: float, height: float, size: float) -> Markup:
        parts = [text(x, y + 10, "Regions", 13, font_weight="600")]
        for tile in tiles:
            left, up = place(tile, x, y + 38, width, height)
            box = svg.rect(left, up, width - 1.5, height - 1.5, fill=SHADES[0], stroke=FAINT)
            at = left + (width - 1.5) / 2, up + (height - 1.5) / 2 + size * 0.36
            parts.append(tag("g", tag("title", tile.name), box, text(*at, tile.region, size, text_anchor="middle")))
        return tag("g", *parts, class_="names")

    def draw(width: float) -> Markup:
        narrow = width < 600
        across, gap = (2, 20.0) if narrow else (3, 28.0)
        cell = (width - gap * (across - 1)) / across
        side = cell / columns
        pitch = 38 + rows * side + 30
        body, y = [_legend(narrow)], 62.0 if narrow else 40.0
        for k, sheet in enumerate(sheets):
            body.append(sheet_at(sheet, (k % across) * (cell + gap), y + (k // across) * pitch, side))
        taken = len(sheets) % across
        room = width - taken * (cell + gap)
        last = y + (len(sheets) // across) * pitch
        # The names need room; where the last row has too little of it they take a row of their own.
        if taken and room < 300:
            taken, room, last = 0, width, last + pitch
        high = max(side, 17.0)
        body.append(names_at(width - room, last, room / columns, high, min(11.0, room / columns / 3.3)))
        return svg.frame(key, title, alt, width, last + 38 + rows * high + 8, tag("g", *body, class_="plot"))

    return Chart(key, title, alt, caption, table, draw)


def _legend(narrow: bool) -> Markup:
    """The five shades, and what the square inside a tile is."""
    step, parts, x = WHOLE / len(SHADES), [], 0.0
    for k, fill in enumerate(SHADES):
        words = f"{k * step:.0f}–{(k + 1) * step:.0f} %"
        parts.append(svg.rect(x, 2, 14, 14, fill=fill, stroke=MUTED, stroke_width=0.4))
        parts.append(text(x + 18, 13, words, 10.5 if narrow else 12, MUTED))
        x += 70 if narrow else 92
    x, y = (0.0, 26.0) if narrow else (x + 8, 2.0)
    parts.append(svg.rect(x, y, 14, 14, fill=SHADES[1], stroke=MUTED, stroke_width=0.4))
    parts.append(svg.rect(x + 3.9, y + 3.9, 6.2, 6.2, fill=SHADES[3], stroke=INK, stroke_width=0.9))
    parts.append(text(x + 19, y + 11, "square inside: the record, where it has a figure", 12, MUTED))
    return tag("g", *parts, class_="legend")
