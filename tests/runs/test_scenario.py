"""A scenario is read, spelled canonically, and refused with every fault at once."""

from __future__ import annotations

import pytest

from partystate.foundation.problems import USAGE, Problem
from partystate.runs import scenario_file
from partystate.runs.scenario import REFERENCE
from tests.runs.helpers import SMALL

WHOLE = """
title = "Vacancies filled by local election"
question = "How much did the power of appointment matter?"
expect = "the holder leads less often"
sources = ["rigby1988"]
reading = "V.structural"
[systems]
off = ["S03", "S01"]
[variants]
appointments = "local_election"
[parameters]
"appointments.reach" = [0.2, 0.4]
agenda.control = 0
[drivers]
grain_shortfall = { scale = 0, values = { "1928-01" = 0.5 } }
[founding]
holder = "Zinoviev"
[[levers]]
at = "1924-05"
remove = "Trotsky"
[[levers]]
when = "bloc_size >= 2"
parameter = "agenda.control"
value = 0
[[levers]]
at = "1930"
systems_on = ["S03"]
"""


def parse(text: str):
    return scenario_file.parse(text, "x.toml", SMALL)


def test_every_key_arrives():
    scenario = parse(WHOLE)
    assert scenario.canonical() == {
        "title": "Vacancies filled by local election",
        "question": "How much did the power of appointment matter?",
        "expect": "the holder leads less often",
        "sources": ["rigby1988"],
        "reading": "V.structural",
        "systems": {"off": ["S01", "S03"]},
        "variants": {"appointments": "local_election"},
        "parameters": {"agenda.control": 0.0, "appointments.reach": [0.2, 0.4]},
        "drivers": {"grain_shortfall": {"scale": 0.0, "values": {"1928-01": 0.5}}},
        "founding": {"holder": "Zinoviev"},
        "levers": [
            {"at": "1924-05", "remove": "Trotsky"},
            {"when": "bloc_size >= 2", "parameter": "agenda.control", "value": 0.0},
            {"at": "1930-01", "systems_on": ["S03"]},
        ],
    }
    assert [str(lever) for lever in scenario.levers] == [
        "at 1924-05: remove Trotsky",
        "when bloc_size >= 2: agenda.control = 0",
        "at 1930-01: systems on S03",
    ]
    assert scenario.text == WHOLE


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "[systems]\noff = []\n", 'title = ""\n'])
def test_the_reference_declares_nothing(text):
    assert parse(text).canonical() == REFERENCE.canonical() == {}


def test_layout_and_order_do_not_matter():
    one = parse('title = "a"\n[parameters]\n"agenda.control" = 1\n"appointments.reach" = 0.5\n')
    two = parse('# remark\ntitle="a"\n[parameters]\nappointments.reach = 0.5\nagenda.control = 1.0\n')
    assert one.canonical() == two.canonical()


def test_a_scenario_cannot_be_changed():
    scenario = parse(WHOLE)
    with pytest.raises(AttributeError):
        scenario.title = "other"
    with pytest.raises(TypeError):
        scenario.parameters["agenda.control"] = 1.0


def test_a_condition_holds_for_numbers_only():
    trigger = parse('[[levers]]\nwhen = "bloc_size < 2"\nremove = "Stalin"\n').levers[0].when
    assert trigger.holds(1.0)
    assert not trigger.holds(2.0)
    assert not trigger.holds(float("nan"))


