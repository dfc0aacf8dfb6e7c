"""The chapter on the countryside and the terminal's table, on an invented run. No history: every number is made up."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from partystate import record
from partystate.analysis import against_record
from partystate.analysis.history import History
from partystate.foundation import calendar
from partystate.model.ledger import FlowRow
from partystate.runs import ensemble, parts, store
from partystate.views import countryside, flows, report, svg, terminal, tiles
from partystate.views.charts import Caption, Table
from tests.views import synthetic
from tests.views.test_browser import dump
from tests.views.test_report import Page

MONTHS = calendar.MONTHS
YEARS = range(1922, 1941)
SECTORS = {"sectors": ["countryside"], "forced": ["party line"], "drivers": []}
HARVEST_1932 = 55.5
ENDS = {"eaten": 24e9, "feed": 9e9, "seed": 10e9}


def monthly(values: dict[str, float]) -> np.ndarray:
    row = np.full(MONTHS, np.nan)
    for date, value in values.items():
        row[calendar.index(date)] = value
    return row


def share(region: int, month: int) -> float:
    """A share that differs by region and rises to the whole."""
    return float(np.clip(month - 80 - region, 0, 100))


def series() -> dict:
    regions = list(record.load().regions)
    rows = {
        ("collectivised_households", region): np.array([share(k, m) for m in range(MONTHS)])
        for k, region in enumerate(regions)
    }
    rows["collectivised_households", None] = np.array([share(0, m) for m in range(MONTHS)])
    for name in countryside.HERDS:
        rows[name, None] = monthly({f"{year}-01": 1960.0 - year for year in YEARS})
    rows["grain_harvest_dw", None] = monthly({f"{y}-12": HARVEST_1932 if y == 1932 else 60.0 for y in YEARS})
    rows["grain_procurement", None] = monthly({f"{y}-12": 12.25 for y in YEARS})
    rows["grain_procurement_plan", None] = monthly({f"{y}-12": 14.0 for y in YEARS})
    rows["rural_population", None] = np.linspace(110, 120, MONTHS)
    rows["rural_excess_deaths_year", None] = monthly({f"{y}-12": 0.375 if y == 1933 else 0.0 for y in YEARS})
    return rows


def flow_rows() -> list[FlowRow]:
    """One harvest a year, spread over months; kolkhozy lend grain to the state and get some back."""
    rows = []
    for month in range(MONTHS):
        moved = {
            ("fields", "households"): 40e9 / 12, ("fields", "kolkhozy"): 20e9 / 12,
            ("kolkhozy", "households"): 8e9 / 12, ("kolkhozy", "state"): 9e9 / 12, ("state", "kolkhozy"): 1e9 / 12,
            ("households", "state"): 5e9 / 12, ("households", "villages"): 3e9 / 12,
            ("villages", "households"): 1e9 / 12, ("state", "villages"): 2e9 / 12, ("villages", "towns"): 2.5e9 / 12,
            ("state", "towns"): 8e9 / 12, ("state", "exported"): 2e9 / 12, ("state", "relief"): 0.5e9 / 12,
            ("relief", "eaten"): 0.5e9 / 12, **{("households", end): kg / 12 for end, kg in ENDS.items()},
        }  # fmt: skip
        rows += [FlowRow(month, "grain", *pair, None, "food", int(amount)) for pair, amount in moved.items()]
        rows.append(FlowRow(month, "cattle", "bred", "households", None, "herds", 10**12))
    return rows


def result(events=(), rows: dict | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        series=rows or series(), chronicle=list(events), flows=flow_rows(), leaders=synthetic.leaders(), votes=[],
        months=MONTHS,
    )  # fmt: skip


def facts(**changes) -> dict:
    return synthetic.facts(**({"months": MONTHS} | SECTORS | changes))


def write_run(root: Path, events=(), rows: dict | None = None, **changes) -> Path:
    """The invented run of the countryside as a folder under `root`."""
    key = synthetic.key()
    key = replace(key, parts=key.parts | {"months": MONTHS, "sectors": ["countryside"]})
    return store.write(root, key, result(events, rows), facts(**changes)).folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_run(tmp_path_factory.mktemp("rural"))


@pytest.fixture(scope="module")
def history(folder) -> History:
    return History.open(folder)


@pytest.fixture(scope="module")
def page(history) -> str:
    return report.html(history)


@pytest.fixture(scope="module")
def parsed(page) -> Page:
    return Page(page)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> ensemble.Ensemble:
    folder = tmp_path_factory.mktemp("many")
    (folder / "parts").mkdir()
    names = []
    for run in range(4):
        rows = {name: values * (1 + run / 10) for name, values in series().items()}
        names.append(synthetic.key(run).digest)
        parts.write(folder / "parts", names[-1], run, result(rows=rows), MONTHS, {"leads": 1.0, "removed.Trotsky": 3.0})
    design = {"schema": store.SCHEMA, "identity": "i", "model": "m" * 64, "record": "r" * 64, "runs": 4,
              "first_seed": 0, "months": MONTHS,
              "arms": [{"arm": "reference", "keys": names, "facts": facts()}]}  # fmt: skip
    store.write_json(folder / "ensemble.json", design)
    return ensemble.open_ensemble(folder)


def caption() -> Caption:
    return Caption("1922", "", "1 run", "model m")


def said_before_the_assumptions(parsed: Page) -> str:
    """The page without the texts of the registry and of the sources."""
    return parsed.text.split("The assumptions used")[0]


def figure_of(page: str, key: str) -> str:
    return re.search(rf'<figure id="{key}">.*?</figure>', page, re.DOTALL)[0]


# The page ---------------------------------------------------------------------------------------------------------


def test_the_chapter_is_there_and_those_of_the_struggle_are_not(parsed):
    assert "countryside" in parsed.ids
    assert not {"struggle", "losses", "votes", "shares", "members"} & set(parsed.ids)
    inside = {link["href"][1:] for link in parsed.all("a") if link["href"].startswith("#")}
    assert {name for name in inside - set(parsed.ids) if not name.startswith("mechanism-")} == set()
    assert "Politburo" not in said_before_the_assumptions(parsed)
    assert parsed.open == []


def test_a_run_of_the_struggle_has_no_such_chapter(run_dir):
    parsed = Page(report.html(History.open(run_dir)))
    assert "countryside" not in parsed.ids
    assert {"struggle", "losses", "votes", "shares", "members"} <= set(parsed.ids)


def test_a_run_of_both_has_all_chapters(tmp_path):
    parsed = Page(report.html(History.open(write_run(tmp_path, sectors=["countryside", "power"]))))
    assert {"countryside", "struggle", "losses", "votes", "shares", "members"} <= set(parsed.ids)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert "in kolkhozy in this run" in parsed.text.split("What this is")[0]


def test_a_share_that_drove_the_run_is_not_shown_as_its_result(tmp_path):
    folder = write_run(tmp_path, drivers=["collectivised_households"])
    assert "countryside" not in Page(report.html(History.open(folder))).ids


def test_every_figure_has_a_title_words_a_table_and_says_what_was_forced(page):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 10
    for figure in figures:
        assert figure.count('role="img"') == 2
        assert re.search(r"<desc[^>]*>[^<]{20,}", figure)
        assert "<tbody><tr>" in figure or "kept back for an independent check" in figure
        for part in ("unit: ", "1 run", "model mmmmmmmm", "record rrrrrrrr", "forced to the record: party line"):
            assert part in figure


def test_what_is_kept_back_has_no_points_and_says_so(page):
    for key in ("series-pigs-jan", "series-sheep-goats-jan", "series-rural-population"):
        figure = figure_of(page, key)
        assert "kept back for an independent check" in figure
        assert "data-date" not in figure
    assert 'data-date="1928-01"' in figure_of(page, "series-horses-jan")


def test_deaths_stand_under_a_warning_without_a_record(page, parsed):
    assert parsed.text.count(countryside.WARNING) >= 2  # above the chart and among the limits
    before, _, after = page.partition('<figure id="excess-deaths">')
    assert before.rstrip().endswith("</p>")
    assert "Not established" in before[-700:]
    figure = after.split("</figure>")[0]
    assert "not established" in figure
    assert "grade-" not in figure


def test_the_page_is_sober(parsed):
    words = r"would have|lives saved|\bvictory\b|liquidat|optimi[sz]e|\bscore"
    assert not re.search(words, said_before_the_assumptions(parsed), re.IGNORECASE)


def test_outcomes_of_the_struggle_are_not_asked_of_an_ensemble_without_it(history, many):
    parsed = Page(report.html(history, many))
    assert "One run among many" in parsed.text
    assert not re.search(r"Leads in December|out of the Politburo|removal-dates", parsed.text)
    assert "90 % of histories" in figure_of(report.html(history, many), "excess-deaths")


def test_the_brief_says_what_the_run_has(history):
    said = " ".join(countryside.brief(history))
    assert f"{svg.number(share(0, calendar.index('1930-07')), 'percent')} in July 1930" in said
    assert "horses went from 31 to 26 million head" in said
    assert "12.3 of 55.5 million tonnes of the harvest of 1932" in said or "12.2 of 55.5" in said


# The map ----------------------------------------------------------------------------------------------------------


def test_each_tile_has_the_value_of_its_region_and_the_records_inside(history):
    chart = countryside.tiles_chart(history, caption())
    known = {(f.place, f.date.text): f.value for f in history.known.regional if f.quantity == countryside.SHARE}
    sheets = re.findall(r'<g class="sheet">.*?</g></g>(?=<g class|</g>)', str(chart.wide), re.DOTALL)
    assert len(sheets) == len(countryside.MAPPED)
    regions = list(history.known.regions)
    for sheet, date in zip(sheets, countryside.MAPPED, strict=True):
        drawn = re.findall(r'<g data-region="(\w+)">(.*?)</g>', sheet)
        assert len(drawn) == len(regions)
        for region, body in drawn:
            value = float(re.search(r'data-value="([^"]*)"', body)[1])
            assert value == pytest.approx(share(regions.index(region), calendar.index(date)))
            inside = re.search(r'data-record="([^"]*)"', body)
            assert (float(inside[1]) if inside else None) == known.get((region, date))
    assert any(date == "1930-03" for _, date in known), "the record has figures at one of the dates"


def test_shades_are_five_steps():
    assert [tiles.SHADES.index(tiles.shade(x)) for x in (0, 19.9, 20, 55, 99, 100)] == [0, 0, 1, 2, 4, 4]


def test_a_run_that_ends_early_has_the_maps_it_reached(history):
    short = History(SimpleNamespace(**{name: getattr(history.run, name) for name in ("has_series", "series")},
                                    months=calendar.index("1930-04"), series_ids=history.run.series_ids))  # fmt: skip
    chart = countryside.tiles_chart(short, caption())
    assert str(chart.wide).count('class="sheet"') == 3


# The grain --------------------------------------------------------------------------------------------------------


def test_harvest_years_run_from_july_and_only_whole_ones_count(history):
    years = countryside.grain_years(history)
    assert list(years) == list(range(1922, 1941))
    assert years[1932]["fields", "households"] == pytest.approx(40.0, rel=1e-6)
    assert all(source != "bred" for source, _ in years[1932])


def test_what_is_drawn_is_conserved(history):
    drawn = countryside.net(countryside.grain_years(history)[1932])
    for holder in countryside.HOLDERS:
        got = sum(v for (_, target), v in drawn.items() if target == holder)
        gave = sum(v for (source, _), v in drawn.items() if source == holder)
        assert got == pytest.approx(gave)
    assert drawn["kolkhozy", "state"] == pytest.approx(8.0, rel=1e-6)  # 9 taken, 1 lent back
    assert drawn["households", "state"] == pytest.approx(3.0, rel=1e-6)  # 5 taken, 2 sold back
    assert drawn["households", "towns"] == pytest.approx(2.5, rel=1e-6)  # out of the village markets
    assert drawn["state", "eaten"] == pytest.approx(0.5, rel=1e-6)
    columns = {node.name: node.column for node in countryside.NODES}
    assert all(columns[source] < columns[target] for source, target in drawn)


def test_grain_that_runs_backwards_goes_through_stores():
    drawn = countryside.net({("households", "kolkhozy"): 2.0, ("fields", "households"): 5.0})
    assert ("households", "kolkhozy") not in drawn
    assert drawn["drawn", "kolkhozy"] == 2.0
    assert drawn["households", "stored"] == 5.0


@pytest.mark.parametrize("width", [860.0, 350.0])
def test_bands_and_nodes_are_as_high_as_what_they_carry(width):
    nodes = [flows.Node("a", "A", 0, "#111"), flows.Node("b", "B", 1, "#222", 1.0), flows.Node("c", "C", 2, "#333"),
             flows.Node("idle", "Idle", 2, "#444")]  # fmt: skip
    carried = [flows.Flow("a", "b", 3.0), flows.Flow("a", "c", 1.0), flows.Flow("b", "c", 3.0)]
    chart = flows.picture("k", "T", nodes, carried, short={}, caption=caption(), alt="x" * 30, table=Table((), ()))
    drawing = str(chart.draw(width))
    heights = {n: float(h) for h, n in re.findall(r'height="([\d.]+)" fill="[^"]*" data-node="(\w+)"', drawing)}
    assert set(heights) == {"a", "b", "c"}
    assert heights["a"] / heights["b"] == pytest.approx(4 / 3, rel=1e-2)
    assert heights["a"] == pytest.approx(heights["c"])
    told = set(re.findall(r'data-flow="([^"]*)" data-value="([^"]*)"', drawing))
    assert told == {("a b", "3"), ("a c", "1"), ("b c", "3")}


def test_the_balance_of_a_year_adds_up(history):
    table = countryside.balance(countryside.grain_years(history))
    row = next(row for row in table.rows if row[0] == "1932/33")
    figures = dict(zip(table.columns[1:], map(float, row[1:]), strict=True))
    ends = figures["Seed"] + figures["Feed"] + figures["Eaten in villages"] + figures["Spoilt"]
    ends += figures["Towns, army, industry"] + figures["Exported"] + figures["Into stores"]
    assert ends == pytest.approx(figures["Harvest"], abs=0.1)


# Beside the record ------------------------------------------------------------------------------------------------


def test_a_figure_for_a_year_stands_where_the_runs_does(history, page):
    figure = figure_of(page, "series-grain-harvest-dw")
    assert f'<td>1932</td><td class="number">{svg.number(HARVEST_1932)}</td>' in figure
    assert "Figures of a year stand where the run has its own" in figure
    domain = [float(x) for x in re.search(r'data-x-domain="([^"]*)"', figure)[1].split()]
    span = [float(x) for x in re.search(r'data-x-range="([^"]*)"', figure)[1].split()]
    place = float(re.search(r'data-date="1932".*?cx="([\d.]+)"', figure)[1])
    month = domain[0] + (place - span[0]) / (span[1] - span[0]) * (domain[1] - domain[0])
    assert round(month) == calendar.index("1932-12")


def test_the_months_at_which_a_series_is_read():
    date = record.load().series["grain_harvest_dw"].points[5].date
    known = np.zeros(MONTHS, dtype=bool)
    assert against_record.month_of(known, date, "") is None
    known[date.last] = True
    assert against_record.month_of(known, date, "") == date.last
    known[date.first] = True
    assert against_record.month_of(known, date, "") == date.first
    assert against_record.month_of(known, date, "Flow in year") == date.last


def test_seats_are_not_compared_where_the_struggle_was_not_modelled(history):
    found = against_record.of_run(history)
    assert found.removals == ()
    assert {"grain_harvest_dw", "horses_jan"} <= set(found.series)
    assert not found.of("pigs_jan")


# The terminal -----------------------------------------------------------------------------------------------------


def test_one_screen(folder):
    shown = terminal.summary(store.open_run(folder))
    lines = shown.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= terminal.WIDTH
    assert "Politburo" not in shown
    assert "Nobody lost" not in shown
    columns = next(line for line in lines if "1932" in line and "1933" in line).split()
    at = columns.index("1932")
    harvest, known = (lines[k + next(i for i, x in enumerate(lines) if "Grain harvest" in x)] for k in (0, 1))
    assert harvest.split("run")[1].split()[at] == "55.5"
    assert re.findall(r"[ABC] \S+|–", known.split("record")[1])[at] == "A 56"
    assert shown.count("kept back for an independent check") == 2
    assert " ".join(shown.split()).endswith(countryside.WARNING)


# In a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 820, 500])
def test_the_page_fits_and_needs_nothing(browser, page, tmp_path, width):
    found = dump(browser, page, width, tmp_path)
    assert found["overflow"] <= 0
    assert found["fetched"] == 0
    assert found["drawings"] == found["figures"]
    assert found["widest"] <= width
