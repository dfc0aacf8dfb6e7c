"""The membership roll: one row for every ``weight`` persons, a column for every trait, one pass a month.

The roll has as many leaves as `TURNS`; a row stands on the leaf that its id fixes, and each month one leaf is looked
at, for the chances of the whole round. So a part of the draws gives every stock its expected value in every month. The
books (counts by entry, standing, cohort) are kept with each change; `books_of` counts them anew for tests.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.calendar import MONTHS, MONTHS_PER_YEAR
from partystate.foundation.draws import bits, u01
from partystate.foundation.kernels import kernel
from partystate.mechanisms.power.chances import (
    CHECKED,
    FRESH,
    OLD,
    PROMOTED,
    PURGED,
    SETTLED,
    STAYS,
    TURNS,
    WORKER,
    death_chances,
    expulsion_chances,
    fall,
    leaving_chances,
)

TRAITS = ("region", "class", "status", "cohort", "joined", "born", "schooled", "woman", "screened", "opposed")
REGION, KIND, STATUS, COHORT, JOINED, BORN, SCHOOLED, WOMAN, SCREENED, OPPOSED = range(len(TRAITS))
STATUSES = ("candidate", "full")
CANDIDATE, FULL = range(len(STATUSES))
COHORTS = ("underground", "revolution", "civil war", "settlement", "later")
UNDERGROUND, REVOLUTION, CIVIL_WAR, SETTLEMENT, LATER = range(len(COHORTS))
QUESTIONS = ("fate", "reached", "verdict", "promotion", "vote")
FATE, REACHED, VERDICT, PROMOTION, VOTE = range(len(QUESTIONS))
ORIGINS = ("id", "age", "school", "sex", "lot")
IDENTITY, AGE, SCHOOL, SEX, LOT = range(len(ORIGINS))
TALLY = ("women", "trained", "unscreened")
WOMEN, TRAINED, UNSCREENED = range(len(TALLY))
NEVER = -MONTHS  # screened: before any month that counts


@kernel
def count(traits, i, sign, books):
    """Add row ``i`` to the books (sign 1) or take it out (−1)."""
    entry, unschooled, standing, cohort, tally = books
    region, status = traits[REGION, i], traits[STATUS, i]
    slot = slot_of(traits[JOINED, i], unschooled)
    entry[slot, region] += sign
    standing[status, traits[KIND, i], region] += sign
    cohort[status, traits[COHORT, i]] += sign
    if traits[WOMAN, i]:
        tally[WOMEN] += sign
    if traits[SCREENED, i] == NEVER:
        tally[UNSCREENED] += sign
    if not traits[SCHOOLED, i]:
        unschooled[slot] += sign
    elif status == FULL and traits[COHORT, i] == LATER:
        tally[TRAINED] += sign


@kernel
def slot_of(joined, unschooled):
    """Place of a month of joining in the books: the months of the run stand at the end, all earlier ones at 0."""
    return max(joined + unschooled.size - MONTHS, 0)


@kernel
def books_of(traits, rows, books):
    """Count all rows into books that stand at nought."""
    for leaf in range(rows.size):
        for i in range(rows[leaf]):
            count(traits[leaf], i, 1, books)


@kernel
def mark(traits, i, stream, me, votes):
    """Marks whoever votes against the line."""
    if votes > 0 and u01(stream, me, VOTE) < votes:
        traits[OPPOSED, i] = 1


@kernel
def review(leaf, roll_ids, roll_traits, roll_rows, stream, table, month, scope, books, fates):
    """Look at one leaf; returns `stocks` before and rows of the fullest leaf after; ``fates`` (fate, status) grows.

    One uniform decides who goes, from below, and who is taken for training, from above, so that a higher chance only
    adds cases. The last row takes the place of one that goes: order means nothing, as draws are keyed by id.
    """
    before, rates = stocks(books), table[0]
    ids, traits, rows = roll_ids[leaf], roll_traits[leaf], roll_rows[leaf]
    deaths, leaves, expelled = death_chances(rates), leaving_chances(rates, month), expulsion_chances(rates, month)
    harsh = np.array([rates.verdict_worker, rates.verdict_peasant, rates.verdict_employee])
    harsh *= 1 + rates.verdict_insecure * month.insecurity
    probation = np.array([rates.probation_worker, rates.probation_peasant, rates.probation_employee])
    trainable = 1 - TURNS * month.study
    highest = deaths.max() + leaves.max() + expelled.max()
    lots = np.empty(rows)
    for i in range(rows):
        lots[i] = u01(stream, ids[i], FATE)
    i = 0
    while i < rows:
        me, status, u = ids[i], traits[STATUS, i], lots[i]
        tenure = month.number - traits[JOINED, i]
        kind = traits[KIND, i]
        waits = month.pace > 0 and scope[kind] and traits[SCREENED, i] < month.since
        # Nothing but a vote can happen to most members in most rounds, and no more of their traits need be read.
        if not waits and highest <= u < trainable and (status == FULL or tenure < probation[kind]):
            mark(traits, i, stream, me, month.votes)
            i += 1
            continue
        opposed = traits[OPPOSED, i]
        age = (month.number - traits[BORN, i]) // MONTHS_PER_YEAR
        bond = OLD if traits[COHORT, i] <= CIVIL_WAR else (FRESH if tenure < rates.recent else SETTLED)
        leave = leaves[kind, bond] * (rates.leave_screening if waits else 1)
        fate = fall(u, deaths[min(age, deaths.size - 1)], leave, expelled[kind, bond, opposed])
        reached = fate == STAYS and waits and u01(stream, me, REACHED) < TURNS * month.pace
        if reached:
            fates[CHECKED, status] += 1
            chance = harsh[kind] * (rates.verdict_fresh if bond == FRESH else rates.verdict_settled)
            chance *= (rates.old_severity if bond == OLD else 1) * (rates.verdict_opposed if opposed else 1)
            if u01(stream, me, VERDICT) < chance:
                fate = PURGED
        if fate != STAYS:
            fates[fate, status] += 1
            count(traits, i, -1, books)
            rows -= 1
            ids[i], lots[i] = ids[rows], lots[rows]
            for trait in range(traits.shape[0]):
                traits[trait, i] = traits[trait, rows]
            continue
        served = status == CANDIDATE and tenure >= probation[kind]
        promoted = served and u01(stream, me, PROMOTION) < TURNS * rates.promoted * month.open
        trained = not traits[SCHOOLED, i] and age < rates.study_age and u >= trainable
        if reached or promoted or trained:
            count(traits, i, -1, books)
            if reached:
                traits[SCREENED, i] = month.number
            if promoted:
                fates[PROMOTED, status] += 1
                traits[STATUS, i] = FULL
            if trained:
                traits[SCHOOLED, i] = 1
            count(traits, i, 1, books)
        mark(traits, i, stream, me, month.votes)
        i += 1
    roll_rows[leaf] = rows
    return before, roll_rows.max()


@kernel
def admit(ids, traits, rows, stream, table, now, persons, places, recent, weight, books):
    """Enter ``persons`` (class,) as whole rows; ``rows`` (leaf,) is added to. Returns persons entered (class,), rows on
    the roll, and `stocks` and `summary` of the roll as it is then.

    Ids hang on month, place and ordinal alone. Rounding by running totals, from a start drawn by lot, keeps the total
    of each social position true to one row and gives each region its expected share.
    """
    rates = table[0]
    kinds, regions = places.shape
    schooled = np.array([rates.schooled_worker, rates.schooled_peasant, rates.schooled_employee])
    entered = np.zeros(kinds, dtype=np.int64)
    for kind in range(kinds):
        total = u01(stream, kind, LOT)
        for region in range(regions):
            before = np.floor(total)
            total += persons[kind] * places[kind, region] / weight
            for ordinal in range(int(np.floor(total) - before)):
                me = bits(stream, (ordinal * kinds + kind) * regions + region, IDENTITY)
                spread = u01(stream, me, AGE)
                age = rates.youngest + (rates.eldest - rates.youngest) * spread * spread
                leaf = int(me % np.uint64(TURNS))
                i, page = rows[leaf], traits[leaf]
                ids[leaf, i] = me
                page[REGION, i] = region
                page[KIND, i] = kind
                page[STATUS, i] = CANDIDATE
                page[COHORT, i] = LATER
                page[JOINED, i] = now
                page[BORN, i] = now - int(age * MONTHS_PER_YEAR)
                page[SCHOOLED, i] = u01(stream, me, SCHOOL) < schooled[kind]
                page[WOMAN, i] = u01(stream, me, SEX) < rates.women
                page[SCREENED, i] = NEVER
                page[OPPOSED, i] = 0
                count(page, i, 1, books)
                rows[leaf] += 1
                entered[kind] += weight
    return entered, rows.sum(), stocks(books), summary(books, now, recent, weight)


@kernel
def identify(stream, ids):
    """Fill in the ids of the founding rows."""
    for i in range(ids.size):
        ids[i] = bits(stream, i, IDENTITY)


@kernel
def summary(books, now, recent, weight):
    """What the roll shows at the end of month ``now``: persons by region and by class, share of recruits by region, and
    (unschooled among recruits, unschooled, old guard, never screened: shares; trained members of new cohorts: persons).
    """
    entry, unschooled, standing, cohort, tally = books
    statuses, kinds, regions = standing.shape
    by_region, by_class, recruits = np.zeros(regions), np.zeros(kinds), np.zeros(regions)
    for status in range(statuses):
        for kind in range(kinds):
            for region in range(regions):
                by_region[region] += weight * standing[status, kind, region]
                by_class[kind] += weight * standing[status, kind, region]
    unlettered = 0
    for slot in range(slot_of(now + 1 - int(recent), unschooled), slot_of(now, unschooled) + 1):
        unlettered += unschooled[slot]
        for region in range(regions):
            recruits[region] += entry[slot, region]
    fresh, rows = max(recruits.sum(), 1), max(cohort.sum(), 1)
    for region in range(regions):
        recruits[region] *= weight / max(by_region[region], weight)
    shares = (
        unlettered / fresh,
        unschooled.sum() / rows,
        cohort[:, : CIVIL_WAR + 1].sum() / rows,
        tally[UNSCREENED] / rows,
        weight * tally[TRAINED],
    )
    return by_region, by_class, recruits, shares


@kernel
def stocks(books):
    """Rows: candidates, full members, workers, women, and full members who joined underground or by the civil war."""
    _entry, _unschooled, standing, cohort, tally = books
    old = cohort[FULL, : CIVIL_WAR + 1].sum()
    return (standing[CANDIDATE].sum(), standing[FULL].sum(), standing[:, WORKER].sum(), tally[WOMEN],
            cohort[FULL, UNDERGROUND], old)  # fmt: skip
