"""The grammar of charts: small frozen descriptions in, a `Chart` out, which draws itself as SVG at any width.

A chart never stands alone: it carries a caption (period, unit, runs, versions, what was forced to the record), a
sentence for those who cannot see it, and the table of what it shows. `lanes` and `spreads` hold the other kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from . import svg
from .svg import DASHES, FAINT, INK, MUTED, PAPER, TONES, Scale, tag, text

WIDE, HALF, NARROW = 860, 404, 350
LEFT = 62.0
MARGIN = 176.0  # room for labels at the right of a wide chart, the same in all, so that charts on a page line up
GRADES = (
    "Record: ● A read in a source · ○ B attributed, not opened · ◌ C uncertain or contested; whiskers are its range."
)


@dataclass(frozen=True)
class Table:
    """What a chart shows, as figures. Columns named in `numeric` are set flush right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Caption:
    """The line under a chart. `forced` names the sectors or series that were held to the record in this run."""

    period: str
    unit: str
    runs: str
    version: str
    forced: tuple[str, ...] = ()
    note: str = ""

    @property
    def facts(self) -> str:
        return " · ".join(part for part in (self.period, f"unit: {self.unit}", self.runs, self.version) if part)


@dataclass(frozen=True)
class Chart:
    """A drawing with all that must go with it. `draw(width)` gives the SVG; `alt` says in words what is to be seen."""

    key: str
    title: str
    alt: str
    caption: Caption
    table: Table
    draw: Callable[[float], Markup] = field(repr=False)

    @property
    def wide(self) -> Markup:
        return self.draw(WIDE)

    @property
    def half(self) -> Markup:
        """For two charts side by side on a wide page."""
        return self.draw(HALF)

    @property
    def narrow(self) -> Markup:
        return self.draw(NARROW)


@dataclass(frozen=True)
class Line:
    """Values by month; a NaN is a gap."""

    label: str
    months: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Band:
    """An interval by month, such as the middle 90 % of an ensemble."""

    label: str
    months: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Point:
    """A dated figure of the record with its grade, its range where one is given, and its source."""

    date: str
    month: float
    value: float
    low: float | None
    high: float | None
    grade: str
    source: str


@dataclass(frozen=True)
class Rule:
    """A dated event, ruled through a chart."""

    month: float
    label: str


