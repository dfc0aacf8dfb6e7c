"""`compare` and `study` from the command line: what they answer, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

USAGE, DATA, FAILED = 2, 3, 1
SHORT = "ensemble --until 1922-07 --workers 1"


@pytest.fixture
def two(partystate):
    """Ensembles `a`, and `b` without S01, of six months on the same three seeds."""
    Path("off.toml").write_text('[systems]\noff = ["S01"]\n', encoding="utf-8")
    assert partystate(f"{SHORT} --runs 3 --out a").code == 0
    assert partystate(f"{SHORT} off.toml --runs 3 --out b").code == 0


def test_two_ensembles_are_compared(partystate, two):
    answer = partystate("compare a b --series posts_appointed_share")
    assert answer.code == 0
    assert "3 pairs of histories" in answer.out
    assert "b: without S01: Vacancies are filled locally" in " ".join(answer.out.split())
    assert "posts_appointed_share, mean of 1922-01 to 1922-06" in answer.out
    data = partystate("compare a b --json --series posts_appointed_share --from 1922-05").json
    assert data["pairs"] == 3
    assert len(data["a"]["keys"]) == 3
    (line,) = (line for line in data["outcomes"] if line["name"] == "series.posts_appointed_share")
    assert line["low"] <= line["difference"] <= line["high"]
    assert line["meaning"].startswith("mean of 1922-05 to 1922-06")


def test_an_ensemble_beside_itself_differs_by_exactly_nothing(partystate, two):
    answer = partystate("compare a a --json --series posts_appointed_share")
    assert answer.json["same_histories"] == 3
    for line in (line for line in answer.json["outcomes"] if line["pairs"]):
        assert (line["difference"], line["low"], line["high"], line["changed"]) == (0, 0, 0, 0), line["name"]
    assert "every difference is exactly zero" in partystate("compare a a").err


def test_runs_without_a_partner_are_told(partystate, two):
    assert partystate(f"{SHORT} --runs 2 --first-seed 3 --out c").code == 0
    answer = partystate("compare a c")
    assert answer.code == 0
    assert "Note: 2 runs of a have no partner with the same seed and are left out." in answer.err
    assert "Note: 1 runs of c have no partner" in answer.err


REFUSED = {
    "compare a": "Missing argument 'B'.",
    "compare a nowhere": "ENSEMBLE: nowhere: expected a folder with an ensemble.json; came none there. "
    "Make one with `partystate ensemble`.",
    "compare a longer": "a and longer: months: expected the same months in both; came 6 months and 7 months. "
    "Make one of them again with the settings of the other.",
    "compare a coarse": "a and coarse: scale: expected the same scale in both; came --scale sample and --scale 5000. "
    "Make one of them again with the settings of the other.",
    "compare a others": "a and others: seeds: expected seeds in common; came 1 to 3 and 9 to 9. "
    "Make one of them with --first-seed as the other.",
    "compare a b --series posts_apointed_share": "--series: posts_apointed_share: expected a series with values in "
    "these months; came none. Did you mean posts_appointed_share?",
    "compare a b --from soon": "--from: month: expected a month YYYY-MM from 1922-01 to 1941-06; came soon",
    "compare a b --to 1923-01": "--from, --to: months: expected months in order, up to 1922-06, where the runs end; "
    "came 1922-01 to 1923-01",
    "compare a b --from 1922-05 --to 1922-02": "--from, --to: months: expected months in order, up to 1922-06, where "
    "the runs end; came 1922-05 to 1922-02",
}


def test_what_compare_refuses(partystate, two):
    for arguments in ("--until 1922-08 --out longer", "--scale 5000 --out coarse", "--first-seed 9 --out others"):
        assert partystate(f"ensemble --runs 1 --until 1922-07 --workers 1 {arguments}").code == 0
    for line, said in REFUSED.items():
        answer = partystate(line)
        assert (answer.code, answer.out) == (USAGE, ""), line
        assert said in answer.err


def test_a_damaged_part_is_named(partystate, two):
    part = next(Path("a/parts").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-40])
    answer = partystate("compare a b")
    assert answer.code == DATA
    assert f"{part}: file: expected a sound part of an ensemble" in answer.err


@pytest.mark.parametrize(("line", "said"), [
    ("study", "Missing argument 'STUDY'."),
    ("study powr", "STUDY: powr: expected the name of a study; came powr. Did you mean power?"),
    ("study power --only S1-off", "--only: arm: expected an arm of the study; came S1-off. Did you mean S01-off"),
    ("study power --runs 0", "--runs: runs: expected 1 or more; came 0"),
    ("study power --workers 0", "--workers: workers: expected 1 or more; came 0"),
    ("study power --write-docs", "--write-docs: docs/results: expected a folder docs here; came none. "
     "Run it in the project."),
    ("study power --runs 1 --out taken", "--out: taken: expected a folder that can be written to; came"),
    ("study power --runs 1 --out old", "--out: old: expected an empty folder or one with runs of this very study; "
     "came another description of it, or other versions of model, record or outcomes. Choose another --out."),
])  # fmt: skip
def test_what_study_refuses(partystate, line, said):
    Path("taken").write_text("", encoding="utf-8")
    Path("old").mkdir()
    Path("old/study.json").write_text(json.dumps({"schema": 1, "identity": "another"}), encoding="utf-8")
    answer = partystate(line)
    assert (answer.code, answer.out) == (USAGE, "")
    assert said in answer.err


@pytest.mark.slow
def test_a_study_is_run_resumed_and_written(partystate):
    Path("docs").mkdir()
    line = "study power --runs 2 --workers 1 --out s --only S01-off --only identical --only identical-S01-off"
    first = partystate([*line.split(), "--only", "holder-Molotov", "--write-docs"])
    assert first.code == 0, first.err
    assert "10 of 10 runs" in first.err
    page = Path("docs/results/power.md").read_text("utf-8")
    assert "seeds 100000 to 100001, January 1922 to 1930-12" in page
    for words in ("## When they went out", "| S01-off | Without S01, ", "| Molotov | ", "All contenders alike, and no"):
        assert words in page
    assert "nan" not in page
    again = partystate(f"{line} --json")
    assert "8 of 8 runs, 8 were there" in again.err
    data = again.json
    assert [arm["name"] for arm in data["arms"]] == ["reference", "S01-off", "identical", "identical-S01-off"]
    assert {row["series"] for row in data["systems"]} == {"client_share_of_holder", "committee_clients_of_holder"}
    assert partystate("compare s/reference s/S01-off").code == 0
