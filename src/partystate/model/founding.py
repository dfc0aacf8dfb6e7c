"""January 1922: the columns, labels, drivers and calendar with which a history begins.

Only what stood or was believed by then, and what is declared as given, enters. Values that the record knows only
within a range are drawn within it, keyed by the seed, so that the record's uncertainty is part of every ensemble.
"""

from __future__ import annotations

from functools import cache, cached_property, wraps

import numpy as np

from partystate.foundation import calendar, draws
from partystate.foundation.problems import did_you_mean, problem
from partystate.model.schema import COMMITTEE, FULL, ISSUES, PARTY, SEATS, TIERS
from partystate.model.world import World
from partystate.record.founding import FoundingData, bounds

NEVER = -1000
SCORE = 10.0  # codings run from 0 to 10
TRAITS = ("standing", "consistency", "alienation", "heir", "organisation")
SIZES = ("committee_size", "politburo_size", "politburo_candidates", "delegates")  # what a meeting's entry may fix


def of_data(function):
    """Keeps what ``function`` finds in founding data, as it holds for every seed; nobody may alter what it gives."""
    known: dict = {}

    @wraps(function)
    def found(data, *rest):
        key = (id(data), *rest)
        if key not in known:
            known[key] = data, function(data, *rest)  # the data too, lest others get their id
        return known[key][1]

    return found


