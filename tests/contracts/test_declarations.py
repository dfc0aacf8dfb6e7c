"""Does each mechanism declare what the grammar asks for, and does every number have its entry in the registry?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from partystate.foundation import units
from partystate.model.schema import SCHEMA
from tests.contracts.source import Module, load_record, mechanisms, modules, said, snippet

PHASES = ("life", "report", "deliberate", "command", "appoint", "persuade", "account")
GRADES = "ABCP"
# What is the case, and what those who decide believe of it.
BELIEVED = {"region.compliance": "region.reported", "leader.power": "leader.power_seen"}
SHORTEST_CLAIM = 6  # words: "more vacancies mean more clients" could be disputed, "vacancies" could not


def undeclared(name: str, mechanism: object, known_systems: Iterable[str]) -> list[str]:
    """What the declarations of one mechanism lack."""
    faults = []
    if len(getattr(mechanism, "claim", "").split()) < SHORTEST_CLAIM:
        faults.append(f"{name}: claim is not a sentence that a historian could dispute")
    if getattr(mechanism, "phase", None) not in PHASES:
        faults.append(f"{name}: phase is not one of {', '.join(PHASES)}")
    systems = tuple(getattr(mechanism, "systems", ()))
    if not systems and (mechanism.draws or mechanism.parameters):
        faults.append(f"{name}: belongs to no system; only a mechanism that hands on what is given may do so")
    known = set(known_systems)
    faults += [f"{name}: system {system} is not in the table of systems" for system in systems if system not in known]
    for declaration in ("when_off", "moves"):
        given = getattr(mechanism, declaration, {})
        faults += [f"{name}: {declaration} says nothing for {system}" for system in systems if not given.get(system)]
        faults += [
            f"{name}: {declaration} speaks of {system}, not its own" for system in given if system not in systems
        ]
    return faults


def unregistered(name: str, mechanism: object, registry: Mapping[str, object]) -> list[str]:
    """Declared parameters that the registry lacks or gives in another unit."""
    faults = []
    for key, unit in mechanism.parameters.items():
        if key not in registry:
            faults.append(f"{name}: parameter {key} is not in the registry")
        elif registry[key].unit != unit:
            faults.append(f"{name}: parameter {key} is declared in {unit}, registered in {registry[key].unit}")
    return faults


def incomplete(key: str, parameter: object) -> list[str]:
    """What one entry of the registry lacks: unit, a range that holds the value, grade, source or reason."""
    faults = []
    if not units.known(parameter.unit):
        faults.append(f"{key}: unknown unit {parameter.unit!r}")
    if not parameter.low <= parameter.value <= parameter.high:
        faults.append(f"{key}: {parameter.value} is outside {parameter.low} to {parameter.high}")
    if parameter.low == parameter.high and parameter.distribution != "fixed":
        faults.append(f"{key}: a range of no width; say distribution = 'fixed'")
    if not parameter.grade or parameter.grade not in GRADES:
        faults.append(f"{key}: grade {parameter.grade!r}")
    if parameter.grade == "P" and not parameter.note.strip():
        faults.append(f"{key}: a prior of the project must say why in its note")
    if parameter.grade != "P" and not parameter.source:
        faults.append(f"{key}: no source")
    return faults


def second_writers(declared: Mapping[str, object]) -> list[str]:
    """Quantities that more than one mechanism sets or keeps."""
    writers: dict[str, list[str]] = {}
    for name, mechanism in declared.items():
        for quantity in (*mechanism.sets, *mechanism.keeps):
            writers.setdefault(quantity, []).append(name)
    return [f"{quantity}: written by {', '.join(names)}" for quantity, names in writers.items() if len(names) > 1]


def unused(registry: Iterable[str], declared: Mapping[str, object], founding: Module) -> list[str]:
    """Registered parameters that neither a mechanism declares nor the founding of January 1922 looks up."""
    used = {key for mechanism in declared.values() for key in mechanism.parameters}
    looked_up = looked_up_in(founding)
    return [f"{key}: nothing uses it" for key in registry if key not in used and not re.fullmatch(looked_up, key)]


def looked_up_in(module: Module) -> str:
    """A pattern of the keys in subscripts of a module: ``v["a.b"]``, and ``v[f"a.{part}"]`` with any part."""
    patterns = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Subscript):
            continue
        key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            patterns.append(re.escape(key.value))
        elif isinstance(key, ast.JoinedStr):
            patterns.append("".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in key.values))
    return "|".join(patterns)


def untrue_readings(
    readings: Mapping[str, object], registry: Iterable[str], declared: Mapping[str, object]
) -> list[str]:
    """Parameters and variants that a reading names and the model does not have."""
    known = set(registry)
    faults = []
    for name, reading in readings.items():
        faults += [f"{name}: no parameter {key}" for key in reading.parameters if key not in known]
        for mechanism, variant in reading.variants.items():
            if mechanism not in declared:
                faults.append(f"{name}: no mechanism {mechanism}")
            elif variant not in declared[mechanism].variants:
                faults.append(f"{name}: {mechanism} has no variant {variant}")
    return faults


def unknown_sources(name: str, mechanism: object, sources: Iterable[str]) -> list[str]:
    """Keys of literature that the record's list of sources lacks."""
    known = set(sources)
    return [f"{name}: source {key} is not in the record" for key in mechanism.sources if key not in known]


