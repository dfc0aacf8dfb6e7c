"""What the state does with its grain: rations, the army and industry, seed, exports, relief, in this order."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import kernel
from partystate.foundation.units import HECTARE, MEGATONNE, MILLION
from partystate.mechanisms.countryside.table import whole_sum
from partystate.model.compiled import total
from partystate.model.mechanism import Mechanism


class StateGrain(Mechanism):
    name = "state_grain"
    claim = (
        "The state feeds the army and the towns first, exports what it planned as long as rations last, and gives "
        "relief late and least where a quota is still owed, because officials who owe grain do not report hunger."
    )
    systems = ("S26", "S27")
    sources = ("dw2004", "naumenko2021", "markevich2021")
    phase = "life"
    reads = ("rural.tempo", "area.owing", "seen.missing", "kolkhoz.land", "market.open", "state.exports_year")
    reads_now = ("people.left", "market.wanted", "market.bought")
    sets = ("state.ration_met", "state.exported", "state.relief", "state.used", "state.exports_year")
    tables = ("state.grain", "kolkhoz.grain", "village.grain", "relief.grain")
    flows = (
        "grain: state -> towns", "grain: villages -> towns", "grain: state -> exported",
        "grain: state -> villages", "grain: state -> kolkhozy",
        "grain: state -> relief", "grain: relief -> state",
    )  # fmt: skip
    drivers = ("town_population", "export_target")
    parameters = {
        "state_grain.ration": "kg per month",
        "state_grain.market_fed": "share",
        "state_grain.eased": "share",
        "state_grain.ample_months": "months",
        "state_grain.army": "million t per year",
        "state_grain.industry": "million t per year",
        "state_grain.export_first": "months",
        "state_grain.export_last": "months",
        "state_grain.export_caution": "weight",
        "state_grain.kept_months": "months",
        "state_grain.seed_month": "months",
        "fields.seed_rate": "kg per ha",
        "fields.autumn_share": "share",
        "state_grain.seed_loan": "share",
        "state_grain.supplied": "share",
        "state_grain.relief": "share",
        "state_grain.relief_owing": "share",
        "state_grain.ample": "million t",
        "state_grain.town_pull": "share per month",
    }
    when_off = {
        "S26": "No grain is exported, and none is planned for.",
        "S27": "No relief is given.",
    }
    moves = {"S26": ("grain_exports", "rural_excess_deaths_year"), "S27": ("rural_excess_deaths_year",)}

    def step(self, now, look, draw, post, emit):
        p, month = look.p, calendar.month_of_year(now)
        stock, tempo = look["state.grain"], float(look["rural.tempo"])
        towns = look.driver("town_population") * MILLION
        fed_by_trade = self._trade(look, post, towns)
        needed = max(int(towns * p.ration) - fed_by_trade, 0)
        other = int((p.army + p.industry * tempo) * MEGATONNE / calendar.MONTHS_PER_YEAR)
        bare = needed + other
        # With grain in store rations are eased, and bread is sold without them.
        ease = p.eased * min(max((int(stock) / max(bare, 1) - p.kept_months) / p.ample_months, 0.0), 1.0)
        ration = self._give(stock, int(bare * (1 + ease)), post, "grain: state -> towns")
        if month == p.seed_month:
            self._seed(look, stock, post)
        self._supply(look, stock, bare, post)
        exported = self._export(look, month, stock, bare, post) if look.on("S26") else 0
        relief = self._relief(look, stock, needed, post) if look.on("S27") else np.zeros(look["area.owing"].size)
        first = month == 1
        year = exported if first else int(look["state.exports_year"]) + exported
        if month == calendar.MONTHS_PER_YEAR:
            emit.measure("grain_exports", year / MEGATONNE)
        return {
            "state.ration_met": np.array(min(ration / max(bare, 1), 1.0)),
            "state.exported": np.array(exported),
            "state.exports_year": np.array(year),
            "state.relief": relief,
            "state.used": np.array(ration),
        }

    @staticmethod
    def _give(stock, kg: int, post, flow: str) -> int:
        """Takes up to ``kg`` out of the state's stock; returns what there was."""
        given = min(kg, int(stock))
        stock[...] -= given
        post(flow, given)
        return given

    @staticmethod
    def _trade(look, post, towns: float) -> int:
        """What private trade brings to the towns out of the village markets."""
        p = look.p
        brought = _bring(look["village.grain"], look["market.open"], p.town_pull, p.market_fed * towns * p.ration)
        post("grain: villages -> towns", brought)
        return brought

    def _seed(self, look, stock, post) -> None:
        """Loans of seed to kolkhozy that have not enough of their own."""
        p, pool = look.p, look["kolkhoz.grain"]
        wanted = np.maximum(look["kolkhoz.land"] * (1 - p.autumn_share) * p.seed_rate / HECTARE - pool, 0) * p.seed_loan
        share = min(1.0, int(stock) / max(wanted.sum(), 1.0))
        loans = (wanted * share).astype(np.int64)
        pool += loans
        self._give(stock, whole_sum(loans), post, "grain: state -> kolkhozy")

    def _supply(self, look, stock, rations: int, post) -> None:
        """Grain sold in villages that buy their bread, as far as rations are safe; little where a quota is owed."""
        p = look.p
        safe = max(int(stock) - p.kept_months * rations, 0.0)
        sold = _sell(
            look["village.grain"], look["market.wanted"], look["market.bought"], look["area.owing"], p.relief_owing,
            p.supplied, safe,
        )  # fmt: skip
        self._give(stock, sold, post, "grain: state -> villages")

    def _export(self, look, month: int, stock, monthly: int, post) -> int:
        """Exports from harvest to late winter, cut when stocks run below some months of rations."""
        p = look.p
        season = month >= p.export_first or month <= p.export_last
        months = calendar.MONTHS_PER_YEAR - p.export_first + 1 + p.export_last
        if not season:
            return 0
        target = look.driver("export_target") * MEGATONNE / months
        spare = max(int(stock) - p.kept_months * monthly, 0.0)
        cover = min(1.0, spare / max(target, 1.0))
        return self._give(stock, int(target * cover**p.export_caution), post, "grain: state -> exported")

    def _relief(self, look, stock, rations: int, post) -> np.ndarray:
        """Relief by region (kg) for hunger that was reported; what was not needed last month comes back."""
        p, held = look.p, look["relief.grain"]
        back = whole_sum(held)
        stock[...] += back
        post("grain: relief -> state", back)
        # With full barns nobody asks whether a region has earned its relief.
        plenty = min(1.0, int(stock) / (p.ample * MEGATONNE))
        granted = np.empty(held.size, np.int64)
        total = _relieve(
            held, look["seen.missing"], look["area.owing"], p.relief_owing, p.relief, plenty,
            max(int(stock) - rations, 0), granted,
        )  # fmt: skip
        self._give(stock, total, post, "grain: state -> relief")
        return granted


