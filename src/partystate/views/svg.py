"""What every chart is drawn with: escaped SVG elements, scales, ticks, axes, marks and label placing.

A chart is drawn at a given width in pixels, so that its type keeps its size on a telephone; nothing is scaled down.
Colours are those of Okabe and Ito (distinguishable with any colour vision); each is joined by a dash or a shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from partystate.foundation import calendar

INK, MUTED, FAINT, PAPER = "#1d1b19", "#625d57", "#d9d4cc", "#fdfcfa"
BLUE, ORANGE, PURPLE, SKY, GREEN, YELLOW = "#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#F0E442"
GREY = "#77716a"
TONES = (BLUE, ORANGE, PURPLE, SKY, GREEN, YELLOW)
DASHES = ("", "8 3", "2 3", "9 3 2 3", "5 2", "1 2")
SIZE = 12.5  # type size of labels, pixels
CHARACTER = 0.53  # mean width of a character, in type sizes; a little generous, so labels never collide


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """One element. Text children are escaped; `class_` is written ``class``, other underscores become hyphens."""
    parts = []
    for key, value in attributes.items():
        if value is None:
            continue
        shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    head = Markup(f"<{name}{''.join(parts)}")
    if not children:
        return head + Markup("/>")
    return head + Markup(">") + Markup("").join(escape(child) for child in children) + Markup(f"</{name}>")


def join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def text(x: float, y: float, words: object, size: float = SIZE, fill: str = INK, **more: object) -> Markup:
    return tag("text", words, x=float(x), y=float(y), font_size=float(size), fill=fill, **more)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = INK, width: float = 1.0, **more: object) -> Markup:
    return tag(
        "line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), stroke=stroke, stroke_width=width, **more
    )


def rect(x: float, y: float, width: float, height: float, **more: object) -> Markup:
    return tag("rect", x=float(x), y=float(y), width=float(max(width, 0)), height=float(height), **more)


def path(points: Sequence[tuple[float, float]], closed: bool = False, **more: object) -> Markup:
    """A broken line through `points`; a point with a NaN lifts the pen."""
    steps, pen = [], "M"
    for x, y in points:
        if math.isnan(y):
            pen = "M"
            continue
        steps.append(f"{pen}{x:.2f} {y:.2f}")
        pen = "L"
    return tag("path", d="".join(steps) + ("Z" if closed else ""), **more)


def width_of(words: str, size: float = SIZE) -> float:
    """About how wide `words` will be set, in pixels."""
    return len(words) * size * CHARACTER


@dataclass(frozen=True)
class Scale:
    """A straight map from data to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        return self.start + (value - self.low) / (span or 1.0) * (self.end - self.start)

    def data(self, axis: str) -> dict[str, str]:
        """Attributes from which a reader of the SVG can turn pixels back into values."""
        return {
            f"data_{axis}_domain": f"{self.low:.10g} {self.high:.10g}",
            f"data_{axis}_range": f"{self.start:.10g} {self.end:.10g}",
        }


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from `low` to `high`, about as many as asked for."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def ceiling(value: float, about: int = 5) -> float:
    """The first tick at or above `value`, so that an axis ends on a number it shows."""
    if value <= 0:
        return 1.0
    step = ticks(0, value, about)[1] if len(ticks(0, value, about)) > 1 else value
    return math.ceil(value / step - 1e-9) * step


def number(value: float | None, unit: str = "") -> str:
    """A figure as it is printed: shares as percentages, thousands with commas, no false digits."""
    if value is None or math.isnan(value):
        return "–"
    if unit == "share" and 0 < value < 0.0005:
        return "under 0.1 %"
    if unit == "share":
        return f"{100 * value:.0f} %" if abs(value) >= 0.0995 or value == 0 else f"{100 * value:.1f} %"
    if unit == "percent":
        return f"{value:.0f} %" if abs(value) >= 9.95 else f"{value:.1f} %"
    size = abs(value)
    if size >= 1000 or (value == int(value) and size >= 1):
        shown = f"{value:,.0f}"
    elif size >= 10:
        shown = f"{value:.1f}".removesuffix(".0")
    else:
        shown = f"{value:.2f}".rstrip("0").rstrip(".") or "0"
    return shown.replace("-", "−")