def timeline(
    key: str,
    title: str,
    unit: str,
    lines: Sequence[Line] = (),
    bands: Sequence[Band] = (),
    record: Sequence[Point] = (),
    rules: Sequence[Rule] = (),
    *,
    caption: Caption,
    alt: str,
    table: Table,
    from_zero: bool = True,
    span: tuple[float, float] | None = None,
) -> Chart:
    """Values through time: bands at the back, then lines (colour and dash), then the record's points by grade."""
    months = [m for item in (*lines, *bands) for m in item.months] + [p.month for p in record]
    start, end = span or (min(months), max(months))
    values = [v for item in lines for v in item.values if v == v]
    values += [v for band in bands for v in (*band.low, *band.high) if v == v]
    values += [v for p in record for v in (p.value, p.low, p.high) if v is not None]
    top, bottom = max(values, default=1.0), 0.0 if from_zero else min(values, default=0.0)

    def draw(width: float) -> Markup:
        narrow = width < 600
        names = [item.label for item in (*lines, *bands)] + (["record"] if record else [])
        right = 12.0 if narrow else max(MARGIN, *(svg.width_of(n) + 34 for n in names))
        legend_height = 20.0 * len(names) if narrow else 0.0
        head = 24.0 + legend_height
        height = head + (210 if narrow else 270) + 42
        left = max(LEFT, *(16 + svg.width_of(svg.compact(v, unit)) for v in svg.ticks(bottom, svg.ceiling(top))))
        x = Scale(start, end, left, width - right)
        y = Scale(bottom, svg.ceiling(top), height - 42, head + 14)
        body = [text(0, 12, unit, fill=MUTED), svg.value_axis(y, left, width - right, unit)]
        body.append(svg.month_axis(x, y.start))
        body.append(text(width - right, height - 6, "year", fill=MUTED, text_anchor="end"))
        for rule in rules:
            body.append(svg.line(x(rule.month), y.end, x(rule.month), y.start, MUTED, 0.9, stroke_dasharray="1 3"))
            body.append(text(x(rule.month) + 4, y.end + 2, rule.label, 11, MUTED))
        keys: list[tuple[float, str, Markup]] = []
        for k, band in enumerate(bands):
            edge = [(x(m), y(v)) for m, v in zip(band.months, band.high, strict=True) if v == v]
            back = [(x(m), y(v)) for m, v in zip(band.months, band.low, strict=True) if v == v]
            tone = TONES[0]
            body.append(
                svg.path(edge + back[::-1], True, fill=tone, fill_opacity=(0.14, 0.24)[k % 2], data_band=band.label)
            )
            middle = (edge[-1][1] + back[-1][1]) / 2 if edge else y.start
            keys.append((middle, band.label, svg.rect(0, -9, 16, 10, fill=tone, fill_opacity=(0.2, 0.34)[k % 2])))
        for k, item in enumerate(lines):
            points = [(x(m), y(v)) for m, v in zip(item.months, item.values, strict=True)]
            look = {
                "stroke": TONES[k % 6],
                "stroke_width": 2,
                "stroke_dasharray": DASHES[k % 6] or None,
                "fill": "none",
            }
            body.append(svg.path(points, data_series=item.label, stroke_linejoin="round", **look))
            seen = [p for p in points if p[1] == p[1]]
            keys.append((seen[-1][1] if seen else y.start, item.label, svg.path([(0, -4), (18, -4)], **look)))
        for p in record:
            ends = (None, None) if p.low is None or p.high is None else (y(p.low), y(p.high))
            mark = svg.graded(x(p.month), y(p.value), p.grade, *ends)
            body.append(
                tag(
                    "g",
                    tag("title", f"{p.date}: {svg.number(p.value, unit)} (record, {p.grade}, {p.source})"),
                    mark,
                    data_date=p.date,
                    data_value=f"{p.value:.10g}",
                )
            )
        if record:
            keys.append((y(record[-1].value), "record", svg.graded(9, -4, "A")))
        body.append(_keys(keys, narrow, width - right + 12, y, head))
        plot = tag("g", *body, class_="plot", **x.data("x"), **y.data("y"))
        return svg.frame(key, title, alt, width, height, plot)

    return Chart(key, title, alt, caption, table, draw)


def _keys(keys: list[tuple[float, str, Markup]], narrow: bool, x: float, y: Scale, head: float) -> Markup:
    """Labels at the ends of what they name; on a narrow page, a list above the plot."""
    if narrow:
        places = [(0.0, 32.0 + 20 * k) for k in range(len(keys))]
    else:
        places = [(x, h) for h in svg.spread([k[0] for k in keys], 19, y.end, y.start)]
    parts = []
    for (left, top), (_, label, sample) in zip(places, keys, strict=True):
        at = f"translate({left:.1f} {top + (0 if narrow else 4):.1f})"
        parts.append(tag("g", sample, text(24, 0, label), transform=at, class_="key"))
    return svg.join(parts)


def stack(
    key: str,
    title: str,
    months: Sequence[float],
    areas: Sequence[Line],
    tones: Mapping[str, str],
    *,
    caption: Caption,
    alt: str,
    table: Table,
) -> Chart:
    """Shares of a whole through time, laid on one another. tones: label -> colour, so that charts can share them."""

    def draw(width: float) -> Markup:
        narrow = width < 600
        right = 12.0 if narrow else max(MARGIN, *(svg.width_of(a.label) + 34 for a in areas))
        head = 24.0 + (20 * len(areas) if narrow else 0)
        height = head + (210 if narrow else 270) + 42
        x, y = Scale(months[0], months[-1], LEFT, width - right), Scale(0, 1, height - 42, head + 14)
        body, keys = [text(0, 12, caption.unit, fill=MUTED)], []
        below = [0.0] * len(months)
        for area in areas:
            above = [b + (v if v == v else 0.0) for b, v in zip(below, area.values, strict=True)]
            top = [(x(m), y(v)) for m, v in zip(months, above, strict=True)]
            base = [(x(m), y(v)) for m, v in zip(months, below, strict=True)]
            tone = tones.get(area.label, FAINT)
            body.append(svg.path(top + base[::-1], True, fill=tone, fill_opacity=0.78, data_area=area.label))
            body.append(svg.path(top, fill="none", stroke=PAPER, stroke_width=1.6))
            keys.append(
                ((top[-1][1] + base[-1][1]) / 2, area.label, svg.rect(0, -10, 16, 11, fill=tone, fill_opacity=0.78))
            )
            below = above
        body.append(svg.value_axis(y, LEFT, width - right, "share", 4))
        body.append(svg.month_axis(x, y.start))
        body.append(text(width - right, height - 6, "year", fill=MUTED, text_anchor="end"))
        body.append(_keys(keys[::-1], narrow, width - right + 12, y, head))
        plot = tag("g", *body, class_="plot", **x.data("x"), **y.data("y"))
        return svg.frame(key, title, alt, width, height, plot)

    return Chart(key, title, alt, caption, table, draw)


