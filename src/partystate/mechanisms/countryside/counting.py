"""Counting the table: what households of a chunk hold and lack, and the part of members in it."""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import heads, needs, single
from partystate.mechanisms.countryside.table import (
    ABLE,
    AGES,
    ALONE,
    CATTLE,
    COUNTS,
    HORSES,
    KULAK,
    OLD,
    PIGS,
    SHEEP,
    YOUNG,
    Households,
)

(
    N_HOUSEHOLDS, N_MEMBERS, N_LABELLED, N_PERSONS, N_MEMBER_PERSONS, N_YOUNG, N_ABLE, N_OLD, N_MEMBER_ABLE,
    N_HORSES, N_CATTLE, N_PIGS, N_SHEEP, N_MEMBER_HORSES, N_MEMBER_CATTLE, N_MEMBER_PIGS, N_MEMBER_SHEEP,
    N_GRAIN, N_HIDDEN, N_MEMBER_GRAIN, N_CASH, N_LAND, N_SOWN, N_NEED, N_MEMBER_NEED, N_DEFICIT, N_REACH, N_HUNGRY,
) = range(len(COUNTS))  # fmt: skip


@kernel
def _count_people(people, status, n, s):
    """People of the first ``n`` households of a chunk, and of the members among them, into ``s``.

    All ages in one loop, as only then several households are worked at once.
    """
    young, able, old = np.int32(0), np.int32(0), np.int32(0)
    of_members, member_able = np.int32(0), np.int32(0)
    for i in range(n):
        member, start = np.int32(status[i] != ALONE), i * len(AGES)
        a, b, c = np.int32(people[start + YOUNG]), np.int32(people[start + ABLE]), np.int32(people[start + OLD])
        young, able, old = np.int32(young + a), np.int32(able + b), np.int32(old + c)
        of_members = np.int32(of_members + member * np.int32(np.int32(a + b) + c))
        member_able = np.int32(member_able + member * b)
    s[N_YOUNG], s[N_ABLE], s[N_OLD], s[N_PERSONS] = young, able, old, young + able + old
    s[N_MEMBER_PERSONS], s[N_MEMBER_ABLE] = of_members, member_able


@kernel
def _count_herds(herd, status, n, s):
    """Animals of the first ``n`` households, and of the members among them, into ``s``; all kinds in one loop."""
    horses, cattle, pigs, sheep = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    in_horses, in_cattle, in_pigs, in_sheep = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for i in range(n):
        all_, of_member = herd[i], herd[i] if status[i] != ALONE else np.uint32(0)
        horses, cattle = np.int32(horses + heads(all_, HORSES)), np.int32(cattle + heads(all_, CATTLE))
        pigs, sheep = np.int32(pigs + heads(all_, PIGS)), np.int32(sheep + heads(all_, SHEEP))
        in_horses = np.int32(in_horses + heads(of_member, HORSES))
        in_cattle = np.int32(in_cattle + heads(of_member, CATTLE))
        in_pigs, in_sheep = np.int32(in_pigs + heads(of_member, PIGS)), np.int32(in_sheep + heads(of_member, SHEEP))
    s[N_HORSES], s[N_CATTLE], s[N_PIGS], s[N_SHEEP] = horses, cattle, pigs, sheep
    s[N_MEMBER_HORSES], s[N_MEMBER_CATTLE], s[N_MEMBER_PIGS], s[N_MEMBER_SHEEP] = (
        in_horses,
        in_cattle,
        in_pigs,
        in_sheep,
    )


@kernel
def _count_stocks(h, c, n, wanting, seen, weak, s):
    """Grain, money and land, and how far they go, of the first ``n`` households of a chunk, into ``s``."""
    people, status, reserve, label = h.people[c].reshape(-1), h.status[c], h.reserve[c], h.label[c]
    grain, hidden, cash, land, sown = np.int32(0), np.int32(0), 0, np.int32(0), np.int32(0)
    members, hungry, labelled = np.int32(0), np.int32(0), np.int32(0)
    need, deficit, reach, member_grain, member_need = np.int32(0), np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    seen, none, weak = single(seen), single(0), np.int32(np.ceil(weak))
    for i in range(n):
        open_, held = h.grain[c, i], np.int32(h.grain[c, i] + h.hidden[c, i])
        whole_need, alone = np.int32(wanting[i]), status[i] == ALONE
        within = np.int32(max(single(open_) - seen * wanting[i], none))
        persons = np.int32(people[i * len(AGES) + YOUNG]) + np.int32(people[i * len(AGES) + ABLE])
        persons = np.int32(persons + np.int32(people[i * len(AGES) + OLD]))
        grain = np.int32(grain + open_)
        hidden = np.int32(hidden + h.hidden[c, i])
        cash += h.cash[c, i]
        land = np.int32(land + h.land[c, i])
        sown = np.int32(sown + h.sown[c, i])
        labelled = np.int32(labelled + (label[i] == KULAK))
        hungry = np.int32(hungry + persons * (np.int32(reserve[i]) < weak))
        deficit = np.int32(deficit + max(np.int32(whole_need - held), np.int32(0)))
        need = np.int32(need + (whole_need if alone else np.int32(0)))
        reach = np.int32(reach + (within if alone else np.int32(0)))
        members = np.int32(members + (not alone))
        member_grain = np.int32(member_grain + (np.int32(0) if alone else held))
        member_need = np.int32(member_need + (np.int32(0) if alone else whole_need))
    s[N_HOUSEHOLDS], s[N_MEMBERS], s[N_LABELLED], s[N_HUNGRY] = n, members, labelled, hungry
    s[N_GRAIN], s[N_HIDDEN], s[N_CASH], s[N_LAND], s[N_SOWN] = grain, hidden, cash, land, sown
    s[N_NEED], s[N_DEFICIT], s[N_REACH] = need, deficit, reach
    s[N_MEMBER_GRAIN], s[N_MEMBER_NEED] = member_grain, member_need


@chunked
def count(first, last, h, rows, place, stabled, wants, kept, hungry_below, sums):
    """Everything of `COUNTS`, chunk by chunk, into ``sums`` (chunk, count)."""
    h = Households(*h)
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    for c in range(first, last):
        r, n, s = place[c], rows[c], sums[c]
        needs(h, c, n, wants, stabled[r], food, feed, wanting)
        _count_people(h.people[c].reshape(-1), h.status[c], n, s)
        _count_herds(h.herd[c].reshape(-1).view(np.uint32), h.status[c], n, s)
        _count_stocks(h, c, n, wanting, kept[r], hungry_below * STEPS, s)
