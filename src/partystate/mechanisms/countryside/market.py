"""The grain market under NEP: what a household sells, to whom, and what it must buy."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import kernel
from partystate.foundation.units import KILOGRAMS, ROUBLE, STEPS
from partystate.mechanisms.countryside.needs import slices, wants_of
from partystate.mechanisms.countryside.table import (
    NUMBER,
    TABLE,
    by_region,
    columns,
    in_all,
)  # fmt: skip
from partystate.mechanisms.countryside.trading import (
    BOUGHT,
    COUNTED,
    EARNED,
    PRIVATE,
    SPENT,
    STATE,
    WANTED,
    Terms,
    trade,
)
from partystate.model.compiled import share_out
from partystate.model.mechanism import Mechanism


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
        "market.pace_harvest": "share per month",
        "fields.reaping": "months",
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
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        premium, open_ = float(look["market.premium"]), look["market.open"]
        price, goods = priced(look, "grain_price"), look.driver("goods_famine")
        buyers = p.state_share * float(look["market.network"])  # state and cooperative, against private traders
        share = self._share(look, buyers, premium) if look.on("S19") else buyers
        autumn = p.autumn_first <= month <= p.autumn_last
        state_price = p.price * price * ROUBLE / KILOGRAMS
        pace = p.pace_autumn if autumn else p.pace_other
        # Before it is threshed little of a harvest can be sold.
        pace = p.pace_harvest if month == p.reaping else pace
        # Empty shops leave money unspent, and who has money need not sell.
        spending = p.spending / (1 + goods)
        safety = p.safety * (1 + p.hoarding * look.driver("war_scare"))
        rich, wage = p.rich * ROUBLE, p.wage * ROUBLE
        terms = Terms(pace, safety, state_price, state_price * (1 + premium), rich, p.most_bought, wage, spending)
        stock = look["village.grain"]
        _carry(stock, look["market.wanted"], open_, p.carrying)
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        left = slices(stock, look["village.counts"][:, NUMBER["deficit"]], place, rows, weight)
        stabled, promised, plots = look["area.stabled"], look["kolkhoz.promised"], float(look["plots.allowed"])
        trade(rows.size, table, rows, place, open_, share, left, wants_of(look), stabled, promised, plots, terms, sums)
        done = by_region(sums, place, weight)
        stock += done[:, PRIVATE] - done[:, BOUGHT]
        total = in_all(done)
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
def _carry(stock, wanted, open_, carrying):
    """Private traders carry part of each ``stock`` (region,) to where most was wanted, as far as trade is let be.

    No kg is lost on the way.
    """
    drawn, left = wanted * open_, 0
    if not drawn.any():
        return
    share_out(drawn)
    for r in range(stock.size):
        taken = int(stock[r] * carrying * open_[r])
        stock[r] -= taken
        left += taken
    carried = left
    for r in range(stock.size):
        brought = int(carried * drawn[r])
        stock[r] += brought
        left -= brought
    stock[0] += left
