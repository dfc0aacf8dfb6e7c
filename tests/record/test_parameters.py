"""The registry of parameters and its only resolve()."""

from __future__ import annotations

from pathlib import Path

import pytest

from partystate.foundation.problems import Collector, Problem
from partystate.record.parameters import Registry, load_parameters

GOOD = """
[appointments.reach]
title = "chance that a vacancy is filled by the assignment office"
unit = "share"
value = 0.70
low = 0.55
high = 0.85
distribution = "uniform"
source = ["carr1958"]
grade = "B"

[appointments.speed]
title = "months until a vacancy is filled"
unit = "months"
value = 3
low = 1
high = 9
distribution = "loguniform"
source = []
grade = "P"
note = "no source gives it"
rivals = [{ value = 6, source = "carr1958", note = "a slower reading" }]

[leadership.seats]
title = "seats"
unit = "persons"
value = 7
low = 7
high = 9
distribution = "fixed"
source = ["carr1958"]
grade = "A"

[leadership.weight]
title = "weight"
unit = "weight"
value = 2
low = 1
high = 5
distribution = "triangular"
source = ["carr1958"]
grade = "C"
"""


def read(folder: Path, text: str) -> tuple[Registry, list[str]]:
    (folder / "parameters").mkdir(exist_ok=True)
    (folder / "parameters" / "power.toml").write_text(text, encoding="utf-8")
    faults = Collector()
    registry = load_parameters(folder, ["carr1958"], faults)
    return registry, [str(fault).removeprefix("parameters/power.toml:") for fault in faults.faults]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry, faults = read(tmp_path, GOOD)
    assert faults == []
    return registry


def test_each_layer_overrules_the_one_before(registry: Registry):
    key = "appointments.reach"
    assert registry.resolve()[key].layer == "default"
    assert registry.resolve({key: 0.6})[key].layer == "reading"
    assert registry.resolve({key: 0.6}, {key: [0.6, 0.7]})[key].layer == "scenario"
    last = registry.resolve({key: 0.6}, {key: [0.6, 0.7]}, {key: 0.8})[key]
    assert (last.layer, last.low, last.value, last.high, last.distribution) == ("command line", 0.8, 0.8, 0.8, "fixed")


def test_a_pair_changes_the_range_and_keeps_the_centre_when_it_can(registry: Registry):
    inside = registry.resolve(scenario={"appointments.reach": [0.6, 0.75]})["appointments.reach"]
    assert (inside.low, inside.value, inside.high, inside.distribution) == (0.6, 0.7, 0.75, "uniform")
    beside = registry.resolve(scenario={"appointments.reach": [0.75, 0.85]})["appointments.reach"]
    assert beside.value == pytest.approx(0.8)


def test_a_value_outside_the_plausible_range_is_allowed_with_a_warning(registry: Registry):
    resolved = registry.resolve(command_line={"appointments.reach": 0.2})
    assert resolved.warnings == ("appointments.reach = 0.2 (command line) leaves the plausible range 0.55 to 0.85",)
    assert registry.resolve().warnings == ()


def test_a_fixed_parameter_is_drawn_as_its_value(registry: Registry):
    seats = registry.resolve()["leadership.seats"]
    assert (seats.fixed, seats.at(0.0), seats.at(0.99)) == (True, 7, 7)


def test_draws_cover_the_range_and_rise_with_the_uniform(registry: Registry):
    for setting in registry.resolve().values():
        drawn = [setting.at(k / 200) for k in range(200)]
        assert drawn == sorted(drawn)
        assert setting.low <= drawn[0] <= drawn[-1] <= setting.high
    assert registry.resolve()["appointments.speed"].at(0.5) == pytest.approx(3)  # the geometric middle of 1 and 9
    weight = registry.resolve()["leadership.weight"]
    assert weight.at(0.25) == pytest.approx(2)  # a quarter of the triangle lies below its peak


def test_the_table_names_every_layer(registry: Registry):
    table = registry.resolve(scenario={"leadership.weight": 3}).table()
    assert ("leadership.weight", "3", "weight", "scenario") in table
    assert ("appointments.reach", "0.55 to 0.85, uniform, centre 0.7", "share", "default") in table