def compact(value: float, unit: str = "") -> str:
    """`number`, shorter, for an axis: 1.5 m, 400,000, 25 %."""
    if unit not in ("share", "percent") and abs(value) >= 1e6:
        return f"{value / 1e6:g} m"
    if unit in ("share", "percent"):
        return f"{value * (100 if unit == 'share' else 1):g} %"
    return number(value)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near `wanted`, in its order, at least `gap` apart and within [low, high] where there is room."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    roof = high
    for i in reversed(order):
        placed[i] = min(placed[i], roof)
        roof = placed[i] - gap
    return placed


def month_axis(scale: Scale, y: float, top: float | None = None) -> Markup:
    """Years along the bottom: a tick each January, a label as often as there is room; light rules up to `top`."""
    first, last = math.ceil(scale.low / 12), math.floor(scale.high / 12)
    room = abs(scale(12) - scale(0))
    every = next((k for k in (1, 2, 3, 4, 5, 10) if room * k >= 42), 10)
    year0 = calendar.year(0)
    parts = [line(scale.start, y, scale.end, y, MUTED, 1)]
    for k in range(first, last + 1):
        x, labelled = scale(12 * k), (year0 + k) % every == 0
        if top is not None and labelled:
            parts.append(line(x, top, x, y, FAINT, 0.75))
        parts.append(line(x, y, x, y + (5 if labelled else 3), MUTED, 1))
        if labelled:
            parts.append(text(x, y + 18, year0 + k, fill=MUTED, text_anchor="middle"))
    return tag("g", *parts, class_="axis x", aria_hidden="true")


def value_axis(scale: Scale, left: float, right: float, unit: str, about: int = 5) -> Markup:
    """Figures up the left side on light rules; a zero is drawn as a firm line."""
    parts = []
    for value in ticks(scale.low, scale.high, about):
        y = scale(value)
        parts.append(line(left, y, right, y, MUTED if value == 0 else FAINT, 1 if value == 0 else 0.75))
        parts.append(text(left - 7, y + 4, compact(value, unit), fill=MUTED, text_anchor="end"))
    return tag("g", *parts, class_="axis y", aria_hidden="true")


def graded(x: float, y: float, grade: str, low: float | None = None, high: float | None = None) -> Markup:
    """A point of the record: A filled, B a ring, C a dashed ring; whiskers where the record gives a range (pixels)."""
    parts = []
    if low is not None and high is not None and abs(high - low) > 0.5:
        dash = "2 2" if grade == "C" else None
        parts.append(line(x, low, x, high, INK, 1.1, stroke_dasharray=dash))
        parts += [line(x - 3.5, end, x + 3.5, end, INK, 1.1) for end in (low, high)]
    style = {
        "A": {"fill": INK, "stroke": PAPER, "stroke_width": 1},
        "B": {"fill": PAPER, "stroke": INK, "stroke_width": 1.6},
    }
    dashed = {"fill": PAPER, "stroke": INK, "stroke_width": 1.4, "stroke_dasharray": "2.2 1.8"}
    parts.append(tag("circle", cx=float(x), cy=float(y), r=4.0 if grade == "A" else 3.8, **style.get(grade, dashed)))
    return tag("g", *parts, class_=f"record grade-{grade}")


def frame(key: str, title: str, alt: str, width: float, height: float, *body: Markup) -> Markup:
    """The SVG itself, named and described for those who hear it rather than see it."""
    mark = f"{key}-{int(width)}"
    return tag(
        "svg",
        tag("title", title, id=f"{mark}-title"),
        tag("desc", alt, id=f"{mark}-desc"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="img",
        aria_labelledby=f"{mark}-title {mark}-desc",
    )
