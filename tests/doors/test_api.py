"""Python does what the command line does: the same runs under the same keys, the same numbers, the same faults."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import partystate as api
from partystate.app import frames
from partystate.foundation.problems import Problem

OFF = {"systems": {"off": ["S01"]}}
TEXT = '[systems]\noff = ["S01"]\n'
SHORT = "1922-06"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The runs folder that the results of this module lie in."""
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def run(folder):
    return api.run(seed=2, until=SHORT, out=folder)


@pytest.fixture(scope="module")
def reference(folder):
    return api.ensemble(runs=3, until=SHORT, workers=1, out=folder / "a")


@pytest.fixture(scope="module")
def changed(folder):
    return api.ensemble(runs=3, until=SHORT, workers=1, off=["S01"], out=folder / "b")


# The same as the command line --------------------------------------------------------------------------------------


def test_a_run_is_the_run_of_the_command(partystate, run):
    assert partystate("run --seed 2 --until 1922-06 --json").json["key"] == run.key
    assert (run.seed, run.months, run.name, run.off) == (2, 5, "reference", {})


@pytest.mark.parametrize(("flags", "arguments"), [
    ("off.toml", {"scenario": "off.toml"}),
    ("off.toml", {"scenario": Path("off.toml")}),
    ("off.toml", {"scenario": TEXT}),
    ("off.toml", {"scenario": OFF}),
    ("off.toml", {"off": "S01"}),
    ("off.toml --set appointments.vacancy=0.05", {"scenario": OFF, "parameters": {"appointments.vacancy": 0.05}}),
    ("--set appointments.vacancy=0.04:0.05", {"parameters": {"appointments.vacancy": (0.04, 0.05)}}),
    ("--scale 5000", {"scale": 5000}),
    ("--only power", {"only": "power"}),
])  # fmt: skip
def test_arguments_mean_what_flags_mean(partystate, flags, arguments):
    Path("off.toml").write_text(TEXT, encoding="utf-8")
    command = partystate(f"run {flags} --until 1922-02 --json").json
    assert api.run(until="1922-02", **arguments).key == command["key"]


def test_an_ensemble_goes_on_with_that_of_the_command(partystate, runs, capsys):
    assert partystate(f"ensemble --runs 2 --workers 1 --until {SHORT}").code == 0
    found = api.ensemble(runs=3, workers=1, until=SHORT, progress=True)
    assert "2 were there" in capsys.readouterr().err
    assert found.seeds == [1, 2, 3]
    assert found.folder.parent == runs
    api.ensemble(runs=3, workers=1, until=SHORT)
    assert capsys.readouterr().err == ""


def test_a_comparison_gives_the_numbers_of_the_command(partystate, reference, changed):
    command = partystate(f"compare {reference.folder} {changed.folder} --json --series posts_appointed_share").json
    found = api.compare(reference, str(changed.folder), series=["posts_appointed_share"])
    assert found.pairs == command["pairs"] == 3
    rows = {row["name"]: row for row in found.to_polars().to_dicts()}
    for line in command["outcomes"]:
        row = rows[line["name"]]
        assert (row["difference"], row["low"], row["a_mean"]) == (line["difference"], line["low"], line["a"]["mean"])
    assert "without S01: Vacancies are filled locally" in found.text()
    name = "series.posts_appointed_share"
    assert found.line(name).effect.difference == rows[name]["difference"] < 0


@pytest.mark.slow
def test_a_question_is_answered_and_remembered(runs, monkeypatch):
    from partystate.analysis import question

    name = "opposition_in_cells"
    asked = dataclasses.replace(question.load("Q27"), months=5, main=name, outcomes=(name,), readings=(), under="")
    monkeypatch.setattr(question, "load", lambda _: asked)
    answer = api.ask("Q27", runs=2, workers=1)
    assert len(answer.sentences) == 2
    assert answer.data["made"]["command"] == "partystate ask Q27 --runs 2 --first-seed 200000"
    effects = answer.to_pandas("effects")
    assert set(effects["arm"]) == {arm["name"] for arm in answer.data["arms"]}
    assert {"difference", "low", "high", "pairs"} <= set(effects.columns)
    assert set(answer.to_polars("parameters")["grade"]) <= set("ABCP")
    for table in answer.tables:
        assert answer.to_polars(table).shape[0] == answer.to_pandas(table).shape[0]
    assert answer.sentences[0] in answer._repr_html_().replace("&#x27;", "'")
    monkeypatch.setattr("partystate.analysis.experiments.run", None)  # what is stored is not made again
    assert api.ask("Q27", runs=2).data == answer.data


