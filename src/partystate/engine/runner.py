"""Runs one history: builds January 1922, steps through the working months, closes the books, stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from partystate.engine.recorder import Recorder, RunResult
from partystate.foundation import calendar, draws
from partystate.model.catalogue import Model
from partystate.model.chronicle import Chronicle
from partystate.model.founding import Founding
from partystate.model.ledger import Ledger
from partystate.model.mechanism import Draw, Emit, Look, Mechanism, Post, StrictLook
from partystate.record.founding import FoundingData
from partystate.record.parameters import Resolved

SAMPLE_WEIGHT = 200  # persons that one row of the membership table stands for in the default sample
HOUSEHOLD_WEIGHT = 2500  # peasant households that one row of their table stands for in the default sample


@dataclass(frozen=True)
class RunSetting:
    """Everything besides the model that decides a run.

    ``scale``: persons per row of the membership; ``households``: peasant households per row of theirs (1 is 1:1).
    """

    seed: int
    parameters: Resolved
    founding: FoundingData
    scale: int = SAMPLE_WEIGHT
    households: int = HOUSEHOLD_WEIGHT
    holder: str | None = None
    alike: frozenset[str] = frozenset()
    traits: Mapping[tuple[str, str], float] = field(default_factory=dict)
    deaths: Mapping[str, int | None] = field(default_factory=dict)
    illness: Mapping[str, float] = field(default_factory=dict)
    drivers: Mapping[str, Callable] = field(default_factory=dict)
    strict: bool = False
    details: bool = True


def draw_parameters(resolved: Resolved, seed: int) -> dict[str, float]:
    """One value for each parameter from its range, keyed by the seed: parameters are part of a history's chance."""
    ids = np.array([draws.entity_id(key) for key in resolved], dtype=np.uint64)
    lots = draws.uniform(seed, "parameters", 0, ids).tolist()
    return {key: setting.at(lot) for (key, setting), lot in zip(resolved.items(), lots, strict=True)}


class Simulation:
    """One running history. ``model`` stays as it is; all that changes is in ``world``, ``ledger`` and ``chronicle``."""

    def __init__(self, model: Model, setting: RunSetting) -> None:
        self.model = model
        self.setting = setting
        self.values = draw_parameters(setting.parameters, setting.seed)
        founding = Founding(
            setting.founding,
            self.values,
            setting.seed,
            setting.holder,
            setting.alike,
            setting.traits,
            setting.deaths,
            setting.illness,
        )
        self.world = founding.world(model.off, model.variants, setting.drivers)
        self.people = founding.people()
        self.chronicle = Chronicle()
        self.recorder = Recorder(details=setting.details)
        self.month = 0
        accounts: dict[str, dict[str, int]] = {}
        founding.households = setting.households
        for mechanism in model.mechanisms:
            mechanism.found(founding, self.world, accounts, setting.scale)
        self.ledger = Ledger(accounts)
        self._handles = [
            (m, frozenset((*m.sets, *m.keeps, *m.supplies)), *self._handles_of(m)) for m in model.mechanisms
        ]

    def _handles_of(self, m: Mechanism):
        setting = self.setting
        return (
            (StrictLook if setting.strict else Look)(m, self.values, self.world),
            Draw(m, setting.seed),
            Post(m, self.ledger),
            Emit(m, self.chronicle, self.world, self.recorder),
        )

    def step(self) -> None:
        """One working month."""
        month = self.month
        self.world.begin(month)
        self.ledger.month = month
        now = self.world.now
        number = np.uint64(month)
        for mechanism, declared, look, draw, post, emit in self._handles:
            if not mechanism.due(month):
                continue
            draw.month = number
            results = mechanism.step(month, look, draw, post, emit)
            if results:
                if not declared.issuperset(results):
                    raise ValueError(f"{mechanism.name} returned {sorted(results.keys() - declared)}, not declared")
                now.update(results)
        self.ledger.close(month)
        self.recorder.leaders(self.world)
        self.month = month + 1

    def run(self, until: int = calendar.MONTHS, hook: Callable[[Simulation], None] | None = None) -> RunResult:
        """Step to month ``until`` (exclusive). ``hook`` is called after each month and may only look."""
        while self.month < until:
            self.step()
            if hook is not None:
                hook(self)
        return self.result()

    def result(self) -> RunResult:
        return RunResult(
            months=self.month,
            series={key: values.copy() for key, values in self.recorder.series.items()},
            chronicle=list(self.chronicle.events),
            flows=list(self.ledger.rows),
            leaders=self.recorder.leader_columns(self.world),
            votes=list(self.recorder.votes),
            facts={
                "values": self.values,
                "off": self.model.meaning_of_off(),
                "variants": dict(self.model.variants),
                "forced": self.model.forced(),
                "people": self.people,
            },
        )
