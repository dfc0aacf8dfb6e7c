"""The swim-lane chart: for each leader a lane of seats and offices through time, with sanctions and the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from . import svg
from .charts import Caption, Chart, Table, ink_for
from .narrative import month_words, person_words
from .svg import FAINT, INK, MUTED, PAPER, Scale, tag, text

# Seat -> (height of the bar, is it filled, what it is called). Lower seats are thinner, so that a fall can be seen.
SEATS = {
    "full": (17.0, True, "full member of the Politburo"),
    "candidate": (10.0, True, "candidate member"),
    "cc": (4.5, True, "Central Committee"),
    "party": (1.4, True, "party member"),
    "out": (0.0, False, "outside the party"),
    "dead": (0.0, False, "dead"),
}


@dataclass(frozen=True)
class Span:
    """A seat or an office held from month `start` up to, not including, month `end`; `group` colours it (−1: none)."""

    start: int
    end: int
    label: str
    group: int = -1


@dataclass(frozen=True)
class Mark:
    """Something dated on a lane: a sanction with its rung, or a date of the record."""

    month: float
    label: str
    text: str = ""


@dataclass(frozen=True)
class Lane:
    name: str
    seats: tuple[Span, ...]
    offices: tuple[Span, ...] = ()
    sanctions: tuple[Mark, ...] = ()
    record: tuple[Mark, ...] = ()


GROUPS = (svg.BLUE, svg.SKY, svg.GREY, svg.ORANGE)


def group_tone(group: int) -> str:
    return GROUPS[group % len(GROUPS)] if group >= 0 else svg.GREY


def rows_of(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans laid in as few rows as keep them from overlapping, in order of start."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        row = next((r for r in rows if r[-1].end <= span.start), None)
        if row is None:
            rows.append(row := [])
        row.append(span)
    return rows


def lanes(
    key: str,
    title: str,
    people: Sequence[Lane],
    groups: Sequence[str],
    span: tuple[int, int],
    *,
    caption: Caption,
    alt: str,
    table: Table,
) -> Chart:
    """One lane a person: bars for seats (thinner as they fall) coloured and lettered by coalition, offices below."""

    def draw(width: float) -> Markup:
        narrow = width < 600
        left = 4.0 if narrow else 112.0
        x = Scale(span[0], span[1], left, width - 14)
        body: list[Markup] = []
        top = 14.0
        for k, name in enumerate(groups):
            across, down = (0, 20 * k) if narrow else (184 * k, 0)
            body.append(svg.rect(left + across, top + down - 12, 16, 15, fill=group_tone(k)))
            letter = "ABCD"[k]
            body.append(text(left + across + 8, top + down, letter, 10.5, ink_for(group_tone(k)), text_anchor="middle"))
            body.append(text(left + across + 22, top + down, name))
        top += 20 * (len(groups) if narrow else 1) + 10
        first = top
        for k, lane in enumerate(people):
            drawn, height = _lane(lane, x, top, narrow)
            if k:
                body.append(svg.line(0, top - 5, width, top - 5, FAINT, 0.75))
            body.append(tag("g", *drawn, class_="lane", data_person=lane.name))
            top += height
        axis = svg.month_axis(x, top + 2, first)
        end = text(width - 14, top + 38, "year", fill=MUTED, text_anchor="end")
        plot = tag("g", axis, *body, end, class_="plot", **x.data("x"))
        return svg.frame(key, title, alt, width, top + 44, plot)

    return Chart(key, title, alt, caption, table, draw)


def _lane(lane: Lane, x: Scale, top: float, narrow: bool) -> tuple[list[Markup], float]:
    """The drawing of one lane and the height it takes."""
    parts: list[Markup] = []
    middle = top + (38 if narrow else 26)
    parts.append(text(0, top + 10 if narrow else middle + 5, person_words(lane.name), 13.5, font_weight="600"))
    for seat in lane.seats:
        height, filled, words = SEATS[seat.label]
        if not filled:
            continue
        tone = group_tone(seat.group)
        about = tag("title", f"{lane.name}: {words}, {_months(seat)}")
        bar = svg.rect(x(seat.start), middle - height / 2, x(seat.end) - x(seat.start), height, fill=tone)
        inside = []
        if height > 12 and seat.group >= 0 and x(seat.end) - x(seat.start) > 14:
            inside.append(
                text(x(seat.start) + 4, middle + 4, "ABCD"[seat.group % 4], 10.5, ink_for(tone), font_weight="600")
            )
        parts.append(
            tag(
                "g",
                about,
                bar,
                *inside,
                data_seat=seat.label,
                data_start=seat.start,
                data_end=seat.end,
                data_group=seat.group,
            )
        )
    dead = next((s for s in lane.seats if s.label == "dead"), None)
    if dead is not None:
        parts.append(text(x(dead.start) + 2, middle + 5, "†", 14, MUTED))
    for mark in lane.record:
        px = x(mark.month)
        parts.append(
            tag(
                "g",
                tag("title", f"record: {mark.label}"),
                tag("path", d=f"M{px - 5:.2f} {middle - 19:.2f}h10l-5 8z", fill=PAPER, stroke=INK, stroke_width=1.3),
                data_record=mark.month,
            )
        )
    at = svg.spread([x(m.month) for m in lane.sanctions], 15.5, x.start + 7, x.end - 7)
    for mark, px in zip(lane.sanctions, at, strict=True):
        parts.append(
            tag(
                "g",
                tag("title", mark.label),
                svg.line(x(mark.month), middle - 9, x(mark.month), middle + 12, INK, 1),
                tag("circle", cx=float(px), cy=float(middle + 18), r=7.2, fill=PAPER, stroke=INK, stroke_width=1.1),
                text(px, middle + 22, mark.text, 10.5, INK, text_anchor="middle", font_weight="600"),
                class_="sanction",
                data_month=mark.month,
                data_rung=mark.text,
            )
        )
    down = middle + (32 if lane.sanctions else 16)
    for row in rows_of(lane.offices):
        for k, office in enumerate(row):
            start, end = x(office.start), x(office.end)
            room = (x(row[k + 1].start) if k + 1 < len(row) else x.end) - start
            parts.append(
                tag(
                    "g",
                    tag("title", f"{lane.name}: {office.label}, {_months(office)}"),
                    svg.rect(start, down, end - start, 3.5, fill=INK, fill_opacity=0.55),
                    data_office=office.label,
                    data_start=office.start,
                    data_end=office.end,
                )
            )
            if svg.width_of(office.label, 11) < room - 4:
                parts.append(text(start, down + 15, office.label, 11, MUTED))
        down += 21
    return parts, down - top + (10 if lane.offices else 12)


def _months(span: Span) -> str:
    return f"{month_words(span.start)} to {month_words(max(span.end - 1, span.start))}"
