"""What the leadership does about prices: credit to trusts, ordered prices, and the state's price of grain."""

from __future__ import annotations

import numpy as np

from partystate.foundation.units import MEGATONNE
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism, reading


class PricePolicy(Mechanism):
    name = "price_policy"
    claim = (
        "The leadership lets prices of industry rise until the scissors, unsold goods and missing grain alarm it, then "
        "curbs credit and orders prices down, and goes on ordering them when goods have become scarce; it lowers the "
        "price of grain when its stores are full, and raises it late."
    )
    systems = ("S19",)
    sources = ("carr1954", "carr1958", "carr_davies1969", "johnson_temin1993")
    phase = "deliberate"
    reads = (
        "trusts.free", "price_policy.credit", "price_policy.orders", "price_policy.discount", "price_policy.alarm",
        "price_policy.acting", "state.grain",
    )  # fmt: skip
    reads_now = ("trusts.ratio", "trusts.stock", "trusts.output", "seen.shortfall")
    sets = (
        "price_policy.credit", "price_policy.orders", "price_policy.discount", "price_policy.alarm",
        "price_policy.acting",
    )  # fmt: skip
    events = ("directive",)
    parameters = {
        "price_policy.opening_credit": "share",
        "price_policy.tolerated": "ratio",
        "price_policy.unsold": "months",
        "price_policy.by_unsold": "weight",
        "price_policy.by_shortfall": "weight",
        "price_policy.notice": "share per month",
        "price_policy.patience": "index",
        "price_policy.response": "share",
        "price_policy.order_speed": "share per month",
        "price_policy.order_fade": "share per month",
        "price_policy.credit_speed": "share per month",
        "price_policy.discount": "share",
        "price_policy.discount_speed": "share per month",
        "price_policy.ample": "million t",
        "price_policy.worrying": "share",
    }
    when_off = {"S19": "Prices are ordered as with it; households do not answer to them."}
    moves = {"S19": ("grain_procurement",)}

    def found(self, founding, world, accounts, scale):
        world.now.update({name: np.array(0.0) for name in self.sets})
        world.now["price_policy.credit"] = np.array(founding.values["price_policy.opening_credit"])

    def step(self, now, look, draw, post, emit):
        if not look["trusts.free"]:
            return None
        p, alarm = look.p, self._alarm(look)
        credit, orders, discount = (float(look[f"price_policy.{n}"]) for n in ("credit", "orders", "discount"))
        act = min(p.response, 1.0) * float(bounded(alarm / p.patience - 1, 0, 1))
        if act > 0 and not look["price_policy.acting"]:
            because = (reading("scissors_ratio", float(look["trusts.ratio"])), reading("alarm over prices", alarm))
            emit(
                "directive", "Credit to trusts curbed, prices of industrial goods ordered down", because=because,
                scissors_ratio=float(look["trusts.ratio"]),
            )  # fmt: skip
        # Who has once been set to order prices goes on doing so: the campaign fades slowly.
        orders += p.order_speed * act * (1 - orders) - p.order_fade * orders
        return {
            "price_policy.alarm": np.array(alarm),
            "price_policy.acting": np.array(1.0 if act > 0 else 0.0),
            "price_policy.credit": np.array(credit + p.credit_speed * (1 - act - credit)),
            "price_policy.orders": np.array(float(bounded(orders, 0, 1))),
            "price_policy.discount": np.array(discount + p.discount_speed * (self._discount(look) - discount)),
        }

    @staticmethod
    def _alarm(look) -> float:
        """How alarmed the leadership is: by open scissors, the more with goods unsold and grain missing; it is slow."""
        p, alarm = look.p, float(look["price_policy.alarm"])
        open_ = max(float(look["trusts.ratio"]) / p.tolerated - 1, 0.0)
        months = float(look["trusts.stock"]) / float(look["trusts.output"])
        unsold = float(bounded(months / p.unsold - 1, 0, 1))
        cause = open_ * (1 + p.by_unsold * unsold + p.by_shortfall * float(look["seen.shortfall"]))
        return alarm + p.notice * (cause - alarm)

    @staticmethod
    def _discount(look) -> float:
        """What it would take off the price of grain: all it dares with full stores, nothing while deliveries fall."""
        p = look.p
        full = min(int(look["state.grain"]) / (p.ample * MEGATONNE), 1.0)
        worry = min(float(look["seen.shortfall"]) / p.worrying, 1.0)
        return p.discount * full * (1 - worry)
