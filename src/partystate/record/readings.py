"""Readings: historians' interpretations as sets of parameters and variants of mechanisms (``readings.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from partystate.foundation.problems import Collector, Problem
from partystate.record.files import read_toml, unknown_keys
from partystate.record.parameters import Registry

FILE = "readings.toml"
KEYS = ("title", "encoding", "basis", "carried", "alike", "parameters", "variants")
ALIKE = ("traits", "positions", "bonds", "offices")


@dataclass(frozen=True)
class Reading:
    """`encoding` says in words what the reading changes; `parameters`, `variants` and `alike` say it to the model.

    carried: what of it the built sectors can carry, in words; empty where they carry nothing.
    alike: in what the contenders of January 1922 do not differ, of `ALIKE`.
    """

    id: str
    title: str
    encoding: str
    basis: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    carried: str = ""
    alike: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether the model runs otherwise under this reading."""
        return bool(self.parameters or self.variants or self.alike)


def read_readings(folder: Path, faults: Collector, registry: Registry) -> dict[str, Reading]:
    """Readings by id (V.name). Their parameters must be in the registry and their values usable."""
    toml = read_toml(folder, FILE, faults)
    if toml is None:
        return {}
    readings = {}
    for name, entry in toml.data.get("V", {}).items():
        key = f"V.{name}"
        if not isinstance(entry, dict):
            faults.add(toml.where("V", name), key, "a table [V.name]", entry)
            continue
        unknown_keys(entry, KEYS, toml.where, key, faults)
        for required in ("title", "encoding"):
            if not isinstance(entry.get(required), str) or not entry[required].strip():
                faults.add(toml.where(key, required), f"{key}.{required}", "text in quotes", entry.get(required))
        parameters, variants = entry.get("parameters", {}), entry.get("variants", {})
        alike, carried = entry.get("alike", []), entry.get("carried", "")
        for what in alike if isinstance(alike, list) else [alike]:
            if what not in ALIKE:
                faults.add(toml.where(key, "alike"), f"{key}.alike", "a list of " + ", ".join(ALIKE), what)
        if (parameters or variants or alike) and not carried:
            faults.add(toml.where("V", name), f"{key}.carried", "text in quotes", carried)
        try:
            registry.resolve(reading=parameters)
        except Problem as wrong:
            for fault in wrong.faults:
                inline = (f"{key}.parameters", "") not in toml.lines
                where = toml.where(key, "parameters") if inline else toml.where(f"{key}.parameters", fault.key)
                faults.add(where, fault.key, fault.expected, fault.came, fault.do)
        readings[key] = Reading(
            key, entry.get("title", ""), entry.get("encoding", ""), entry.get("basis", ""), parameters, variants,
            carried, tuple(alike),
        )  # fmt: skip
    for other in toml.data.keys() - {"V"}:
        faults.add(toml.where(other), other, "readings as tables [V.name]", other)
    return readings