LEVER = '[[levers]]\nat = "1924-05"\n'
BROKEN = {
    "titel = 1": "x.toml:1: titel: expected a key of a scenario; came titel. Did you mean title?",
    "title = 1": "x.toml:1: title: expected a text; came 1",
    'sources = "rigby1988"': "x.toml:1: sources: expected a list of texts in [ ]; came rigby1988",
    'sources = ["rigby"]': "x.toml:1: sources: expected the key of a source; came rigby. Did you mean rigby1988?",
    'sources = ["rigby1988", "rigby1988"]': "x.toml:1: sources: expected each name once; came rigby1988 more than once",
    'reading = "V.struct"': "x.toml:1: reading: expected a reading; came V.struct. Did you mean V.structural?",
    "reading = 1": "x.toml:1: reading: expected a reading as a text; came 1",
    "systems = 1": "x.toml:1: systems: expected a table [systems]; came 1",
    "[systems]\noff = 1": 'x.toml:2: systems.off: expected a list of system ids, such as ["S01"]; came 1',
    '[systems]\noff = ["S1"]': "x.toml:2: systems.off: expected the id of a system; came S1. Did you mean S01?",
    '[systems]\noff = ["S18"]': "x.toml:2: systems.off: expected a system that a mechanism of this version implements; "
    "came S18. Implemented: S01, S03.",
    '[systems]\non = ["S01"]': "x.toml:2: systems.on: expected off; came on. Valid: off.",
    '[variants]\nappointment = "x"': "x.toml:2: variants.appointment: expected the name of a mechanism; "
    "came appointment. Did you mean appointments?",
    '[variants]\nlegacy = "x"': "x.toml:2: variants.legacy: expected a mechanism that has variants; "
    "came legacy, which has none",
    '[variants]\nappointments = "election"': "x.toml:2: variants.appointments: expected a variant of appointments; "
    "came election. Did you mean local_election?",
    "[parameters]\nagenda.contrl = 1": "x.toml:2: parameters.agenda.contrl: expected the key of a parameter; "
    "came agenda.contrl. Did you mean agenda.control?",
    '[parameters]\nagenda.control = "1"': "x.toml:2: parameters.agenda.control: expected a finite number; came 1",
    "[parameters]\nagenda.control = nan": "x.toml:2: parameters.agenda.control: expected a finite number; came nan",
    "[parameters]\nagenda.control = true": "x.toml:2: parameters.agenda.control: expected a finite number; came True",
    "[parameters]\nagenda.control = [2, 1]": "x.toml:2: parameters.agenda.control: "
    "expected a pair [low, high] with low ≤ high; came [2, 1]",
    "[parameters]\nagenda.control = [1, 2, 3]": "x.toml:2: parameters.agenda.control: "
    "expected a number or a pair [low, high]; came [1, 2, 3]",
    "[drivers]\ngrain = { scale = 1 }": "x.toml:2: drivers.grain: expected the id of a driver; "
    "came grain. Did you mean grain_shortfall?",
    "[drivers]\ngrain_shortfall = 1": "x.toml:2: drivers.grain_shortfall: "
    "expected a table { scale = …, shift = …, values = { … } }; came 1",
    "[drivers]\ngrain_shortfall = { scal = 1 }": "x.toml:2: drivers.grain_shortfall.scal: "
    "expected scale, shift or values; came scal. Did you mean scale?",
    '[drivers]\ngrain_shortfall = { values = { "1921-12" = 1 } }': "x.toml:2: drivers.grain_shortfall.values: "
    "expected a month YYYY-MM from 1922-01 to 1941-06; came 1921-12",
    '[founding]\nholder = "Zinovev"': "x.toml:2: founding.holder: expected the name of a person of the record; "
    "came Zinovev. Did you mean Zinoviev?",
    "[founding]\nidentical_leaders = 1": "x.toml:2: founding.identical_leaders: expected true or false; came 1",
    '[founding]\nleader = "Stalin"': "x.toml:2: founding.leader: expected one of holder, identical_leaders, alike, "
    "traits, deaths, illness; came leader. Did you mean identical_leaders?",
    '[founding]\nalike = ["bond"]': "x.toml:2: founding.alike: expected one of traits, positions, bonds, offices; "
    "came bond. Did you mean bonds?",
    '[founding]\ntraits = { "Trotsky.skill" = 1 }': "x.toml:2: founding.traits.Trotsky.skill: "
    "expected a trait of leaders; came skill. Valid: heir, standing.",
    '[founding]\ntraits = { "Trotsky.heir" = 2 }': "x.toml:2: founding.traits.Trotsky.heir: "
    "expected a number from 0 to 1; came 2",
    "[founding]\nillness = { Stalin = 2 }": "x.toml:2: founding.illness.Stalin: expected a number from 0 to 1; came 2",
    '[founding]\ndeaths = { Stalin = "1921-01" }': "x.toml:2: founding.deaths.Stalin: "
    "expected a month YYYY-MM from 1922-01 to 1941-06; came 1921-01",
    "levers = 1": "x.toml:1: levers: expected one [[levers]] table for each lever; came 1",
    "levers = [1]": "x.toml: levers[1]: expected a table with at or when, and one action; came 1",
    '[[levers]]\nremove = "Stalin"': "x.toml:1: levers[1]: expected either at (a month) or when (a condition); "
    "came neither",
    LEVER + 'when = "bloc_size > 1"\nremove = "Stalin"': "x.toml:1: levers[1]: "
    "expected either at (a month) or when (a condition); came both",
    LEVER: "x.toml:1: levers[1]: expected one action of remove, parameter, systems_off, systems_on; came none",
    LEVER + 'remove = "Stalin"\nsystems_off = ["S01"]': "x.toml:1: levers[1]: expected one action of "
    "remove, parameter, systems_off, systems_on; came remove, systems_off",
    LEVER + 'parameter = "agenda.control"': "x.toml:1: levers[1]: expected parameter and value together; "
    "came only one of them",
    LEVER + "systems_off = []": "x.toml:3: levers[1].systems_off: expected at least one system id; came an empty list",
    LEVER + 'remove = "Troski"': "x.toml:3: levers[1].remove: expected the name of a person of the record; "
    "came Troski. Did you mean Trotsky?",
    LEVER + 'remove = "Stalin"\nwho = 1': "x.toml:4: levers[1].who: expected a key of a lever; came who. "
    "Did you mean when?",
    '[[levers]]\nat = "1924-13"\nremove = "Stalin"': "x.toml:2: levers[1].at: "
    "expected a month YYYY-MM from 1922-01 to 1941-06; came 1924-13",
    '[[levers]]\nat = 1924\nremove = "Stalin"': "x.toml:2: levers[1].at: "
    'expected a month as a text, such as "1922-01"; came 1924',
    '[[levers]]\nwhen = "bloc_size = 1"\nremove = "Stalin"': "x.toml:2: levers[1].when: "
    'expected a condition "series > number" (relations > < >= <=); came bloc_size = 1',
    '[[levers]]\nwhen = "block_size > 1"\nremove = "Stalin"': "x.toml:2: levers[1].when: "
    "expected a series that the model measures; came block_size. Did you mean bloc_size?",
    "title": "x.toml:1: file: expected valid TOML; came Expected '=' after a key in a key/value pair. "
    "Texts stand in quotation marks, tables in [brackets].",
    "title = a": "x.toml:1: file: expected valid TOML; came Invalid value. "
    "Texts stand in quotation marks, tables in [brackets].",
}


