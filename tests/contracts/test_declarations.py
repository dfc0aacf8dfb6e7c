"""Does each mechanism declare what the grammar asks for, and does every number have its entry in the registry?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from partystate.foundation import units
from tests.contracts.source import load_record, mechanisms, said

PHASES = ("life", "report", "deliberate", "command", "appoint", "persuade", "account")
GRADES = "ABCP"
SHORTEST_CLAIM = 6  # words: "more vacancies mean more clients" could be disputed, "vacancies" could not


def undeclared(name: str, mechanism: object, known_systems: Iterable[str]) -> list[str]:
    """What the declarations of one mechanism lack."""
    faults = []
    if len(getattr(mechanism, "claim", "").split()) < SHORTEST_CLAIM:
        faults.append(f"{name}: claim is not a sentence that a historian could dispute")
    if getattr(mechanism, "phase", None) not in PHASES:
        faults.append(f"{name}: phase is not one of {', '.join(PHASES)}")
    systems = tuple(getattr(mechanism, "systems", ()))
    if not systems:
        faults.append(f"{name}: belongs to no system")
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
    """Quantities that more than one mechanism sets."""
    writers = Counter(quantity for mechanism in declared.values() for quantity in mechanism.sets)
    return [
        f"{quantity}: set by {', '.join(name for name, mechanism in declared.items() if quantity in mechanism.sets)}"
        for quantity, count in writers.items()
        if count > 1
    ]


def unused(registry: Iterable[str], declared: Mapping[str, object]) -> list[str]:
    """Registered parameters that nothing reads."""
    used = {key for mechanism in declared.values() for key in mechanism.parameters}
    return [f"{key}: no mechanism declares it" for key in registry if key not in used]


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
    faults = unused(load_record().parameters, mechanisms())
    assert not faults, said(faults)


def test_declared_drivers_are_in_the_record():
    drivers = load_record().drivers
    faults = [fault for name, cls in mechanisms().items() for fault in unknown_drivers(name, cls, drivers)]
    assert not faults, said(faults)


GOOD = {
    "claim": "A secretary who fills vacancies gains delegates at the next congress.",
    "phase": "appoint",
    "systems": ("S01",),
    "when_off": {"S01": "vacancies are filled by local election"},
    "moves": {"S01": ("appointed_share",)},
    "sets": ("appointed_share",),
    "parameters": {"appointments.reach": "share"},
    "drivers": (),
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
    assert unused(registry, {"good": a_mechanism()}) == []
    assert unused(registry, {"bad": a_mechanism(parameters={})})
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


def test_the_writer_check_can_fail():
    assert second_writers({"one": a_mechanism(), "other": a_mechanism(sets=("cult_strength",))}) == []
    assert second_writers({"one": a_mechanism(), "other": a_mechanism()})
