"""Charts of many histories: rows of small histograms against the record, and probabilities with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from . import svg
from .charts import Caption, Chart, Table
from .svg import BLUE, FAINT, INK, MUTED, PAPER, Scale, tag, text


@dataclass(frozen=True)
class Spread:
    """The outcomes of one thing over an ensemble: when it happened in the runs where it did, and in how many it did."""

    label: str
    months: tuple[float, ...]
    runs: int
    record: float | None = None
    record_label: str = ""
    this_run: float | None = None


def quantile(values: Sequence[float], share: float) -> float:
    """The quantile of `values` by straight lines between order statistics."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def histograms(
    key: str,
    title: str,
    rows: Sequence[Spread],
    span: tuple[int, int],
    *,
    caption: Caption,
    alt: str,
    table: Table,
    step: int = 3,
) -> Chart:
    """One row a person: bars count runs in each `step` months; a line for the middle 80 %, a tick for the median."""
    bins = {row.label: _binned(row.months, span, step) for row in rows}
    tallest = max((max(counts, default=0) for counts in bins.values()), default=1) or 1

    def draw(width: float) -> Markup:
        narrow = width < 600
        left = 4.0 if narrow else 112.0
        right = 14.0 if narrow else 150.0
        bar_room = 32.0
        pitch = bar_room + (46 if narrow else 32)
        x = Scale(span[0], span[1], left, width - right)
        body, top = [], 24.0
        for row in rows:
            base = top + (20 if narrow else 0) + bar_room
            never = f"{row.runs - len(row.months)} of {row.runs} never"
            body.append(text(0, top + 6 if narrow else base - 6, row.label, 13.5, font_weight="600"))
            body.append(
                text(
                    width if narrow else width - right + 12,
                    top + 6 if narrow else base - 6,
                    never,
                    11.5,
                    MUTED,
                    text_anchor="end" if narrow else None,
                )
            )
            bars = []
            for k, count in enumerate(bins[row.label]):
                if count:
                    height = bar_room * count / tallest
                    start, end = x(span[0] + k * step), x(min(span[0] + (k + 1) * step, span[1]))
                    bars.append(
                        svg.rect(
                            start + 0.4,
                            base - height,
                            end - start - 0.8,
                            height,
                            fill=BLUE,
                            fill_opacity=0.55,
                            data_count=count,
                            data_month=span[0] + k * step,
                        )
                    )
            body.append(svg.line(left, base, width - right, base, FAINT, 1))
            body.append(tag("g", *bars, data_row=row.label))
            if row.months:
                low, mid, high = (quantile(row.months, q) for q in (0.1, 0.5, 0.9))
                body.append(
                    svg.line(x(low), base + 4, x(high), base + 4, BLUE, 2.4, data_low=f"{low:g}", data_high=f"{high:g}")
                )
                body.append(svg.line(x(mid), base - 1, x(mid), base + 9, BLUE, 2.4, data_median=f"{mid:g}"))
            if row.record is not None:
                px = x(row.record)
                body.append(
                    tag(
                        "g",
                        tag("title", f"record: {row.record_label}"),
                        svg.line(px, base - bar_room, px, base, INK, 1.1),
                        tag(
                            "path",
                            d=f"M{px - 5:.2f} {base - bar_room - 8:.2f}h10l-5 8z",
                            fill=PAPER,
                            stroke=INK,
                            stroke_width=1.3,
                        ),
                        data_record=f"{row.record:g}",
                    )
                )
            if row.this_run is not None:
                px = x(row.this_run)
                body.append(
                    tag(
                        "g",
                        tag("title", "the run shown above"),
                        tag("path", d=f"M{px:.2f} {base + 5:.2f}l4.5 8h-9z", fill=INK),
                        data_run=f"{row.this_run:g}",
                    )
                )
            top += pitch
        body.append(svg.month_axis(x, top + 6, 14))
        body.append(text(width - right, top + 42, "year", fill=MUTED, text_anchor="end"))
        return svg.frame(key, title, alt, width, top + 48, tag("g", *body, class_="plot", **x.data("x")))

    return Chart(key, title, alt, caption, table, draw)


def _binned(months: Sequence[float], span: tuple[int, int], step: int) -> list[int]:
    counts = [0] * (-(-(span[1] - span[0]) // step))
    for month in months:
        counts[min(int((month - span[0]) // step), len(counts) - 1)] += 1
    return counts


@dataclass(frozen=True)
class Chance:
    """A probability with its interval, in words of its own."""

    label: str
    value: float
    low: float
    high: float


def chances(key: str, title: str, rows: Sequence[Chance], *, caption: Caption, alt: str, table: Table) -> Chart:
    """Probabilities on one scale from 0 to 100 %: a dot, its interval, and the figures beside it."""

    def draw(width: float) -> Markup:
        narrow = width < 600
        left = 10.0 if narrow else min(max(svg.width_of(r.label, 13.5) for r in rows) + 22, 400)
        right = 14.0 if narrow else 128.0
        x = Scale(0, 1, left, width - right)
        pitch = 46.0 if narrow else 28.0
        body, top = [], 12.0
        bottom = top + pitch * len(rows) + 4
        for value in (0, 0.25, 0.5, 0.75, 1):
            body.append(svg.line(x(value), top, x(value), bottom, FAINT, 0.75))
            anchor = "start" if narrow and value == 0 else "end" if narrow and value == 1 else "middle"
            body.append(text(x(value), bottom + 18, f"{100 * value:.0f} %", fill=MUTED, text_anchor=anchor))
        for k, row in enumerate(rows):
            y = top + pitch * k + (34 if narrow else 16)
            figures = f"{svg.number(row.value, 'share')} [{100 * row.low:.0f}–{100 * row.high:.0f}]"
            body.append(text(0, y - 17 if narrow else y + 4, row.label, 13.5 if not narrow else 12.5))
            body.append(
                text(
                    width if narrow else width - right + 14,
                    y - 17 if narrow else y + 4,
                    figures,
                    fill=MUTED,
                    text_anchor="end" if narrow else None,
                )
            )
            body.append(svg.line(x(row.low), y, x(row.high), y, BLUE, 5, stroke_opacity=0.4, stroke_linecap="round"))
            body.append(
                tag(
                    "circle",
                    cx=x(row.value),
                    cy=float(y),
                    r=4.6,
                    fill=BLUE,
                    stroke=PAPER,
                    stroke_width=1,
                    data_row=row.label,
                    data_value=f"{row.value:.10g}",
                    data_low=f"{row.low:.10g}",
                    data_high=f"{row.high:.10g}",
                )
            )
        body.append(text(width - right, bottom + 38, "share of runs", fill=MUTED, text_anchor="end"))
        return svg.frame(key, title, alt, width, bottom + 46, tag("g", *body, class_="plot", **x.data("x")))

    return Chart(key, title, alt, caption, table, draw)
