"""The grain market under NEP: what a household sells, to whom, and what it must buy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import chunked
from partystate.foundation.units import KILOGRAMS, ROUBLE, STEPS
from partystate.mechanisms.countryside.needs import needs, slices, spend, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
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
        "market.premium", "market.wanted", "household.weight", "household.place",
        "village.wants",
    )  # fmt: skip
    reads_now = ("fields.harvest",)
    sets = ("market.state", "market.private", "market.wanted", "market.share", "market.premium", "market.bought")
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
        "market.state_share": "share",
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
        share = self._share(look, premium) if look.on("S19") else p.state_share
        autumn = p.autumn_first <= month <= p.autumn_last
        state_price = p.price * price * ROUBLE / KILOGRAMS
        pace = p.pace_autumn if autumn else p.pace_other
        # Empty shops leave money unspent, and who has money need not sell.
        spending = p.spending / (1 + goods)
        terms = Terms(
            pace,
            p.safety,
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
        }

    @staticmethod
    def _carry(look, stock: np.ndarray) -> None:
        """Private traders carry grain to the regions where most was wanted, as far as trade is let be."""
        wanted, open_ = look["market.wanted"], look["market.open"]
        if not (wanted * open_).any():
            return
        taken = (stock * look.p.carrying * open_).astype(np.int64)
        brought = (taken.sum() * shares(wanted * open_)).astype(np.int64)
        stock += brought - taken
        stock[0] += taken.sum() - brought.sum()

    @staticmethod
    def _share(look, premium: float) -> float:
        """Share of what is offered that goes to the state rather than to private trade or back into the barn."""
        p, price = look.p, priced(look, "grain_price")
        pull = p.by_industrial * np.log(price / priced(look, "industrial_price"))
        pull += p.by_meat * np.log(price / priced(look, "meat_price"))
        pull -= (
            p.by_goods * look.driver("goods_famine") + p.by_premium * premium + p.by_scare * look.driver("war_scare")
        )
        return min(p.state_share * float(np.exp(pull)), 1.0)


def priced(look, driver: str) -> float:
    """A price as a driver gives it; one of nothing counts as next to nothing, so that ratios stay defined."""
    return max(look.driver(driver), 1 / STEPS)


@chunked
def _trade(first, last, h, rows, place, open_, share, left, wants, stabled, promised, plots, terms, sums):
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size), np.empty(size), np.empty(size)
    for c in range(first, last):
        needs(h, c, rows[c], wants, stabled[place[c]], food, feed, wanting)
        r, stall = place[c], left[c]
        market, unpaid = open_[r], 1 - promised[r]
        status, cash, grain, hidden = h.status[c], h.cash[c], h.grain[c], h.hidden[c]
        state, private, bought, wanted, earned, spent = 0, 0, 0, 0, 0, 0
        for i in range(rows[c]):
            alone, purse = status[i] == ALONE, np.int64(cash[i])
            # A member buys what the kolkhoz will not pay, and may sell only where plots and their markets are let be.
            wanted_here = wanting[i] * (terms.safety if alone else unpaid)
            spare = grain[i] + hidden[i] - wanted_here
            if spare > 0 and (alone or plots > 0):
                # Cash in hand takes away the need to sell.
                offer = spare * terms.pace * terms.rich / (terms.rich + max(purse, 0))
                to_state = int(offer * (share if alone else 0.0))
                to_market = int(offer * ((1 - share if alone else plots) * market))
                spend(h, c, i, to_state + to_market)
                gain = int(to_state * terms.state_price + to_market * terms.private_price)
                purse += gain
                state += to_state
                private += to_market
                earned += gain
            elif spare < 0:
                mouths = h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
                # Who lacks grain goes out to work for others, in the village or away.
                pay = int(h.people[c, i, ABLE] * terms.wage)
                purse += pay
                earned += pay
                if market > 0:
                    want = int(min(-spare, terms.most_bought * mouths, purse / terms.private_price) * market)
                    got = min(want, stall)
                    cost = int(got * terms.private_price)
                    stall -= got
                    grain[i] += got
                    purse -= cost
                    wanted += want
                    bought += got
                    spent += cost
            cost = int(purse * terms.spending)
            cash[i] = purse - cost
            spent += cost
        left[c] = stall
        sums[c, STATE], sums[c, PRIVATE], sums[c, BOUGHT] = state, private, bought
        sums[c, WANTED], sums[c, EARNED], sums[c, SPENT] = wanted, earned, spent