def all_knowing(name: str, mechanism: object) -> list[str]:
    """Realities read by a mechanism that deliberates although a belief exists: the leadership sees only reports."""
    if mechanism.phase != "deliberate":
        return []
    read = {*mechanism.reads, *mechanism.reads_now}
    return [f"{name}: reads {true}; it can see only {seen}" for true, seen in BELIEVED.items() if true in read]


def unknown_drivers(name: str, mechanism: object, drivers: Iterable[str]) -> list[str]:
    """Declared drivers that the record does not hold."""
    known = set(drivers)
    return [f"{name}: driver {driver} is not in the record" for driver in mechanism.drivers if driver not in known]


def test_declarations_are_complete():
    record = load_record()
    faults = [f for name, cls in mechanisms().items() for f in undeclared(name, cls, record.systems)]
    assert not faults, said(faults)


def test_each_quantity_has_one_writer():
    faults = second_writers(mechanisms())
    assert not faults, said(faults)


def test_declared_parameters_are_registered_in_the_same_unit():
    registry = load_record().parameters
    faults = [fault for name, cls in mechanisms().items() for fault in unregistered(name, cls, registry)]
    assert not faults, said(faults)


def test_every_parameter_is_complete():
    faults = [fault for key, parameter in load_record().parameters.items() for fault in incomplete(key, parameter)]
    assert not faults, said(faults)


def test_every_parameter_is_used():
    [founding] = [module for module in modules() if module.name == "partystate.model.founding"]
    faults = unused(load_record().parameters, mechanisms(), founding)
    assert not faults, said(faults)


def test_beliefs_and_realities_are_marked_in_the_schema():
    assert {SCHEMA[column].known for column in BELIEVED} == {"true"}
    assert {SCHEMA[column].known for column in BELIEVED.values()} == {"seen"}


def test_the_leadership_sees_reports_and_not_reality():
    faults = [fault for name, cls in mechanisms().items() for fault in all_knowing(name, cls)]
    assert not faults, said(faults)


def test_readings_name_what_exists():
    record = load_record()
    faults = untrue_readings(record.readings, record.parameters, mechanisms())
    assert not faults, said(faults)


def test_mechanisms_cite_sources_of_the_record():
    sources = load_record().sources
    faults = [fault for name, cls in mechanisms().items() for fault in unknown_sources(name, cls, sources)]
    assert not faults, said(faults)


def test_declared_drivers_are_in_the_record():
    record = load_record()
    drivers = {*record.drivers, *(row["driver"] for row in record.founding.drivers)}
    faults = [fault for name, cls in mechanisms().items() for fault in unknown_drivers(name, cls, drivers)]
    assert not faults, said(faults)


