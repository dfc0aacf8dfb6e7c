"""A series of the record as a picture: a self-contained SVG, and a plot for the terminal."""

from __future__ import annotations

import textwrap

from partystate.record.loading import Record
from partystate.record.series import VALIDATION, Point, Series

WIDTH = 860
MARKS = {"A": "●", "B": "○", "C": "◌"}
COLUMNS, ROWS = 64, 12
SILENCE = 36  # months without a figure after which a line is broken


def svg(record: Record, series: Series) -> str:
    """The series with its ranges and grades, rivals in the same unit as further lines, definition and sources below."""
    from partystate.views import charts

    together = [series, *_comparable(record, series)]
    marks = [charts.Point(p.date.text, _middle(p), p.value, *p.bounds, p.grade, p.source) for p in series.points]
    lines = [charts.Line(label, *_joined(one)) for label, one in zip(_labels(together), together, strict=True)]
    facts = charts.Caption(_period(series), series.unit, "", f"record {record.version[:8]}")
    months = [_middle(point) for one in together for point in one.points]
    rules = [
        charts.Rule(window.first, "validation from here")
        for window in series.windows
        if window.use == VALIDATION and min(months) < window.first < max(months)
    ]
    negative = min(point.bounds[0] for one in together for point in one.points) < 0
    chart = charts.timeline(
        f"record-{series.id.replace('_', '-')}",
        series.title,
        series.unit,
        lines,
        (),
        marks,
        rules,
        caption=facts,
        alt=_words(series),
        table=charts.Table((), ()),
        from_zero=not negative,
        span=(min(months), max(months) if max(months) > min(months) else min(months) + 12),
    )
    cited = sorted({point.source for one in together for point in one.points})
    return str(_framed(chart, series, record, cited))


def _framed(chart, series: Series, record: Record, cited: list[str]):
    """The chart with a heading above and what a reader must know below."""
    from markupsafe import Markup

    from partystate.views import svg as draw

    # A drawing inside a drawing is cut at its edge; long names beside the lines may need the margin.
    plot = Markup(str(chart.draw(WIDTH - 48)).replace("<svg", '<svg overflow="visible"', 1))
    below = [series.definition, series.note, _grade_words(), f"{chart.caption.facts} · {split_words(series)}"]
    below += [f"{key}: {record.sources[key].citation}" for key in cited]
    notes = [line for words in below if words for line in textwrap.wrap(words, 128)]
    plot_height = float(plot.split('height="', 1)[1].split('"', 1)[0])
    height = 62 + plot_height + 18 + 17 * len(notes) + 14
    body = [
        draw.rect(0, 0, WIDTH, height, fill=draw.PAPER),
        draw.text(24, 34, series.title, 19, draw.INK, font_weight="600"),
        draw.tag("g", plot, transform="translate(24 52)"),
        *(draw.text(24, 62 + plot_height + 18 + 17 * k, line, 11.5, draw.MUTED) for k, line in enumerate(notes)),
    ]
    whole = draw.tag("g", *body, font_family="system-ui, sans-serif")
    return draw.frame(f"{chart.key}-sheet", series.title, chart.alt, WIDTH, height, whole)


def plot(series: Series) -> str:
    """The figures as marks on a grid of characters: ● read, ○ attributed, ◌ contested; │ is the range."""
    from partystate.views.svg import ceiling, compact

    points = series.points
    months = [_middle(point) for point in points]
    low = min(0.0, *(point.bounds[0] for point in points))
    high = ceiling(max(point.bounds[1] for point in points))
    first, last = min(months), max(months)
    grid = [[" "] * COLUMNS for _ in range(ROWS)]

    def column(month: float) -> int:
        return round((month - first) / ((last - first) or 1) * (COLUMNS - 1))

    def row(value: float) -> int:
        return ROWS - 1 - round((value - low) / ((high - low) or 1) * (ROWS - 1))

    for point, month in zip(points, months, strict=True):
        for between in range(row(point.bounds[1]), row(point.bounds[0]) + 1):
            if grid[between][column(month)] == " ":
                grid[between][column(month)] = "│"
    for point, month in zip(points, months, strict=True):
        grid[row(point.value)][column(month)] = MARKS[point.grade]
    label = {0: compact(high, series.unit), ROWS - 1: compact(low, series.unit)}
    side = max(map(len, label.values()))
    body = [f"{label.get(k, ''):>{side}} ┤{''.join(cells).rstrip()}" for k, cells in enumerate(grid)]
    begin, end = points[0].date.text[:4], points[-1].date.text[:4]
    return "\n".join([*body, f"{'':>{side}} └{'─' * COLUMNS}", f"{'':>{side}}  {begin}{end:>{COLUMNS - len(begin)}}"])


def split_words(series: Series) -> str:
    """The windows of a series in words."""
    return "; ".join(map(str, series.windows))


def _grade_words() -> str:
    from partystate.views.charts import GRADES

    return GRADES


def _comparable(record: Record, series: Series) -> list[Series]:
    """Rival series in the same unit with more than one figure; at most three, so that the chart stays legible."""
    rivals = [record.series[name] for name in series.rivals]
    return [rival for rival in rivals if rival.unit == series.unit and len(rival.points) > 1][:3]


def _middle(point: Point) -> float:
    return (point.date.first + point.date.last) / 2


def _labels(together: list[Series]) -> list[str]:
    """Titles without what they have in common; a series alone needs no name beside its heading."""
    if len(together) == 1:
        return ["figures"]
    heads = {one.title.partition(", ")[0] for one in together}
    return [one.title.partition(", ")[2] if len(heads) == 1 else one.title for one in together]


def _joined(series: Series) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Months and values of a line that is broken where the record is silent for more than three years."""
    months: list[float] = []
    values: list[float] = []
    for point in series.points:
        if months and _middle(point) - months[-1] > SILENCE:
            months.append(_middle(point))
            values.append(float("nan"))
        months.append(_middle(point))
        values.append(point.value)
    return tuple(months), tuple(values)


def _period(series: Series) -> str:
    return f"{series.points[0].date} to {series.points[-1].date}"


def _words(series: Series) -> str:
    """What is to be seen, for those who cannot see it: first, lowest, highest and last figure."""
    value = {point.value: point for point in series.points}
    chosen = [series.points[0], value[min(value)], value[max(value)], series.points[-1]]
    said = "; ".join(f"{p.date} {p.value:g} (grade {p.grade})" for p in dict.fromkeys(chosen))
    return f"{series.title}, {series.unit}: {said}."