class Founding:
    """Builds the world of one history from founding data, the parameter values drawn, and a seed."""

    def __init__(
        self,
        data: FoundingData,
        values,
        seed: int,
        holder: str | None = None,
        alike=frozenset(),
        traits=(),
        deaths=(),
        illness=(),
    ) -> None:
        self.data = data
        self.values = values
        self.seed = seed
        self.households = 1  # peasant households that one row of their table stands for
        self.leaders, self.regions, self.offices = labels_of(data)
        self.number = {name: i for i, name in enumerate(self.leaders)}
        self.ids = ids_of(self.leaders)
        self.holder = holder
        self.alike = alike
        self.given_traits = dict(traits)
        self.deaths = dict(deaths)
        self.illness = dict(illness)
        if holder is not None and holder not in self.number:
            raise problem("founding", "holder", "a leader of January 1922", holder, did_you_mean(holder, self.leaders))

    def world(self, off, variants, scenario_drivers=None) -> World:
        columns = {**self._leaders(), **self._politics(), **self._apparatus()}
        labels = {"leader": self.leaders, "region": self.regions, "office": self.offices}
        labels |= {"issue": ISSUES, "tier": TIERS}
        drivers = self._drivers()
        for name, change in (scenario_drivers or {}).items():
            if name not in drivers:
                raise problem("drivers", name, "a driver of this model", name, did_you_mean(name, drivers))
            drivers[name] = change(drivers[name])
        return World(columns, labels, drivers, self._calendar(), off, variants)

    def people(self) -> dict:
        """Who is among the contenders, in which group, and who is given the Secretariat: for measuring a run."""
        given = next(row["person"] for row in self.data["given"] if row["office"] == "secretariat")
        return {
            "contenders": [row["person"] for row in self.data["leaders"] if row["contender"] == "1"],
            "groups": {row["person"]: row["group"] for row in self.data["leaders"] if row["contender"] == "1"},
            "holder": self.holder or given,
        }

    # --- people -----------------------------------------------------------------------------------------------
    def _leaders(self) -> dict[str, np.ndarray]:
        rows, n = self.data["leaders"], len(self.leaders)
        seat = np.array([SEATS.index(row["seat"]) for row in rows], dtype=np.int8)
        traits = self._traits()
        standing = traits["standing"]
        position = self._positions.copy()
        self.contender = np.array([row["contender"] == "1" for row in rows])
        if "traits" in self.alike:
            for array in (traits[name] for name in TRAITS):
                array[self.contender] = array[self.contender].mean(axis=0)
        if "positions" in self.alike:
            position[self.contender] = position[self.contender].mean(axis=0)
        for (person, trait), value in self.given_traits.items():
            traits[trait][self.number[person]] = value
        self.traits = traits
        patron = np.array([self.number.get(row["patron"], -1) for row in rows], dtype=np.int32)
        zeros, bonds = np.zeros(n), self.bonds()
        return {
            "leader.alive": np.ones(n, dtype=np.int8),
            "leader.absent": zeros.copy(),
            "leader.seat": seat,
            "leader.rung": np.zeros(n, dtype=np.int8),
            "leader.sanctioned": np.full(n, NEVER, dtype=np.int32),
            "leader.standing": standing,
            "leader.prestige": standing.copy(),
            "leader.position": position,
            "leader.declared": position.copy(),
            "leader.grievance": zeros.copy(),
            "leader.opposed": np.zeros(n, dtype=np.int8),
            "leader.silent_until": np.full(n, NEVER, dtype=np.int32),
            "leader.cases": np.zeros(n, dtype=np.int32),
            "leader.bloc": np.where(seat == FULL, 2, 1).astype(np.int8),
            "leader.patron": patron,
            "leader.power": standing / standing.sum(),
            "leader.power_seen": np.tile(standing / standing.sum(), (n, 1)),
            "leader.misjudgement": np.full((n, n), self.values["perception.misjudgement"]),
            "leader.clients": zeros.copy(),
            "leader.committee_clients": zeros.copy(),
            "leader.informed": zeros.copy(),
            "leader.blemish": zeros.copy(),
            "leader.heir": traits["heir"],
            "leader.id": self.ids.copy(),
            "trait.contender": self.contender.astype(np.int8),
            "trait.consistency": traits["consistency"],
            "trait.alienation": traits["alienation"],
            "trait.organisation": traits["organisation"],
            "trait.networks": traits["networks"],
            "trait.bond": bonds,
            "trait.office_tied": np.array([row["tie"] == "office" for row in rows], dtype=np.int8),
            "leader.tie": bonds.copy(),
        }

    def _traits(self) -> dict[str, np.ndarray]:
        """Measured counts and codings (grade C, plus or minus 2) by leader, each coding drawn in its range."""
        v = self.values

        def coded(name: str) -> np.ndarray:
            u = draws.uniform(self.seed, f"founding.{name}", 0, self.ids)
            return np.clip(trait_of(self.data, name) + (2 * u - 1) * v["founding.coding_error"], 0, SCORE) / SCORE

        reports, years = trait_of(self.data, "reports"), trait_of(self.data, "politburo_years")
        weights = np.array([v["founding.weight_reports"], v["founding.weight_years"], v["founding.weight_oratory"]])
        parts = np.array([reports / reports.max(), years / years.max(), coded("oratory")])
        return {
            "standing": weights @ parts / weights.sum(),
            "consistency": coded("consistency"),
            "alienation": coded("alienation"),
            "organisation": coded("organisation"),
            "heir": 2 * coded("old_bolshevik") - 1 - trait_of(self.data, "stain"),
            "networks": trait_of(self.data, "networks").copy(),
        }

    @cached_property
    def _positions(self) -> np.ndarray:
        """(leader, issue) private views, drawn uniformly within the range of the texts of 1922-23."""
        position = np.zeros((len(self.leaders), len(ISSUES)))
        for issue, (person, low, high) in enumerate(views_of(self.data)):
            u = draws.uniform(self.seed, f"founding.position.{ISSUES[issue]}", 0, self.ids[person])
            position[person, issue] = low + u * (high - low)
        return position

    def bonds(self) -> np.ndarray:
        """(leader, leader) personal ties of 1922, −1 enmity to 1 friendship; symmetric."""
        bond = np.zeros((len(self.leaders),) * 2)
        if "bonds" in self.alike:
            return bond
        pairs, ids, low, high = bonds_of(self.data)
        sizes = low + draws.uniform(self.seed, "founding.bond", 0, ids) * (high - low)
        for (one, other), size in zip(pairs, sizes.tolist(), strict=True):
            i, j = self.number[one], self.number[other]
            bond[i, j] = bond[j, i] = size
        return bond

    # --- politics ---------------------------------------------------------------------------------------------
    def _politics(self) -> dict[str, np.ndarray]:
        n, k = len(self.leaders), len(ISSUES)
        position, seat = self._last_positions(), self._seats()
        sizes = [int(row["committee_size"]) for row in self.data["calendar"] if row["committee_size"]]
        first, largest = sizes[0], max(sizes)
        person = np.full(largest, -2, dtype=np.int32)
        sitting = np.flatnonzero(seat >= COMMITTEE)
        # The best known hold the full seats; the others are candidate members.
        sitting = sitting[np.argsort(-self.traits["standing"][sitting], kind="stable")][:first]
        person[: sitting.size] = sitting
        taste = np.zeros((largest, k))
        taste[: sitting.size] = position[sitting]
        holder = np.array([self._given_holder(office) for office in self.offices], dtype=np.int32)
        if "offices" in self.alike:
            holder[np.isin(holder, np.flatnonzero(self.contender))] = -1
        member_mood = np.array([self.values[f"mood.members_{issue}"] for issue in ISSUES])
        return {
            "office.holder": holder,
            "secretariat.curb": np.array(0.0),
            "leadership.precedents": np.array(0),
            "issue.salience": np.zeros(k),
            "line.position": self._line(),
            "line.changed": np.full(k, NEVER, dtype=np.int32),
            "agenda.blocked": np.zeros(n),
            "mood.officials": position[seat >= PARTY].mean(axis=0),
            "mood.members": member_mood,
            "discussion.month": np.array(NEVER),
            "discussion.tiers": np.zeros(len(TIERS)),
            "discussion.regions": np.zeros(len(self.regions)),
            "committee.person": person,
            "committee.patron": np.full(largest, -1, dtype=np.int32),
            "committee.taste": taste,
            "committee.since": np.full(largest, NEVER, dtype=np.int32),
            "cult.founder": np.array(0.0),
        }

    def _line(self) -> np.ndarray:
        """(issue,) the party line of January 1922 by its resolutions, drawn in its range."""
        low, high = line_of(self.data)
        return low + draws.uniform(self.seed, "founding.line", 0, ids_of(ISSUES)) * (high - low)

    def _last_positions(self) -> np.ndarray:
        position = self._positions.copy()
        if "positions" in self.alike:
            position[self.contender] = position[self.contender].mean(axis=0)
        return position

    def _seats(self) -> np.ndarray:
        return np.array([SEATS.index(row["seat"]) for row in self.data["leaders"]])

    # --- apparatus --------------------------------------------------------------------------------------------
    def _apparatus(self) -> dict[str, np.ndarray]:
        r, n = len(self.regions), len(self.leaders)
        base = np.array(
            [
                self._office_holder(row["office"]) if row["own_base"] == "1" and "offices" not in self.alike else -1
                for row in self.data["organisations"]
            ],
            dtype=np.int32,
        )
        return {
            **self._posts(),
            **self._office_facts(),
            "region.clients": np.zeros((r, n)),
            "region.appointed": np.zeros(r),
            "region.base": base,
            "region.compliance": np.ones(r),
            "region.reported": np.ones(r),
            "party.by_region": np.zeros(r, dtype=np.int64),
            "party.recruits": np.zeros(r),
            "party.schooling": np.array(0.0),
            "party.old_guard": np.array(1.0),
            "party.trained": np.array(0.0),
            "party.mood_weight": np.array(0.0),
        }

    def _office_facts(self) -> dict[str, np.ndarray]:
        (low, high), facts = offices_of(self.data)
        weight = low + draws.uniform(self.seed, "founding.office", 0, ids_of(self.offices)) * (high - low)
        return {"office.weight": weight, **{name: values.copy() for name, values in facts.items()}}

    def _office_holder(self, office: str) -> int:
        return next(self.number.get(row["holder"], -1) for row in self.data["offices"] if row["office"] == office)

    def _posts(self) -> dict[str, np.ndarray]:
        """One row a post, see `posts_of`; its holder's patron, views and competence are drawn."""
        fixed = posts_of(self.data)
        ids, office = fixed["post.id"], fixed["post.office"]
        spread = self.values["appointments.taste_spread"]
        mood = self._last_positions()[self._seats() >= PARTY].mean(axis=0)
        issues = range(len(ISSUES))
        taste = np.stack(
            [mood[k] + (2 * draws.uniform(self.seed, "founding.taste", 0, ids, k) - 1) * spread for k in issues],
            axis=1,
        )
        patron = np.full(ids.size, -1, dtype=np.int32)
        owned = draws.uniform(self.seed, "founding.client", 0, ids) < self.values["appointments.base_clients"]
        if "offices" not in self.alike:
            holders = np.array([self._given_holder(name) for name in self.offices], dtype=np.int32)
            patron = np.where((office >= 0) & owned, holders[office], -1).astype(np.int32)
        return {
            **{name: values.copy() for name, values in fixed.items()},
            "post.id": ids,
            "post.patron": patron,
            "post.appointed": np.zeros(ids.size, dtype=np.int8),
            "post.holder": ids.copy(),
            "post.since": np.full(ids.size, NEVER, dtype=np.int32),
            "post.taste": np.clip(taste, -1, 1),
            "post.competence": draws.uniform(self.seed, "founding.competence", 0, ids),
        }

    def _given_holder(self, office: str) -> int:
        """Holder in January 1922 only: an office that comes later has no clients yet."""
        return self.number.get(given_holders(self.data)[office], -1)

    # --- given ------------------------------------------------------------------------------------------------
    def _calendar(self) -> dict[tuple[str, int], list[tuple]]:
        days: dict[tuple[str, int], list[tuple]] = {}
        for row in self.data["calendar"]:
            sizes = {name: int(row[name]) for name in SIZES if row[name]}
            days.setdefault((row["kind"], month_of(row["date"])), []).append((row["title"], sizes))
        for row in self.data["given"]:
            person = row["person"]
            if row["office"] == "secretariat" and self.holder is not None:
                person = self.holder
            if "offices" in self.alike and row["kind"] == "office" and row["office"] != "secretariat":
                continue
            if row["kind"] == "death" and person in self.deaths:
                continue
            entry = (self.number[person], row["seat"] or row["office"], row["note"])
            if row["kind"] == "illness" and person in self.illness:
                entry = (entry[0], float(row["seat"]) * self.illness[person], row["note"])
            days.setdefault((row["kind"], month_of(row["date"])), []).append(entry)
        for person, month in self.deaths.items():
            if month is not None:
                days.setdefault(("death", month), []).append((self.number[person], "", "given by the scenario"))
        return days

    def _drivers(self) -> dict[str, np.ndarray]:
        """Monthly step series from dated rows; one draw a driver places the whole path within its recorded range."""
        paths = paths_of(self.data)
        drivers = {name: np.zeros(calendar.MONTHS) for name in paths}
        lots = draws.uniform(self.seed, "founding.driver", 0, ids_of(tuple(paths))).tolist()
        for (name, steps), lot in zip(paths.items(), lots, strict=True):
            for month, low, high in steps:
                drivers[name][month:] = low + lot * (high - low)
        return drivers | {name: path.copy() for name, path in measured(self.data).items()}