GOOD = {
    "claim": "A secretary who fills vacancies gains delegates at the next congress.",
    "phase": "appoint",
    "systems": ("S01",),
    "when_off": {"S01": "vacancies are filled by local election"},
    "moves": {"S01": ("appointed_share",)},
    "sets": ("appointed_share",),
    "keeps": (),
    "draws": ("vacancy",),
    "parameters": {"appointments.reach": "share"},
    "drivers": (),
    "sources": ("rigby1968",),
}


def a_mechanism(**changes: object) -> SimpleNamespace:
    return SimpleNamespace(**{**GOOD, **changes})


def a_parameter(**changes: object) -> SimpleNamespace:
    entry = {"unit": "share", "value": 0.5, "low": 0.2, "high": 0.7, "distribution": "uniform", "source": ("gill1990",)}
    return SimpleNamespace(**{**entry, "grade": "B", "note": "", **changes})


def test_the_declaration_check_can_fail():
    assert undeclared("good", a_mechanism(), ["S01"]) == []
    for change in (
        {"claim": "Vacancies."},
        {"phase": "afterwards"},
        {"systems": ()},
        {"systems": (), "parameters": {}},
        {"systems": ("S01", "S99")},
        {"when_off": {}},
        {"when_off": {"S01": ""}},
        {"moves": {"S01": ()}},
        {"moves": {"S01": ("x",), "S02": ("y",)}},
    ):
        assert undeclared("bad", a_mechanism(**change), ["S01"]), change


def test_the_registry_checks_can_fail():
    registry = {"appointments.reach": a_parameter()}
    assert unregistered("good", a_mechanism(), registry) == []
    assert unregistered("bad", a_mechanism(), {})
    assert unregistered("bad", a_mechanism(parameters={"appointments.reach": "share per month"}), registry)
    nothing, founding = snippet(""), snippet("x = values['appointments.reach']\ny = values[f'mood.{issue}']")
    assert unused(registry, {"good": a_mechanism()}, nothing) == []
    assert unused(registry, {}, founding) == []
    assert unused(["mood.peasants"], {}, founding) == []
    assert unused(registry, {"bad": a_mechanism(parameters={})}, nothing)
    assert unused(["mood.a.b", "reach"], {}, founding)
    assert unknown_sources("bad", a_mechanism(), ["gill1990"])
    assert unknown_drivers("bad", a_mechanism(drivers=("health",)), [])
    assert incomplete("good", a_parameter()) == []
    for change in (
        {"unit": "furlongs"},
        {"value": 0.9},
        {"low": 0.5, "high": 0.5},
        {"grade": ""},
        {"grade": "P"},
        {"source": ()},
    ):
        assert incomplete("bad", a_parameter(**change)), change


def test_the_check_of_what_is_seen_can_fail():
    deciding = {"phase": "deliberate", "reads": ("region.compliance",), "reads_now": ()}
    assert all_knowing("bad", a_mechanism(**deciding))
    assert not all_knowing("good", a_mechanism(**{**deciding, "reads": ("region.reported",)}))
    assert not all_knowing("good", a_mechanism(**{**deciding, "phase": "report"}))


def test_the_reading_check_can_fail():
    declared = {"patronage": a_mechanism(variants=("election",))}
    for parameters, variants, faults in (
        ({"appointments.reach": 1}, {"patronage": "election"}, 0),
        ({"appointments.raech": 1}, {}, 1),
        ({}, {"patronage": "lottery"}, 1),
        ({}, {"patronate": "election"}, 1),
    ):
        readings = {"V.one": SimpleNamespace(parameters=parameters, variants=variants)}
        assert len(untrue_readings(readings, ["appointments.reach"], declared)) == faults


def test_the_writer_check_can_fail():
    assert second_writers({"one": a_mechanism(), "other": a_mechanism(sets=("cult_strength",))}) == []
    assert second_writers({"one": a_mechanism(), "other": a_mechanism()})
    assert second_writers({"one": a_mechanism(), "other": a_mechanism(sets=(), keeps=("appointed_share",))})
