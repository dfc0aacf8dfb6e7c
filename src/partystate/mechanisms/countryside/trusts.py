"""What industrial goods and grain cost when prices answer to the village: trusts, unsold goods, goods famine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import MEGATONNE, ROUBLE
from partystate.mechanisms.countryside.table import NUMBER, TALLIED
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism

HARVEST = TALLIED.index("harvest")
SUPPLIED = {"grain_price": "grain", "industrial_price": "price", "goods_famine": "famine", "scissors_ratio": "ratio"}


class Trade(NamedTuple):
    """How trade between town and village stands; prices in terms of those of the mid-1920s.

    price: of industrial goods; grain: what the state pays; output: goods made in a month, of those before the war;
    stock: unsold goods, months of that output; famine: what is not to be had of what is asked for, smoothed;
    ratio: industrial over agricultural prices, 1 before the war; crop and usual: the last harvest and what people are
    used to, kg.
    """

    price: float
    grain: float
    output: float
    stock: float
    famine: float
    ratio: float
    crop: float
    usual: float


class Village(NamedTuple):
    """What trusts feel of the village. asked: money that a household would spend on goods in a month, roubles; dearer:
    what a peasant gets above the state's price, as a share of it; tempo: tautness of the line, 0 to 1."""

    asked: float
    dearer: float
    tempo: float


class Policy(NamedTuple):
    """How easy credit is, how far prices are ordered, and what the state takes off the price of grain: shares."""

    credit: float
    orders: float
    discount: float


class Trusts(Mechanism):
    name = "trusts"
    claim = (
        "Trusts raise prices as long as credit lets them hold what they do not sell, while harvests above the usual "
        "lower the price of grain; prices that are ordered below what the village would pay empty the shops."
    )
    systems = ("S19",)
    sources = ("carr1954", "carr1958", "sah_stiglitz1984", "johnson_temin1993")
    phase = "life"
    reads = (
        "trusts.price", "trusts.grain", "trusts.output", "trusts.stock", "trusts.famine", "trusts.ratio", "trusts.crop",
        "trusts.usual", "trusts.free", "price_policy.credit", "price_policy.orders", "price_policy.discount",
        "village.counts", "village.tally", "rural.tempo",
    )  # fmt: skip
    reads_now = ("market.goods", "market.premium", "market.share")
    sets = (*(f"trusts.{name}" for name in Trade._fields), "trusts.free")
    supplies = tuple(SUPPLIED)
    parameters = {
        "trusts.opening_price": "ratio",
        "trusts.opening_grain": "ratio",
        "trusts.opening_output": "ratio",
        "trusts.opening_stock": "months",
        "trusts.opening_crop": "million t",
        "trusts.level": "ratio",
        "trusts.recovery": "share per month",
        "trusts.capacity": "ratio",
        "trusts.village": "ratio",
        "trusts.spent": "roubles per month",
        "trusts.town": "share",
        "trusts.crafts": "ratio",
        "trusts.diverted": "share",
        "trusts.raise_by": "share per month",
        "trusts.lower_by": "share per month",
        "trusts.cut_by": "share per month",
        "trusts.wanted": "ratio",
        "trusts.cost": "ratio",
        "trusts.held": "months",
        "trusts.held_on_credit": "months",
        "trusts.famine_speed": "share per month",
        "trusts.harvest_in": "months",
        "trusts.habit": "share per year",
        "trusts.grain_level": "ratio",
        "trusts.grain_gain": "share",
        "trusts.grain_speed": "share per month",
    }
    variants = ("set_by_trusts",)
    when_off = {"S19": "Prices are made as with it; households do not answer to them."}
    moves = {"S19": ("grain_procurement",)}

    def found(self, founding, world, accounts, scale):
        p = SimpleNamespace(**{key.partition(".")[2]: founding.values[key] for key in self.parameters})
        free = bool(world.variants.get(self.name))
        world.now.update(self._columns(opening(p), free))

    def step(self, now, look, draw, post, emit):
        if not look["trusts.free"]:
            return None
        p, month = look.p, calendar.month_of_year(now)
        trade = Trade(*(float(look[f"trusts.{name}"]) for name in Trade._fields))
        if month == p.harvest_in:
            trade = harvested(trade, float(look["village.tally"][:, HARVEST].sum()), p)
        policy = Policy(*(float(look[f"price_policy.{name}"]) for name in Policy._fields))
        trade = traded(trade, village(look), policy, p)
        emit.measure("scissors_ratio", trade.ratio)
        emit.measure("goods_famine_index", trade.famine)
        emit.measure("state_grain_price", trade.grain)
        emit.measure("industrial_price_index", trade.price)
        return self._columns(trade, True)

    @staticmethod
    def _columns(trade: Trade, free: bool) -> dict[str, np.ndarray]:
        """The columns of the mechanism, and the drivers in whose place it stands where prices are free."""
        columns = {f"trusts.{name}": np.array(value) for name, value in trade._asdict().items()}
        supplied = {driver: columns[f"trusts.{name}"] for driver, name in SUPPLIED.items() if free}
        return columns | supplied | {"trusts.free": np.array(1.0 if free else 0.0)}


