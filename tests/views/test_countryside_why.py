"""Why a famine, a retreat: from deaths to food, to procurement, to the plan, to the report that misled it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from partystate.analysis import why
from partystate.analysis.history import History
from partystate.foundation import calendar
from partystate.mechanisms.countryside.people import FELT, People
from partystate.mechanisms.countryside.table import COUNTS, NUMBER, TALLIED
from partystate.model.chronicle import KINDS, Chronicle
from partystate.model.mechanism import Emit
from partystate.runs.recipe import Recipe, Watching
from partystate.views import narrative, report
from tests.laws.countryside import FEWEST
from tests.views import test_countryside_report as rural
from tests.views.synthetic import event

PLAN, FAMINE, RETREAT = "1932-07/directive/grain-plan", "1933-03/famine/tata", "1933-04/directive/rural-policy"


def events() -> list:
    told = ("harvest as reported, million t=90.5", "hungry as reported, share of the village=0.01")
    felt = ("grain eaten this month, kg a person=9.5", "grain procured since the harvest, kg a person=120",
            "relief this month, kg a person=0.25")  # fmt: skip
    said = ("reported unrest=0.4", "pressure=0.2", PLAN)
    return [
        event(PLAN, "Plan for grain: 26.2 million tonnes", (), told, "grain plan", "grain_plan", million_tonnes=26.2),
        event(FAMINE, "Famine in TATA", (), (*felt, PLAN), "TATA", "people", excess_deaths_this_year=80000,
              share_of_the_people=0.034),
        event(RETREAT, "Retreat: plots allowed", (), said, None, "rural_policy", unrest=0.4),
        event("1930-02/sanction/labels", "5 households deported", (), (), None, "labels", households=25000,
              persons=120500),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rows = rural.series()
    rows["village_hungry_share", None] = rural.monthly({"1932-07": 12.5, "1932-08": 99.0})
    return rural.write_run(tmp_path_factory.mktemp("why"), events(), rows)


def test_the_walk_goes_from_deaths_to_the_report_that_misled(folder):
    explained = why.explain(folder, FAMINE)
    lines = [line.strip() for line in explained.text().splitlines()]
    steps = [
        "1933-03  Famine in Tatar ASSR",
        "because grain eaten this month stood at 9.5 kg a person",
        "because grain procured since the harvest stood at 120 kg a person",
        "because relief this month stood at 0.25 kg a person",
        "because 1932-07  Plan for grain: 26.2 million tonnes",
        "because harvest as reported stood at 90.5 million t; in this run the harvest of the year came to "
        "55.5 million t",
        "because hungry as reported stood at 0.01 share of the village; in this run 12.5 percent were hungry",
    ]
    places = [lines.index(step) for step in steps]
    assert places == sorted(places)


def test_a_retreat_leads_to_the_plan_as_well(folder):
    explained = why.explain(folder, RETREAT)
    assert [node.event.id for node in why.walk(explained.root) if node.event] == [RETREAT, PLAN]
    assert explained.cautions == ()


def test_deaths_come_with_a_caution_in_words_and_in_json(folder):
    explained = why.explain(folder, FAMINE)
    assert explained.cautions == (why.CAUTIONS["famine"],)
    assert why.CAUTIONS["famine"] in explained.text()
    data = json.loads(json.dumps(explained.as_dict(), allow_nan=False))
    assert data["cautions"] == [why.CAUTIONS["famine"]]
    plan = data["why"]["causes"][-1]
    assert plan["causes"][0]["truth"] == "the harvest of the year came to 55.5 million t"
    assert "truth" not in data["why"]["causes"][0]


def test_a_report_without_a_truth_in_the_run_says_nothing_of_it(tmp_path):
    rows = {name: values for name, values in rural.series().items() if name[0] != "grain_harvest_dw"}
    folder = rural.write_run(tmp_path, events(), rows)
    assert "in this run" not in why.explain(folder, PLAN).text()


def test_famine_stands_high_in_the_list_with_the_name_of_its_region(folder):
    choices = why.explain(folder).choices
    assert [event.id for event in choices][:2] == ["1930-02/sanction/labels", FAMINE]
    assert choices[1].title == "Famine in Tatar ASSR"
    assert choices[1].place == "TATA"


def test_sentences_of_the_countryside(folder):
    said = {event.id: narrative.sentence(event) for event in History.open(folder).events}
    assert said[FAMINE] == "Famine in Tatar ASSR: deaths beyond the usual reach 3.4 % of its people this year."
    assert said["1930-02/sanction/labels"] == "25,000 households labelled “kulak” are deported, 120,500 persons."
    assert said[PLAN] == "Plan for grain: 26.2 million tonnes."


def test_the_page_folds_the_chain_under_the_famine(folder):
    page = report.html(History.open(folder))
    article = page.split(f'id="{report.anchor(FAMINE)}"')[1].split("</article>")[0]
    for part in ("Plan for grain", "the harvest of the year came to 55.5 million t", why.CAUTIONS["famine"][:40]):
        assert part in article


# What the mechanisms write -----------------------------------------------------------------------------------------

SEEN, REGIONS = 0.03, ("TATA", "BASH", "KIRG")


def told(chronicle: Chronicle, month: int, before, excess, persons=(1000, 1000, 0)) -> list:
    """What people write down in a month, with `before` and `excess` deaths by region; returns the new events."""
    counts, tally = np.zeros((3, len(COUNTS))), np.zeros((3, len(TALLIED)))
    counts[:, NUMBER["persons"]], tally[:, TALLIED.index("excess")] = persons, before
    columns = {"village.counts": counts, "village.tally": tally} | {name: np.full(3, 2000.0) for name in FELT.values()}

    class Seen(SimpleNamespace):
        def __getitem__(self, name):
            return columns[name]

    look = Seen(p=SimpleNamespace(famine_seen=SEEN), labels=lambda axis: REGIONS)
    known = len(chronicle.events)
    emit = Emit(People(), chronicle, SimpleNamespace(month=month), None)
    People._tell(look, np.array(persons), np.array(excess), emit)
    return chronicle.events[known:]


def plan(chronicle: Chronicle, month: int) -> str:
    return chronicle.write(month, "directive", "Plan", (), "grain plan", {}, (), "grain_plan")


def test_a_famine_is_told_in_the_month_in_which_it_passes_the_mark():
    chronicle = Chronicle()
    asked = plan(chronicle, 126)
    assert told(chronicle, 130, [0, 29, 0], [30, 1, 5]) == []  # at the mark, not past it; nobody left to die
    (found,) = told(chronicle, 131, [30, 0, 0], [1, 29, 5])
    assert (found.kind, found.place, found.id) == ("famine", "TATA", "1932-12/famine/tata")
    assert found.numbers == {"excess_deaths_this_year": 31, "share_of_the_people": 0.031}
    assert found.because == (*(f"{name}=2" for name in FELT), asked)
    assert "famine" in KINDS


def test_a_famine_is_told_once_between_two_plans():
    chronicle = Chronicle()
    plan(chronicle, 126)
    assert len(told(chronicle, 131, [0, 0, 0], [50, 0, 0])) == 1
    # With the new year the count of deaths begins again, and the famine goes on.
    assert told(chronicle, 132, [0, 0, 0], [50, 40, 0])[0].place == "BASH"
    plan(chronicle, 138)
    assert told(chronicle, 139, [400, 400, 0], [50, 40, 0]) == []
    assert [event.place for event in told(chronicle, 144, [0, 0, 0], [50, 0, 0])] == ["TATA"]


@pytest.mark.slow
def test_the_plan_of_a_run_names_the_reports_it_was_made_on():
    recipe = Recipe("", "test.toml", months=calendar.index("1922-09"), scale=FEWEST, only="countryside")
    found = recipe.built().simulate(1, None, Watching(strict=True)).result()
    (asked,) = [event for event in found.chronicle if event.mechanism == "grain_plan"]
    assert asked.id == "1922-07/directive/grain-plan"
    assert [reading.partition("=")[0] for reading in asked.because] == [
        "harvest as reported, million t", "hungry as reported, share of the village",
    ]  # fmt: skip
    seen = float(asked.because[0].partition("=")[2])
    assert seen == pytest.approx(asked.numbers["expected_harvest"], rel=1e-3)
    for famine in (one for one in found.chronicle if one.kind == "famine"):
        assert [name.partition("=")[0] for name in famine.because[: len(FELT)]] == list(FELT)