@dataclass(frozen=True)
class Rung:
    """A share at one tier: of the run, or of an ensemble (with `low` and `high`), or of the record (with `grade`)."""

    tier: str
    value: float
    low: float | None = None
    high: float | None = None
    grade: str = ""


@dataclass(frozen=True)
class Climb:
    """One discussion carried up the tiers."""

    label: str
    rungs: tuple[Rung, ...]


def ladder(
    key: str,
    title: str,
    tiers: Sequence[str],
    climbs: Sequence[Climb],
    record: Sequence[Climb] = (),
    *,
    caption: Caption,
    alt: str,
    table: Table,
) -> Chart:
    """Shares from tier to tier of an indirect election: one line for each discussion, the record's points by grade."""
    every = [v for climb in (*climbs, *record) for r in climb.rungs for v in (r.value, r.low, r.high) if v is not None]

    def draw(width: float) -> Markup:
        narrow = width < 600
        names = [c.label for c in climbs] + [f"record, {c.label}" for c in record]
        right = 22.0 if narrow else max(MARGIN, *(svg.width_of(n) + 46 for n in names))
        head = 24.0 + (20 * len(names) if narrow else 0)
        height = head + (190 if narrow else 230) + 40
        left = LEFT
        y = Scale(0, svg.ceiling(max([*every, 0.1])), height - 40, head + 14)
        step = (width - right - left - 60) / max(len(tiers) - 1, 1)
        place = {tier: left + 30 + step * k for k, tier in enumerate(tiers)}
        body = [text(0, 12, caption.unit, fill=MUTED), svg.value_axis(y, left, width - right, "share")]
        for k, tier in enumerate(tiers):
            anchor = "end" if narrow and k == len(tiers) - 1 else "middle"
            body.append(text(place[tier] + (22 if anchor == "end" else 0), height - 18, tier, text_anchor=anchor))
            body.append(svg.line(place[tier], y.start, place[tier], y.start + 5, MUTED))
        keys = []
        for k, climb in enumerate(climbs):
            tone, dash = TONES[k % 6], DASHES[k % 6] or None
            points = [(place[r.tier], y(r.value)) for r in climb.rungs]
            look = {"stroke": tone, "stroke_width": 2, "stroke_dasharray": dash, "fill": "none"}
            body.append(svg.path(points, data_series=climb.label, **look))
            for r, (px, py) in zip(climb.rungs, points, strict=True):
                if r.low is not None and r.high is not None:
                    body.append(svg.line(px, y(r.low), px, y(r.high), tone, 5, stroke_opacity=0.3))
                body.append(svg.rect(px - 3, py - 3, 6, 6, fill=tone, data_tier=r.tier, data_value=f"{r.value:.10g}"))
            keys.append((points[-1][1], climb.label, svg.path([(0, -4), (18, -4)], **look)))
        for climb in record:
            for r in climb.rungs:
                ends = (None, None) if r.low is None or r.high is None else (y(r.low), y(r.high))
                mark = svg.graded(place[r.tier] + 9, y(r.value), r.grade, *ends)
                body.append(
                    tag(
                        "g",
                        tag("title", f"{climb.label}, {r.tier}: {svg.number(r.value, 'share')} (record, {r.grade})"),
                        mark,
                        data_tier=r.tier,
                        data_value=f"{r.value:.10g}",
                    )
                )
            last = climb.rungs[-1]
            keys.append((y(last.value), f"record, {climb.label}", svg.graded(9, -4, last.grade)))
        body.append(_keys(keys, narrow, width - right + 14, y, head))
        plot = tag("g", *body, class_="plot", **y.data("y"))
        return svg.frame(key, title, alt, width, height, plot)

    return Chart(key, title, alt, caption, table, draw)


def ink_for(fill: str) -> str:
    """The colour of type set on `fill`."""
    return PAPER if fill in (svg.BLUE, svg.GREY, INK) else INK
