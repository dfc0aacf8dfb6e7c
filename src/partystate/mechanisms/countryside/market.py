"""The grain market under NEP: what a household sells, to whom, and what it must buy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import KILOGRAMS, ROUBLE, STEPS
from partystate.mechanisms.countryside.needs import needs, serve, single, slices, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    AGES,
    ALONE,
    NUMBER,
    OLD,
    TABLE,
    YOUNG,
    by_region,
    households,
)
from partystate.model.formulas import shares
from partystate.model.mechanism import Mechanism

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


class Market(Mechanism):
    name = "market"
    claim = (
        "A household sells what it can spare at its own pace; to the state the less, the worse the state's price "
        "stands to industrial goods and to meat, the emptier the shops, and the more it expects of waiting."
    )
    systems = ("S19", "S18")
    sources = ("sah_stiglitz1984", "allen2003", "harrison1980", "johnson_temin1993", "millar1970")
    phase = "life"
    reads = (
        "village.counts", "area.stabled", "kolkhoz.promised", "plots.allowed", "market.open",
        "market.premium", "market.network", "market.wanted", "household.weight", "household.place",
        "village.wants",
    )  # fmt: skip
    reads_now = ("fields.harvest",)
    sets = (
        "market.state", "market.private", "market.wanted", "market.share", "market.premium", "market.bought",
        "market.goods", "market.network",
    )  # fmt: skip
    tables = (*TABLE, "village.grain", "state.grain")
    flows = (
        "grain: households -> state", "grain: households -> villages", "grain: villages -> households",
        "money: towns -> households", "money: households -> towns",
    )  # fmt: skip
    drivers = ("grain_price", "industrial_price", "meat_price", "goods_famine", "war_scare")
    parameters = {
        "market.pace_autumn": "share per month",
        "market.pace_other": "share per month",
        "market.autumn_first": "months",
        "market.autumn_last": "months",
        "market.safety": "ratio",
        "market.hoarding": "share",
        "market.state_share": "share",
        "market.network_growth": "share per month",
        "market.by_industrial": "weight",
        "market.by_meat": "weight",
        "market.by_goods": "weight",
        "market.by_premium": "weight",
        "market.by_scare": "weight",
        "market.premium_speed": "share per month",
        "market.premium_gain": "weight",
        "market.price": "roubles per t",
        "market.rich": "roubles",
        "market.most_bought": "kg per person",
        "market.carrying": "share per month",
        "market.wage": "roubles per month",
        "market.spending": "share per month",
    }
    when_off = {
        "S18": "Households trade as they do; only the weather is the same each year.",
        "S19": "Households sell the state the share of the normal years of NEP, whatever prices and shops are like.",
    }
    moves = {"S19": ("grain_procurement",), "S18": ("grain_procurement",)}

    def step(self, now, look, draw, post, emit):
        p, month, weight = look.p, calendar.month_of_year(now), look["household.weight"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        premium, open_ = float(look["market.premium"]), look["market.open"]
        price, goods = priced(look, "grain_price"), look.driver("goods_famine")
        buyers = p.state_share * float(look["market.network"])  # state and cooperative, against private traders
        share = self._share(look, buyers, premium) if look.on("S19") else buyers
        autumn = p.autumn_first <= month <= p.autumn_last
        state_price = p.price * price * ROUBLE / KILOGRAMS
        pace = p.pace_autumn if autumn else p.pace_other
        # Empty shops leave money unspent, and who has money need not sell.
        spending = p.spending / (1 + goods)
        terms = Terms(
            pace,
            p.safety * (1 + p.hoarding * look.driver("war_scare")),
            state_price,
            state_price * (1 + premium),
            p.rich * ROUBLE,
            p.most_bought,
            p.wage * ROUBLE,
            spending,
        )
        stock = look["village.grain"]
        self._carry(look, stock)
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        left = slices(stock, look["village.counts"][:, NUMBER["deficit"]], place, rows, weight)
        stabled, promised, plots = look["area.stabled"], look["kolkhoz.promised"], float(look["plots.allowed"])
        _trade(rows.size, table, rows, place, open_, share, left, wants_of(look), stabled, promised, plots, terms, sums)
        done = by_region(sums, place, weight)
        stock += done[:, PRIVATE] - done[:, BOUGHT]
        total = done.sum(axis=0).tolist()
        look["state.grain"][...] += total[STATE]
        post("grain: households -> state", total[STATE])
        post("grain: households -> villages", total[PRIVATE])
        post("grain: villages -> households", total[BOUGHT])
        post("money: towns -> households", total[EARNED])
        post("money: households -> towns", total[SPENT])
        short = 1 - total[BOUGHT] / max(total[WANTED], 1)
        premium += p.premium_speed * (p.premium_gain * short - premium)
        return {
            "market.state": done[:, STATE],
            "market.private": done[:, PRIVATE],
            "market.bought": done[:, BOUGHT],
            "market.wanted": done[:, WANTED],
            "market.share": np.array(share),
            "market.premium": np.array(premium),
            "market.network": look["market.network"] + p.network_growth * (1 - look["market.network"]),
            "market.goods": np.array(max(total[SPENT] - total[BOUGHT] * terms.private_price, 0.0)),
        }

    @staticmethod
    def _carry(look, stock: np.ndarray) -> None:
        """Private traders carry grain to the regions where most was wanted, as far as trade is let be."""
        open_ = look["market.open"]
        drawn = look["market.wanted"] * open_
        if not drawn.any():
            return
        taken = (stock * look.p.carrying * open_).astype(np.int64)
        total = taken.sum()
        brought = (total * shares(drawn)).astype(np.int64)
        stock += brought - taken
        stock[0] += total - brought.sum()

    @staticmethod
    def _share(look, buyers: float, premium: float) -> float:
        """Share of what is offered that goes to the state rather than to private trade or back into the barn."""
        p, price = look.p, priced(look, "grain_price")
        pull = p.by_industrial * np.log(price / priced(look, "industrial_price"))
        pull += p.by_meat * np.log(price / priced(look, "meat_price"))
        pull -= (
            p.by_goods * look.driver("goods_famine") + p.by_premium * premium + p.by_scare * look.driver("war_scare")
        )
        return min(buyers * float(np.exp(pull)), 1.0)


def priced(look, driver: str) -> float:
    """A price as a driver gives it; one of nothing counts as next to nothing, so that ratios stay defined."""
    return max(look.driver(driver), 1 / STEPS)


@kernel
def _sell(people, status, cash, grain, hidden, wanting, n, share, market, unpaid, plots, terms, purse, wants):
    """The first ``n`` households of a chunk sell what they can spare; those that lack grain work for others.

    Into ``purse`` the money then in hand, into ``wants`` the kg each would buy. Returns kg sold to the state and on
    the market, kopecks earned, and kg wanted. Without branches and in 32 bits, to work on several at once.
    """
    state, private, wanted, none = np.int32(0), np.int32(0), np.int32(0), single(0)
    earned = 0
    share, own, plot = single(share), single((1 - share) * market), single(plots * market)
    safety, unpaid, pace, rich = (
        single(terms.safety),
        single(unpaid),
        single(terms.pace * terms.rich),
        single(terms.rich),
    )
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
def _trade(first, last, h, rows, place, open_, share, left, wants, stabled, promised, plots, terms, sums):
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