def test_a_history_branches_off(run, folder):
    fork = run.fork("1922-04", {"systems": {"off": ["S03"]}}, until=SHORT, out=folder)
    assert list(fork.off) == ["S03"]
    assert np.array_equal(fork.series("party_total")[:3], run.series("party_total")[:3])
    assert fork.key != run.key


def test_why_and_what_a_run_tells(run, partystate):
    event = run.events("meeting")[0]["id"]
    assert run.why(event).text() == partystate(["why", str(run.folder), event]).out.strip("\n")
    assert event in run.why().text()
    assert run.text().startswith("Reference history, January 1922")


def test_stored_results_are_opened(run, reference, folder):
    assert api.open_run(run.key[:8], root=folder).key == run.key
    assert api.open_run(run.folder).key == run.key
    assert api.open_ensemble(reference.folder).seeds == reference.seeds


@pytest.mark.slow
def test_methods_tell_what_their_commands_tell(partystate, runs):
    division = api.attribute({"machine": ["S01", "S05"], "ban": "S03"}, outcome="opposition_in_cells", runs=2,
                             workers=1, until=SHORT)  # fmt: skip
    command = partystate("attribute machine=S01,S05 ban=S03 --outcome opposition_in_cells --runs 2 --workers 1 "
                         f"--until {SHORT}")  # fmt: skip
    assert "8 of 8 runs, 8 were there" in command.err
    assert division.text() in command.out
    assert list(division.to_polars("shares")["player"]) == ["machine", "ban"]
    found = api.sensitivity(outcome="opposition_in_cells", points=4, seeds=2, vary=["legacy", "rules"], until="1922-02",
                            workers=1)  # fmt: skip
    assert "the same in every history" in found.text()
    assert found.to_polars("factors").shape[0] == len(found.data["factors"])


def test_claims_are_judged_by_the_evidence(partystate):
    found = api.claims(claim=["C313", "C391"])
    command = partystate("claims --claim C313 --claim C391 --runs 0 --json").json
    assert found.data["groups"] == command["groups"]
    assert sorted(found.to_pandas()["status"]) == sorted(group["status"] for group in command["groups"])


def test_discovery_and_score_refuse_in_the_words_of_their_commands(partystate, reference):
    for line, call in (
        (f"score {reference.folder} --series party_totl", lambda: api.score(reference, series="party_totl")),
        (f"discover {reference.folder} --outcome leeds=1", lambda: api.discover(reference, "leeds=1")),
    ):
        with pytest.raises(Problem) as refused:
            call()
        assert str(refused.value) == partystate(line).err.strip()


def test_a_bundle_of_each_result(partystate, run, reference, runs):
    for number, result in enumerate((run, reference, run.folder)):
        written = api.cite(result, f"bundle-{number}.zip")
        assert written == Path(f"bundle-{number}.zip")
        assert "came out" in partystate(f"cite --check {written} --runs 1 --workers 1").out


# Tables and arrays -------------------------------------------------------------------------------------------------


def test_tables_of_a_run(run):
    for name in run.tables:
        assert run.to_polars(name).shape == run.to_pandas(name).shape
    series = run.to_polars()
    assert series.columns == ["series", "month", "region", "value"]
    assert str(series["month"].min()) == "1922-01-01"
    assert run.to_pandas()["month"].dtype.kind == "M"


def test_tables_of_an_ensemble(reference):
    outcomes = reference.to_polars("outcomes")
    assert outcomes["seed"].to_list() == [1, 2, 3]
    assert str(outcomes["removed.Trotsky"].dtype) == "Date"
    assert outcomes["removed.Trotsky"].null_count() == 3
    drawn = reference.to_pandas("parameters")
    stored = reference.stored.facts["arms"][0]["facts"]["parameters"]
    for key in drawn.columns[1:]:
        assert drawn[key].between(stored[key]["low"], stored[key]["high"]).all(), key
    long = reference.to_polars("series", names=["party_total"])
    assert long["seed"].n_unique() == 3
    assert long["series"].unique().to_list() == ["party_total"]
    summary = reference.to_pandas()
    assert {"outcome", "title", "meaning", "median", "low", "high", "share_low"} <= set(summary.columns)


