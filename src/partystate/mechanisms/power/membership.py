"""The membership: who enters, rises, leaves, is expelled and dies."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar, units
from partystate.mechanisms.power import chances, founders, roll
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism

BOOKS = ("member.entry", "member.unschooled", "member.standing", "member.cohort", "member.tally")
ADMISSION, PROMOTION = "people: outside -> candidates", "people: candidates -> members"
ACCOUNTS = ("candidates", "members")
WAYS_OUT = {chances.DIES: "dead", chances.LEAVES: "outside", chances.EXPELLED: "expelled", chances.PURGED: "expelled"}
EXITS = {
    f"people: {source} -> {target}": (status, [fate for fate, to in WAYS_OUT.items() if to == target])
    for target in WAYS_OUT.values()
    for status, source in enumerate(ACCOUNTS)
}
YEAR = ("admitted", "expelled")
PERCENT = units.convert(1.0, "share", "percent")


class Membership(Mechanism):
    name = "membership"
    claim = (
        "A party that recruits in campaigns is soon a party of recruits: those who made the revolution are outnumbered "
        "by admission long before they are removed."
    )
    systems = ("S02", "S09")
    sources = ("rigby1968", "getty1985", "schapiro1970")
    phase = "appoint"
    reads = ("discussion.month", "discussion.tiers", "party.schooling", "party.old_guard", "party.by_region")
    reads_now = (
        "enrolment.sought", "enrolment.open", "verification.since", "verification.scope", "verification.pace",
        "leadership.insecurity", "party.study",
    )  # fmt: skip
    sets = (
        "party.by_region", "party.by_class", "party.recruits", "party.schooling", "party.old_guard", "party.trainees",
        "party.mood_weight", "party.admitted", "party.checked", "party.expelled", "party.unscreened",
    )  # fmt: skip
    keeps = ("member.id", "member.traits", "member.rows", "member.weight", "member.places", "member.year", *BOOKS)
    flows = (ADMISSION, PROMOTION, *EXITS)
    draws = ("member", "entrant")
    drivers = ("hardship", "admission_stop", "mass_operations")
    parameters = {
        "membership.recent": "months",
        "membership.death_base": "share per year",
        "membership.death_growth": "ratio per year",
        "membership.oldest": "years",
        "membership.leave_worker": "share per month",
        "membership.leave_peasant": "share per month",
        "membership.leave_employee": "share per month",
        "membership.leave_fresh": "ratio",
        "membership.leave_hardship": "ratio",
        "membership.leave_screening": "ratio",
        "membership.old_leave": "ratio",
        "membership.old_severity": "ratio",
        "membership.expel": "share per month",
        "membership.expel_opposed": "ratio",
        "membership.operations": "share per month",
        "membership.operations_employee": "ratio",
        "membership.operations_old": "ratio",
        "membership.verdict_fresh": "share",
        "membership.verdict_settled": "share",
        "membership.verdict_worker": "ratio",
        "membership.verdict_peasant": "ratio",
        "membership.verdict_employee": "ratio",
        "membership.verdict_opposed": "ratio",
        "membership.verdict_insecure": "ratio",
        "membership.probation_worker": "months",
        "membership.probation_peasant": "months",
        "membership.probation_employee": "months",
        "membership.promoted": "share per month",
        "membership.promoted_closed": "ratio",
        "membership.study_age": "years",
        "membership.youngest": "years",
        "membership.eldest": "years",
        "membership.women": "share",
        "membership.schooled_worker": "share",
        "membership.schooled_peasant": "share",
        "membership.schooled_employee": "share",
        "membership.pliability": "share",
    }
    when_off = {
        "S02": "Those who enter do so at the routine rate, so that recruits stay few.",
        "S09": "Nobody is screened: expulsion is a matter of routine and of the given terror.",
    }
    moves = {
        "S02": ("party_total", "party_worker_share_social", "party_old_guard_share"),
        "S09": ("party_expulsions",),
    }

    def found(self, founding, world, accounts, scale):
        held = {status: round(founders.persons(founding, name) / scale) for status, name in enumerate(ACCOUNTS)}
        ids, traits, rows = founders.Founders(founding, held).leaves()
        values = founding.values
        slots, regions = calendar.MONTHS + int(values["membership.recent"]), len(founding.regions)
        ranks, kinds, cohorts = len(ACCOUNTS), len(chances.KINDS), len(roll.COHORTS)
        shapes = (slots, regions), slots, (ranks, kinds, regions), (ranks, cohorts), len(roll.TALLY)
        books = tuple(np.zeros(shape, dtype=np.int64) for shape in shapes)
        roll.books_of(traits, rows, books)
        towns, villages = founders.places(founding)
        world.now |= dict(zip(BOOKS, books, strict=True)) | {
            "member.id": ids,
            "member.traits": traits,
            "member.rows": rows,
            "member.weight": np.array(scale),
            "member.places": np.stack([towns, villages, towns]),
            "member.year": np.zeros(len(YEAR), dtype=np.int64),
            "party.admitted": np.zeros(kinds, dtype=np.int64),
            "party.checked": np.array(0),
            "party.expelled": np.array(0),
            **self._shown(roll.summary(books, -1, values["membership.recent"], scale), values["membership.pliability"]),
        }
        accounts["people"] = {
            "outside": founders.persons(founding, "population") - scale * int(rows.sum()),
            **{account: scale * held[status] for status, account in enumerate(ACCOUNTS)},
            "expelled": 0,
            "dead": 0,
        }

    def step(self, now, look, draw, post, emit):
        p, weight, rows = look.p, int(look["member.weight"]), look["member.rows"]
        books = tuple([look[name] for name in BOOKS])
        ids, traits, sought = look["member.id"], look["member.traits"], look["enrolment.sought"]
        rates = chances.table(look.rates(chances.Rates))
        fates = np.zeros((len(chances.FATES), len(ACCOUNTS)), dtype=np.int64)
        before, fullest = roll.review(
            now % chances.TURNS, ids, traits, rows, draw.stream("member"), rates, self._month(now, look),
            look["verification.scope"], books, fates,
        )  # fmt: skip
        self._measure(now, look, before, weight, emit)
        grown = self._grown(ids, traits, fullest + int(sum(sought.tolist()) / weight) + len(chances.KINDS))
        ids, traits = grown or (ids, traits)
        admitted, on_roll, stocks, shown = roll.admit(
            ids, traits, rows, draw.stream("entrant"), rates, now, sought, look["member.places"], p.recent, weight,
            books,
        )  # fmt: skip
        entered, moved = sum(admitted.tolist()), (weight * fates).tolist()
        self._post(post, moved, entered)
        self._check(post, weight, on_roll, stocks)
        gone = [sum(by_status) for by_status in moved]
        self._year(now, look["member.year"], entered, gone[chances.EXPELLED] + gone[chances.PURGED], emit)
        results = self._shown(shown, p.pliability)
        results |= {
            "party.admitted": admitted,
            "party.checked": np.array(gone[chances.CHECKED]),
            "party.expelled": np.array(gone[chances.PURGED]),
        }
        return results | dict(zip(("member.id", "member.traits"), grown, strict=True)) if grown else results

    @staticmethod
    def _month(now: int, look) -> chances.Month:
        # A vote marks those who cast it over the round that follows, in which each row is looked at once.
        opened = float(look["enrolment.open"])
        voted = 0 < now - int(look["discussion.month"]) <= chances.TURNS
        return chances.Month(
            now,
            look.driver("hardship"),
            look.driver("mass_operations"),
            float(look["leadership.insecurity"]),
            (1 - look.driver("admission_stop")) * (opened + look.p.promoted_closed * (1 - opened)),
            float(look["party.study"]),
            float(look["verification.pace"]),
            int(look["verification.since"]),
            float(look["discussion.tiers"][0]) if voted else 0.0,
        )

    @staticmethod
    def _grown(ids: np.ndarray, traits: np.ndarray, needed: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The table at twice its room, as often as needed; None while there is room."""
        room = had = ids.shape[1]
        while room < needed:
            room += room
        if room == had:
            return None
        more_ids = np.zeros((ids.shape[0], room), dtype=ids.dtype)
        more_traits = np.zeros((*traits.shape[:-1], room), dtype=traits.dtype)
        more_ids[:, :had], more_traits[..., :had] = ids, traits
        return more_ids, more_traits

    @staticmethod
    def _shown(summary, pliability: float) -> dict[str, np.ndarray]:
        """What everybody can see of the membership."""
        by_region, by_class, recruits, shares = summary
        unlettered, unschooled, old_guard, unscreened, trainees = shares
        return {
            "party.by_region": by_region,
            "party.by_class": by_class,
            "party.recruits": recruits,
            "party.schooling": np.array(unschooled),
            "party.old_guard": np.array(old_guard),
            "party.unscreened": np.array(unscreened),
            "party.trainees": np.array(trainees),
            "party.mood_weight": np.array(pliability * unlettered),
        }

    @staticmethod
    def _post(post, moved: list[list[int]], entered: int) -> None:
        """Book the month's movements; ``moved`` persons by fate and status."""
        flows = {ADMISSION: entered, PROMOTION: sum(moved[chances.PROMOTED])}
        for flow, (status, fates) in EXITS.items():
            flows[flow] = sum([moved[fate][status] for fate in fates])
        for flow, amount in flows.items():
            if amount and post(flow, amount) != amount:
                raise BooksDoNotBalance(f"the roll moves {amount} persons along {flow!r}, more than the ledger holds")

    @staticmethod
    def _check(post, weight: int, rows: int, stocks) -> None:
        """The roll, its books and the ledger agree to the person."""
        counted = stocks[: len(ACCOUNTS)]
        for account, on_roll in zip(ACCOUNTS, counted, strict=True):
            held = post.balance("people", account)
            if weight * on_roll != held:
                raise BooksDoNotBalance(f"{weight * on_roll} {account} on the roll, {held} in the ledger")
        if rows != sum(counted):
            raise BooksDoNotBalance(f"{rows} rows on the roll, {sum(counted)} in its books")

    @staticmethod
    def _measure(now: int, look, stocks, weight: int, emit) -> None:
        """Stocks on the first of the month, which is the record's convention for those of 1 January."""
        candidates, full, workers, women, underground, old = stocks
        everybody = max(candidates + full, 1)
        emit.measures(
            {
                "party_members": weight * full,
                "party_candidates": weight * candidates,
                "party_total": weight * (candidates + full),
                "party_pre1917_members": weight * underground,
                "party_worker_share_social": PERCENT * workers / everybody,
                "party_women_share": PERCENT * women / everybody,
                "party_civilwar_or_earlier_share": PERCENT * old / max(full, 1),
                "party_old_guard_share": PERCENT * float(look["party.old_guard"]),
                "party_unschooled_share": PERCENT * float(look["party.schooling"]),
            }
        )
        if calendar.month_of_year(now) == 1:
            for region, persons in zip(look.labels("region"), look["party.by_region"], strict=True):
                emit.measure("party_total", persons, region)

    @staticmethod
    def _year(now: int, year: np.ndarray, admitted: int, expelled: int, emit) -> None:
        year += (admitted, expelled)
        if calendar.month_of_year(now) == calendar.MONTHS_PER_YEAR:
            emit.measure("candidates_admitted", year[0])
            emit.measure("party_expulsions", year[1])
            year[:] = 0
