"""`partystate record` as a user meets it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner

from partystate import record as evidence
from partystate.app.commands import record
from partystate.foundation.problems import Problem


@pytest.fixture(scope="module")
def run():
    app = typer.Typer()
    record.register(app)
    app.callback()(lambda: None)

    def invoke(*words: object):
        result = CliRunner().invoke(app, ["record", *map(str, words)])
        if isinstance(result.exception, Problem):
            raise result.exception
        return result

    return invoke


def test_list_names_every_series_with_its_years_and_grades(run):
    rows = json.loads(run("list", "--json").stdout)
    assert {row["series_id"] for row in rows} == set(evidence.load().series)
    party = next(row for row in rows if row["series_id"] == "party_total")
    assert (party["unit"], party["years"], party["grades"], party["withheld"]) == (
        "persons", "1917–1941", ["A", "B", "C"], False,
    )  # fmt: skip


def test_list_can_be_narrowed(run):
    rows = json.loads(run("list", "--sector", "apparatus", "--grade", "A", "--json").stdout)
    assert rows
    assert all(row["sector"] == "apparatus" and "A" in row["grades"] for row in rows)
    assert "cc_apparatus_staff" in run("list", "--sector", "apparatus").stdout


def test_show_gives_figures_range_grade_use_rivals_and_citations(run):
    shown = run("show", "grain_harvest_dw").stdout
    line = next(line for line in shown.splitlines() if line.strip().startswith("1932"))
    assert line.split()[:6] == ["1932", "56", "50.4–61.6", "A", "calibration", "dw1994_web"]
    assert "grain_harvest_official" in shown
    assert "dw1994_web: Wheatcroft & Davies 1994 grain estimates" in shown
    assert "split: calibration to 1933-12; validation from 1934-01" in shown


def test_an_assumed_range_stands_in_brackets(run):
    shown = run("show", "party_total").stdout
    assert "(68,000–92,000)" in shown
    assert "10,000–24,000" in shown
    assert "(10,000–24,000)" not in shown


def test_show_as_json_and_csv_carry_the_same_figures(run):
    figures = json.loads(run("show", "party_total", "--json").stdout)["figures"]
    rows = list(csv.DictReader(io.StringIO(run("show", "party_total", "--csv").stdout)))
    assert [(row["date"], float(row["value"])) for row in rows] == [(one["date"], one["value"]) for one in figures]
    assert len(rows) == len(evidence.load().series["party_total"].points)
    assert {row["window"] for row in rows} == {"calibration", "validation"}


def test_a_withheld_series_says_so(run):
    shown = run("show", "gulag_population").stdout
    assert "its figures are kept back for an independent check" in shown
    with pytest.raises(Problem, match="a series that is withheld"):
        run("draw", "gulag_population")


def test_search_finds_words_in_any_order_and_any_case(run):
    found = json.loads(run("search", "ENROLMENT", "lenin", "--json").stdout)
    assert {"series", "event", "system", "claim", "contested"} <= {one["kind"] for one in found}
    assert run("search", "lenin enrolment").stdout == run("search", "enrolment", "Lenin").stdout
    assert "Nothing in the record has all of: xylophone" in run("search", "xylophone").stdout


def test_draw_in_the_terminal_marks_each_grade(run):
    plot = run("draw", "party_total").stdout
    assert {"●", "○", "◌", "│"} <= set(plot)
    assert "1917" in plot
    assert "1941" in plot


def test_draw_writes_a_picture_that_stands_alone(run, tmp_path: Path):
    out = tmp_path / "grain.svg"
    assert run("draw", "grain_harvest_dw", "--out", out).exit_code == 0
    svg = out.read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    words = "".join(root.itertext())
    assert root.tag.endswith("svg")
    assert "Grain harvest, Wheatcroft-Davies low estimate" in words
    assert "Climate Dependence and Food" in words
    assert svg.count('data-date="') == len(evidence.load().series["grain_harvest_dw"].points)
    assert "validation from here" in words
    assert "href" not in svg


@pytest.mark.parametrize("name", ["allen_sim_capital_e0.07", "food_balance", "unemployed", "plan_food_balance"])
def test_any_shape_of_series_can_be_drawn(run, tmp_path: Path, name: str):
    assert run("draw", name).exit_code == 0
    assert run("draw", name, "--out", tmp_path / "one.svg").exit_code == 0
    ElementTree.fromstring((tmp_path / "one.svg").read_text(encoding="utf-8"))


WRONG = [
    (
        "show party_totl",
        "series: party_totl: expected a series of the record; came party_totl. Did you mean party_total?",
    ),
    ("list --sector partie", "--sector: partie: expected a sector of the record; came partie. Did you mean party?"),
    ("list --grade Z", "--grade: Z: expected A, B or C; came Z"),
    ("show party_total --json --csv", "--json, --csv: both: expected one of the two; came both"),
    (
        "draw party_total --out picture.png",
        "--out: picture.png: expected a file name that ends in .svg; came picture.png",
    ),
    (
        "draw party_total --out nowhere/a.svg",
        "--out: nowhere/a.svg: expected a folder that exists; came nowhere. Make the folder first.",
    ),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[words for words, _ in WRONG])
def test_wrong_use_is_answered_in_one_line(run, words, message):
    with pytest.raises(Problem) as caught:
        run(*words.split())
    assert [str(fault) for fault in caught.value.faults] == [message]
    assert caught.value.exit_code == 2


def test_check_counts_what_is_there(run):
    facts = json.loads(run("check", "--json").stdout)
    assert facts["faults"] == []
    assert facts["version"] == evidence.load().version
    assert "No faults." in run("check").stdout


def test_check_of_a_damaged_folder_lists_all_faults(run, copied: Path):
    for name in ("figures.csv", "events.csv"):
        path = copied / name
        path.write_text(
            path.read_text(encoding="utf-8").replace(",A\n", ",Q\n", 1).replace(",A,\n", ",Q,\n", 1), encoding="utf-8"
        )
    with pytest.raises(Problem) as caught:
        run("check", copied)
    assert caught.value.exit_code == 3
    assert {fault.where.split(":")[0] for fault in caught.value.faults} == {"figures.csv", "events.csv"}
    result = run("check", copied, "--json")
    assert result.exit_code == 3
    assert len(json.loads(result.stdout)["faults"]) == len(caught.value.faults)
