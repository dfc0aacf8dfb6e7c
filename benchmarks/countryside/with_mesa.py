"""Mesa: a household is an agent, a month is `agents.do`, in one order and without a data collector, which are the
fastest ways it offers."""

from __future__ import annotations

from collections.abc import Callable

import mesa
import numpy as np

from . import workload as w


class Household(mesa.Agent):
    """One household; its record goes straight into the lists of its region."""

    def __init__(self, model: Countryside, region: int, size: float, land: float, hoard: float, grain: float, n: int):
        super().__init__(model)
        self.region, self.size, self.land, self.hoard, self.grain, self.livestock = region, size, land, hoard, grain, n
        self.low, self.alive, self.kolkhoz = 0, True, False

    def month(self) -> None:
        if not self.alive:
            return
        model = self.model
        draw = model.random.random
        record = model.record[self.region]
        grain, hoard, kolkhoz = self.grain, self.hoard, self.kolkhoz
        if model.harvest:
            crop = self.land * model.crop[self.region] * (w.HARVEST_BASE + w.HARVEST_SPREAD * draw())
            grain += crop * w.HARVEST_KOLKHOZ if kolkhoz else crop
        need = w.NEED_PERSON * self.size + w.NEED_ANIMAL * self.livestock
        if grain < need:
            grain = 0.0
            self.low = low = min(self.low + 1, w.LOW_MOST)
        else:
            grain -= need
            self.low = low = 0
        if model.market:
            surplus = grain - w.RESERVE * need
            if surplus > 0:
                share = w.SHARE_MOST - w.SHARE_PRICE * model.price * (w.SHARE_BASE + hoard)
                if share > 0:
                    sold = min(share, w.SHARE_MOST) * surplus
                    grain -= sold
                    record[w.SOLD] += sold
        if model.procurement:
            taken = model.quota * grain
            if not kolkhoz and draw() < w.HIDING * hoard:
                taken *= w.HIDDEN
            grain -= taken
            record[w.DELIVERED] += taken
        if low >= w.LOW_DISTRESS:
            if self.livestock > 0:
                self.livestock -= 1
                grain += w.SLAUGHTER_GRAIN
                record[w.SLAUGHTERED] += 1
            elif draw() < w.DEATH:
                self.alive = False
                record[w.DIED_OUT] += 1
                return
            record[w.DISTRESS] += 1
        if not kolkhoz and draw() < model.propensity[self.region] * (w.JOIN_HOARD - hoard):
            self.kolkhoz = kolkhoz = True
        self.grain = grain
        record[w.ALIVE] += 1
        record[w.GRAIN] += grain
        if kolkhoz:
            record[w.KOLKHOZ] += 1


class Countryside(mesa.Model):
    """All households; `months` grows by float64[30, 8] in each step."""

    def __init__(self, start: w.Households, seed: int) -> None:
        super().__init__(seed=seed)
        columns = (start.region, start.size, start.land, start.hoard, start.grain, start.livestock)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            Household(self, *row)
        self.months: list[np.ndarray] = []
        self.last = np.zeros((w.REGIONS, len(w.SERIES)))

    def step(self) -> None:
        t = len(self.months)
        self.harvest, self.market, self.procurement = bool(w.HARVEST[t]), bool(w.MARKET[t]), bool(w.PROCUREMENT[t])
        self.quota = float(w.QUOTA[t])
        self.crop = (w.YIELD * w.WEATHER[t // 12]).tolist()
        self.price = w.PRICE_BASE + w.PRICE_KOLKHOZ * w.national_share(self.last)
        self.propensity = (w.PRESSURE[t] * (w.JOIN_BASE + w.JOIN_SHARE * w.regional_shares(self.last))).tolist()
        self.record = [[0.0] * len(w.SERIES) for _ in range(w.REGIONS)]
        self.agents.do("month")
        self.last = np.array(self.record)
        self.months.append(self.last)


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    model = Countryside(start, seed)

    def go() -> np.ndarray:
        for _ in range(w.MONTHS):
            model.step()
        return np.array(model.months)

    return go
