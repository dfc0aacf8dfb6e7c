"""Procurement by force: what officials behind on their quota take from kolkhozy and from barns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import HECTARE, STEPS
from partystate.mechanisms.countryside.needs import needs, single, wants_of
from partystate.mechanisms.countryside.table import ALONE, NUMBER, TABLE, Households, by_region, columns, whole_sum
from partystate.model.compiled import total
from partystate.model.mechanism import Mechanism

COUNTED = ("taken", "struck")  # kg, households
TAKEN, STRUCK = range(len(COUNTED))
HOUSEHOLDS, MEMBER_NEED, MEMBER_GRAIN, REACH = (
    NUMBER[name] for name in ("households", "member_need", "member_grain", "reach")
)
JUDGED = ("area.owing", "area.claim", "area.coercion", "market.open", "area.struck")


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    protected: float
    searching: float
    mark: float
    fading: float


class Limits(NamedTuple):
    """What is asked of kolkhozy and of barns."""

    seed_kept: float
    fodder: float
    kolkhoz_reach: float
    reach: float


class Steps(NamedTuple):
    """How officials go up and down the ladder of coercion, and how trade is closed and reopened."""

    climb: float
    descend: float
    closing: float
    reopened: float


class Procurement(Mechanism):
    name = "procurement"
    claim = (
        "Officials behind schedule climb the ladder as far as they are allowed, from persuasion to searches and fines, "
        "and copy neighbours who met their quota; from a kolkhoz grain is taken before its members are paid."
    )
    systems = ("S20", "S25")
    sources = ("davies1980", "dw2004", "hughes1996")
    phase = "command"
    reads = (
        "area.coercion", "area.stabled", "village.counts", "village.wants", "household.weight", "household.place",
        "plan.delivered", "area.neighbours", "kolkhoz.herd",
    )  # fmt: skip
    reads_now = (
        "plan.spared",
        "plan.quota",
        "ladder.ceiling",
        "market.state",
        "rural.tempo",
        "rural.push",
        "plots.allowed",
    )
    sets = (
        "plan.delivered",
        "plan.fulfilled",
        "area.coercion",
        "area.owing",
        "area.claim",
        "area.taken",
        "area.struck",
        "market.open",
    )
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.land", "state.grain")
    flows = ("grain: households -> state", "grain: kolkhozy -> state")
    parameters = {
        "procurement.first": "months",
        "procurement.months": "months",
        "procurement.at_most": "months",
        "procurement.late": "weight",
        "procurement.protected": "ratio",
        "procurement.searching": "ratio",
        "procurement.reach": "share",
        "procurement.kolkhoz_reach": "share",
        "procurement.kolkhoz_kept": "ratio",
        "procurement.kept_by_tempo": "share",
        "procurement.seed_kept": "kg per ha",
        "kolkhoz.fodder": "share",
        "procurement.climb": "share",
        "procurement.climb_race": "share",
        "procurement.descend": "share per month",
        "procurement.above": "ratio",
        "procurement.mark": "share",
        "procurement.fading": "share per month",
        "procurement.closing": "share",
        "procurement.reopened": "share",
    }
    variants = ("no_race",)
    when_off = {
        "S20": "Nothing is taken from households by force; kolkhozy still deliver.",
        "S25": "A kolkhoz delivers only what is left when seed, feed and food are set aside.",
    }
    moves = {"S20": ("grain_procurement",), "S25": ("grain_procurement",)}

    def step(self, now, look, draw, post, emit):
        p, month, weight, quota = look.p, calendar.month_of_year(now), look["household.weight"], look["plan.quota"]
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        counts, coercion, stabled = look["village.counts"], look["area.coercion"], look["area.stabled"]
        elapsed = (month - p.first) % calendar.MONTHS_PER_YEAR + 1
        season = 1.0 if elapsed <= p.at_most else 0.0
        due = quota * min(1.0, elapsed / p.months) ** p.late
        had = look["plan.delivered"] if elapsed > 1 else np.zeros(quota.size)
        delivered = had + look["market.state"]
        wants, food = wants_of(look), p.kolkhoz_kept
        if look.on("S25"):
            food *= 1 - p.kept_by_tempo * float(look["rural.tempo"])
        from_kolkhozy, share = np.empty(quota.size, np.int64), np.empty(quota.size)
        _ask(
            due - delivered if season else np.zeros(quota.size), counts, look["kolkhoz.land"], look["kolkhoz.herd"],
            look["kolkhoz.grain"], stabled, coercion, wants, look.rates(Limits), food, float(look["plan.spared"]),
            look.on("S20"), from_kolkhozy, share,
        )  # fmt: skip
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        _take(rows.size, table, rows, place, share, coercion, stabled, wants, look.rates(Rates), sums)
        done = by_region(sums, place, weight)
        taken, met = done[:, TAKEN], np.empty(quota.size)
        from_barns, from_pools = whole_sum(taken), whole_sum(from_kolkhozy)
        look["state.grain"][...] += from_barns + from_pools
        post("grain: households -> state", from_barns)
        post("grain: kolkhozy -> state", from_pools)
        _credit(delivered, taken, from_kolkhozy, due, met)
        results = {name: np.empty(quota.size) for name in JUDGED}
        race = 0.0 if look.variant == "no_race" else p.climb_race * float(look["rural.tempo"])
        most = p.above * float(look["ladder.ceiling"])
        _judge(
            quota, delivered, met, look["area.neighbours"] @ met, coercion, done[:, STRUCK], counts, season, race, most,
            float(look["rural.push"]), float(look["plots.allowed"]), look.rates(Steps), tuple(results.values()),
        )  # fmt: skip
        fulfilled = np.array(total(delivered) / max(total(due), 1.0))
        return results | {"plan.delivered": delivered, "plan.fulfilled": fulfilled, "area.taken": taken}


@kernel
def _credit(delivered, taken, given, due, met):
    """Adds the month to what is ``delivered`` (region,); into ``met`` what part that is of what is due."""
    for r in range(due.size):
        delivered[r] += taken[r] + given[r]
        met[r] = min(delivered[r] / max(due[r], 1.0), 1.0)


@kernel
def rung(coercion, met, near, season, race, most, steps):
    """How far up the ladder a region is next: up when behind or neighbours are ahead, down once the quota is met."""
    behind, ahead = (1 - met) * season, max(near - met, 0.0) * season
    change = steps.climb * behind + race * ahead - (steps.descend if behind <= 0 else 0.0)
    return min(max(coercion + change, 0.0), min(most, 1.0))


@kernel
def _judge(quota, delivered, met, near, coercion, struck, counts, season, race, most, push, plots, steps, results):
    """Where officials stand after the month, in the order of `JUDGED`. ``near``: how far neighbours have met theirs.

    Private trade is closed with force and drive, and reopened for what is left over a met quota.
    """
    owing, claim, ladder, open_, hit = results
    for r in range(quota.size):
        owing[r] = max(quota[r] - delivered[r], 0.0)
        claim[r] = owing[r] * season
        ladder[r] = rung(coercion[r], met[r], near[r], season, race, most, steps)
        again = steps.reopened * plots if owing[r] <= 0 else 0.0
        open_[r] = max(max(1 - push - steps.closing * coercion[r], again), 0.0)
        hit[r] = min(struck[r] / max(counts[r, HOUSEHOLDS], 1), 1.0)


@kernel
def _ask(missing, counts, land, herd, pool, stabled, coercion, wants, limits, food, spared, forced, given, share):
    """Into ``given`` (region,) the kg that kolkhozy deliver, which go out of ``pool``; into ``share`` (region,) what

    part of the grain within their reach officials take from households. ``missing``: kg (region,) that are due and not
    delivered. A kolkhoz keeps seed, fodder as far as herds are spared, and ``food``, a part of its members' need.
    """
    a_head = (wants.horse, wants.cow, wants.pig, wants.sheep)
    for r in range(missing.size):
        gap, feed = max(missing[r], 0.0), 0.0
        for k in range(herd.shape[1]):
            feed += herd[r, k] * a_head[k]
        kept = land[r] * limits.seed_kept / HECTARE + feed * stabled[r] * limits.fodder * wants.months * spared
        kept += max(counts[r, MEMBER_NEED] * food - counts[r, MEMBER_GRAIN], 0.0)
        given[r] = int(min(gap, max(pool[r] - kept, 0.0) * limits.kolkhoz_reach))
        pool[r] -= given[r]
        part = min((gap - given[r]) / max(counts[r, REACH], 1), limits.reach * coercion[r])
        share[r] = part if forced else 0.0


@kernel
def _fade(memory, taste, n, fading):
    """What was taken is remembered, and the memory fades."""
    kept, none, step, most = single(1 - fading), single(0), single(1 / STEPS), single(STEPS)
    for i in range(n):
        left = single(np.int32(memory[i])) * kept
        memory[i] = np.int32(min(left + (single(np.int32(taste[i])) * step if left > none else none), most))


@kernel
def _seize(h, c, n, wanting, kept, share, rates):
    """Takes a share of what the first ``n`` households have above what they are left; returns kg and households."""
    grain, hidden, status, memory, taste = h.grain[c], h.hidden[c], h.status[c], h.memory[c], h.taste[c]
    fading, none, step, most = single(1 - rates.fading), single(0), single(1 / STEPS), single(STEPS)
    kept, share, mark, one = single(kept), single(share), single(STEPS * rates.mark), single(1)
    taken, struck = np.int32(0), np.int32(0)
    for i in range(n):
        free = max(single(grain[i]) - kept * wanting[i], none)
        kg = min(np.int32(free * (share if status[i] == ALONE else none)), grain[i])
        hit = mark * single(kg) / max(single(np.int32(grain[i] + hidden[i])), one)
        left = single(np.int32(memory[i])) * fading + hit
        memory[i] = np.int32(min(left + (single(np.int32(taste[i])) * step if left > none else none), most))
        grain[i] -= kg
        taken = np.int32(taken + kg)
        struck = np.int32(struck + (kg > 0))
    return taken, struck


@chunked
def _take(first, last, h, rows, place, share, coercion, stabled, wants, rates, sums):
    h = Households(*h)
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    for c in range(first, last):
        r, n = place[c], rows[c]
        if share[r] <= 0 and not h.memory[c, :n].any():
            continue
        if share[r] > 0:
            needs(h, c, n, wants, stabled[r], food, feed, wanting)
            kept = max(rates.protected - rates.searching * coercion[r], 0.0)
            sums[c, TAKEN], sums[c, STRUCK] = _seize(h, c, n, wanting, kept, share[r], rates)
        else:
            _fade(h.memory[c], h.taste[c], n, rates.fading)
