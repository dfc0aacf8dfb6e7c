"""Reads a scenario from TOML. Every key is checked against the names the record and the mechanisms define, and all
faults of a file are reported at once, each with its line and the nearest valid name.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from partystate.foundation import calendar
from partystate.foundation.problems import USAGE, Fault, Problem, did_you_mean, problem, shown
from partystate.runs import vocabulary
from partystate.runs.scenario import ACTIONS, ALIKE, RELATIONS, DriverChange, Founding, Lever, Scenario, Trigger
from partystate.runs.vocabulary import Vocabulary

TEXTS = ("title", "question", "expect")
TABLES = ("systems", "variants", "parameters", "drivers", "founding")
KEYS = (*TEXTS, "sources", "reading", *TABLES, "levers")
FOUNDING_KEYS = ("holder", "identical_leaders", "alike", "traits", "deaths", "illness")
LONGEST = 80  # characters of a wrong value that a fault repeats
LEVER_KEYS = ("at", "when", *ACTIONS, "value")
TRIGGER = re.compile(rf"\s*([\w.:\-]+)\s*({'|'.join(RELATIONS)})\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


def load(path: str | Path, names: Vocabulary | None = None) -> Scenario:
    """Reads and checks a scenario file. Raises Problem (exit 2) with every fault of the file."""
    path = Path(path)
    if path.is_dir():
        raise problem("scenario", str(path), "a TOML file", "a folder")
    if not path.exists():
        beside = [other.stem for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        hint = did_you_mean(path.stem, beside) or "Give the path of a .toml file; without one the reference is run."
        raise problem("scenario", str(path), "a TOML file that exists", "no such file", hint)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise problem(path.name, "file", "text in UTF-8", f"a byte that is not, at position {error.start}") from None
    except OSError as error:
        raise problem("scenario", str(path), "a file that can be read", error.strerror or str(error)) from None
    return parse(text, path.name, names)


def parse(text: str, where: str = "scenario", names: Vocabulary | None = None) -> Scenario:
    """Checks the text of a scenario; `where` names it in faults. Raises Problem (exit 2) with every fault."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _toml_problem(where, str(error)) from None
    if not data:
        return Scenario(text=text, where=where)
    reader = Reader(where, text, names or vocabulary.of_package())
    scenario = reader.scenario(data)
    if reader.faults:
        raise Problem(reader.faults, USAGE)
    return scenario


def _toml_problem(where: str, message: str) -> Problem:
    place = re.search(r"line (\d+)", message)
    spot = f"{where}:{place.group(1)}" if place else where
    said = re.sub(r"\s*\(at .*\)$", "", message)
    return problem(spot, "file", "valid TOML", said, "Texts stand in quotation marks, tables in [brackets].")


def frozen(items: Mapping) -> Mapping:
    """A read-only copy, so that a Scenario cannot be changed after it was checked."""
    return MappingProxyType(dict(items))


