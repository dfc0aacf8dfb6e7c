"""Levers act in their month, once, and on nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from partystate.runs import levers, scenario_file
from partystate.runs.course import Course
from tests.runs.conftest import MONTHS
from tests.runs.helpers import SMALL


def simulate(short, text: str):
    return replace(short, text=text).built().simulate(1)


def noted(simulation) -> list[tuple[int, str]]:
    return [(event.month, event.title) for event in simulation.chronicle.events if event.kind == "lever"]


def test_a_dated_lever_leaves_earlier_months_alone(short):
    usual, pulled = short.built().simulate(1), simulate(short, '[[levers]]\nat = "1923-01"\nsystems_off = ["S01"]\n')
    one, two = usual.result().series, pulled.result().series
    assert all(np.array_equal(one[key][:12], two[key][:12], equal_nan=True) for key in one)
    assert any(not np.array_equal(one[key], two[key], equal_nan=True) for key in one)
    assert noted(pulled) == [(12, "at 1923-01: systems off S01")]
    assert pulled.world.off == {"S01"}


def test_what_is_switched_off_and_on_at_once_changes_nothing(short):
    text = '[[levers]]\nat = "1923-01"\nsystems_off = ["S01"]\n[[levers]]\nat = "1923-01"\nsystems_on = ["S01"]\n'
    one, two = short.built().simulate(1).result().series, simulate(short, text).result().series
    assert all(np.array_equal(one[key], two[key], equal_nan=True) for key in one)


def test_a_person_removed_is_gone_from_that_month(short):
    simulation = simulate(short, '[[levers]]\nat = "1923-03"\nremove = "Trotsky"\n')
    place = simulation.world.labels["leader"].index("Trotsky")
    alive = [row["alive"][place] for row in simulation.recorder.rows]
    assert alive == [1] * 14 + [0] * (MONTHS - 14)
    deaths = [(event.month, event.actors) for event in simulation.chronicle.events if event.kind == "death"]
    assert (14, ("Trotsky",)) in deaths


def test_a_parameter_changes_from_that_month(short):
    key = (
        "appointments.reach"
        if "appointments.reach" in short.built().parameters
        else next(iter(short.built().parameters))
    )
    simulation = simulate(short, f'[[levers]]\nat = "1923-01"\nparameter = "{key}"\nvalue = 0.123\n')
    assert simulation.values[key] == 0.123
    assert noted(simulation) == [(12, f"at 1923-01: {key} = 0.123")]


def test_a_condition_pulls_once_in_the_month_after_it_first_held():
    (lever,) = scenario_file.parse('[[levers]]\nwhen = "bloc_size > 2"\nremove = "Stalin"\n', "x", SMALL).levers
    values = np.array([1.0, 3.0, 3.0, np.nan, 5.0])
    series = {("bloc_size", None): values}
    assert [levers.acting([(lever, 0)], series, until) for until in range(5)] == [
        [],
        [],
        *[[(2, lever)]] * 3,
    ]
    assert levers.acting([(lever, 2)], series, 4) == [(3, lever)], "a fork counts from its own month on"
    assert levers.acting([(lever, 0)], {}, 4) == []


def test_later_scenarios_win():
    def parsed(text):
        return scenario_file.parse(text, "x", SMALL)

    first = parsed('[systems]\noff = ["S01"]\n[parameters]\nagenda.control = 1\n')
    second = parsed('[systems]\noff = ["S03"]\n[parameters]\nagenda.control = 2\n')
    course = Course().then(first, {"agenda.control": 1.5, "appointments.reach": 0.1}).then(second, {}, 12)
    assert course.off == {"S01", "S03"}
    assert course.parameters == {"agenda.control": 2.0}
    assert course.overrides == {"appointments.reach": 0.1}, "a later scenario wins over the earlier command line"


def test_changes_of_a_driver_add_up():
    def parsed(text):
        return scenario_file.parse(text, "x", SMALL)

    course = Course().then(parsed('[drivers]\ngrain_shortfall = { scale = 2, values = { "1922-02" = 9 } }\n'), {})
    course = course.then(parsed("[drivers]\ngrain_shortfall = { shift = 1 }\n"), {}, 12)
    given = np.array([1.0, 1.0, 1.0])
    assert course.driver_changes()["grain_shortfall"](given).tolist() == [3.0, 10.0, 3.0]
    assert given.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("text", ["", '[[levers]]\nat = "1925-01"\nremove = "Trotsky"\n'])
def test_a_lever_after_the_end_changes_nothing(short, text):
    one, two = short.built().simulate(1).result(), simulate(short, text).result()
    assert all(np.array_equal(one.series[key], two.series[key], equal_nan=True) for key in one.series)
    assert [event.id for event in one.chronicle] == [event.id for event in two.chronicle]
