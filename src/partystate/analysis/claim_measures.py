"""What only the claims of the ledger measure in each run, and what each measure means.

"The holder" is whoever was given the Secretariat in 1922, in the reference history Stalin. Names that end in a date,
such as `power_rank.Zinoviev_1923_12`, are values of that month. What needs a month that the run did not reach is left
out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from partystate.foundation import calendar

from .outcomes import Series, Table

EXPELLED = 5  # rung of the ladder: out of the party
OFFICE = 2  # rung from which the Central Committee votes on a sanction
LONG = 12  # months of standing outside the bloc that count as isolation, and after which a move is looked for
STANDING = ("1923_12", "1925_12", "1926_12", "1930_12")  # months in which power and its order are measured
DECEMBERS = tuple(f"{year}-12" for year in range(1923, 1930))
MIDDLE = ("1924-05", "1925-12", "1926-10")
VIEWS = ("1924_12",)
# National series read in one month: name of the measure -> (series, month, factor, meaning).
MONTHLY = {
    "founder_cult_1922_12": ("founder_cult", "1922-12", 1, "Intensity of the cult of the dead founder, 0 to 1"),
    "founder_cult_1925_12": ("founder_cult", "1925-12", 1, "Intensity of the cult of the dead founder, 0 to 1"),
    "files_coverage_1924_12": ("files_coverage", "1924-12", 1, "Coverage of the files at the holder's disposal"),
    "secretaries_appointed_1925": (
        "gubkom_secretaries_recommended_share", "1925-12", 0.01, "Share of province secretaries named from above",
    ),
    "party_total_1924_01": ("party_total", "1924-01", 1, "Members and candidates"),
    "party_total_1924_06": ("party_total", "1924-06", 1, "Members and candidates"),
    "party_total_1925_01": ("party_total", "1925-01", 1, "Members and candidates"),
    "party_total_1929_01": ("party_total", "1929-01", 1, "Members and candidates"),
    "unschooled_1923_12": ("party_unschooled_share", "1923-12", 0.01, "Members with no more than primary schooling"),
    "unschooled_1925_12": ("party_unschooled_share", "1925-12", 0.01, "Members with no more than primary schooling"),
    "officials_peasants_1927_12": ("mood_officials_peasants", "1927-12", 1, "Median view of officials on the peasants"),
    "members_peasants_1923_12": ("mood_members_peasants", "1923-12", 1, "Median view of members on the peasants"),
    "members_peasants_1925_12": ("mood_members_peasants", "1925-12", 1, "Median view of members on the peasants"),
    "members_peasants_1928_12": ("mood_members_peasants", "1928-12", 1, "Median view of members on the peasants"),
}  # fmt: skip
# Leaders who come out in open opposition in these years: name of the measure -> (first month, last month).
DISSENTS = {
    "dissents_1924_27": ("1924-01", "1927-12"),
    "dissents_1925_29": ("1925-01", "1929-12"),
    "dissents_1926": ("1926-01", "1926-12"),
    "dissents_1928": ("1928-01", "1928-12"),
}
# Votes of the Central Committee on sanctions against one group: name -> (group, first month, last month).
COMMITTEE = {
    "committee_against_left": ("left", "1925-12", "1927-12"),
    "committee_against_right": ("right", "1928-07", "1930-06"),
}
PERSONAL = {
    "power": "share of all leaders' power, patronage counted in full",
    "power_rank": "place among all leaders by power, 1 the highest",
}
DEFINITIONS = {
    "power_others_most_1930_12": "Largest share of power of a leader other than the holder in December 1930.",
    "clients_1927": "Patronage: share of posts, by weight, of the holder's clients in December 1927.",
    "clients_1927_rivals": "Patronage: the largest such share of another contender in December 1927.",
    "clients_rising": "Patronage: the holder's share of posts rose from each December to the next, 1923 to 1929.",
    "prestige_share_1925": (
        "The holder's share of the contenders' prestige, which weighs a name by closeness to the founder's legacy, in "
        "December 1925."
    ),
    "in_the_middle": (
        "In May 1924, December 1925 and October 1926 alike the holder's declared view on the peasants lay between the "
        "means of the right and of the left."
    ),
    "allied_against_holder": (
        "Most other contenders who at once, in a month of 1923-29, stood in open opposition while he ruled with the "
        "bloc, or formed the core of a bloc without him."
    ),
    "troika_1924_01": "The holder, Zinoviev and Kamenev were all in the core of the ruling bloc in January 1924.",
    "holder_with_bukharin": (
        "The holder and Bukharin were both in the core of the ruling bloc in every month from December 1925 to "
        "January 1928."
    ),
    "testament_contained": "The letter was read in closed sittings only; undefined where it was not read.",
    "trotsky_outside_1924_05": "Trotsky stood outside the ruling bloc in May 1924.",
    "isolated_trotsky": "First month from which Trotsky stood outside the ruling bloc for twelve months on end.",
    "lost_army": "First month in which Trotsky did not head the army.",
    "left_defeated": "Month by which all of the left, the holder apart, were out of the Politburo.",
    "right_defeated": "Month by which all of the right, the holder apart, were out of the Politburo.",
    "united_opposition": "First month in which Trotsky, Zinoviev and Kamenev were all in open opposition.",
    "united_opposition_expelled": "Trotsky, Zinoviev and Kamenev had all been expelled from the party by 1927-12.",
    "break_with_right": (
        "First month from January 1926 on in which the holder was in the core of the ruling bloc and none of the right "
        "was."
    ),
    "opposition_nearer_command_1926": (
        "How much nearer to command than the holder those contenders stood on the peasants, on the mean, who were in "
        "open opposition in 1926; undefined where none was."
    ),
    "opposition_at_xv_congress": "Share of the delegates of December 1927 for an opposition (0 when none stood).",
    "coalition_changes_1924_28": "Changes in who formed the core of the ruling bloc, 1924-28.",
    "moves_to_party": (
        "Share of the contenders' removals after which, twelve months later, the holder's declared views stood nearer "
        "to the members' median on the mean of the issues; undefined where nobody was removed in time."
    ),
    "rivals_out_1930": "How many of the six other contenders were out of the Politburo by December 1930.",
    "post_lost_1924": "The holder lost the post of General Secretary by December 1924.",
}
CHANCES = (
    "clients_rising", "in_the_middle", "troika_1924_01", "holder_with_bukharin", "testament_contained",
    "trotsky_outside_1924_05", "united_opposition_expelled", "post_lost_1924",
)  # fmt: skip
DATES = ("isolated_trotsky", "lost_army", "left_defeated", "right_defeated", "united_opposition", "break_with_right")
TROIKA, UNITED = ("Zinoviev", "Kamenev"), ("Trotsky", "Zinoviev", "Kamenev")


def definitions(people: Iterable[str]) -> dict[str, str]:
    """What each measure means, by name. people: the contenders."""
    people = list(people)
    named = {
        f"{kind}.{person}_{date}": f"{person}'s {words}, {date.replace('_', '-')}."
        for kind, words in PERSONAL.items()
        for person in people
        for date in STANDING
    }
    views = {f"doctrine.{p}_{date}": f"{p}'s private view on doctrine, {date}, -1 one country to 1." for p in people
             for date in VIEWS}  # fmt: skip
    monthly = {name: f"{meaning}, {month}." for name, (_, month, _, meaning) in MONTHLY.items()}
    dissents = {
        name: f"How often a leader came out in open opposition, {first} to {last}."
        for name, (first, last) in DISSENTS.items()
    }
    votes = {
        name: (
            f"Share of the Central Committee for sanctions against contenders of the {group}, mean of its votes from "
            f"{first} to {last}; undefined where it did not vote."
        )
        for name, (group, first, last) in COMMITTEE.items()
    }
    return {**named, **views, **monthly, **dissents, **votes, **DEFINITIONS}


def measure(result: Any) -> dict[str, float]:
    """The measures of one run; NaN where one is undefined, absent where the run is too short for it."""
    run, months = _Run(result), result.months
    found: dict[str, float] = {}
    for date in STANDING:
        if (month := _month(date)) < months:
            found |= run.standing(date, month)
    for date in VIEWS:
        if (month := _month(date)) < months:
            found |= {f"doctrine.{p}_{date}": run.table.value("position_doctrine", p, month) for p in run.contenders}
    series = Series(result.series)
    for name, (key, date, factor, _) in MONTHLY.items():
        if _month(date) < months:
            found[name] = factor * series.at(key, date)
    for name, (first, last) in DISSENTS.items():
        if _month(last) < months:
            found[name] = float(run.count("dissent", _month(first), _month(last)))
    for name, (group, first, last) in COMMITTEE.items():
        if _month(last) < months:
            found[name] = run.committee(group, _month(first), _month(last))
    for last, measured in PARTS:
        if _month(last) < months:
            found |= measured(run)
    return found


@lru_cache(maxsize=256)
def _month(date: str) -> int:
    return calendar.index(date.replace("_", "-"))


class _Run:
    """One run with its leaders by person: what the measures below read."""

    def __init__(self, result: Any) -> None:
        people = result.facts["people"]
        self.result, self.table = result, Table(result.leaders)
        table, holder, contenders = self.table, people["holder"], people["contenders"]
        self.holder, self.contenders, self.groups = holder, contenders, people["groups"]
        self.power = result.leaders["power"].reshape(-1, table.width)
        self.rivals = [person for person in contenders if person != holder]
        self.persons = list(dict.fromkeys([*contenders, holder]))  # in one order, so that sums over them have one value
        self.bloc = {person: table.of("bloc", person) for person in self.persons}
        self.opposed = {person: table.of("opposed", person) > 0 for person in contenders}
        self.removed = {person: table.removed(person) for person in contenders}

    def of_group(self, group: str) -> list[str]:
        return [person for person in self.rivals if self.groups.get(person) == group]

    def standing(self, date: str, month: int) -> dict[str, float]:
        """Power of the contenders in a month and their places among all leaders; the dead have none."""
        power, found = self.power[month], {}
        for person in self.contenders:
            mine = power[self.table.people.index(person)]
            found[f"power.{person}_{date}"] = float(mine)
            found[f"power_rank.{person}_{date}"] = float(1 + np.count_nonzero(power > mine))
        return found

    def events(self, kind: str, first: int, last: int):
        return (event for event in self.result.chronicle if event.kind == kind and first <= event.month <= last)

    def count(self, kind: str, first: int, last: int) -> int:
        return sum(1 for _ in self.events(kind, first, last))

    def committee(self, group: str, first: int, last: int) -> float:
        """Mean share of the Central Committee for sanctions on which it voted against contenders of a group."""
        members = self.of_group(group)
        shares = [
            event.numbers["committee_share"]
            for event in self.events("sanction", first, last)
            if "committee_share" in event.numbers and event.actors[0] in members
        ]
        return float(np.mean(shares)) if shares else np.nan

    def out_by(self, group: str) -> float:
        """Month by which all of a group were out; NaN when one stayed."""
        months = [self.removed[person] for person in self.of_group(group)]
        return max(months) if months and all(month == month for month in months) else np.nan


def _in_1924(run: _Run) -> dict[str, float]:
    january, may = _month("1924-01"), _month("1924-05")
    letters = list(run.events("testament", 0, _month("1924-12")))
    trotsky = run.bloc["Trotsky"] if "Trotsky" in run.bloc else run.table.of("bloc", "Trotsky")
    troika = all(run.table.of("bloc", person)[january] > 1 for person in (run.holder, *TROIKA))
    return {
        "troika_1924_01": float(troika),
        "testament_contained": float("closed sittings" in letters[-1].title) if letters else np.nan,
        "trotsky_outside_1924_05": float(trotsky[may] == 0),
        "post_lost_1924": float(run.table.lost_secretariat(run.holder) <= _month("1924-12")),
    }


def _in_1925(run: _Run) -> dict[str, float]:
    month = _month("1925-12")
    prestige = {person: run.table.value("prestige", person, month) for person in run.persons}
    return {"prestige_share_1925": prestige[run.holder] / sum(prestige.values())}


def _in_1926(run: _Run) -> dict[str, float]:
    views = {person: run.table.of("declared_peasants", person) for person in run.persons}
    middle = True
    for date in MIDDLE:
        month = _month(date)
        right, left = (np.mean([views[p][month] for p in run.of_group(group)] or [0]) for group in ("right", "left"))
        middle = middle and bool(right < views[run.holder][month] < left)
    year = slice(_month("1926-01"), _month("1926-12") + 1)
    gaps = [
        (views[person][year] - views[run.holder][year])[run.opposed[person][year]]
        for person in run.rivals
        if run.opposed[person][year].any()
    ]
    return {
        "in_the_middle": float(middle),
        "opposition_nearer_command_1926": float(np.mean([gap.mean() for gap in gaps])) if gaps else np.nan,
    }


def _in_1927(run: _Run) -> dict[str, float]:
    month = _month("1927-12")
    clients = {person: run.table.value("clients", person, month) for person in run.persons}
    expelled = all(run.table.of("rung", person)[: month + 1].max() >= EXPELLED for person in UNITED)
    return {
        "clients_1927": clients[run.holder],
        "clients_1927_rivals": max(clients[person] for person in run.rivals),
        "united_opposition_expelled": float(expelled),
        "opposition_at_xv_congress": Series(run.result.series).most("opposition_congress_share", "1927-12", "1927-12"),
    }


def _in_1928(run: _Run) -> dict[str, float]:
    span = slice(_month("1925-12"), _month("1928-01") + 1)
    both = all(bool((run.table.of("bloc", person)[span] > 1).all()) for person in (run.holder, "Bukharin"))
    cores = [frozenset(event.actors) for event in run.events("coalition", 0, _month("1928-12"))]
    months = [event.month for event in run.events("coalition", 0, _month("1928-12"))]
    first = _month("1924-01")
    changes = sum(
        core != cores[place - 1] for place, (core, month) in enumerate(zip(cores, months, strict=True))
        if place and month >= first
    )  # fmt: skip
    return {"holder_with_bukharin": float(both), "coalition_changes_1924_28": float(changes)}


def _in_1929(run: _Run) -> dict[str, float]:
    clients = run.table.of("clients", run.holder)[[_month(date) for date in DECEMBERS]]
    span = slice(_month("1923-01"), _month("1929-12") + 1)
    opposed = sum(run.opposed[person][span].astype(int) for person in run.rivals)
    core = sum((run.bloc[person][span] > 1).astype(int) for person in run.rivals)
    outside = run.bloc[run.holder][span] == 0
    return {
        "clients_rising": float((np.diff(clients) > 0).all()),
        "allied_against_holder": float(np.where(outside, core, opposed).max()),
    }


def _in_1930(run: _Run) -> dict[str, float]:
    month = _month("1930-12")
    others = np.delete(run.power[month], run.table.people.index(run.holder))
    army = np.array(["army" in held.split(";") for held in run.table.of("offices", "Trotsky")])
    united = np.logical_and.reduce([run.opposed.get(person, False) for person in UNITED])
    ruled = run.table.of("bloc", run.holder) > 1
    right = np.any([run.bloc[person] > 1 for person in run.of_group("right")] or [False], axis=0)
    start = _month("1926-01")
    broke = _first((ruled & ~right)[start:])
    return {
        "power_others_most_1930_12": float(others.max()),
        "isolated_trotsky": _stretch(run.table.of("bloc", "Trotsky") == 0, LONG),
        "lost_army": _first(~army),
        "left_defeated": run.out_by("left"),
        "right_defeated": run.out_by("right"),
        "united_opposition": _first(united),
        "break_with_right": start + broke,
        "moves_to_party": _moves(run),
        "rivals_out_1930": float(sum(run.removed[person] <= month for person in run.rivals)),
    }


def _moves(run: _Run) -> float:
    issues = ("regime", "peasants", "doctrine", "china")
    views = np.array([run.table.of(f"declared_{issue}", run.holder) for issue in issues])
    mood = np.array([run.result.series[(f"mood_members_{issue}", None)][: views.shape[1]] for issue in issues])
    gap = np.abs(views - mood).mean(axis=0)
    when = [int(month) for month in (run.removed[person] for person in run.rivals) if month + LONG < len(gap)]
    return float(np.mean([gap[month + LONG] < gap[month] for month in when])) if when else np.nan


def _first(true: np.ndarray) -> float:
    return float(np.argmax(true)) if np.any(true) else np.nan


def _stretch(true: np.ndarray, length: int) -> float:
    """First month of a stretch of so many months on end; NaN when there is none."""
    run = np.convolve(true.astype(int), np.ones(length, dtype=int), mode="valid") if len(true) >= length else []
    found = np.flatnonzero(np.asarray(run) == length)
    return float(found[0]) if found.size else np.nan


# What is measured together, and the last month that it needs.
PARTS = (
    ("1924-12", _in_1924), ("1925-12", _in_1925), ("1926-12", _in_1926), ("1927-12", _in_1927), ("1928-12", _in_1928),
    ("1929-12", _in_1929), ("1930-12", _in_1930),
)  # fmt: skip
