"""The month as a printable table: which mechanism acts in which phase, how often, after whom."""

from __future__ import annotations

from dataclasses import dataclass

from partystate.model.catalogue import Model


@dataclass(frozen=True)
class PlanRow:
    """One line of the month. ``waits_for``: mechanisms whose results of this month it needs."""

    number: int
    phase: str
    mechanism: str
    cadence: str
    systems: tuple[str, ...]
    waits_for: tuple[str, ...]
    sets: tuple[str, ...]


def table(model: Model) -> list[PlanRow]:
    """The plan of the month in the order in which it is carried out."""
    writer = {column: m.name for m in model.mechanisms for column in (*m.sets, *m.keeps)}
    return [
        PlanRow(
            number,
            m.phase,
            m.name,
            m.cadence,
            m.systems,
            tuple(sorted({writer[c] for c in m.reads_now if c in writer} - {m.name})),
            m.sets,
        )
        for number, m in enumerate(model.mechanisms, start=1)
    ]