def test_drawn_parameters_are_those_of_the_runs(reference, folder):
    """Parameters in a frame are computed again from the seed; a stored run says what it drew."""
    drawn = reference.to_pandas("parameters").set_index("seed").loc[2]
    told = api.run(seed=2, until=SHORT, out=folder).stored.manifest["parameters"]
    assert {key: told[key]["drawn"] for key in drawn.index} == pytest.approx(drawn.to_dict(), rel=1e-12)


def test_arrays_have_seeds_months_and_regions(reference):
    data = reference.to_xarray(["party_total", "bloc_size"])
    assert dict(data.sizes) == {"seed": 3, "month": 5, "region": 38}
    assert data["party_total"].dims == ("seed", "month")
    assert data["party_total_by_region"].dims == ("seed", "month", "region")
    assert data["party_total"].attrs["units"] == "persons"
    assert np.array_equal(data["bloc_size"].values, reference.series("bloc_size"), equal_nan=True)
    region = str(data["region"].values[0])
    chosen = data["party_total_by_region"].sel(region=region).values
    assert np.array_equal(chosen, reference.series("party_total", region), equal_nan=True)
    assert str(data["month"].values[4])[:7] == "1922-05"
    assert data.attrs["model"] == reference.stored.facts["model"]


def test_a_run_as_arrays(run):
    data = run.to_xarray()
    assert data.sizes["seed"] == 1
    assert np.array_equal(data["bloc_size"].values[0], run.series("bloc_size"), equal_nan=True)


@pytest.mark.slow
def test_draws_are_a_prior_and_never_a_posterior(reference):
    data = reference.to_arviz()
    assert set(data.groups()) == {"prior", "prior_predictive"}
    assert dict(data.prior.sizes) == {"chain": 1, "draw": 3}
    assert data.prior["draw"].values.tolist() == [1, 2, 3]
    assert "never a posterior" in data.prior.attrs["meaning"]
    drawn = reference.to_pandas("parameters")
    assert np.array_equal(data.prior["appointments.vacancy"].values[0], drawn["appointments.vacancy"])
    assert np.isnan(data.prior_predictive["removed.Trotsky"].values).all()


def test_rows_become_a_table():
    table = frames.of_rows([{"a": 1, "b": {"c": None, "d": [1, 2]}}, {"a": 2.5, "e": True, "b": {"c": "x"}}])
    assert table.to_pydict() == {"a": [1.0, 2.5], "b_c": [None, "x"], "b_d": ["[1, 2]", None], "e": [None, True]}
    assert frames.of_rows([]).num_rows == 0


# In a notebook -----------------------------------------------------------------------------------------------------


def test_a_notebook_shows_numbers_with_intervals_and_what_off_means(run, reference, changed):
    comparison = api.compare(reference, changed)
    for shown in (run, reference, comparison):
        html = shown._repr_html_()
        assert not re.search(r"<script|javascript:|https?://", html)
        assert html.count("<table>") == html.count("</table>")
        assert "<" + repr(shown).strip("<>")[:10] not in html
    assert "95 % interval" in comparison._repr_html_()
    assert "Vacancies are filled locally" in comparison._repr_html_()


def test_texts_are_escaped():
    from partystate.app.results import html_table, preformatted

    assert "<b>" not in preformatted("<b>")
    assert "<b>" not in html_table("<b>", ["<b>"], [["<b>", "<b>"]], "<b>")


# Faults ------------------------------------------------------------------------------------------------------------

