"""NumPy: whole columns of 32-bit floats, its own fastest generator (SFC64), draws made only where they are used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import workload as w

Draw = Callable[[], np.ndarray]


@dataclass
class Columns:
    """The state. grain, livestock, low: float32; alive, kolkhoz: bool. Rows that died out are never recorded."""

    start: w.Households
    grain: np.ndarray
    livestock: np.ndarray
    low: np.ndarray
    alive: np.ndarray
    kolkhoz: np.ndarray

    @classmethod
    def of(cls, start: w.Households) -> Columns:
        n = len(start)
        animals = start.livestock.astype(np.float32)
        return cls(start, start.grain.copy(), animals, np.zeros(n, np.float32), np.ones(n, bool), np.zeros(n, bool))


class Rules:
    """What does not change from month to month: the fixed columns as floats, and the first household of each region."""

    def __init__(self, start: w.Households) -> None:
        self.size = start.size.astype(np.float32)
        self.yields = w.YIELD[start.region]
        self.first = w.bounds(len(start))[:-1]
        self.eagerness = w.SHARE_BASE + start.hoard
        self.inclination = w.JOIN_HOARD - start.hoard
        self.region = start.region

    def total(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self.first, dtype=np.float64)

    def month(self, c: Columns, t: int, price: float, shares: np.ndarray, draw: Draw) -> np.ndarray:
        """Changes `c` by one month and returns its record, float64[30, 8]."""
        record = np.zeros((w.REGIONS, len(w.SERIES)))
        if w.HARVEST[t]:
            crop = c.start.land * self.yields * w.WEATHER[t // 12] * (w.HARVEST_BASE + w.HARVEST_SPREAD * draw())
            c.grain += np.where(c.kolkhoz, np.float32(w.HARVEST_KOLKHOZ) * crop, crop)
        need = w.NEED_PERSON * self.size + w.NEED_ANIMAL * c.livestock
        short = c.grain < need
        c.grain -= np.minimum(c.grain, need)
        c.low += 1
        c.low *= short
        np.minimum(c.low, w.LOW_MOST, out=c.low)
        if w.MARKET[t]:
            surplus = np.maximum(c.grain - w.RESERVE * need, 0)
            sold = np.clip(w.SHARE_MOST - np.float32(w.SHARE_PRICE * price) * self.eagerness, 0, w.SHARE_MOST) * surplus
            c.grain -= sold
            record[:, w.SOLD] = self.total(sold * c.alive)
        if w.PROCUREMENT[t]:
            hidden = ~c.kolkhoz & (draw() < w.HIDING * c.start.hoard)
            taken = w.QUOTA[t] * c.grain
            taken[hidden] *= w.HIDDEN
            c.grain -= taken
            record[:, w.DELIVERED] = self.total(taken * c.alive)
        distress = c.low >= w.LOW_DISTRESS
        owns = c.livestock > 0
        slaughter = distress & owns
        c.livestock -= slaughter
        c.grain += w.SLAUGHTER_GRAIN * slaughter.astype(np.float32)
        record[:, w.SLAUGHTERED] = self.total(slaughter & c.alive)
        dying = distress & ~owns & c.alive & (draw() < w.DEATH)
        record[:, w.DIED_OUT] = self.total(dying)
        c.alive &= ~dying
        propensity = (w.PRESSURE[t] * (w.JOIN_BASE + w.JOIN_SHARE * shares))[self.region]
        c.kolkhoz |= c.alive & (draw() < propensity * self.inclination)
        record[:, w.ALIVE] = self.total(c.alive)
        record[:, w.KOLKHOZ] = self.total(c.kolkhoz & c.alive)
        record[:, w.GRAIN] = self.total(c.grain * c.alive)
        record[:, w.DISTRESS] = self.total(distress & c.alive)
        return record


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    columns, rules = Columns.of(start), Rules(start)
    generator = np.random.Generator(np.random.SFC64(seed))

    def draw() -> np.ndarray:
        return generator.random(len(start), np.float32)

    def go() -> np.ndarray:
        months = []
        shares, national = np.zeros(w.REGIONS, np.float32), 0.0
        for t in range(w.MONTHS):
            months.append(rules.month(columns, t, w.PRICE_BASE + w.PRICE_KOLKHOZ * national, shares, draw))
            shares, national = w.regional_shares(months[-1]), w.national_share(months[-1])
        return np.array(months)

    return go