def test_all_faults_of_all_layers_come_at_once(registry: Registry):
    with pytest.raises(Problem) as caught:
        registry.resolve({"appointment.reach": 1}, {"leadership.weight": "much"}, {"appointments.reach": [0.8, 0.6]})
    assert caught.value.exit_code == 2
    assert [str(fault) for fault in caught.value.faults] == [
        "reading: appointment.reach: expected a parameter of the registry; came appointment.reach. "
        "Did you mean appointments.reach?",
        "scenario: leadership.weight: expected a number or [low, high]; came much. "
        "A number fixes it; a pair changes its range.",
        "command line: appointments.reach: expected [low, high] with low not above high; came [0.8, 0.6]. "
        "Swap the two.",
    ]


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), [0.5], [0.5, "x"], None, {"low": 1}])
def test_only_numbers_and_pairs_change_a_parameter(registry: Registry, value):
    with pytest.raises(Problem, match=r"expected a number or \[low, high\]"):
        registry.resolve(scenario={"appointments.reach": value})


def test_a_loguniform_range_stays_above_nought(registry: Registry):
    with pytest.raises(Problem, match="expected a range above 0, because the parameter is loguniform"):
        registry.resolve(scenario={"appointments.speed": [0, 9]})


CASES = [
    (
        'unit = "share"', 'unit = "shares"',
        "4: appointments.reach.unit: expected a known unit; came shares. Did you mean share?",
    ),
    (
        "value = 0.70", "value = 0.90",
        "5: appointments.reach: expected low, value and high in rising order; came low 0.55, value 0.9, high 0.85",
    ),
    (
        "high = 0.85", "high = 1.85",
        "6: appointments.reach: expected a share between 0 and 1; came 0.55 to 1.85",
    ),
    (
        "value = 0.70", 'value = "most"',
        "5: appointments.reach.value: expected a number; came most",
    ),
    (
        'distribution = "uniform"', 'distribution = "normal"',
        "8: appointments.reach.distribution: expected one of uniform, triangular, loguniform, fixed; came normal",
    ),
    (
        '["carr1958"]\ngrade = "B"', '["carr1959"]\ngrade = "B"',
        "9: appointments.reach.source: expected a key of sources.csv; came carr1959. Did you mean carr1958?",
    ),
    (
        '["carr1958"]\ngrade = "B"', '[]\ngrade = "B"',
        "9: appointments.reach.source: expected at least one source (only grade P may have none); came []",
    ),
    (
        '["carr1958"]\ngrade = "B"', '"carr1958"\ngrade = "B"',
        '9: appointments.reach.source: expected a list of source keys such as ["carr1958"]; came carr1958',
    ),
    (
        'grade = "B"', 'grade = "D"',
        "10: appointments.reach.grade: expected one of A, B, C, P; came D",
    ),
    (
        'note = "no source gives it"\n', "",
        "20: appointments.speed.note: expected the reason for a prior (grade P); came nothing",
    ),
    (
        "low = 1\nhigh = 9", "low = 0\nhigh = 9",
        "16: appointments.speed.low: expected more than 0 for loguniform; came 0",
    ),
    (
        '{ value = 6, source = "carr1958"', '{ value = 6, source = "carr1985"',
        "22: appointments.speed.rivals[1].source: expected a key of sources.csv; came carr1985. Did you mean "
        "carr1958?",
    ),
    (
        '{ value = 6, source = "carr1958", note', '{ source = "carr1958", note',
        "22: appointments.speed.rivals[1]: expected {value = number, source = key, note = text}; came "
        "{'source': 'carr1958', 'note': 'a slower reading'}",
    ),
    (
        'unit = "months"\n', "",
        "12: appointments.speed.unit: expected a value; came nothing. Needed: title, unit, value, low, high, "
        "distribution, source, grade",
    ),
    (
        'unit = "months"', 'unit = "months"\nunits = "months"',
        "15: units: expected one of title, unit, value, low, high, distribution, source, grade, note, "
        "rivals; came units. Did you mean unit?",
    ),
    (
        "[appointments.reach]", "loose = 1\n[appointments.reach]",
        "2: loose: expected parameters as tables [mechanism.name]; came a single value",
    ),
    (
        'title = "seats"', 'title = ""',
        "25: leadership.seats.title: expected one phrase that says what the number is; came nothing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), CASES, ids=[case[2].split(": ")[1] + case[1][:12] for case in CASES])
def test_each_damage_gives_one_exact_fault(tmp_path: Path, old: str, new: str, fault: str):
    assert old in GOOD
    _, faults = read(tmp_path, GOOD.replace(old, new, 1))
    assert faults == [fault]


def test_one_key_may_stand_in_one_file_only(tmp_path: Path):
    read(tmp_path, GOOD)
    again = GOOD.split("[appointments.speed]")[0]
    (tmp_path / "parameters" / "again.toml").write_text(again, encoding="utf-8")
    faults = Collector()
    load_parameters(tmp_path, ["carr1958"], faults)
    assert [str(fault) for fault in faults.faults] == [
        "parameters/power.toml:2: appointments.reach: expected one table for each parameter; "
        "came also in parameters/again.toml:2"
    ]
