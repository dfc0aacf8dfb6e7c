"""The examples of CONTRIBUTING.md are correct by the same rules as the real thing."""

from __future__ import annotations

import re
import tomllib

import pytest

from partystate.foundation.problems import Collector
from partystate.record.parameters import load_parameters
from tests.contracts.source import ROOT, snippet
from tests.contracts.test_declarations import incomplete, undeclared, unregistered
from tests.contracts.test_floors import chance_outside_draws, declares_mechanism, forbidden_to_mechanisms
from tests.contracts.test_mechanism_text import written_numbers, written_years


def blocks(language: str) -> list[str]:
    """The code blocks of one language in CONTRIBUTING.md."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def parameters(tmp_path):
    """The registry that the example's numbers make."""
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "example.toml").write_text(blocks("toml")[0], "utf-8")
    faults = Collector()
    registry = load_parameters(tmp_path, ["gill1990", "rigby1968"], faults)
    assert not faults.faults, faults.faults
    return registry


@pytest.fixture
def renown():
    """The class of the example."""
    [text] = blocks("python")
    space: dict = {}
    exec(text, space)
    return space["Renown"]


def test_the_example_numbers_are_complete(parameters):
    assert [fault for key, entry in parameters.items() for fault in incomplete(key, entry)] == []


def test_the_example_reading_names_registered_numbers(parameters):
    reading = tomllib.loads(blocks("toml")[1])["V"]["provincial"]
    assert set(reading["parameters"]) <= set(parameters)
    parameters.resolve(reading=reading["parameters"])


def test_the_example_mechanism_keeps_the_rules(parameters, renown):
    module = snippet(blocks("python")[0])
    assert declares_mechanism(module)
    for check in (written_numbers, written_years, chance_outside_draws):
        assert check(module) == []
    assert forbidden_to_mechanisms(module, set()) == []
    assert undeclared("renown", renown, ["S10"]) == []
    assert unregistered("renown", renown, parameters) == []
    assert set(parameters) == set(renown.parameters)
