"""`sensitivity` and `discover` from the command line: what they answer, resume and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from partystate.analysis import sensitivity_runs
from partystate.foundation import draws
from partystate.runs import design, ensemble
from partystate.runs.recipe import Recipe

USAGE, INTERRUPTED = 2, 130
FACTORS = "--parameter agenda --parameter appointments.vacancy"
TINY = f"sensitivity --until 1922-06 --workers 1 --seeds 2 --points 4 {FACTORS}"


def planted(result) -> dict[str, float]:
    """An outcome that hangs on one drawn number, and on chance."""
    values = result.facts["values"]
    lot = draws.uniform(int(1e6 * values["appointments.files"]), "test", 0, 1)[0]
    leads = lot < (0.85 if values["appointments.vacancy"] > 0.06 else 0.2)
    return {"leads": float(leads), "challenges": 2.0 * leads, "removed.Bukharin": float("nan")}


@pytest.fixture(scope="session")
def _histories(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("planted") / "e"
    ensemble.run(design.replicates(Recipe(months=1), 110), folder, planted, keep=frozenset({"party_total"}))
    return folder


@pytest.fixture
def histories(_histories) -> Path:
    """An ensemble whose outcome was planted: it holds more often where many posts fall vacant."""
    return _histories


@pytest.mark.slow
def test_what_was_planted_is_found_in_the_numbers_that_histories_drew(partystate, histories):
    answer = partystate(["discover", str(histories), "--outcome", "leads = 1"])
    assert answer.code == 0, answer.err
    told = " ".join(answer.out.split())
    assert "In histories where “posts falling vacant each month (appointments.vacancy)” is at least 0.0" in told
    assert "“Leads in December 1929” holds in" in told
    data = partystate(["discover", str(histories), "--outcome", "leads", "--json"]).json
    (box,) = data["boxes"]
    assert box["holds"]
    assert [side["input"]["name"] for side in box["sides"]] == ["appointments.vacancy"]
    assert box["sides"][0]["low"] == pytest.approx(0.06, abs=0.004)
    assert data["runs"] == 110


@pytest.mark.slow
def test_what_discover_adds_and_refuses(partystate, histories):
    beside = partystate(["discover", str(histories), "--outcome", "leads", "--with", "challenges"])
    assert "Note: What --with adds is itself a result of the history" in beside.err
    assert "Motions against the General Secretary (challenges)” is at least" in " ".join(beside.out.split())
    never = partystate(["discover", str(histories), "--outcome", "removed.Bukharin > 1922-01"])
    assert never.code == 0
    assert "holds in 110 of 110 histories: too few of one kind" in " ".join(never.out.split())
    for options, said in {
        "--outcome leeds": "expected an outcome of these histories; came leeds. Did you mean leads?",
        "--outcome challenges": "--outcome: challenges: expected a comparison such as",
        "--outcome leads --with leads": "--with: leads: expected an outcome that is not in the condition",
        "--outcome leads --with chalenges": "Did you mean challenges?",
        "--outcome leads --with bloc_size@1922-01": "--with: series: expected a series with values in 1922-01",
        "--outcome leads --with bloc_size@1930-01": "expected a month YYYY-MM up to 1922-01",
        "--outcome leads --boxes 9": "--boxes: boxes: expected 1 to 5; came 9",
        "--outcome leads --arm referense": "Did you mean reference?",
    }.items():
        answer = partystate(["discover", str(histories), *options.split()])
        assert (answer.code, answer.out) == (USAGE, ""), options
        assert said in answer.err, options
    assert partystate("discover nowhere").code == USAGE


def test_few_histories_are_too_few(partystate):
    assert partystate("ensemble --runs 2 --until 1922-02 --workers 1 --out few").code == 0
    answer = partystate(["discover", "few", "--outcome", "opposition_in_cells >= 0"])
    assert answer.code == USAGE
    assert "expected 40 or more of odd seeds; came 1. Make more with `partystate ensemble`." in answer.err


@pytest.mark.slow
def test_a_design_is_run_resumed_and_asked_again(partystate, runs):
    first = partystate(f"{TINY} --outcome censured.Trotsky --out s")
    assert first.code == 0, first.err
    assert "Morris, 4 trajectories of 2 factors: 12 points, each on 2 seeds: 24 histories, about" in first.err
    assert "24 of 24 runs" in first.err
    assert "“censured”, which counts as the end" not in first.out
    (folder,) = Path("s").glob("morris-*")
    assert f"Folder: {folder}" in first.out
    # Other questions, and larger designs, use the runs that are there.
    again = partystate([*f"{TINY} --out s --json".split(), "--outcome", "censured.Trotsky <= 1922-05"])
    assert "24 of 24 runs, 24 were there" in again.err
    data = again.json
    assert (data["method"], data["points"], data["runs_at_each"]) == ("morris", 12, 2)
    assert data["words"] == "“Trotsky: censured by 1922-05”"
    assert 0 <= data["mean"]["low"] <= data["mean"]["value"] <= 1
    larger = partystate(f"{TINY.replace('--points 4', '--points 5')} --outcome censured.Trotsky --out s")
    assert "30 of 30 runs, 24 were there" in larger.err
    # A damaged design is written again.
    (folder / "points.npy").write_bytes(b"nothing")
    assert partystate(f"{TINY} --outcome censured.Trotsky --out s").code == 0


def test_an_interrupted_design_tells_how_to_go_on(partystate, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sensitivity_runs, "run", interrupted)
    answer = partystate(f"{TINY} --outcome censured.Trotsky")
    assert (answer.code, answer.out) == (INTERRUPTED, "")
    assert "Interrupted. What is done is kept; the same command goes on where it stopped:" in answer.err


@pytest.mark.parametrize(("options", "said"), [
    ("--method sobl", "--method: method: expected morris or sobol; came sobl. Did you mean sobol?"),
    ("--method sobol --points 24", "--points: base points: expected a power of two from 16 on; came 24"),
    ("--points 3", "--points: trajectories: expected 4 or more; came 3"),
    ("--second-order", "--second-order: method: expected sobol; came morris"),
    ("--seeds 3", "--seeds: seeds: expected an even number, 2 or more"),
    ("--parameter agnda", "--parameter: parameter: expected a parameter or mechanism; came agnda. Did you mean agenda"),
    ("--parameter agenda.control", "--parameter: factors: expected two or more to hold against each other; came 1"),
    ("--parameter agenda --set agenda.control=0.4", "--parameter: agenda: expected a parameter with a range; came one"),
    ("--by mechanisms", "--by: factors: expected parameter or mechanism; came mechanisms. Did you mean mechanism?"),
    ("--workers 0", "--workers: workers: expected 1 or more; came 0"),
    ("--first-seed -1", "--first-seed: seed: expected a whole number from 0"),
    ("--cluster here", "--cluster: address: expected tcp://HOST:PORT of a Dask scheduler; came here"),
    ("--until 1922-02 --outcome leads", "--outcome: outcome: expected an outcome of these histories; came leads"),
    ("--until 1922-02 --outcome removed.Bukharin>1930-01", "expected a month YYYY-MM up to 1922-01"),
])  # fmt: skip
def test_what_sensitivity_refuses(partystate, options, said):
    answer = partystate(f"sensitivity {options}")
    assert (answer.code, answer.out) == (USAGE, "")
    assert said in answer.err
    assert not Path("runs/sensitivity").exists()