@pytest.mark.parametrize("text", BROKEN)
def test_each_fault_in_its_words(text):
    with pytest.raises(Problem) as caught:
        parse(text + "\n")
    assert [str(fault) for fault in caught.value.faults] == [BROKEN[text]]
    assert caught.value.exit_code == USAGE


def test_all_faults_at_once():
    with pytest.raises(Problem) as caught:
        parse('titel = 1\n[systems]\noff = ["S9"]\n[[levers]]\nat = "x"\nremove = "y"\n')
    assert [fault.key for fault in caught.value.faults] == ["titel", "systems.off", "levers[1].at", "levers[1].remove"]
    assert str(caught.value).startswith("4 faults:\n  x.toml:1: titel")


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "appoint.toml").write_text("")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    cases = {
        tmp_path / "apoint.toml": "expected a TOML file that exists; came no such file. Did you mean appoint?",
        tmp_path
        / "nowhere"
        / "x": "came no such file. Give the path of a .toml file; without one the reference is run.",
        tmp_path: "expected a TOML file; came a folder",
        tmp_path / "latin.toml": "latin.toml: file: expected text in UTF-8; came a byte that is not, at position 9",
    }
    for path, words in cases.items():
        with pytest.raises(Problem) as caught:
            scenario_file.load(path, SMALL)
        assert words in str(caught.value)
        assert caught.value.exit_code == USAGE


def test_a_long_wrong_value_is_cut():
    with pytest.raises(Problem) as caught:
        parse("[parameters]\nagenda.control = 1" + "0" * 400 + "\n")
    assert len(str(caught.value)) < 250
