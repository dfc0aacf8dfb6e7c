"""What is drawn is what was given: charts are parsed and held against their data."""

from __future__ import annotations

import math

import pytest

from partystate.views import charts, svg
from partystate.views.charts import Band, Caption, Climb, Line, Point, Rule, Rung, Table
from partystate.views.lanes import Lane, Mark, Span, lanes, rows_of
from partystate.views.spreads import Chance, Spread, chances, histograms
from tests.views.drawing import NAMESPACE, Drawing
from tests.views.synthetic import HOSTILE

CAPTION = Caption("1922 to 1930", "persons", "1 run", "model 1234", ("economy",))
TABLE = Table(("Month", "Value"), (("1922-01", "1"),), frozenset({"Value"}))
COMMON = {"caption": CAPTION, "alt": "It rises.", "table": TABLE}
WIDTHS = pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])


def a_timeline(values=(10.0, 20.0, math.nan, 40.0), **more):
    record = [
        Point("1922-06", 5, 30.0, None, None, "A", "carr1954"),
        Point("1923", 12, 35.0, None, None, "B", "carr1954"),
        Point("1924", 24, 20.0, 15.0, 26.0, "C", "carr1954"),
    ]
    months = (0, 12, 24, 36)
    band = Band("90 % of histories", months, (5.0, 15.0, 20.0, 30.0), (15.0, 25.0, 40.0, 55.0))
    return charts.timeline("a", "A title", "persons", [Line("this run", months, values)], [band], record,
                           [Rule(20, "a date")], **COMMON, **more)  # fmt: skip


@WIDTHS
def test_a_line_holds_its_values_and_lifts_the_pen_at_gaps(width):
    drawing = Drawing(a_timeline().draw(width))
    (path,) = drawing.having("data-series")
    found = drawing.points(path)
    assert found == [pytest.approx(pair, abs=0.3) for pair in ((0, 10), (12, 20), (36, 40))]
    assert path.get("d").count("M") == 2


def test_a_band_runs_along_its_high_edge_and_back_along_its_low_one():
    drawing = Drawing(a_timeline().wide)
    (path,) = drawing.having("data-band")
    assert [y for _, y in drawing.points(path)] == pytest.approx([15, 25, 40, 55, 30, 20, 15, 5], abs=0.3)


@WIDTHS
def test_grades_differ_in_shape_and_only_ranges_have_whiskers(width):
    drawing = Drawing(a_timeline().draw(width))
    points = {node.get("data-date"): node for node in drawing.having("data-date")}
    looks = {}
    for date, grade in (("1922-06", "A"), ("1923", "B"), ("1924", "C")):
        mark = next(node for node in points[date] if f"grade-{grade}" in (node.get("class") or ""))
        circle = mark.find(f"{NAMESPACE}circle")
        looks[grade] = (circle.get("fill"), circle.get("stroke-dasharray"))
        assert len(mark.findall(f"{NAMESPACE}line")) == (3 if grade == "C" else 0)
        assert drawing.value("y", float(circle.get("cy"))) == pytest.approx(
            float(points[date].get("data-value")), abs=0.3
        )
    assert looks["A"][0] == svg.INK
    assert looks["B"][0] == looks["C"][0] == svg.PAPER
    assert looks["B"][1] is None
    assert looks["C"][1]
    whisker = points["1924"].findall(f".//{NAMESPACE}line")[0]
    ends = sorted(drawing.value("y", float(whisker.get(end))) for end in ("y1", "y2"))
    assert ends == pytest.approx([15, 26], abs=0.3)


def test_counts_start_at_nought():
    assert Drawing(a_timeline().wide).plot.get("data-y-domain").startswith("0 ")


@WIDTHS
def test_a_drawing_is_named_described_and_never_scaled_down(width):
    drawing = Drawing(a_timeline().draw(width))
    assert drawing.named() == ("A title", "It rises.")
    assert drawing.root.get("role") == "img"
    assert float(drawing.root.get("width")) == width
    sizes = {float(node.get("font-size")) for node in drawing.root.iter(f"{NAMESPACE}text")}
    assert min(sizes) >= 10.5


def test_words_stay_inside_a_narrow_drawing():
    for chart in (a_timeline(), a_stack(), a_ladder(), some_lanes(), some_histograms(), some_chances()):
        for node in Drawing(chart.narrow).root.iter(f"{NAMESPACE}text"):
            if node.get("x") is None or node.get("font-size") is None:
                continue
            wide = svg.width_of(node.text or "", float(node.get("font-size")))
            shift = {"end": -wide, "middle": -wide / 2}.get(node.get("text-anchor"), 0)
            left = float(node.get("x")) + shift
            assert left >= -12, node.text
            assert left + wide <= charts.NARROW + 12, node.text


def a_stack():
    months = tuple(range(0, 48, 12))
    areas = [Line("Stalin", months, (0.1, 0.2, 0.3, 0.4)), Line("others", months, (0.2, 0.2, 0.2, 0.2))]
    return charts.stack("s", "Shares", months, areas, {"Stalin": svg.BLUE}, **COMMON)


def test_areas_lie_on_one_another():
    drawing = Drawing(a_stack().wide)
    first, second = drawing.having("data-area")
    assert [y for _, y in drawing.points(first)][:4] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.01)
    assert [y for _, y in drawing.points(second)] == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.4, 0.3, 0.2, 0.1], abs=0.01)


def a_ladder():
    run = Climb("XIII Conference", (Rung("cells", 0.3), Rung("congress", 0.03)))
    record = Climb("1923–24", (Rung("cells", 0.33, 0.18, 0.46, "C"), Rung("congress", 0.02, grade="A")))
    return charts.ladder("l", "By tier", ("cells", "districts", "congress"), [run], [record], **COMMON)