class Reader:
    """One reading of one file: `scenario(data)` returns a Scenario; look at `faults` before using it."""

    def __init__(self, where: str, text: str, names: Vocabulary) -> None:
        self.where = where
        self.names = names
        self.faults: list[Fault] = []
        self._text_of_file = text
        self._lines = text.splitlines()

    def scenario(self, data: dict[str, Any]) -> Scenario:
        for key in data:
            if key not in KEYS:
                self._unknown(key, "a key of a scenario", key, KEYS)
        texts = {key: self._text(key, data[key]) for key in TEXTS if key in data}
        tables = {key: self._table(key, data.get(key, {})) for key in TABLES}
        return Scenario(
            **texts,
            sources=self._names("sources", data.get("sources", []), self.names.sources, "the key of a source"),
            reading=self._reading(data.get("reading")),
            systems_off=self._systems_off(tables["systems"]),
            variants=frozen(self._variants(tables["variants"])),
            parameters=frozen(self._parameters(tables["parameters"])),
            drivers=frozen(self._drivers(tables["drivers"])),
            founding=self._founding(tables["founding"]),
            levers=self._levers(data.get("levers", [])),
            text=self._text_of_file,
            where=self.where,
        )

    # Faults -----------------------------------------------------------------------------------------------------

    def _fault(self, key: str, expected: str, came: Any, do: str = "") -> None:
        line = self._line_of(key)
        spot = f"{self.where}:{line}" if line else self.where
        text = shown(came)
        self.faults.append(Fault(spot, key, expected, text if len(text) <= LONGEST else text[:LONGEST] + "…", do))

    def _unknown(self, key: str, expected: str, came: str, names: Iterable[str]) -> None:
        names = list(names)
        hint = did_you_mean(came, names)
        if not hint and 0 < len(names) <= 12:
            hint = f"Valid: {', '.join(names)}."
        self._fault(key, expected, came, hint)

    def _line_of(self, key: str) -> int | None:
        """The first line that mentions the last part of `key` as a key or table; levers are counted by their header."""
        lever = re.match(r"levers\[(\d+)\]", key)
        if lever:
            headers = [number for number, line in enumerate(self._lines, 1) if line.strip().startswith("[[levers]]")]
            place = int(lever.group(1)) - 1
            if place >= len(headers):
                return None
            last = key.rpartition("]")[2].lstrip(".")
            after = range(headers[place], len(self._lines))
            hits = (i + 1 for i in after if last and re.match(rf"\s*{re.escape(last)}\s*=", self._lines[i]))
            return next(hits, headers[place])
        table, _, name = key.partition(".")
        for wanted in (name, *reversed(name.split(".")), table):
            pattern = rf"""\s*\[?\s*(?:[\w."']*\.)?["']?{re.escape(wanted)}["']?\s*(=|\])"""
            for number, line in enumerate(self._lines, 1):
                if wanted and re.match(pattern, line):
                    return number
        return None

    # Plain values -----------------------------------------------------------------------------------------------

    def _text(self, key: str, value: Any) -> str:
        if isinstance(value, str):
            return value
        self._fault(key, "a text", value)
        return ""

    def _table(self, key: str, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self._fault(key, f"a table [{key}]", value)
        return {}

    def _number(self, key: str, value: Any) -> float | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            # A TOML integer has no upper bound, a float has.
            number = float(value) if abs(value) < 1e300 else math.inf
            if math.isfinite(number):
                return number
        self._fault(key, "a finite number", value)
        return None

    def _month(self, key: str, value: Any) -> int | None:
        text = value.isoformat() if hasattr(value, "isoformat") else value
        if not isinstance(text, str):
            self._fault(key, f'a month as a text, such as "{calendar.FIRST}"', value)
            return None
        try:
            return calendar.index(text)
        except Problem:
            self._fault(key, f"a month YYYY-MM from {calendar.FIRST} to {calendar.LAST}", value)
            return None

    def _name(self, key: str, value: Any, names: Iterable[str], what: str) -> str | None:
        if not isinstance(value, str):
            self._fault(key, f"{what} as a text", value)
            return None
        if value not in (valid := set(names)):
            self._unknown(key, what, value, sorted(valid))
            return None
        return value

    def _names(self, key: str, value: Any, names: Iterable[str], what: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fault(key, "a list of texts in [ ]", value)
            return ()
        found = [self._name(key, item, names, what) for item in value]
        for item in sorted({item for item in found if item and found.count(item) > 1}):
            self._fault(key, "each name once", f"{item} more than once")
        return tuple(item for item in found if item)

    # Tables -----------------------------------------------------------------------------------------------------

    def _reading(self, value: Any) -> str | None:
        return None if value is None else self._name("reading", value, self.names.readings, "a reading")

    def _system(self, key: str, value: Any) -> str | None:
        if isinstance(value, str) and value in self.names.known_systems - self.names.systems:
            self._fault(
                key,
                "a system that a mechanism of this version implements",
                value,
                f"Implemented: {', '.join(sorted(self.names.systems))}.",
            )
            return None
        return self._name(key, value, self.names.systems, "the id of a system")

    def _system_list(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fault(key, 'a list of system ids, such as ["S01"]', value)
            return ()
        return tuple(sorted({system for item in value if (system := self._system(key, item))}))

    def _systems_off(self, table: dict[str, Any]) -> frozenset[str]:
        for key in sorted(table.keys() - {"off"}):
            self._unknown(f"systems.{key}", "off", key, ["off"])
        return frozenset(self._system_list("systems.off", table.get("off", [])))

    def _variants(self, table: dict[str, Any]) -> dict[str, str]:
        chosen = {}
        for mechanism, variant in table.items():
            key = f"variants.{mechanism}"
            if mechanism not in self.names.variants:
                self._unknown(key, "the name of a mechanism", mechanism, sorted(self.names.variants))
                continue
            valid = self.names.variants[mechanism]
            if not valid:
                self._fault(key, "a mechanism that has variants", f"{mechanism}, which has none")
            elif self._name(key, variant, valid, f"a variant of {mechanism}"):
                chosen[mechanism] = variant
        return chosen

    def _parameters(self, table: dict[str, Any]) -> dict[str, float | tuple[float, float]]:
        chosen: dict[str, float | tuple[float, float]] = {}
        for name, value in _flat(table):
            key = f"parameters.{name}"
            if name not in self.names.parameters:
                self._unknown(key, "the key of a parameter", name, self.names.parameters)
                continue
            setting = self._setting(key, value)
            if setting is not None:
                chosen[name] = setting
        return chosen

    def _setting(self, key: str, value: Any) -> float | tuple[float, float] | None:
        if not isinstance(value, list):
            return self._number(key, value)
        if len(value) != 2:
            self._fault(key, "a number or a pair [low, high]", value)
            return None
        low, high = (self._number(key, item) for item in value)
        if low is None or high is None:
            return None
        if low > high:
            self._fault(key, "a pair [low, high] with low ≤ high", value)
            return None
        return low, high

    def _drivers(self, table: dict[str, Any]) -> dict[str, DriverChange]:
        return {
            name: self._driver(f"drivers.{name}", change)
            for name, change in table.items()
            if self._name(f"drivers.{name}", name, self.names.drivers, "the id of a driver")
        }

    def _driver(self, key: str, change: Any) -> DriverChange:
        if not isinstance(change, dict):
            self._fault(key, "a table { scale = …, shift = …, values = { … } }", change)
            return DriverChange()
        for part in sorted(change.keys() - {"scale", "shift", "values"}):
            self._unknown(f"{key}.{part}", "scale, shift or values", part, ["scale", "shift", "values"])
        scale = self._number(f"{key}.scale", change.get("scale", 1.0))
        shift = self._number(f"{key}.shift", change.get("shift", 0.0))
        dated = change.get("values", {})
        if not isinstance(dated, dict):
            self._fault(f"{key}.values", 'a table of months, such as { "1928-01" = 0.0 }', dated)
            dated = {}
        values = {}
        for label, value in dated.items():
            month = self._month(f"{key}.values", label)
            number = self._number(f"{key}.values", value)
            if month is not None and number is not None:
                values[month] = number
        return DriverChange(1.0 if scale is None else scale, shift or 0.0, frozen(values))

    def _founding(self, table: dict[str, Any]) -> Founding:
        for key in table:
            if key not in FOUNDING_KEYS:
                self._unknown(f"founding.{key}", f"one of {', '.join(FOUNDING_KEYS)}", key, FOUNDING_KEYS)
        holder = table.get("holder")
        if holder is not None:
            holder = self._name("founding.holder", holder, self.names.persons, "the name of a person of the record")
        alike = self._names("founding.alike", table.get("alike", []), ALIKE, f"one of {', '.join(ALIKE)}")
        everything = table.get("identical_leaders", False)
        if not isinstance(everything, bool):
            self._fault("founding.identical_leaders", "true or false", everything)
        elif everything:
            alike = ALIKE
        return Founding(
            holder,
            frozenset(name for name in alike if name),
            frozen(self._traits(self._table("founding.traits", table.get("traits", {})))),
            frozen(self._deaths(self._table("founding.deaths", table.get("deaths", {})))),
            frozen(self._illness(self._table("founding.illness", table.get("illness", {})))),
        )

    def _traits(self, table: dict[str, Any]) -> dict[tuple[str, str], float]:
        found = {}
        for name, value in _flat(table):
            key, (person, _, trait) = f"founding.traits.{name}", name.rpartition(".")
            if self._name(key, person, self.names.persons, "PERSON.TRAIT with a person of the record") is None:
                continue
            if self._name(key, trait, self.names.traits, "a trait of leaders") is None:
                continue
            number = self._number(key, value)
            if number is not None and not 0 <= number <= 1:
                self._fault(key, "a number from 0 to 1", value)
            elif number is not None:
                found[person, trait] = number
        return found

    def _illness(self, table: dict[str, Any]) -> dict[str, float]:
        found = {}
        for person, value in table.items():
            key = f"founding.illness.{person}"
            known = self._name(key, person, self.names.persons, "the name of a person of the record")
            number = self._number(key, value)
            if number is not None and not 0 <= number <= 1:
                self._fault(key, "a number from 0 to 1", value)
            elif known and number is not None:
                found[person] = number
        return found

    def _deaths(self, table: dict[str, Any]) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for person, value in table.items():
            key = f"founding.deaths.{person}"
            if self._name(key, person, self.names.persons, "the name of a person of the record") is None:
                continue
            if value == "never":
                found[person] = None
            elif (month := self._month(key, value)) is not None:
                found[person] = month
        return found

    # Levers -----------------------------------------------------------------------------------------------------

    def _levers(self, value: Any) -> tuple[Lever, ...]:
        if not isinstance(value, list):
            self._fault("levers", "one [[levers]] table for each lever", value)
            return ()
        built = [self._lever(f"levers[{number}]", item) for number, item in enumerate(value, 1)]
        return tuple(lever for lever in built if lever)

    def _lever(self, key: str, item: Any) -> Lever | None:
        if not isinstance(item, dict):
            self._fault(key, "a table with at or when, and one action", item)
            return None
        for part in sorted(item.keys() - set(LEVER_KEYS)):
            self._unknown(f"{key}.{part}", "a key of a lever", part, LEVER_KEYS)
        before = len(self.faults)
        if ("at" in item) == ("when" in item):
            came = "both" if "at" in item else "neither"
            self._fault(key, "either at (a month) or when (a condition)", came)
        given = [name for name in ACTIONS if name in item]
        if len(given) != 1:
            self._fault(key, f"one action of {', '.join(ACTIONS)}", ", ".join(given) or "none")
        if ("value" in item) != ("parameter" in item):
            self._fault(key, "parameter and value together", "only one of them")
        if len(self.faults) > before:
            return None
        return Lever(
            at=self._month(f"{key}.at", item["at"]) if "at" in item else None,
            when=self._trigger(f"{key}.when", item["when"]) if "when" in item else None,
            **self._action(key, given[0], item),
        )

    def _action(self, key: str, action: str, item: dict[str, Any]) -> dict[str, Any]:
        spot, value = f"{key}.{action}", item[action]
        if action == "remove":
            return {"remove": self._name(spot, value, self.names.persons, "the name of a person of the record")}
        if action == "parameter":
            return {
                "parameter": self._name(spot, value, self.names.parameters, "the key of a parameter"),
                "value": self._number(f"{key}.value", item["value"]),
            }
        systems = self._system_list(spot, value)
        if value == []:
            self._fault(spot, "at least one system id", "an empty list")
        return {action: systems}

    def _trigger(self, key: str, value: Any) -> Trigger | None:
        match = TRIGGER.fullmatch(value) if isinstance(value, str) else None
        if not match:
            self._fault(key, 'a condition "series > number" (relations > < >= <=)', value)
            return None
        series, relation, threshold = match.groups()
        if not self._name(key, series, self.names.series(), "a series that the model measures"):
            return None
        return Trigger(series, relation, float(threshold))


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """`a.b = 1` is a nested table to TOML and `"a.b" = 1` a plain key; both are read as the key `a.b`."""
    items: list[tuple[str, Any]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            items += _flat(value, f"{prefix}{name}.")
        else:
            items.append((prefix + name, value))
    return items
