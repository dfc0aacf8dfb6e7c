"""Starsim: its people, states, draws and loop. The rules work on the whole columns behind the states, as in NumPy,
which is faster than arithmetic with the states themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import starsim as ss

from . import workload as w
from .with_numpy import Columns, Rules


class Countryside(ss.Module):
    """The households as a module of a simulation; `record` grows by float64[30, 8] in each step."""

    def __init__(self, start: w.Households) -> None:
        super().__init__()
        self.start, self.rules, self.record = start, Rules(start), []
        self.uniforms = ss.random(name="uniforms")
        self.define_states(
            ss.FloatArr("grain", default=0.0),
            ss.FloatArr("livestock", default=0.0),
            ss.FloatArr("low", default=0.0),
            ss.BoolArr("household", default=True),
            ss.BoolArr("kolkhoz", default=False),
        )

    def step(self) -> None:
        n, t = len(self.start), len(self.record)
        if t == w.MONTHS:
            return
        states = (self.grain, self.livestock, self.low, self.household, self.kolkhoz)
        columns = Columns(self.start, *(state.raw[:n] for state in states))
        last = self.record[-1] if t else np.zeros((w.REGIONS, len(w.SERIES)))
        price = w.PRICE_BASE + w.PRICE_KOLKHOZ * w.national_share(last)

        def draw() -> np.ndarray:
            return self.uniforms.rvs(self.sim.people.auids)

        self.record.append(self.rules.month(columns, t, price, w.regional_shares(last), draw))


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    sim = ss.Sim(
        n_agents=len(start), modules=Countryside(start), dur=ss.months(w.MONTHS - 1), dt=ss.months(1), verbose=0
    )
    sim.pars.rand_seed = seed
    sim.init()
    module = next(module for module in sim.modules if isinstance(module, Countryside))
    module.grain.raw[: len(start)] = start.grain
    module.livestock.raw[: len(start)] = start.livestock

    def go() -> np.ndarray:
        sim.run()
        return np.array(module.record)

    return go