@kernel
def _bring(market, open_, pull, most):
    """Takes out of each ``market`` (region,) the kg that traders bring to the towns, ``most`` at most; returns them."""
    brought, total = np.empty(market.size, np.int64), 0
    for r in range(market.size):
        brought[r] = int(market[r] * pull * open_[r])
        total += brought[r]
    part, sum_ = most / total if total > most else 1.0, 0
    for r in range(market.size):
        kg = int(brought[r] * part)
        market[r] -= kg
        sum_ += kg
    return sum_


@kernel
def _sell(market, wanted, bought, owing, part_owing, supplied, stock):
    """Adds to each ``market`` (region,) the kg that the state sells out of a ``stock`` to spare; returns them."""
    asked, sold = np.empty(market.size), 0
    for r in range(market.size):
        asked[r] = max(wanted[r] - bought[r], 0) * (part_owing if owing[r] > 0 else 1.0) * supplied
    share = min(1.0, stock / max(total(asked), 1.0))
    for r in range(market.size):
        kg = int(asked[r] * share)
        market[r] += kg
        sold += kg
    return sold


@kernel
def _relieve(held, missing, owing, part_owing, part, plenty, stock, granted):
    """Relief (region,) for what is ``missing`` as reported, by the part that is met; it is then all that is held."""
    asked, given = np.empty(held.size), 0
    for r in range(held.size):
        met = (part_owing if owing[r] > 0 else 1.0) * part
        asked[r] = missing[r] * (met + (1 - met) * plenty)
    share = min(1.0, stock / max(total(asked), 1.0))
    for r in range(held.size):
        granted[r] = int(max(asked[r] * share, 0.0))
        held[r] = granted[r]
        given += granted[r]
    return given
