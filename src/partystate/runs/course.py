"""What is in force in a history: one scenario, or the scenario of a parent with those of its forks laid over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.problems import Fault, Problem
from partystate.runs.scenario import DriverChange, Founding, Lever, Scenario

Parameters = Mapping[str, float | tuple[float, float]]


@dataclass(frozen=True)
class Course:
    """Everything the scenarios decide. `levers` are pairs (lever, month from which its trigger counts).

    A later scenario wins over an earlier one; its parameters win over the command line of the earlier run too.
    """

    reading: str | None = None
    off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=dict)
    overrides: Parameters = field(default_factory=dict)
    drivers: tuple[Mapping[str, DriverChange], ...] = ()
    founding: Founding = field(default_factory=Founding)
    levers: tuple[tuple[Lever, int], ...] = ()

    def then(self, scenario: Scenario, overrides: Parameters, month: int = 0) -> Course:
        """This course with `scenario` laid over it from `month` on."""
        kept = {key: value for key, value in self.overrides.items() if key not in scenario.parameters}
        return replace(
            self,
            reading=scenario.reading or self.reading,
            off=self.off | scenario.systems_off,
            variants={**self.variants, **scenario.variants},
            parameters={**self.parameters, **scenario.parameters},
            overrides={**kept, **overrides},
            drivers=(*self.drivers, scenario.drivers) if scenario.drivers else self.drivers,
            founding=scenario.founding if month == 0 else self.founding,
            levers=self.levers + tuple((lever, month) for lever in scenario.levers),
        )

    def after(self, levers: list[Lever]) -> Course:
        """This course once `levers` have been pulled."""
        off, parameters = set(self.off), {}
        for lever in levers:
            off = (off | set(lever.systems_off)) - set(lever.systems_on)
            if lever.parameter and lever.value is not None:
                parameters[lever.parameter] = lever.value
        kept = {key: value for key, value in self.overrides.items() if key not in parameters}
        return replace(self, off=frozenset(off), parameters={**self.parameters, **parameters}, overrides=kept)

    def driver_changes(self) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
        """Driver -> function from its monthly values (months,) to the changed ones."""
        names = {name for changes in self.drivers for name in changes}
        return {
            name: _changer([changes[name] for changes in self.drivers if name in changes]) for name in sorted(names)
        }


def _changer(changes: list[DriverChange]) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        for each in changes:
            values = values * each.scale + each.shift
            for month, value in each.values.items():
                values[month] = value
        return values

    return change


def check_fork(scenario: Scenario, month: int) -> None:
    """Raises Problem (exit 2) when a scenario asks for something that lies before the fork."""
    faults: list[Any] = []
    if scenario.founding != Founding():
        faults.append(
            Fault(scenario.where, "founding", "no [founding] in a fork", "one", "January 1922 lies before the fork.")
        )
    for number, lever in enumerate(scenario.levers, 1):
        if lever.at is not None and lever.at < month:
            expected = f"a month from {calendar.label(month)} on, where the fork begins"
            faults.append(Fault(scenario.where, f"levers[{number}].at", expected, calendar.label(lever.at)))
    if faults:
        raise Problem(faults)
