"""The flow picture: where an amount comes from and where it goes, in bands as wide as what they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from . import svg
from .charts import Caption, Chart, Table
from .svg import INK, MUTED, PAPER, tag, text

BAR = 11.0  # width of a node, pixels
TALL, TALL_NARROW = 380.0, 470.0


@dataclass(frozen=True)
class Node:
    """Something that gives or takes. `depth`: how far down its column, 0 top, 1 bottom; None: below the one before."""

    name: str
    label: str
    column: int
    tone: str
    depth: float | None = None


@dataclass(frozen=True)
class Flow:
    """An amount from one node to another, which must stand in a later column."""

    source: str
    target: str
    value: float


def picture(
    key: str,
    title: str,
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    *,
    short: Mapping[str, str],
    caption: Caption,
    alt: str,
    table: Table,
) -> Chart:
    """Nodes in columns from left to right, joined by bands; a node is as high as the greater of what it gets and gives.

    short: node -> what it is called on a narrow page, where its label is too long for one.
    """
    sizes = {n.name: max(_sum(flows, source=n.name), _sum(flows, target=n.name)) for n in nodes}
    shown = [node for node in nodes if sizes[node.name] > 0]
    count = max(node.column for node in shown) + 1

    def draw(width: float) -> Markup:
        narrow = width < 600
        tall, gap, margin = (TALL_NARROW, 34.0, 104.0) if narrow else (TALL, 20.0, 190.0)
        size = 11.0 if narrow else 12.5
        step = (width - margin - BAR) / (count - 1)
        scale = _scale(shown, sizes, tall, gap)
        tops = _tops(shown, sizes, scale, tall, gap)
        bands, labels = [], []
        leaving, coming = dict(tops), dict(tops)
        place = {node.name: k for k, node in enumerate(shown)}
        known = {node.name: node for node in shown}
        ends: dict[tuple[str, str], float] = {}
        for flow in sorted(flows, key=lambda f: (place[f.target], tops[f.source])):
            ends[flow.source, flow.target] = coming[flow.target]
            coming[flow.target] += flow.value * scale
        for flow in sorted(flows, key=lambda f: (place[f.source], tops[f.target])):
            source, target = known[flow.source], known[flow.target]
            start, end = leaving[flow.source], ends[flow.source, flow.target]
            leaving[flow.source] += flow.value * scale
            said = f"{source.label} to {target.label}: {svg.number(flow.value)}"
            bands.append(
                tag(
                    "g",
                    tag("title", said),
                    _band(
                        source.column * step + BAR, start, target.column * step, end, flow.value * scale, source.tone
                    ),
                    data_flow=f"{flow.source} {flow.target}",
                    data_value=f"{flow.value:.10g}",
                )
            )
        for node in shown:
            x, y, height = node.column * step, tops[node.name] + 12, sizes[node.name] * scale
            labels.append(svg.rect(x, y, BAR, max(height, 1.0), fill=node.tone, data_node=node.name))
            words = short.get(node.name, node.label) if narrow else node.label
            labels.append(_label(words, sizes[node.name], x + BAR + 6, y + height / 2, size, narrow))
        return svg.frame(key, title, alt, width, tall + 26, tag("g", *bands, *labels, class_="plot"))

    return Chart(key, title, alt, caption, table, draw)


def _sum(flows: Sequence[Flow], **of: str) -> float:
    return sum(flow.value for flow in flows if all(getattr(flow, side) == name for side, name in of.items()))


def _scale(nodes: Sequence[Node], sizes: Mapping[str, float], tall: float, gap: float) -> float:
    """Pixels for one unit, so that the fullest column fits."""
    fits = []
    for column in {node.column for node in nodes}:
        mine = [sizes[node.name] for node in nodes if node.column == column]
        fits.append((tall - gap * (len(mine) - 1)) / sum(mine))
    return min(fits)


def _tops(nodes: Sequence[Node], sizes: Mapping[str, float], scale: float, tall: float, gap: float) -> dict[str, float]:
    """Where each node begins: stacked in its column, or as far down as it asks for."""
    found, floor = {}, dict.fromkeys((node.column for node in nodes), 0.0)
    for node in nodes:
        height = sizes[node.name] * scale
        found[node.name] = floor[node.column] if node.depth is None else node.depth * (tall - height)
        floor[node.column] = found[node.name] + height + gap
    return found


def _band(x1: float, y1: float, x2: float, y2: float, height: float, tone: str) -> Markup:
    y1, y2, middle = y1 + 12, y2 + 12, (x1 + x2) / 2
    d = (
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        f"V{y2 + height:.1f}C{middle:.1f} {y2 + height:.1f} {middle:.1f} {y1 + height:.1f} {x1:.1f} {y1 + height:.1f}Z"
    )
    return tag("path", d=d, fill=tone, fill_opacity=0.32, stroke=tone, stroke_opacity=0.5, stroke_width=0.4)


def _label(words: str, value: float, x: float, y: float, size: float, narrow: bool) -> Markup:
    halo = {"paint_order": "stroke", "stroke": PAPER, "stroke_width": 3, "stroke_linejoin": "round"}
    number = svg.number(value)
    if narrow:
        return tag("g", text(x, y - 2, words, size, INK, **halo), text(x, y + 11, number, size, MUTED, **halo))
    return tag("text", f"{words} ", tag("tspan", number, fill=MUTED), x=x, y=y + 4, font_size=size, fill=INK, **halo)
