"""What is asked of every run, defined once and before results are looked at.

"Out" means: no longer a full member of the Politburo after having been one, or, for somebody who never was one,
removed from candidacy by a sanction. None of the three main outcomes contains patronage; the patronage shares are
given apart and named as such.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from partystate.foundation import calendar

HORIZON = calendar.index("1929-12")
LAST_ORDER = calendar.index("1930-12")
RIVALS_TO_LEAD = 4
OUT_OF_POLITBURO = 3

DEFINITIONS = {
    "keeps_secretariat": "The first General Secretary has held the post without a break to December 1929 (1 or 0).",
    "lost_secretariat": "Month in which the first General Secretary first lost the post.",
    "rivals_out": "How many of the six other contenders are out of the Politburo in December 1929.",
    "leads": (
        "The first General Secretary holds the post and a full seat in December 1929, and four or "
        "more of the six others are out."
    ),
    "left_before_right": (
        "All of the left were out, by December 1930, before any of the right (1 or 0); the first "
        "General Secretary is not counted."
    ),
    "motions_match_holder": (
        "Share of the motions carried in 1923-29 that moved the line nearer to the first General "
        "Secretary's private view."
    ),
    "rivals_match": "The same share for the other contenders, on average.",
    "opposition_in_cells": (
        "Highest share of cell votes for an opposition from October 1923 to May 1924 (0 when none stood)."
    ),
    "opposition_in_conference": "Share of the delegates of January 1924 for an opposition (0 when none stood).",
    "opposition_in_congress": "Share of the delegates of December 1925 for an opposition (0 when none stood).",
    "secretaries_appointed": "Share of province secretaries named from above in December 1923.",
    "committee_turnover": "New full members as a share of the Central Committee, mean of the congresses of 1923-27.",
    "challenges": "Motions against the General Secretary to December 1929.",
    "clients_1925": (
        "Patronage: share of posts, by weight, held by the first General Secretary's clients in December 1925."
    ),
    "clients_1929": "Patronage: the same in December 1929.",
    "committee_clients_1929": "Patronage: his clients' share of Central Committee seats in December 1929.",
}
TITLES = {
    "keeps_secretariat": "Keeps the Secretariat to December 1929",
    "rivals_out": "Rivals out of the Politburo by December 1929",
    "leads": "Leads in December 1929",
    "left_before_right": "The left all out before any of the right",
    "motions_match_holder": "Carried motions nearer the General Secretary's view",
    "rivals_match": "Carried motions nearer the rivals' views",
    "opposition_in_cells": "Opposition in the cells, 1923-24",
    "opposition_in_conference": "Opposition at the conference of January 1924",
    "opposition_in_congress": "Opposition at the congress of December 1925",
    "secretaries_appointed": "Province secretaries named from above, December 1923",
    "committee_turnover": "New members of the Central Committee",
    "challenges": "Motions against the General Secretary",
    "clients_1925": "Patronage: posts, December 1925",
    "clients_1929": "Patronage: posts, December 1929",
    "committee_clients_1929": "Patronage: Central Committee, December 1929",
}
CHANCES = ("keeps_secretariat", "leads", "left_before_right")


def measure(result) -> dict[str, float]:
    """Outcomes of one run. Months count from January 1922; NaN where something did not happen or was not reached."""
    people = result.facts["people"]
    table = Table(result.leaders)
    holder, contenders = people["holder"], people["contenders"]
    rivals = [person for person in contenders if person != holder]
    removed = {person: table.removed(person) for person in contenders}
    values = {f"removed.{person}": month for person, month in removed.items()}
    values |= {f"censured.{person}": table.censured(person) for person in contenders}
    values |= _first(values, contenders)
    series = Series(result.series)
    values |= {
        "opposition_in_cells": series.most("opposition_cells_share", "1923-10", "1924-05"),
        "opposition_in_conference": series.most("opposition_congress_share", "1924-01", "1924-01"),
        "opposition_in_congress": series.most("opposition_congress_share", "1925-12", "1925-12"),
        "secretaries_appointed": series.at("gubkom_secretaries_recommended_share", "1923-12") / 100,
        "committee_turnover": series.mean("cc_newcomer_share", "1923-01", "1927-12") / 100,
    }
    if result.months <= HORIZON:
        return values
    keeps = not table.lost_secretariat(holder) <= HORIZON
    out = sum(removed[person] <= HORIZON for person in rivals)
    match = {person: series.mean(f"motion_matches_{person}", "1923-01", "1929-12") for person in (*contenders, holder)}
    known = [match[person] for person in rivals if person in match and match[person] == match[person]]
    return values | {
        "keeps_secretariat": float(keeps),
        "lost_secretariat": table.lost_secretariat(holder),
        "rivals_out": float(out),
        "leads": float(keeps and table.seated(holder, HORIZON) and out >= RIVALS_TO_LEAD),
        "left_before_right": _left_first(removed, people["groups"], holder),
        "motions_match_holder": match[holder],
        "rivals_match": float(np.mean(known)) if known else np.nan,
        "challenges": series.total("secretariat_challenges", "1922-01", "1929-12"),
        "clients_1925": table.value("clients", holder, calendar.index("1925-12")),
        "clients_1929": table.value("clients", holder, HORIZON),
        "committee_clients_1929": table.value("committee_clients", holder, HORIZON),
    }


def _first(values: Mapping[str, float], contenders) -> dict[str, float]:
    """first.<person>: 1 for whoever was censured first (ties shared), 0 for the others."""
    months = {person: values[f"censured.{person}"] for person in contenders}
    known = [m for m in months.values() if m == m]
    if not known:
        return {f"first.{person}": 0.0 for person in contenders}
    earliest = [person for person, m in months.items() if m == min(known)]
    return {f"first.{person}": (1 / len(earliest) if person in earliest else 0.0) for person in contenders}


def _left_first(removed: Mapping[str, float], groups: Mapping[str, str], holder: str) -> float:
    left = [removed[p] for p, group in groups.items() if group == "left" and p != holder]
    right = [removed[p] for p, group in groups.items() if group == "right" and p != holder]
    if not left or any(not month <= LAST_ORDER for month in left):
        return 0.0
    return float(all(not month <= max(left) for month in right))


class Table:
    """The long table of leaders as (months, persons) arrays."""

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        names = columns["person"]
        self.people = list(dict.fromkeys(names.tolist()))
        self.width = len(self.people)
        self.columns = columns

    def of(self, column: str, person: str) -> np.ndarray:
        return self.columns[column][self.people.index(person) :: self.width]

    def value(self, column: str, person: str, month: int) -> float:
        return float(self.of(column, person)[month])

    def seated(self, person: str, month: int) -> bool:
        return self.of("seat", person)[month] == "full"

    def removed(self, person: str) -> float:
        """Month of going out, by the definition at the head of this module; death does not count."""
        seat, rung = self.of("seat", person), self.of("rung", person)
        full = seat == "full"
        been = np.maximum.accumulate(full)
        gone = (been & ~full & (seat != "dead")) | (~been & (rung >= OUT_OF_POLITBURO))
        return float(np.argmax(gone)) if gone.any() else np.nan

    def censured(self, person: str) -> float:
        rung = self.of("rung", person) > 0
        return float(np.argmax(rung)) if rung.any() else np.nan

    def lost_secretariat(self, person: str) -> float:
        """First month after April 1922 in which the person does not head the Secretariat; NaN if there is none."""
        start = calendar.index("1922-04")
        without = np.array(["secretariat" not in held for held in self.of("offices", person)[start:]])
        return float(start + np.argmax(without)) if without.any() else np.nan


class Series:
    """National series of a run by name."""

    def __init__(self, series: Mapping[tuple[str, str | None], np.ndarray]) -> None:
        self.series = series

    def window(self, name: str, first: str, last: str) -> np.ndarray:
        values = self.series.get((name, None))
        if values is None:
            return np.array([])
        part = values[calendar.index(first) : calendar.index(last) + 1]
        return part[np.isfinite(part)]

    def most(self, name: str, first: str, last: str) -> float:
        return float(self.window(name, first, last).max(initial=0.0))

    def total(self, name: str, first: str, last: str) -> float:
        return float(self.window(name, first, last).sum())

    def mean(self, name: str, first: str, last: str) -> float:
        part = self.window(name, first, last)
        return float(part.mean()) if part.size else np.nan

    def at(self, name: str, month: str) -> float:
        part = self.window(name, month, month)
        return float(part[0]) if part.size else np.nan
