"""One month of trade: what each household sells to the state and on the market, and what it must buy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import chunked, kernel
from partystate.mechanisms.countryside.needs import needs, serve, single
from partystate.mechanisms.countryside.table import ABLE, AGES, ALONE, OLD, YOUNG, Households

COUNTED = ("state", "private", "bought", "wanted", "earned", "spent")  # kg, kg, kg, kg, kopecks, kopecks
STATE, PRIVATE, BOUGHT, WANTED, EARNED, SPENT = range(len(COUNTED))


class Terms(NamedTuple):
    """The terms of trade of a month that are the same everywhere; prices in kopecks a kg."""

    pace: float
    safety: float
    state_price: float
    private_price: float
    rich: float
    most_bought: float
    wage: float
    spending: float


@kernel
def _sell(people, status, cash, grain, hidden, wanting, n, share, market, unpaid, plots, terms, purse, wants):
    """The first ``n`` households of a chunk sell what they can spare; those that lack grain work for others.

    Into ``purse`` the money then in hand, into ``wants`` the kg each would buy. Returns kg sold to the state and on
    the market, kopecks earned, and kg wanted. Without branches and in 32 bits, to work on several at once.
    """
    state, private, wanted, none = np.int32(0), np.int32(0), np.int32(0), single(0)
    earned = 0
    share, own, plot = single(share), single((1 - share) * market), single(plots * market)
    safety, unpaid = single(terms.safety), single(unpaid)
    pace, rich = single(terms.pace * terms.rich), single(terms.rich)
    most, a_kopeck = single(terms.most_bought), single(1 / terms.private_price)
    wage, state_price, private_price = single(terms.wage), terms.state_price, terms.private_price
    for i in range(n):
        alone, money = status[i] == ALONE, np.int32(cash[i])
        able = np.int32(people[i * len(AGES) + ABLE])
        mouths = np.int32(np.int32(people[i * len(AGES) + YOUNG] + able) + people[i * len(AGES) + OLD])
        # A member buys what the kolkhoz will not pay, and may sell only where plots and their markets are let be.
        spare = single(np.int32(grain[i] + hidden[i])) - wanting[i] * (safety if alone else unpaid)
        # Cash in hand takes away the need to sell.
        offer = max(spare, none) * (pace / (rich + max(single(money), none)))
        to_state = np.int32(offer * (share if alone else none))
        to_market = np.int32(offer * (own if alone else plot))
        sold = np.int32(to_state + to_market)
        barn = min(grain[i], sold)
        grain[i] -= barn
        hidden[i] -= np.int32(sold - barn)
        # Money may be more than 32 bits hold to the kopeck.
        gain = np.int32(to_state * state_price + to_market * private_price)
        # Who lacks grain goes out to work for others, in the village or away.
        lacks = spare < none
        gain = np.int32(gain + (np.int32(single(able) * wage) if lacks else np.int32(0)))
        money = np.int32(money + gain)
        want = np.int32(min(-spare, most * single(mouths), single(money) * a_kopeck))
        want = want if lacks else np.int32(0)
        purse[i], wants[i] = money, want
        state = np.int32(state + to_state)
        private = np.int32(private + to_market)
        earned += int(gain)
        wanted = np.int32(wanted + want)
    return state, private, earned, wanted


@chunked
def trade(first, last, h, rows, place, open_, share, left, wants, stabled, promised, plots, terms, sums):
    h = Households(*h)
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    purse, bought = np.empty(size, np.int32), np.empty(size, np.int32)
    for c in range(first, last):
        r, n, cash, grain = place[c], rows[c], h.cash[c], h.grain[c]
        needs(h, c, n, wants, stabled[r], food, feed, wanting)
        state, private, earned, wanted = _sell(
            h.people[c].reshape(-1), h.status[c], cash, grain, h.hidden[c], wanting, n, share, open_[r],
            1 - promised[r], plots, terms, purse, bought,
        )  # fmt: skip
        got = wanted if wanted <= left[c] else serve(bought, n, left[c])
        spent = 0
        for i in range(n):
            cost = np.int32(bought[i] * terms.private_price)
            money = np.int32(purse[i] - cost)
            shopped = np.int32(money * terms.spending)
            grain[i] += bought[i]
            cash[i] = np.int32(money - shopped)
            spent += int(cost + shopped)
        left[c] -= got
        sums[c, STATE], sums[c, PRIVATE], sums[c, BOUGHT] = state, private, got
        sums[c, WANTED], sums[c, EARNED], sums[c, SPENT] = wanted, earned, spent
