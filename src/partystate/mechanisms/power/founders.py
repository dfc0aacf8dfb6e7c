"""The party of January 1922 as rows of the roll: each trait has the shares of the founding data, to within a row."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar, draws
from partystate.mechanisms.power import chances, roll
from partystate.model.founding import largest_remainder, of_data

DECISIONS = ("cohort", "joined", "class", "age", "born", "school", "sex", "region")
COHORT, JOINED, KIND, AGE, BORN, SCHOOL, SEX, REGION = range(len(DECISIONS))


class Founders:
    """Rows for the founding members. ``held``: status -> number of rows. ids (n,), traits (trait, n); see `leaves`."""

    def __init__(self, founding, held: dict[int, int]) -> None:
        self._founding = founding
        self._seed = founding.seed
        size = sum(held.values())
        self.ids = np.empty(size, dtype=np.uint64)
        self.traits = np.zeros((len(roll.TRAITS), size), dtype=np.int16)
        if size:
            self._fill(held)

    def leaves(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The roll: ids (leaf, room), traits (leaf, trait, room), rows in use (leaf,)."""
        leaf = (self.ids % np.uint64(chances.TURNS)).astype(np.int64)
        rows = np.bincount(leaf, minlength=chances.TURNS)
        ids = np.zeros((chances.TURNS, rows.max(initial=1)), dtype=np.uint64)
        traits = np.zeros((chances.TURNS, len(roll.TRAITS), ids.shape[1]), dtype=np.int16)
        for number in range(chances.TURNS):
            ids[number, : rows[number]] = self.ids[leaf == number]
            traits[number, :, : rows[number]] = self.traits[:, leaf == number]
        return ids, traits, rows

    def _fill(self, held: dict[int, int]) -> None:
        roll.identify(draws.stream(self._seed, "membership.founder", 0), self.ids)
        traits = self.traits
        full = np.arange(self.ids.size) < held[roll.FULL]
        traits[roll.STATUS] = np.where(full, roll.FULL, roll.CANDIDATE)
        self._cohorts("cohort", full)
        self._cohorts("candidate", ~full)
        everyone = np.ones_like(full)
        data = self._founding.data
        traits[roll.KIND] = self._assigned(everyone, shares_of(data, "class", chances.KINDS), KIND)
        traits[roll.WOMAN] = self._assigned(everyone, share_of(data, "woman", "all"), SEX)
        for number, kind in enumerate(chances.KINDS):
            chosen = traits[roll.KIND] == number
            traits[roll.SCHOOLED, chosen] = self._assigned(chosen, share_of(data, "schooled", kind), SCHOOL)
        traits[roll.REGION] = self._assigned(everyone, places(self._founding)[0], REGION)
        bands = rows_of(data, "age")
        band = self._assigned(everyone, np.array([float(row["value"]) for row in bands]), AGE)
        age = self._between(band, [(int(row["since"]), int(row["until"])) for row in bands], BORN)
        traits[roll.BORN] = -np.floor(age * calendar.MONTHS_PER_YEAR)
        traits[roll.SCREENED] = -1

    def _cohorts(self, part: str, chosen: np.ndarray) -> None:
        rows = rows_of(self._founding.data, part)
        which = self._assigned(chosen, np.array([float(row["value"]) for row in rows]), COHORT)
        spans = [tuple(calendar.months_since_founding(row[end]) for end in ("since", "until")) for row in rows]
        self.traits[roll.COHORT, chosen] = np.array([roll.COHORTS.index(row["category"]) for row in rows])[which]
        self.traits[roll.JOINED, chosen] = np.floor(self._between(which, spans, JOINED, chosen))

    def _assigned(self, chosen: np.ndarray, shares: np.ndarray, decision: int) -> np.ndarray:
        """A category for each chosen row: exact shares, in an order shuffled by draws of this decision."""
        u = draws.uniform(self._seed, "membership.founding", 0, self.ids[chosen], decision)
        out = np.empty(u.size, dtype=np.int16)
        counts = largest_remainder(shares / shares.sum() * u.size, u.size)
        out[ranked(u)] = np.repeat(np.arange(shares.size), counts)
        return out

    def _between(self, which: np.ndarray, spans: list[tuple], decision: int, chosen=slice(None)) -> np.ndarray:
        """Evenly drawn points within each row's span, last month included."""
        low, high = np.array(spans).T
        u = draws.uniform(self._seed, "membership.founding", 0, self.ids[chosen], decision)
        return low[which] + u * (high - low + 1)[which]


def ranked(u: np.ndarray) -> np.ndarray:
    """Places of the draws from the lowest up, equal ones in the order in which they stand."""
    order = np.argsort(u)
    lots = u[order]
    return np.argsort(u, kind="stable") if (lots[1:] == lots[:-1]).any() else order


def persons(founding, name: str) -> int:
    """A stock of January 1922 from the founding data."""
    return next(int(r["value"]) for r in founding.data["membership"] if r["part"] == "stock" and r["category"] == name)


def places(founding) -> np.ndarray:
    """(2, region): shares of the regions by members and, for villages, by provinces."""
    return places_of(founding.data)


@of_data
def places_of(data) -> np.ndarray:
    """`places` by the table of organisations."""
    columns = ("member_share", "provinces")
    shares = np.array([[float(row[name]) for row in data["organisations"]] for name in columns])
    return shares / shares.sum(axis=1, keepdims=True)


@of_data
def rows_of(data, part: str) -> list:
    """Rows of one part of the table of the membership."""
    return [row for row in data["membership"] if row["part"] == part]


@of_data
def shares_of(data, part: str, categories: tuple[str, ...]) -> np.ndarray:
    """(category,) shares that a part of the table gives."""
    values = {row["category"]: float(row["value"]) for row in rows_of(data, part)}
    return np.array([values[name] for name in categories])


@of_data
def share_of(data, part: str, category: str) -> np.ndarray:
    """(without, with) shares of a trait that one has or has not."""
    [share] = shares_of(data, part, (category,))
    return np.array([1 - share, share])
