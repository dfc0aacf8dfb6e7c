"""Why an event happened: the chain, the votes, the claims; and what is said when there is no such event."""

from __future__ import annotations

import json

import pytest

from partystate.analysis import why
from partystate.foundation.problems import Problem
from partystate.views import narrative
from tests.views.synthetic import HOSTILE, LAST


def test_the_chain_leads_back_to_a_reading(run_dir):
    explained = why.explain(run_dir, LAST)
    ids = [node.event.id for node in why.walk(explained.root) if node.event]
    assert ids == [
        LAST, "1925-01/sanction/trotsky", "1924-01/meeting/trotsky", "1923-10/dissent/trotsky", "1923-09/issue/regime",
        "1926-07/sanction/zinoviev", "1926-03/sanction/zinoviev",
    ]  # fmt: skip
    readings = [node.reading for node in why.walk(explained.root) if node.reading]
    assert [(r.name, r.value) for r in readings] == [("scissors_ratio", "2.94"), ("no-such-reading", "1.5")]
    assert readings[0].title.startswith("Ratio of industrial")
    assert readings[1].title == ""


def test_votes_come_with_each_voters_reasons(run_dir):
    text = why.explain(run_dir, LAST).text(narrative.sentence)
    assert "3 for, 1 against, 1 abstaining in the Politburo" in text
    assert "Trotsky: against (gain −0.50" in text
    assert "Stalin: for (gain +0.40, taint of the condemned +0.05)" in text


def test_the_text_is_an_indented_chain(run_dir):
    lines = why.explain(run_dir, LAST).text(narrative.sentence).splitlines()
    assert lines[0] == "1927-01  Trotsky is removed from the Politburo, on a motion of Stalin."
    depth = {line.strip()[:15]: len(line) - len(line.lstrip()) for line in lines if "because" in line}
    assert depth["because 1925-01"] < depth["because 1924-01"] < depth["because 1923-10"]
    assert "would" not in " ".join(lines[: lines.index("What this rests on")])


def test_claims_of_the_mechanisms_and_their_sources_close_the_answer(run_dir):
    from partystate.model import catalogue

    explained = why.explain(run_dir, LAST)
    assert [claim.mechanism for claim in explained.claims][:2] == ["sanctions", "discussions"]
    installed = catalogue.mechanisms()
    for claim in explained.claims:
        assert claim.text == installed[claim.mechanism].claim
        assert claim.sources


def test_a_mechanism_that_is_not_installed_is_said_to_be_missing(history):
    assert "not part of the installed package" in why.claim_of("nowhere", history.known).text


def test_a_cause_that_two_events_share_is_told_once(history, monkeypatch):
    from dataclasses import replace

    events = dict(history.event)
    events[LAST] = replace(events[LAST], because=("1924-01/meeting/trotsky", "1925-01/sanction/trotsky"))
    monkeypatch.setitem(history.__dict__, "event", events)
    nodes = list(why.walk(why.cause(history, LAST)))
    meeting = [node for node in nodes if node.event and node.event.id == "1924-01/meeting/trotsky"]
    assert [node.told for node in meeting] == [False, True]
    assert meeting[1].causes == ()


def test_depth_ends_with_the_id_to_ask_about_next(history):
    explained = why.explain_in(history, LAST, depth=1)
    assert "this has causes of its own: ask about 1925-01/sanction/trotsky" in explained.text()
    assert max(len(node.causes) for node in explained.root.causes) == 0


def test_json_says_the_same_as_the_tree(run_dir):
    data = json.loads(json.dumps(why.explain(run_dir, LAST).as_dict(), allow_nan=False))
    top = data["why"]
    assert top["id"] == LAST
    assert [vote["voter"] for vote in top["votes"]] == ["Stalin", "Bukharin", "Molotov", "Trotsky", "Zinoviev"]
    assert top["causes"][0]["causes"][1] == {"reading": "no-such-reading", "value": "1.5", "title": "", "unit": ""}
    assert data["claims"][0]["mechanism"] == "sanctions"


def test_without_an_event_the_weightiest_come_first(run_dir):
    explained = why.explain(run_dir)
    kinds = [event.kind for event in explained.choices]
    assert kinds[0] == "sanction"
    assert kinds.index("meeting") < kinds.index("dissent") < kinds.index("issue")
    assert explained.text().splitlines()[0].startswith("1925-01/sanction/trotsky")
    assert "and 7 more" in explained.text(limit=3)
    assert len(explained.as_dict()["events"]) == 10
    assert HOSTILE.split(" &")[0] in explained.text()


def test_an_unknown_event_names_the_nearest(run_dir):
    with pytest.raises(Problem, match="Nearest: 1927-01/sanction/trotsky") as raised:
        why.explain(run_dir, "1927-01/sanction/trotzky")
    assert raised.value.exit_code == 2
    assert "Traceback" not in str(raised.value)


def test_reasons_are_cut_to_the_weightiest():
    reasons = {"a": 0.01, "b": -0.5, "c": 0.2, "d": 0.0, "e": 0.3}
    assert why.reasons_text(reasons, 2) == "b −0.50, e +0.30"
