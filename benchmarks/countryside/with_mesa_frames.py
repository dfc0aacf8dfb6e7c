"""mesa-frames: the households are an agent set on a Polars frame, and a month is the step of the model.

The rules are those of `with_polars`; the set takes the whole new frame, since `AgentSetPolars.set` joins by id at
every call and would be slower.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from . import with_polars
from . import workload as w


class Households(AgentSetPolars):
    """All households; `months` grows by float64[30, 8] in each step."""

    def __init__(self, model: ModelDF, start: w.Households) -> None:
        super().__init__(model)
        self.months: list[np.ndarray] = []
        self.add(with_polars.frame(start).with_columns(unique_id=pl.Series(np.arange(len(start)))))

    def step(self) -> None:
        t = len(self.months)
        last = self.months[-1] if t else np.zeros((w.REGIONS, len(w.SERIES)))
        price = w.PRICE_BASE + w.PRICE_KOLKHOZ * w.national_share(last)

        def draw() -> np.ndarray:
            return self.random.random(len(self.agents), np.float32)

        new, record = with_polars.month(self.agents, t, price, w.regional_shares(last), draw)
        self.agents = new.with_columns(self.agents["unique_id"])
        self.months.append(record)


class Countryside(ModelDF):
    """The model that owns the households."""

    def __init__(self, start: w.Households, seed: int) -> None:
        super().__init__(seed)
        self.households = Households(self, start)
        self.agents += self.households


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    model = Countryside(start, seed)

    def go() -> np.ndarray:
        for _ in range(w.MONTHS):
            model.step()
        sets = [households for households in model.agents._agentsets if isinstance(households, Households)]
        return np.array(sets[0].months)

    return go
