"""What questions and claims measure in each run: the outcomes, what only questions ask for, and the state by date.

One function for all questions and claims, so that a history made for one of them serves the others. Definitions were
fixed before results were looked at; none of them holds patronage unless its meaning begins with that word.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.runs import keys

from . import claim_measures, outcomes
from .outcomes import HORIZON, RIVALS_TO_LEAD, Series, Table

LEFT_OUT = calendar.index("1927-12")
POST_1924 = calendar.index("1924-12")
TURN = calendar.index("1926-01")
EXPELLED = 4  # rung of the ladder: out of the Central Committee
STATE = "state."
# The state of the party at these dates, by which the plausibility of a rewriting is judged.
STATE_DATES = ("1922-12", "1924-12", "1926-12")
STATE_SERIES = (
    "bloc_size", "client_share_of_holder", "declared_spread", "leaders_in_opposition", "line_doctrine",
    "line_peasants", "line_regime", "mood_officials_peasants", "mood_officials_regime", "noncompliance",
    "power_of_holder", "prestige_spread", "tie_among_contenders",
)  # fmt: skip
# National series that are kept of every run, for the pictures of an answer.
KEPT = frozenset(
    {"politburo_rivals_out", "client_share_of_holder", "power_of_holder", "line_peasants", "line_regime",
     "line_doctrine", "leaders_in_opposition", "bloc_size", "noncompliance", "party_total"}
)  # fmt: skip

DEFINITIONS = {
    "someone_leads": (
        "One contender, whoever it is, has a full seat in December 1929 while four or more of the other contenders are "
        "out of the Politburo."
    ),
    "holder_stands": "The first General Secretary is that one, whether or not he still holds the post.",
    "one_man_rule": "First month in which a contender has a full seat and four or more of the others are out.",
    "left_out_1927": "All of the left were out of the Politburo by December 1927, the General Secretary apart.",
    "right_in_1929": "All of the right were full members of the Politburo in December 1929, as far as they live.",
    "keeps_post_1924": "The first General Secretary has held the post without a break to December 1924.",
    "expelled": "How many of the other contenders had been put out of the Central Committee by December 1929.",
    "market_line_1929": "The party line on the peasants in December 1929 is on the side of the market (below zero).",
    "command_turn": "First month from January 1926 on in which the line on the peasants is on the side of command.",
    "line_peasants_1929": "The line on the peasants in December 1929, -1 market to 1 command.",
    "line_regime_1929": "The line on party democracy in December 1929, -1 discipline to 1 democracy.",
    "compliance_1929": "Share of orders carried out in the provinces, mean of 1929.",
    "power_of_holder_1929": "Share of all leaders' power that the first General Secretary has in December 1929.",
    "largest_power_1929": "Largest share of power that any leader has in December 1929.",
}
TITLES = {
    "someone_leads": "One leader is left, whoever it is",
    "holder_stands": "The first General Secretary is the one left",
    "one_man_rule": "Rule of one begins",
    "left_out_1927": "The left is out by December 1927",
    "right_in_1929": "The right is in to December 1929",
    "keeps_post_1924": "Keeps the Secretariat to December 1924",
    "expelled": "Rivals out of the Central Committee by December 1929",
    "market_line_1929": "The line favours the market in December 1929",
    "command_turn": "The line on the peasants turns to command",
    "line_peasants_1929": "Line on the peasants, December 1929",
    "line_regime_1929": "Line on party democracy, December 1929",
    "compliance_1929": "Orders carried out, 1929",
    "power_of_holder_1929": "The General Secretary's share of power, December 1929",
    "largest_power_1929": "Largest share of power, December 1929",
}
# Outcomes as clauses, for the sentences of an answer.
PHRASES = {
    "leads": "the first General Secretary leads in December 1929",
    "keeps_secretariat": "the first General Secretary keeps the post to December 1929",
    "left_before_right": "all of the left are out before any of the right",
    "someone_leads": "one leader, whoever it is, is left in December 1929",
    "holder_stands": "the first General Secretary is the one leader left in December 1929",
    "left_out_1927": "all of the left are out of the Politburo by December 1927",
    "right_in_1929": "all of the right are in the Politburo to December 1929",
    "keeps_post_1924": "the first General Secretary keeps the post to December 1924",
    "market_line_1929": "the party line still favours the market in December 1929",
}
# The national series that shows how an outcome comes about; others are shown by the rivals out of the Politburo.
SHOWN = {"market_line_1929": "line_peasants", "command_turn": "line_peasants", "line_regime_1929": "line_regime"}
SHOWN_OTHERWISE = "politburo_rivals_out"
CHANCES = ("someone_leads", "holder_stands", "left_out_1927", "right_in_1929", "keeps_post_1924", "market_line_1929")
DATES = ("one_man_rule", "command_turn")


def version() -> str:
    """Hash of the sources that say what is measured, which no run key holds."""
    return keys.files_version((p.name, p) for p in map(Path, (__file__, outcomes.__file__, claim_measures.__file__)))


def measure(result: Any) -> dict[str, float]:
    """Every outcome of one run, and its state at `STATE_DATES`; NaN where something is undefined or not reached."""
    return {
        **outcomes.measure(result),
        **_questions(result),
        **_state(result),
        **claim_measures.measure(result),
    }


def _questions(result: Any) -> dict[str, float]:
    if result.months <= HORIZON:
        return {}
    people = result.facts["people"]
    table, series = Table(result.leaders), Series(result.series)
    holder, contenders = people["holder"], people["contenders"]
    # The one given the post may be none of the contenders; he counts as one then.
    persons = list(dict.fromkeys([*contenders, holder]))
    removed = {person: table.removed(person) for person in persons}
    seated = {person: table.of("seat", person) == "full" for person in persons}
    rivals = [person for person in persons if person != holder]
    power = {person: table.value("power", person, HORIZON) for person in table.people}
    peasants = _line(result, "line_peasants")
    return {
        **_alone(persons, holder, removed, seated, result.months),
        "left_out_1927": _all_out(removed, people["groups"], "left", holder),
        "right_in_1929": _right_in(table, people["groups"], holder),
        "keeps_post_1924": float(not table.lost_secretariat(holder) <= POST_1924),
        "expelled": float(sum(table.of("rung", p)[: HORIZON + 1].max() >= EXPELLED for p in rivals)),
        "market_line_1929": float(peasants[HORIZON] < 0),
        "command_turn": _first(peasants > 0, TURN),
        "line_peasants_1929": float(peasants[HORIZON]),
        "line_regime_1929": float(_line(result, "line_regime")[HORIZON]),
        "compliance_1929": 1 - series.mean("noncompliance", "1929-01", "1929-12"),
        "power_of_holder_1929": power[holder],
        "largest_power_1929": max(power.values()),
    }


def _line(result: Any, name: str) -> np.ndarray:
    return result.series[(name, None)]


def _alone(persons, holder, removed: Mapping[str, float], seated: Mapping[str, np.ndarray], months: int):
    """Who is the one left, and since when; only out of the Politburo counts, not death."""
    time = np.arange(months)
    out = {
        p: (time >= removed[p]) & ~seated[p] if removed[p] == removed[p] else np.zeros(months, bool) for p in persons
    }
    alone = {
        p: seated[p][:months] & (sum(out[q].astype(int) for q in persons if q != p) >= RIVALS_TO_LEAD) for p in persons
    }
    anyone = np.any(list(alone.values()), axis=0)
    return {
        "someone_leads": float(anyone[HORIZON]),
        "holder_stands": float(alone[holder][HORIZON]),
        "one_man_rule": _first(anyone, 0),
    }


def _first(true: np.ndarray, since: int) -> float:
    after = true[since:]
    return float(since + np.argmax(after)) if after.any() else np.nan


def _all_out(removed: Mapping[str, float], groups: Mapping[str, str], group: str, holder: str) -> float:
    months = [removed[p] for p, belongs in groups.items() if belongs == group and p != holder]
    return float(bool(months) and all(month <= LEFT_OUT for month in months))


def _right_in(table: Table, groups: Mapping[str, str], holder: str) -> float:
    seats = [table.of("seat", p)[HORIZON] for p, group in groups.items() if group == "right" and p != holder]
    return float(all(seat == "full" for seat in seats if seat != "dead"))


def _state(result: Any) -> dict[str, float]:
    found = {}
    for date in STATE_DATES:
        month = calendar.index(date)
        if month >= result.months:
            continue
        for name in STATE_SERIES:
            values = result.series.get((name, None))
            found[f"{STATE}{date}.{name}"] = np.nan if values is None else float(values[month])
    return found
