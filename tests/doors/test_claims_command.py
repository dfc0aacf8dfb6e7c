"""`partystate claims` from the command line: what it tells, what it writes, what it refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

USAGE, DATA = 2, 3
LINE = 100


def test_everything_is_told_in_lines_that_fit(partystate):
    answer = partystate("claims --runs 0")
    assert answer.code == 0
    assert "433 checks of 498 claims" in answer.out
    assert "Targets of checks about histories are design targets, not facts." in answer.out
    assert max(map(len, answer.out.splitlines())) <= LINE
    waiting = partystate("claims --runs 0 --status waiting")
    assert "C003,C123,…" in waiting.out
    assert len(waiting.out.splitlines()) > 300


def test_the_pages_and_the_data_count_alike(partystate):
    Path("docs").mkdir()
    answer = partystate("claims --runs 0 --html page.html --write-docs --json")
    assert answer.code == 0
    counts = answer.json["counts"]
    assert sum(count["claims"] for count in counts.values()) == answer.json["claims"] == 498
    page = Path("page.html").read_text("utf-8")
    markdown = Path("docs/results/claims.md").read_text("utf-8")
    for status, count in counts.items():
        wanted = [count[key] for key in ("groups", "claims", "model", "record", "assumed")]
        row = re.search(rf'<tr data-status="{status}">(.*?)</tr>', page)[1]
        assert [int(n) for n in re.findall(r'class="number">(\d+)<', row)] == wanted
        row = re.search(rf"^\| {status} \|(.*)\|$", markdown, re.MULTILINE)[1]
        assert [int(cell) for cell in row.split("|")[:5]] == wanted
        assert sum(group["status"] == status for group in answer.json["groups"]) == count["groups"]
    for claim in (c["claim_id"] for group in answer.json["groups"] for c in group["claims"]):
        assert f'id="{claim}"' in page, claim
        assert claim in markdown, claim
    assert "84 of the 498 notes" in page
    assert not re.search(r'(?:src|href)="(?!#)', page), "the page fetches nothing"


def test_one_claim_is_told_whole(partystate):
    answer = partystate("claims --claim C040 --runs 0")
    assert answer.code == 0
    told = " ".join(answer.out.split())
    assert "The note contradicts the record" in told
    assert "holds: 1926-03-20: Chiang Kai-shek's Zhongshan incident in Canton [B]; target = 1926-03-20" in told
    assert max(map(len, answer.out.splitlines())) <= LINE
    told = " ".join(partystate("claims --claim C003 --runs 0").out.split())
    assert "Without S01, General Secretary's appointment power: change(leads) ≤ −0.15" in told
    assert "waiting: no histories were run" in told
    assert "leads: The first General Secretary holds the post" in told


REFUSED = {
    "claims --system S99": "--system: S99: expected a system of the ledger, S01 to S70; came S99",
    "claims --claim C999": "--claim: C999: expected a claim of the ledger; came C999",
    "claims --status failing --runs 0": "--status: failing: expected one of fails, undecided, holds, waiting, told",
    "claims --runs -1": "--runs: runs: expected 0 or more; came -1",
    "claims --claim C003 --workers 0": "--workers: workers: expected 1 or more; came 0",
    "claims --ensemble nowhere": "ENSEMBLE: nowhere: expected a folder with an ensemble.json; came none there",
    "claims --runs 0 --write-docs": "--write-docs: docs/results/claims.md: expected a folder docs here",
    "claims --runs 0 --html .": "--html: .: expected a file that can be written; came a folder",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_it_refuses(partystate, line):
    answer = partystate(line)
    assert (answer.code, answer.out) == (USAGE, "")
    assert REFUSED[line] in answer.err


@pytest.mark.slow
def test_histories_are_run_once_and_judged_alike(partystate, runs):
    line = "claims --system S04 --workers 1 --json"
    first = partystate(f"{line} --runs 3 --out made")
    assert first.code == 0
    (group,) = first.json["groups"]
    clause = group["clauses"][1]
    assert (clause["numbers"]["runs"], clause["kind"]) == (3, "ABL")
    assert clause["numbers"]["low"] <= clause["numbers"]["value"] <= clause["numbers"]["high"]
    assert first.json["about"]["arms"] == 2
    assert first.json["about"]["seeds"] == [300_000, 300_002]
    again = partystate(f"{line} --runs 3 --out made")
    assert "6 of 6 runs, 6 were there" in again.err
    stored = partystate(f"{line} --ensemble made")
    assert stored.json["groups"] == again.json["groups"] == first.json["groups"]
    more = partystate("claims --claim C003 --ensemble made --json").json["groups"][0]["clauses"][0]
    assert (more["status"], more["reason"]) == ("waiting", "these histories hold no arm 'without S01'")


@pytest.mark.slow
def test_an_ensemble_of_other_outcomes_says_what_it_lacks(partystate):
    assert partystate("ensemble --until 1922-06 --runs 2 --workers 1 --out other").code == 0
    answer = partystate("claims --claim C399 --ensemble other --json")
    (clause,) = answer.json["groups"][0]["clauses"]
    assert (clause["status"], clause["reason"]) == ("waiting", "these histories do not hold the outcome 'leads'")


def test_the_command_told_names_no_place(monkeypatch):
    from partystate.app.commands import claims

    given = ["partystate", "claims", "--runs", "20", "--out", "/a/b", "--html=x.html", "--ensemble", "/c", "--json"]
    monkeypatch.setattr("sys.argv", given)
    assert claims._told() == "partystate claims --runs 20"


def test_signs_of_print():
    from partystate.views import claims_words

    assert claims_words.signs("change(leads) <= -0.15") == "change(leads) ≤ −0.15"
    assert claims_words.signs("left - went in [-1, 1930-12]") == "left - went in [−1, 1930-12]"
    assert claims_words.number(-0.1234, signed=True) == "−0.12"
    assert claims_words.number(801_804.4) == "801,804"
