"""The registry of parameters, and the only `resolve()`: defaults ◄ reading ◄ scenario ◄ command line.

A parameter is one table of ``data/parameters/<sector>.toml`` named ``[mechanism.name]``: a central value in a plausible
range, with unit, sources and grade. A history draws each parameter from its range; a higher layer may fix it with a
number or change the range with a pair.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from partystate.foundation import units
from partystate.foundation.problems import USAGE, Collector, did_you_mean
from partystate.record.files import Toml, read_toml, unknown_keys

DISTRIBUTIONS = ("uniform", "triangular", "loguniform", "fixed")
GRADES = ("A", "B", "C", "P")
KEYS = ("title", "unit", "value", "low", "high", "distribution", "source", "grade", "note", "rivals")
REQUIRED = ("title", "unit", "value", "low", "high", "distribution", "source", "grade")
RIVAL_KEYS = ("value", "source", "note")
LAYERS = ("default", "reading", "scenario", "command line")


@dataclass(frozen=True)
class Rival:
    """Another estimate of the same parameter, kept beside it."""

    value: float
    source: str
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """One number of the model. Grade A read, B attributed, C contested or coded, P a prior chosen by the project."""

    key: str
    title: str
    unit: str
    value: float
    low: float
    high: float
    distribution: str
    source: tuple[str, ...]
    grade: str
    note: str = ""
    rivals: tuple[Rival, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Setting:
    """A parameter as one run will use it, and the layer that decided."""

    key: str
    unit: str
    low: float
    high: float
    value: float
    distribution: str
    layer: str = "default"
    warning: str = ""

    @property
    def fixed(self) -> bool:
        return self.distribution == "fixed"

    def at(self, u: float) -> float:
        """The value at probability `u` in [0, 1) of the range: the inverse distribution function."""
        if self.fixed:
            return self.value
        if self.distribution == "loguniform":
            return self.low * (self.high / self.low) ** u
        width = self.high - self.low
        if self.distribution == "triangular" and width > 0:
            turn = (self.value - self.low) / width
            if u < turn:
                return self.low + math.sqrt(u * width * (self.value - self.low))
            return self.high - math.sqrt((1 - u) * width * (self.high - self.value))
        return self.low + u * width


class Resolved(Mapping[str, Setting]):
    """Every parameter of a run as a `Setting`; made by `resolve`."""

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        self._settings = dict(sorted(settings.items()))

    def __getitem__(self, key: str) -> Setting:
        return self._settings[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(setting.warning for setting in self.values() if setting.warning)

    def table(self) -> list[tuple[str, str, str, str]]:
        """Rows (key, value or range, unit, layer), in the order of the keys."""
        return [(key, _range_text(setting), setting.unit, setting.layer) for key, setting in self.items()]

    def as_dict(self) -> dict[str, dict]:
        """Plain data for a manifest or a run key: key -> low, high, value, distribution, layer."""
        return {
            key: {"low": s.low, "high": s.high, "value": s.value, "distribution": s.distribution, "layer": s.layer}
            for key, s in self.items()
        }


def _range_text(setting: Setting) -> str:
    if setting.fixed:
        return f"{setting.value:g}"
    return f"{setting.low:g} to {setting.high:g}, {setting.distribution}, centre {setting.value:g}"


class Registry(Mapping[str, Parameter]):
    """All parameters by key, in the order of the keys."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._parameters = {p.key: p for p in sorted(parameters, key=lambda p: p.key)}

    def __getitem__(self, key: str) -> Parameter:
        return self._parameters[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def resolve(
        self,
        reading: Mapping[str, object] | None = None,
        scenario: Mapping[str, object] | None = None,
        command_line: Mapping[str, object] | None = None,
    ) -> Resolved:
        """Each parameter under the highest layer that names it.

        A layer maps key -> number (fixes it) or [low, high] (changes the range). A value outside the plausible range is
        allowed and leaves a warning on the setting. Raises one Problem with every unknown key and unreadable value.
        """
        faults = Collector()
        settings = {key: _default(parameter) for key, parameter in self.items()}
        for layer, changes in zip(LAYERS[1:], (reading, scenario, command_line), strict=True):
            for key, change in (changes or {}).items():
                if key not in self:
                    faults.add(layer, key, "a parameter of the registry", key, did_you_mean(key, self))
                    continue
                changed = _changed(self[key], change, layer, faults)
                if changed is not None:
                    settings[key] = changed
        faults.raise_if_any(USAGE)
        return Resolved(settings)


def resolve(
    reading: str | Mapping[str, object] | None = None,
    scenario_parameters: Mapping[str, object] | None = None,
    command_line: Mapping[str, object] | None = None,
    record=None,
) -> Resolved:
    """`Registry.resolve` on the shipped record, or on `record`; `reading` may be an id such as V.structural."""
    from partystate.record.loading import load

    record = record or load()
    if isinstance(reading, str):
        reading = record.reading(reading).parameters
    return record.parameters.resolve(reading, scenario_parameters, command_line)


def _default(parameter: Parameter) -> Setting:
    setting = Setting(
        parameter.key, parameter.unit, parameter.low, parameter.high, parameter.value, parameter.distribution
    )
    return replace(setting, low=setting.value, high=setting.value) if setting.fixed else setting


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _changed(parameter: Parameter, change: object, layer: str, faults: Collector) -> Setting | None:
    key = parameter.key
    if _is_number(change):
        low = high = value = float(change)
        distribution = "fixed"
    elif isinstance(change, (list, tuple)) and len(change) == 2 and all(map(_is_number, change)):
        low, high = map(float, change)
        if low > high:
            faults.add(layer, key, "[low, high] with low not above high", list(change), "Swap the two.")
            return None
        distribution = "uniform" if parameter.distribution == "fixed" else parameter.distribution
        if distribution == "loguniform" and low <= 0:
            faults.add(layer, key, "a range above 0, because the parameter is loguniform", list(change))
            return None
        value = parameter.value if low <= parameter.value <= high else (low + high) / 2
    else:
        faults.add(layer, key, "a number or [low, high]", change, "A number fixes it; a pair changes its range.")
        return None
    warning = ""
    if low < parameter.low or high > parameter.high:
        given = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        warning = f"{key} = {given} ({layer}) leaves the plausible range {parameter.low:g} to {parameter.high:g}"
    return Setting(key, parameter.unit, low, high, value, distribution, layer, warning)


def load_parameters(folder: Path, sources: Iterable[str], faults: Collector) -> Registry:
    """All of ``folder/parameters/*.toml``; what is wrong goes to `faults`."""
    known_sources = set(sources)
    seen: dict[str, Parameter] = {}
    for path in sorted((folder / "parameters").glob("*.toml")):
        toml = read_toml(folder, f"parameters/{path.name}", faults)
        if toml is None:
            continue
        for key, entry in _tables(toml, faults):
            parameter = _parameter(toml, key, entry, known_sources, faults)
            if parameter is None:
                continue
            if key in seen:
                faults.add(parameter.where, key, "one table for each parameter", f"also in {seen[key].where}")
                continue
            seen[key] = parameter
    return Registry(seen.values())


def _tables(toml: Toml, faults: Collector) -> Iterator[tuple[str, dict]]:
    """(key, entry) for every table [mechanism.name]; anything at another depth is a fault."""
    expected = "parameters as tables [mechanism.name]"
    for mechanism, tables in toml.data.items():
        if not isinstance(tables, dict):
            faults.add(toml.where("", mechanism), mechanism, expected, "a single value")
            continue
        for name, entry in tables.items():
            if isinstance(entry, dict):
                yield f"{mechanism}.{name}", entry
            else:
                faults.add(toml.where(mechanism, name), f"{mechanism}.{name}", expected, "a single value")


def _parameter(toml: Toml, key: str, entry: dict, sources: set[str], faults: Collector) -> Parameter | None:
    """The entry as a Parameter, or None when it cannot be used at all."""
    before = len(faults.faults)
    unknown_keys(entry, KEYS, toml.where, key, faults)
    for name in REQUIRED:
        if name not in entry:
            faults.add(toml.where(key), f"{key}.{name}", "a value", None, "Needed: " + ", ".join(REQUIRED))
    for name in ("title", "unit", "distribution", "grade", "note"):
        if name in entry and not isinstance(entry[name], str):
            faults.add(toml.where(key, name), f"{key}.{name}", "text in quotes", entry[name])
    for name in ("value", "low", "high"):
        if name in entry and not _is_number(entry[name]):
            faults.add(toml.where(key, name), f"{key}.{name}", "a number", entry[name])
    if any(fault.key.startswith(f"{key}.") for fault in faults.faults[before:]):
        return None  # a value is missing or of the wrong kind: the checks below need them all
    _check_words(toml, key, entry, faults)
    _check_numbers(toml, key, entry, faults)
    _check_sources(toml, key, entry, sources, faults)
    rivals = tuple(
        _rival(toml, key, number, rival, sources, faults)
        for number, rival in enumerate(entry.get("rivals", []), start=1)
    )
    if len(faults.faults) > before:
        return None
    return Parameter(
        key,
        entry["title"],
        entry["unit"],
        float(entry["value"]),
        float(entry["low"]),
        float(entry["high"]),
        entry["distribution"],
        tuple(entry["source"]),
        entry["grade"],
        entry.get("note", ""),
        rivals,
        toml.where(key),
    )


def _check_words(toml: Toml, key: str, entry: dict, faults: Collector) -> None:
    if not entry["title"].strip():
        faults.add(toml.where(key, "title"), f"{key}.title", "one phrase that says what the number is", "")
    if not units.known(entry["unit"]):
        faults.add(toml.where(key, "unit"), f"{key}.unit", "a known unit", entry["unit"], units.hint(entry["unit"]))
    if entry["distribution"] not in DISTRIBUTIONS:
        expected = "one of " + ", ".join(DISTRIBUTIONS)
        faults.add(toml.where(key, "distribution"), f"{key}.distribution", expected, entry["distribution"])
    if entry["grade"] not in GRADES:
        faults.add(toml.where(key, "grade"), f"{key}.grade", "one of " + ", ".join(GRADES), entry["grade"])
    if entry["grade"] == "P" and not entry.get("note", "").strip():
        faults.add(toml.where(key, "grade"), f"{key}.note", "the reason for a prior (grade P)", None)


def _check_numbers(toml: Toml, key: str, entry: dict, faults: Collector) -> None:
    low, value, high = entry["low"], entry["value"], entry["high"]
    if not low <= value <= high:
        came = f"low {low:g}, value {value:g}, high {high:g}"
        faults.add(toml.where(key, "value"), key, "low, value and high in rising order", came)
    if entry["distribution"] == "loguniform" and low <= 0:
        faults.add(toml.where(key, "low"), f"{key}.low", "more than 0 for loguniform", f"{low:g}")
    if entry["unit"] in ("share", "probability") and (low < 0 or high > 1):
        faults.add(toml.where(key, "low"), key, f"a {entry['unit']} between 0 and 1", f"{low:g} to {high:g}")


def _check_sources(toml: Toml, key: str, entry: dict, sources: set[str], faults: Collector) -> None:
    given = entry["source"]
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        faults.add(toml.where(key, "source"), f"{key}.source", 'a list of source keys such as ["carr1958"]', given)
        return
    if not given and entry["grade"] != "P":
        faults.add(toml.where(key, "source"), f"{key}.source", "at least one source (only grade P may have none)", "[]")
    for name in given:
        if name not in sources:
            hint = did_you_mean(name, sources) or "Add it to sources.csv."
            faults.add(toml.where(key, "source"), f"{key}.source", "a key of sources.csv", name, hint)


def _rival(toml: Toml, key: str, number: int, rival: object, sources: set[str], faults: Collector) -> Rival | None:
    where, name = toml.where(key, "rivals"), f"{key}.rivals[{number}]"
    if not isinstance(rival, dict) or not _is_number(rival.get("value")) or not isinstance(rival.get("source"), str):
        faults.add(where, name, "{value = number, source = key, note = text}", rival)
        return None
    for extra in set(rival) - set(RIVAL_KEYS):
        faults.add(where, f"{name}.{extra}", "one of " + ", ".join(RIVAL_KEYS), extra)
    if rival["source"] not in sources:
        hint = did_you_mean(rival["source"], sources) or "Add it to sources.csv."
        faults.add(where, f"{name}.source", "a key of sources.csv", rival["source"], hint)
    return Rival(float(rival["value"]), rival["source"], str(rival.get("note", "")))
