"""Dated series: figures with range, source and grade, and the windows in which they may be used.

Grade A means read in the source, B attributed to a table that was not opened, C uncertain or contested. Where a C
figure has no range of its own, `Point.bounds` takes 15 % to either side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record import dates
from partystate.record.dates import Span
from partystate.record.files import first_column
from partystate.record.schema import SOURCE, Table, choice, date, grade, number, ref, remark, text, unit

CALIBRATION, VALIDATION, WITHHELD = "calibration", "validation", "withheld"
USES = (CALIBRATION, VALIDATION, WITHHELD)
UNCERTAIN = 0.15  # relative half-width of a grade C figure that is given without a range
BEGINNING, END = -(10**6), 10**6  # months that stand for an open side of a window


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a series, in the unit of the series."""

    date: Span
    value: float
    low: float | None
    high: float | None
    source: str
    grade: str
    note: str = ""

    @property
    def bounds(self) -> tuple[float, float]:
        """(low, high): as recorded; for a C figure without them 15 % to either side; otherwise the value itself."""
        slack = abs(self.value) * UNCERTAIN if self.grade == "C" and self.low is None and self.high is None else 0.0
        low = self.value - slack if self.low is None else self.low
        return low, self.value + slack if self.high is None else self.high


@dataclass(frozen=True, slots=True)
class Window:
    """Months (0 = January 1922) in which a series has one use."""

    use: str
    first: int
    last: int

    def __str__(self) -> str:
        def month(number: int) -> str:
            return f"{1922 + number // 12}-{number % 12 + 1:02d}"

        since = "" if self.first == BEGINNING else f" from {month(self.first)}"
        until = "" if self.last == END else f" to {month(self.last)}"
        return self.use + since + until


@dataclass(frozen=True)
class Series:
    """A quantity over time. `rivals` are ids of series that estimate the same quantity."""

    id: str
    title: str
    unit: str
    definition: str
    sector: str
    quantity: str
    note: str
    points: tuple[Point, ...] = ()
    windows: tuple[Window, ...] = ()
    rivals: tuple[str, ...] = ()

    def window(self, when: str | Span) -> str:
        """calibration, validation or withheld. A period belongs to the window of its last month."""
        last = (dates.span(when) if isinstance(when, str) else when).last
        return next((window.use for window in self.windows if window.first <= last <= window.last), VALIDATION)

    def calibration(self) -> tuple[Point, ...]:
        """The points a model may be fitted to."""
        return tuple(point for point in self.points if self.window(point.date) == CALIBRATION)

    def validation(self) -> tuple[Point, ...]:
        """The points kept for testing; fitting code never reads them."""
        return tuple(point for point in self.points if self.window(point.date) == VALIDATION)

    @property
    def withheld(self) -> bool:
        """Whether some or all of the series is kept back for an independent check (and so is not here)."""
        return any(window.use == WITHHELD for window in self.windows)

    @property
    def grades(self) -> tuple[str, ...]:
        return tuple(sorted({point.grade for point in self.points}))

    def monthly(self, kind: str = "step"):
        """float64[234] from January 1922; see `dates.monthly`. Needs at least one point."""
        return dates.monthly([(point.date, point.value) for point in self.points], kind)


@dataclass(frozen=True, slots=True)
class _Figure:
    series_id: str
    date: Span
    value: float
    low: float | None
    high: float | None
    source: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class _Use:
    series_id: str
    since: Span | None
    until: Span | None
    use: str


def _series(series_id: str, **rest: str) -> Series:
    return Series(id=series_id, **rest)


SERIES = Table(
    "series.csv",
    _series,
    (
        text("series_id"), text("title"), unit(), remark("definition"), text("sector"), remark("quantity"),
        remark("note"),
    ),
    ("series_id",),
)  # fmt: skip
FIGURES = Table(
    "figures.csv",
    _Figure,
    (
        ref("series_id", "series"), date("date"), number("value"), number("low", False), number("high", False), SOURCE,
        grade(), remark("note"),
    ),
    ("series_id", "date", "source"),
)  # fmt: skip
SPLIT = Table(
    "split.csv", _Use, (ref("series_id", "series"), date("since", False), date("until", False), choice("use", *USES))
)


def read_series(folder: Path, faults: Collector, known: Mapping) -> dict[str, Series]:
    """All series by id, with their figures, windows and rivals. `known` holds the source keys."""
    series = {one.id: one for _, one in SERIES.read(folder, faults)}
    known = {**known, "series": first_column(folder, SERIES.file)}
    figures: dict[str, list[tuple[str, Point]]] = {}
    for where, f in FIGURES.read(folder, faults, known):
        point = Point(f.date, f.value, f.low, f.high, f.source, f.grade, f.note)
        figures.setdefault(f.series_id, []).append((where, point))
    broken: set[str] = set()
    windows = _windows(folder, faults, known, broken)
    alike: dict[str, list[str]] = {}
    for one in series.values():
        if one.quantity:
            alike.setdefault(one.quantity, []).append(one.id)
    made = {}
    for name, one in series.items():
        placed = sorted(figures.get(name, ()), key=lambda pair: (pair[1].date.first, pair[1].date.text, pair[1].source))
        rivals = tuple(other for other in alike.get(one.quantity, ()) if other != name)
        points = tuple(point for _, point in placed)
        made[name] = replace(one, points=points, windows=windows.get(name, ()), rivals=rivals)
        if name not in broken:
            _check_figures(made[name], placed, faults)
    return made


def _check_figures(series: Series, placed: list[tuple[str, Point]], faults: Collector) -> None:
    if not series.windows:
        faults.add("split.csv", series.id, "windows for every series", None, "Say what may be fitted and what tests.")
        return
    if not placed and not series.withheld:
        faults.add("figures.csv", series.id, "at least one figure, or a window withheld in split.csv", None)
    for where, point in placed:
        if series.window(point.date) == WITHHELD:
            do = "Remove the figure or change split.csv."
            faults.add(where, series.id, "no figure in a withheld window", point.date.text, do)


def _windows(folder: Path, faults: Collector, known: Mapping, broken: set[str]) -> dict[str, tuple[Window, ...]]:
    """The windows of each series; together they must cover all time once. `broken` gets series with a faulty row."""
    rows: dict[str, list[tuple[str, Window]]] = {}
    for where, row in SPLIT.read(folder, faults, known, broken=broken):
        first = row.since.first if row.since else BEGINNING
        last = row.until.last if row.until else END
        if first > last:
            faults.add(where, "until", "an end not before the beginning", f"{row.since} to {row.until}")
            broken.add(row.series_id)
            continue
        rows.setdefault(row.series_id, []).append((where, Window(row.use, first, last)))
    for name, placed in rows.items():
        placed.sort(key=lambda pair: pair[1].first)
        if name in broken:
            continue
        follows = BEGINNING
        for where, window in placed:
            if window.first != follows:
                came = "a gap" if window.first > follows else "an overlap"
                do = "The first window has no since, the last no until, and each begins the month after the one before."
                faults.add(where, name, "windows that cover all time once", f"{came} before this window", do)
            follows = window.last + 1
        if placed[-1][1].last != END:
            faults.add(placed[-1][0], name, "windows that cover all time once", "a gap after this window")
    return {name: tuple(window for _, window in placed) for name, placed in rows.items()}