# --- what holds for every seed ------------------------------------------------------------------------------------
@of_data
def labels_of(data) -> tuple[tuple[str, ...], ...]:
    """Names of the leaders, of the regions and of the offices."""
    tables = (("leaders", "person"), ("organisations", "region"), ("offices", "office"))
    return tuple(tuple(row[column] for row in data[table]) for table, column in tables)


@of_data
def trait_of(data, name: str) -> np.ndarray:
    """(leader,) a column of the table of traits."""
    rows = {row["person"]: row for row in data["traits"]}
    return np.array([float(rows[person][name]) for person in labels_of(data)[0]])


@of_data
def views_of(data) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By issue: numbers of the leaders whose views are known, and the range of each view."""
    leaders = labels_of(data)[0]
    rows: list[list] = [[] for _ in ISSUES]
    for row in data["positions"]:
        rows[ISSUES.index(row["issue"])].append((leaders.index(row["person"]), *bounds(row)))
    columns = (tuple(zip(*known, strict=True)) or ((), (), ()) for known in rows)
    return [(np.array(who, dtype=np.int64), np.array(low), np.array(high)) for who, low, high in columns]


@of_data
def bonds_of(data) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of leaders with a personal tie, ids of the pairs, and the range of each tie."""
    pairs = [(row["person"], row["other"]) for row in data["bonds"]]
    low, high = np.array([bounds(row) for row in data["bonds"]]).reshape(-1, 2).T
    return pairs, ids_of(tuple(one + other for one, other in pairs)), low, high