def test_a_ladder_has_a_rung_for_each_tier_of_run_and_record():
    drawing = Drawing(a_ladder().wide)
    found = {(node.get("data-tier"), float(node.get("data-value"))) for node in drawing.having("data-tier")}
    assert found == {("cells", 0.3), ("congress", 0.03), ("cells", 0.33), ("congress", 0.02)}
    for node in drawing.having("data-tier"):
        circle = node.find(f".//{NAMESPACE}circle")
        if circle is not None:
            height = drawing.value("y", float(circle.get("cy")))
            assert height == pytest.approx(float(node.get("data-value")), abs=0.003)


def some_lanes():
    lane = Lane(
        "Trotsky",
        (Span(0, 60, "full", 2), Span(60, 70, "cc", 3), Span(70, 80, "dead")),
        (Span(0, 36, "Army"), Span(20, 50, "Concessions")),
        (Mark(36, "lost the army", "2"), Mark(37, "out", "3")),
        (Mark(57, "October 1926"),),
    )
    return lanes("o", "Offices", [lane], ("core", "follows", "outside", "open opposition"), (0, 100), **COMMON)


@WIDTHS
def test_seats_offices_sanctions_and_the_record_stand_at_their_months(width):
    drawing = Drawing(some_lanes().draw(width))
    for node in [*drawing.having("data-seat"), *drawing.having("data-office")]:
        bar = node.find(f"{NAMESPACE}rect")
        start, end = (
            drawing.value("x", x) for x in (float(bar.get("x")), float(bar.get("x")) + float(bar.get("width")))
        )
        assert (start, end) == pytest.approx((float(node.get("data-start")), float(node.get("data-end"))), abs=0.2)
    assert [node.get("data-seat") for node in drawing.having("data-seat")] == ["full", "cc"]
    assert [node.get("data-rung") for node in drawing.having("data-rung")] == ["2", "3"]
    circles = [float(node.find(f"{NAMESPACE}circle").get("cx")) for node in drawing.of_class("sanction")]
    assert circles[1] - circles[0] >= 15
    assert [node.get("data-record") for node in drawing.having("data-record")] == ["57"]
    assert "†" in drawing.words


def test_lower_seats_are_thinner():
    drawing = Drawing(some_lanes().wide)
    heights = [float(node.find(f"{NAMESPACE}rect").get("height")) for node in drawing.having("data-seat")]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 2


def test_offices_that_overlap_take_rows_of_their_own():
    spans = [Span(0, 10, "a"), Span(5, 12, "b"), Span(10, 20, "c")]
    assert [[s.label for s in row] for row in rows_of(spans)] == [["a", "c"], ["b"]]


def some_histograms():
    rows = [Spread("Trotsky", (10.0, 11.0, 14.0, 57.0), 5, 57, "October 1926", 11.0), Spread("Rykov", (), 5)]
    return histograms("h", "Dates", rows, (0, 60), **COMMON)


@WIDTHS
def test_bars_count_runs_and_marks_stand_at_their_months(width):
    drawing = Drawing(some_histograms().draw(width))
    rows = {node.get("data-row"): node for node in drawing.having("data-row")}
    counts = {int(bar.get("data-month")): int(bar.get("data-count")) for bar in rows["Trotsky"]}
    assert counts == {9: 2, 12: 1, 57: 1}
    assert len(rows["Rykov"]) == 0
    (median,) = drawing.having("data-median")
    assert float(median.get("data-median")) == 12.5
    assert drawing.value("x", float(median.get("x1"))) == pytest.approx(12.5, abs=0.1)
    assert "1 of 5 never" in drawing.words
    assert "5 of 5 never" in drawing.words


def some_chances():
    return chances("c", "How often", [Chance("Keeps the post", 0.9, 0.77, 0.96)], **COMMON)


@WIDTHS
def test_a_chance_is_drawn_with_its_interval(width):
    drawing = Drawing(some_chances().draw(width))
    (dot,) = drawing.having("data-row")
    assert drawing.value("x", float(dot.get("cx"))) == pytest.approx(0.9, abs=0.005)
    assert "90 % [77–96]" in drawing.words


def test_hostile_words_are_escaped():
    chart = charts.timeline("a", HOSTILE, HOSTILE, [Line(HOSTILE, (0, 1), (1.0, 2.0))], **(COMMON | {"alt": HOSTILE}))
    markup = str(chart.wide)
    assert "<script" not in markup
    assert "<b>" not in markup
    assert Drawing(markup).named() == (HOSTILE, HOSTILE)


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [(0, 1, 4, [0, 0.25, 0.5, 0.75, 1]), (0, 950_000, 5, [0, 200_000, 400_000, 600_000, 800_000]), (3, 3, 5, [3])],
)
def test_ticks_are_round(low, high, about, expected):
    assert svg.ticks(low, high, about) == expected


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.123, "share", "12 %"), (0.0234, "share", "2.3 %"),
        (0.0004, "share", "under 0.1 %"), (0.0, "share", "0 %"), (10.4, "percent", "10 %"),
        (1234567.0, "persons", "1,234,567"), (-3.0, "", "−3"), (0.5, "", "0.5"), (math.nan, "", "–"),
    ],
)  # fmt: skip
def test_numbers_carry_no_false_digits(value, unit, shown):
    assert svg.number(value, unit) == shown


def test_labels_keep_their_distance_and_their_order():
    placed = svg.spread([50, 52, 51, 10], 15, 0, 100)
    assert placed[3] == 10
    assert sorted(range(4), key=lambda i: placed[i]) == [3, 0, 2, 1]
    assert min(b - a for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False)) >= 15
