"""The charts of an answer: effects, or what falls to each group, as dots with intervals; and one series through time.

A mark is filled where its interval leaves out zero and open where it does not. Marks of different kinds differ in
shape as well as colour, and each stands on a line of its own with its name and its figures beside it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from partystate.foundation import calendar

from . import answer_numbers as numbers
from . import answer_tables as tables
from . import narrative, svg
from .answer_numbers import Data
from .charts import Caption, Chart, Table
from .svg import BLUE, FAINT, INK, MUTED, ORANGE, PAPER, PURPLE, Scale, tag, text

# Titles and units of the series that are kept of every history.
SERIES = {
    "politburo_rivals_out": ("Rivals of the General Secretary without a full seat in the Politburo", "persons"),
    "line_peasants": ("The party line on the peasants", "−1 market to 1 command"),
    "line_regime": ("The party line on democracy in the party", "−1 discipline to 1 democracy"),
}
AXIS = {"chance": "points: histories of a hundred", "date": "months"}
SHAPES = {"Shapley value": BLUE, "lost without it": ORANGE, "gained alone": PURPLE}
FILLED = "Filled: the interval of 95 % leaves out zero. Open: it may be zero."
PARTS = ("low", "median", "high")
HEAD, LINE, BELOW = 20.0, 22.0, 10.0  # height of a label, of a mark, and of the space under a row, in pixels


@dataclass(frozen=True)
class Mark:
    """One number with its interval, in the units of the axis; None where it is not defined."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    shown: str

    @property
    def clear(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Item:
    """What a row of marks is about."""

    label: str
    marks: tuple[Mark, ...]


def of(answer: Data) -> list[Chart]:
    """The charts of an answer: how it divides, or effects by arm; then its series through time."""
    first = divided(answer) if answer["attribution"] else changed(answer)
    return [first, through_time(answer)]


def caption(answer: Data, unit: str, runs: str, note: str) -> Caption:
    return Caption(tables.period(answer), unit, runs, tables.versions(answer), (), note)


# Dots with intervals ----------------------------------------------------------------------------------------------


def changed(answer: Data) -> Chart:
    """Paired differences of the main outcome from the reference, arm by arm."""
    main = answer["question"]["main"]
    items = [Item(arm["name"], (_mark("", arm["effects"][main]),)) for arm in answer["arms"]]
    most = max((arm["effects"][main]["pairs"] for arm in answer["arms"]), default=0)
    title = f"{tables.outcome_title(answer, main)}: difference from the reference"
    runs = f"up to {most:,} pairs of histories, baseline: the reference with the same seeds"
    return _dots("effects-chart", title, items, answer, tables.kind(answer, main), runs)


def divided(answer: Data) -> Chart:
    """Of each group: Shapley value, what is lost when it alone is off, and what it brings when it alone is on."""
    found = answer["attribution"]
    own, shares = found["kind"], {share["player"]: share for share in found["shares"]}
    items = []
    for name in [name for group in found["groups"] for name in group]:
        share = shares[name]
        value = share["shapley"]
        marks = (
            Mark("Shapley value", *_scaled(own, value["mean"], value["low"], value["high"]),
                 numbers.estimate(own, value, unit=False)),
            _mark("lost without it", share["necessity"]),
            _mark("gained alone", share["sufficiency"]),
        )  # fmt: skip
        items.append(Item(found["groups_off"][name]["title"], marks))
    title = f"{tables.outcome_title(answer, found['on'])}: what each group brings"
    runs = f"{len(found['runs']):,} histories, baseline: all groups on, or all off"
    return _dots("effects-chart", title, items, answer, own, runs)


def _mark(name: str, of: Data) -> Mark:
    values = _scaled(of["kind"], of["difference"], of["low"], of["high"])
    shown = numbers.own_effect(of, unit=False)
    return Mark(name, *((0.0, 0.0, 0.0) if shown == numbers.ZERO else values), shown)


def _scaled(own: str, *values: float | None) -> tuple[float | None, ...]:
    by = numbers.scale(own)
    return tuple(None if value is None else by * value for value in values)


def _dots(key: str, title: str, items: Sequence[Item], answer: Data, own: str, runs: str) -> Chart:
    ends = [end for item in items for mark in item.marks for end in (mark.low, mark.value, mark.high)]
    low, high = _span([0.0, *(end for end in ends if end is not None)])
    unit = AXIS.get(own, "the outcome’s own unit")
    named = any(mark.name for item in items for mark in item.marks)

    def draw(width: float) -> Markup:
        narrow = width < 600
        left = (92.0 if narrow else 116.0) if named else 8.0
        right = 108.0 if narrow else 150.0
        x = Scale(low, high, left + 6, width - right)
        body, top = [], 8.0
        for item in items:
            for words in textwrap.wrap(item.label, int(width / (13.5 * svg.CHARACTER))):
                halo = {"stroke": PAPER, "stroke_width": 4, "paint_order": "stroke"}  # against the rules behind it
                body.append(text(0, top + 12, words, 13.5, font_weight="600", **halo))
                top += HEAD - 3
            for mark in item.marks:
                body += _line(mark, x, top + LINE / 2, width - right + 10, 11.0 if narrow else svg.SIZE)
                top += LINE
            top += BELOW
        axis = [svg.line(x.start, top, x.end, top, MUTED, 1)]
        for value in svg.ticks(low, high, 4 if narrow else 7):
            zero = value == 0
            axis.append(svg.line(x(value), 4, x(value), top + 4, MUTED if zero else FAINT, 1.1 if zero else 0.75))
            axis.append(text(x(value), top + 18, svg.number(value) if value else "0", fill=MUTED, text_anchor="middle"))
        axis.append(text(x.end, top + 36, unit, fill=MUTED, text_anchor="end"))
        plot = tag("g", tag("g", *axis, class_="axis x", aria_hidden="true"), *body, class_="plot", **x.data("x"))
        return svg.frame(key, title, alt, width, top + 44, plot)

    said = [f"{item.label}: {', '.join(f'{mark.name} {mark.shown}'.strip() for mark in item.marks)}" for item in items]
    alt = f"{title}, {unit}. {'; '.join(said)}."
    rows = tuple((item.label, mark.name or "difference", mark.shown) for item in items for mark in item.marks)
    figures = f"value and 95 % interval, {unit}"
    table = Table(("what", "number", figures), rows, frozenset({figures}))
    return Chart(key, title, alt, caption(answer, unit, runs, FILLED), table, draw)


def _line(mark: Mark, x: Scale, y: float, beside: float, size: float) -> list[Markup]:
    """A mark with its name at the left and its figures at the right."""
    tone = SHAPES.get(mark.name, BLUE)
    found = [text(beside, y + 4, mark.shown, size, INK)]
    if mark.name:
        found.append(text(0, y + 4, mark.name, size, MUTED))
    if mark.value is None:
        return found
    if mark.low is not None and mark.high is not None:
        found.append(svg.line(x(mark.low), y, x(mark.high), y, tone, 2.6, stroke_opacity=0.75))
        found += [svg.line(x(end), y - 4, x(end), y + 4, tone, 1.4) for end in (mark.low, mark.high)]
    look = {
        "fill": tone if mark.clear else PAPER,
        "stroke": tone,
        "stroke_width": 1.8,
        "data_mark": mark.name or "difference",
        "data_value": f"{mark.value:.10g}",
        "data_clear": str(mark.clear).lower(),
    }
    found.append(_shape(mark.name, x(mark.value), y, look))
    return found


def _shape(name: str, x: float, y: float, look: Mapping[str, object]) -> Markup:
    """A circle; a square for what is lost; a triangle for what one alone brings."""
    if name == "lost without it":
        return svg.rect(x - 4.4, y - 4.4, 8.8, 8.8, **look)
    if name == "gained alone":
        return svg.path([(x, y - 5.8), (x + 5.4, y + 4.2), (x - 5.4, y + 4.2)], closed=True, **look)
    return tag("circle", cx=float(x), cy=float(y), r=4.8, **look)


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The whole ticks around these values."""
    low, high = min(values), max(values)
    if low == high:
        return -1.0, 1.0
    step = (every := svg.ticks(0, high - low, 6))[1] - every[0]
    return math.floor(low / step) * step, math.ceil(high / step) * step


# Through time -----------------------------------------------------------------------------------------------------


def through_time(answer: Data) -> Chart:
    """Median and middle 80 % of a series in the reference and in a changed arm, month by month."""
    picture = answer["picture"]
    title, unit = SERIES.get(picture["series"], (picture["series"].replace("_", " "), "the series’ own unit"))
    arms = {name: {part: _filled(band[part]) for part in PARTS} for name, band in picture["arms"].items()}
    months = max((len(band["median"]) for band in arms.values()), default=0)
    values = [value for band in arms.values() for part in band.values() for value in part if value == value]
    low, high = _span([0.0, *values, 1.0 if not values or max(values) == 0 else 0.0])

    def draw(width: float) -> Markup:
        narrow = width < 600
        right = 14.0 if narrow else max(120.0, *(svg.width_of(name) + 44 for name in arms))
        head = 24.0 + (20 * len(arms) if narrow else 0)
        height = head + (200 if narrow else 250) + 42
        x, y = Scale(0, months, 46.0, width - right), Scale(low, high, height - 42, head + 14)
        body = [text(0, 12, unit, fill=MUTED), svg.value_axis(y, 46.0, width - right, "")]
        body += [svg.month_axis(x, y.start), text(width - right, height - 6, "year", fill=MUTED, text_anchor="end")]
        looks = [{"stroke": BLUE}, {"stroke": ORANGE, "stroke_dasharray": "7 3"}]
        for (name, band), look in zip(arms.items(), looks, strict=False):
            body.append(_band(name, band, x, y, look))
        keys = []
        for (name, band), look in zip(arms.items(), looks, strict=False):
            points = [(x(month + 0.5), y(value)) for month, value in enumerate(band["median"])]
            body.append(svg.path(points, fill="none", stroke_width=2.2, data_series=name, **look))
            seen = [height for _, height in points if height == height]
            keys.append((seen[-1] if seen else y.start, name, look))
        body.append(_names(keys, narrow, width - right + 10, y))
        plot = tag("g", *body, class_="plot", **x.data("x"), **y.data("y"))
        return svg.frame("picture", title, alt, width, height, plot)

    alt = f"{title}, {unit}. {' '.join(_told(name, band) for name, band in arms.items())}"
    runs = ", ".join(f"{name}: {count:,} histories" for name, count in _counts(answer, arms).items())
    note = f"Lines: median of the histories. Bands: the middle 80 % of them. Baseline: the {tables.REFERENCE} history."
    return Chart("picture", title, alt, caption(answer, unit, runs, note), _by_month(arms, months), draw)


def _filled(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _band(name: str, band: Mapping[str, list[float]], x: Scale, y: Scale, look: Mapping[str, str]) -> Markup:
    """The middle 80 %, with its edges ruled so that two bands can be told apart where they overlap."""
    tone = look["stroke"]
    lower, upper = (
        [(x(month + 0.5), y(value)) for month, value in enumerate(band[part]) if value == value]
        for part in (PARTS[0], PARTS[-1])
    )
    area = svg.path(upper + lower[::-1], closed=True, fill=tone, fill_opacity=0.16, data_band=name)
    edges = (
        svg.path(edge, fill="none", stroke=tone, stroke_width=0.9, stroke_dasharray="2 2") for edge in (lower, upper)
    )
    return tag("g", area, *edges)


def _names(keys: Sequence[tuple[float, str, Mapping[str, str]]], narrow: bool, left: float, y: Scale) -> Markup:
    """Each line's name at its end; on a narrow page above the plot."""
    ends = svg.spread([height for height, _, _ in keys], 19, y.end, y.start)
    places = [(0.0, 32.0 + 20 * k) for k in range(len(keys))] if narrow else [(left, end + 4) for end in ends]
    return svg.join(
        tag(
            "g",
            svg.path([(0, -4), (20, -4)], fill="none", stroke_width=2.2, **look),
            text(26, 0, name),
            transform=f"translate({at:.1f} {top:.1f})",
            class_="key",
        )
        for (at, top), (_, name, look) in zip(places, keys, strict=True)
    )


def _told(name: str, band: Mapping[str, list[float]]) -> str:
    """The first and last month of a band with values, in words."""
    seen = [month for month, value in enumerate(band["median"]) if value == value]
    if not seen:
        return f"{name}: {numbers.NOT_DEFINED}."
    told = (f"{_middle(band, month)} in {narrative.month_words(month)}" for month in (seen[0], seen[-1]))
    return f"{name}: median {', then '.join(told)}."


def _middle(band: Mapping[str, list[float]], month: int) -> str:
    if band["median"][month] != band["median"][month]:
        return numbers.NOT_DEFINED
    shown = {part: svg.number(band[part][month]) for part in band}
    return f"{shown['median']} ({shown['low']} to {shown['high']})"


def _counts(answer: Data, arms: Mapping[str, object]) -> dict[str, int]:
    """Histories of each arm drawn; an arm of several turns has those of all its turns."""
    turns = {arm["name"]: len(arm["turns"]) for arm in answer["arms"]}
    found = {}
    for name in arms:
        many = turns.get(name, 1)
        names = [name] if many == 1 else [f"{name} {number}" for number in range(1, many + 1)]
        found[name] = sum(len(answer["keys"][one]["seeds"]) for one in names if one in answer["keys"])
    return found


def _by_month(arms: Mapping[str, Mapping[str, list[float]]], months: int) -> Table:
    columns = ("month", *(f"{name}: median (middle 80 %)" for name in arms))
    rows = tuple((calendar.label(month), *(_middle(band, month) for band in arms.values())) for month in range(months))
    return Table(columns, rows, frozenset(columns[1:]))