@of_data
def line_of(data) -> np.ndarray:
    """(2, issue) range of the party line."""
    rows = {row["issue"]: bounds(row) for row in data["line"]}
    return np.array([rows[issue] for issue in ISSUES]).T


@of_data
def offices_of(data) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(2, office) range of an office's visible weight, and what else is known of offices and regions."""
    rows, regions = data["offices"], data["organisations"]
    based = {row["office"] for row in regions if row["own_base"] == "1"}
    return np.array([bounds_of_weight(row) for row in rows]).T, {
        "office.pull": np.array([[float(row["pull"]) * (row["issue"] == k) for k in ISSUES] for row in rows]),
        "office.pulls": np.array([[row["issue"] == k for k in ISSUES] for row in rows], dtype=np.int8),
        "office.region_base": np.array([row["office"] in based for row in rows], dtype=np.int8),
        "region.member_share": np.array([float(row["member_share"]) for row in regions]),
        "region.national": np.array([row["national"] == "1" for row in regions], dtype=np.int8),
    }


@of_data
def given_holders(data) -> dict[str, str]:
    """Office -> its holder in January 1922 by name; empty where it comes later."""
    rows = reversed(data["offices"])  # of two rows for one office the first counts
    return {row["office"]: "" if row["from"] else row["holder"] for row in rows}


