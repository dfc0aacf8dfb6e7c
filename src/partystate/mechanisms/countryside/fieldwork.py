"""What households do on their fields: land dealt out anew, sowing and harvest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import pairs, u01_of
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import HECTARE, STEPS
from partystate.mechanisms.countryside.needs import heads, raised, single
from partystate.mechanisms.countryside.table import ABLE, ALONE, HORSES, MOST, OLD, YOUNG, Households

COUNTED = ("sown", "seed", "harvest")  # by the passes: 1/100 ha, kg, kg
SOWN, SEED, HARVEST = range(len(COUNTED))


class Rates(NamedTuple):
    """What the passes over households need to know."""

    land_per_horse: float
    own_draught: float
    sowing_power: float
    most_sown: float
    deterrence: float
    seed_rate: float
    seed_first: float
    timeliness: float
    skill_spread: float
    luck_spread: float
    hiding: float


@kernel
def power(h, c, i, rates, village):
    """Draught power at a household's call: its own horses, and those it can borrow or hire in the village."""
    own = h.herd[c, i, HORSES] * rates.land_per_horse * HECTARE / h.land[c, i]
    return rates.own_draught * min(own, rates.most_sown) + (1 - rates.own_draught) * village


@chunked
def deal(first, last, h, rows, part):
    """The commune deals land out anew: each household gets nearer to its part by mouths. No land is lost."""
    h = Households(*h)
    for c in range(first, last):
        land, mouths = 0, 0
        for i in range(rows[c]):
            if h.status[c, i] == ALONE:
                land += h.land[c, i]
                mouths += h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
        left = land
        for i in range(rows[c]):
            if h.status[c, i] != ALONE:
                continue
            fair = land * (h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]) / mouths
            own = int(h.land[c, i] + part * (min(fair, MOST) - h.land[c, i]))
            h.land[c, i] = own
            left -= own
        for i in range(rows[c]):
            if left > 0 and h.status[c, i] == ALONE:
                more = min(left, MOST - int(h.land[c, i]))
                h.land[c, i] += more
                left -= more


@kernel
def _pull(horses, land, n, rates, village, most, out):
    """Into ``out`` (household,) the draught power at each one's call, as in `power`, as a part of the ``most``."""
    own_part, per_land = single(rates.own_draught / most), single(rates.land_per_horse * HECTARE)
    hired, cap, one = single((1 - rates.own_draught) * village / most), single(rates.most_sown), single(1)
    for i in range(n):
        own = single(heads(horses[i], HORSES)) * per_land / max(single(np.int32(land[i])), one)
        out[i] = min(own_part * min(own, cap) + hired, one)


@kernel
def _drill(h, c, n, rates, part, parts):
    """The first ``n`` households of a chunk sow the ``parts`` they can of their land; returns area and seed."""
    land, field, grain, hidden = h.land[c], h.sown[c], h.grain[c], h.hidden[c]
    status, memory, sown, seed = h.status[c], h.memory[c], np.int32(0), np.int32(0)
    cap, deterrence, part, one = single(rates.most_sown), single(rates.deterrence / STEPS), single(part), single(1)
    first, rate = single(rates.seed_first / rates.seed_rate * HECTARE), single(rates.seed_rate / HECTARE)
    for i in range(n):
        fear = one - deterrence * single(np.int32(memory[i]))
        most = single(np.int32(land[i])) * min(cap, parts[i]) * fear * part - single(np.int32(field[i]))
        have = np.int32(grain[i] + hidden[i])
        area = max(np.int32(min(most, single(have) * first)), np.int32(0))
        area = area if status[i] == ALONE else np.int32(0)
        kg = min(np.int32(single(area) * rate), have)
        barn = min(grain[i], kg)
        grain[i] -= barn
        hidden[i] -= np.int32(kg - barn)
        field[i] = np.int32(np.int32(field[i]) + area)
        sown = np.int32(sown + area)
        seed = np.int32(seed + kg)
    return sown, seed


@kernel
def _raise(x, n, table, most):
    """The first ``n`` of ``x`` to the power of a table, times ``most``; apart, as looking up goes one by one."""
    for i in range(n):
        x[i] = raised(x[i], table) * most


@chunked
def sow(first, last, h, rows, place, part, rates, table, draught, sums):
    h = Households(*h)
    parts = np.empty(h.id.shape[1], np.float32)
    for c in range(first, last):
        village, n = draught[place[c]], rows[c]
        most = max(rates.own_draught * rates.most_sown + (1 - rates.own_draught) * village, 1 / STEPS)
        _pull(h.herd[c].reshape(-1).view(np.uint32), h.land[c], n, rates, village, most, parts)
        _raise(parts, n, table, single(most**rates.sowing_power))
        sums[c, SOWN], sums[c, SEED] = _drill(h, c, n, rates, part, parts)


@chunked
def reap(first, last, h, rows, place, part, ending, rates, late, stream, base, draught, sums):
    h = Households(*h)
    lots, others = np.empty(h.id.shape[1], np.uint64), np.empty(h.id.shape[1], np.uint64)
    for c in range(first, last):
        kg_per_ha, village, sown, reaped = base[place[c]], draught[place[c]], 0, 0
        pairs(stream, h.id[c], rows[c], 0, lots, others)
        for i in range(rows[c]):
            if h.sown[c, i] == 0:
                continue
            x = power(h, c, i, rates, village)
            x = raised(x, late) if x < 1 else 1.0
            spread = rates.skill_spread * (h.skill[c, i] / STEPS - 1 + h.skill[c, i] / STEPS)
            lot = u01_of(lots[i])
            luck = rates.luck_spread * (lot - 1 + lot)
            kg = int(h.sown[c, i] * part * kg_per_ha * x * (1 + spread) * (1 + luck) / HECTARE)
            put_by = int(kg * rates.hiding * h.memory[c, i] / STEPS)
            h.grain[c, i] += kg - put_by
            h.hidden[c, i] += put_by
            reaped += kg
            sown += h.sown[c, i]
            if ending:
                h.sown[c, i] = 0
        sums[c, SOWN], sums[c, HARVEST] = sown, reaped