def opening(p) -> Trade:
    """Trade as the first month finds it."""
    crop = p.opening_crop * MEGATONNE
    ratio = p.level * p.opening_price / p.opening_grain
    return Trade(p.opening_price, p.opening_grain, p.opening_output, p.opening_stock, 0.0, ratio, crop, crop)


def village(look) -> Village:
    """What trusts feel of the village. Money that empty shops leave unspent is asked for all the same."""
    households = max(look["village.counts"][:, NUMBER["households"]].sum(), 1)
    return Village(
        float(look["market.goods"]) / ROUBLE / households * (1 + float(look["trusts.famine"])),
        (1 - float(look["market.share"])) * float(look["market.premium"]),
        float(look["rural.tempo"]),
    )


def harvested(trade: Trade, crop: float, p) -> Trade:
    """A harvest is in: people get used to it, and its price is held against what they were used to."""
    return trade._replace(crop=crop, usual=trade.usual + p.habit * (trade.crop - trade.usual))


def traded(trade: Trade, seen: Village, policy: Policy, p) -> Trade:
    """A month of trade. All prices stay above 0, shares and indices in 0 to 1, stocks at or above 0."""
    # Wages of the towns follow what is made; what craftsmen make is not bought from trusts, the dearer these, the less.
    wanted = max((p.village * seen.asked / p.spent + p.town * trade.output) / trade.price - p.crafts, 0.0)
    made = trade.output * (1 - p.diverted * seen.tempo)
    sold = min(wanted, trade.stock + made)
    stock = trade.stock + made - sold
    missing = 1 - sold / wanted if wanted > 0 else 0.0
    famine = trade.famine + p.famine_speed * (missing - trade.famine)
    # Credit lets a trust wait for its price; without it, it must sell at once.
    full = stock / ((p.held + p.held_on_credit * policy.credit) * trade.output)
    push = p.raise_by * policy.credit * (1 - policy.orders) * bounded(1 - full, 0, 1)
    push -= p.lower_by * bounded(full - 1, 0, 1)
    cut = p.cut_by * policy.orders * bounded(trade.ratio / p.wanted - 1, 0, 1)
    price = max(trade.price * (1 + float(push - cut)), p.cost)
    grown = p.recovery * max(1 - trade.output / p.capacity, 0.0) * float(bounded(1 - (full - 1), 0, 1))
    plenty = float(bounded(trade.crop / max(trade.usual, 1.0) - 1, -1, 1))
    paid = p.grain_level * (1 - p.grain_gain * plenty) * (1 - policy.discount)
    grain = trade.grain + p.grain_speed * (paid - trade.grain)
    return Trade(
        price,
        grain,
        trade.output * (1 + grown),
        stock,
        float(bounded(famine, 0, 1)),
        p.level * price / (grain * (1 + seen.dearer)),
        trade.crop,
        trade.usual,
    )