@of_data
def paths_of(data) -> dict[str, list[tuple[int, float, float]]]:
    """Driver -> its steps: first month, and the range from then on."""
    paths: dict[str, list[tuple[int, float, float]]] = {}
    for row in data.drivers:
        paths.setdefault(row["driver"], []).append((month_of(row["date"]), *bounds(row)))
    return paths


@of_data
def measured(data: FoundingData) -> dict[str, np.ndarray]:
    """Monthly paths of yearly measurements: each year's value from January on."""
    paths: dict[str, np.ndarray] = {}
    for name, points in data.measured().items():
        paths[name] = np.zeros(calendar.MONTHS)
        for year, value in points:
            month = (int(year) - calendar.year(0)) * calendar.MONTHS_PER_YEAR
            if month >= 0:
                paths[name][month:] = value
    return paths


@of_data
def posts_of(data) -> dict[str, np.ndarray]:
    """One row a post: branch, region (−1 the centre), office that fills it (−1 none), rank, weights, id."""
    _leaders, regions, offices = labels_of(data)
    rows = data["posts"]
    counts, region, office = [], [], []
    shares = np.array([float(row["member_share"]) for row in data["organisations"]])
    provinces = np.array([float(row["provinces"]) for row in data["organisations"]])
    number = {"": -1} | {name: i for i, name in enumerate(offices)}
    bases = [row["office"] if row["own_base"] == "1" else "" for row in data["organisations"]]
    base = np.array([number[name] for name in bases])
    for row in rows:
        count, own = int(row["count"]), number[row["office"]]
        counts.append(count)
        if row["scope"] == "province":
            # Secretaries follow provinces; the wider apparatus follows members.
            by = provinces if int(row["rank"]) == 1 else (provinces / provinces.sum() + shares / shares.sum())
            where = largest_remainder(by / by.sum() * count, count)
            region.append(np.repeat(np.arange(len(regions)), where))
            office.append(base[region[-1]] if own < 0 else np.full(count, own))
        else:
            region.append(np.full(count, -1))
            office.append(np.full(count, own))

    def each(column: str, per: bool = False) -> np.ndarray:
        """A column of the table of posts for each single post; ``per``: as its part of the whole."""
        values = [float(row[column]) / (count if per else 1) for row, count in zip(rows, counts, strict=True)]
        return np.repeat(values, counts)

    size = sum(counts)
    return {
        "post.branch": np.repeat(np.arange(len(rows), dtype=np.int16), counts),
        "post.region": np.concatenate(region).astype(np.int16),
        "post.office": np.concatenate(office).astype(np.int32),
        "post.rank": each("rank").astype(np.int8),
        "post.delegate": each("delegate_weight", per=True),
        "post.committee": each("committee_weight"),
        "post.id": post_ids(size),
    }


@cache
def ids_of(names: tuple[str, ...]) -> np.ndarray:
    """64-bit ids of named entities."""
    return np.array([draws.entity_id(name) for name in names], dtype=np.uint64)


month_of = cache(calendar.index)


@cache
def post_ids(count: int) -> np.ndarray:
    """64-bit ids of the posts, the same in every history."""
    ids = np.array([draws.entity_id(f"post {i}") for i in range(count)], dtype=np.uint64)
    ids.flags.writeable = False
    return ids


def bounds_of_weight(row) -> tuple[float, float]:
    """Range of an office's visible weight."""
    return float(row["low"]), float(row["high"])


def largest_remainder(shares: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers that sum to ``total`` and differ from ``shares`` by less than one (Hamilton's method)."""
    whole = np.floor(shares).astype(int)
    rest = np.argsort(-(shares - whole), kind="stable")[: total - whole.sum()]
    whole[rest] += 1
    return whole