REFUSED = {
    "runs: expected 1 or more; came 0": lambda: api.ensemble(runs=0),
    "--seed: seed: expected a whole number from 0 to 2**64 - 1; came -1": lambda: api.run(seed=-1),
    "--until: month: expected a month YYYY-MM from 1922-01 to 1941-06; came soon": lambda: api.run(until="soon"),
    "off: S1: expected a system that is built; came S1. Did you mean S10, S11 or S12?": lambda: api.run(off=["S1"]),
    "nowhere.toml: expected a TOML file that exists; came no such file": lambda: api.run("nowhere.toml"),
    "scenario:1: sytems: expected a key of a scenario; came sytems. Did you mean systems?": (
        lambda: api.run({"sytems": {"off": ["S01"]}})
    ),
    "scenario: dict: expected what a scenario file can say; came": lambda: api.run({"title": object()}),
    "parameters: x: expected a number, or a pair (low, high); came (1, 2, 3)": (
        lambda: api.run(parameters={"x": (1, 2, 3)})
    ),
    "parameters: x: expected a number, or a pair (low, high); came True": lambda: api.run(parameters={"x": True}),
    "command line: appointments.vacncy: expected a parameter of the registry": (
        lambda: api.run(parameters={"appointments.vacncy": 0.1})
    ),
    "--workers: workers: expected 1 or more; came 0": lambda: api.ensemble(workers=0),
    "--workers: workers: expected nothing beside --cluster": lambda: api.ensemble(workers=1, cluster="tcp://x:1"),
    "QUESTION: Q99: expected a question, Q01 to Q38; came Q99": lambda: api.ask("Q99"),
    "ENSEMBLE: nowhere: expected a folder with an ensemble.json; came none there": lambda: api.compare("nowhere", "x"),
    "RUN: last: expected a run in": lambda: api.open_run(),
}


@pytest.mark.parametrize("said", REFUSED)
def test_wrong_use_is_told_as_on_the_command_line(runs, said):
    with pytest.raises(Problem, match=re.escape(said)) as refused:
        REFUSED[said]()
    assert refused.value.exit_code == 2


def test_what_a_result_does_not_hold(run, reference, changed):
    for said, call in {
        "table: serie: expected a table of this result; came serie. Did you mean series": lambda: run.to_polars(
            "serie"
        ),
        "series: party_totl: expected a series that the histories of": lambda: reference.to_xarray(["party_totl"]),
        "arm: other: expected an arm of": lambda: reference.to_pandas("outcomes", arm="other"),
        "outcome: leeds: expected an outcome that was compared": lambda: api.compare(reference, changed).line("leeds"),
    }.items():
        with pytest.raises(Problem, match=re.escape(said)):
            call()


@pytest.mark.parametrize("package", ["polars", "pandas", "xarray", "arviz"])
def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch, reference, package):
    monkeypatch.setitem(sys.modules, package, None)
    call = {"xarray": reference.to_xarray, "arviz": reference.to_arviz}.get(package) or (
        lambda: getattr(reference, f"to_{package}")()
    )
    with pytest.raises(Problem, match=r"no such package. Install the tools of analysis: pip install .partystate\[ana"):
        call()


def test_a_history_that_fails_is_warned_of(runs, monkeypatch):
    from partystate.analysis import outcomes

    measure = outcomes.measure

    def fails_once(result):
        if result.facts["values"] == failing:
            raise ValueError("nothing can be measured")
        return measure(result)

    failing = api.run(seed=2, until="1922-02").stored
    failing = {key: setting["drawn"] for key, setting in failing.manifest["parameters"].items()}
    monkeypatch.setattr("partystate.runs.executors.by_name", lambda name: fails_once)
    monkeypatch.setattr(outcomes, "measure", fails_once)
    with pytest.warns(UserWarning, match="1 histories could not be made; seed 2: ValueError"):
        found = api.ensemble(runs=3, workers=1, until="1922-02")
    assert (found.seeds, list(found.failed)) == ([1, 3], [2])


SCRIPT = """
from pathlib import Path
import partystate

with Path("started").open("a") as file:
    file.write("x")
found = partystate.ensemble(runs=3, workers=2, until="1922-02")
print(len(found.seeds), __file__ is not None)
"""


@pytest.mark.slow
def test_a_script_needs_no_guard_for_several_processes(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PARTYSTATE_RUNS": "runs"})  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "3 True\n"), done.stderr
    assert (tmp_path / "started").read_text() == "x"
