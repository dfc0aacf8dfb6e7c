"""The reference pages say what the declarations say."""

from __future__ import annotations

from types import SimpleNamespace

from partystate.views import reference
from tests.contracts.source import ROOT, load_record, mechanisms

FOLDER = ROOT / "docs/reference"


def test_the_committed_pages_are_up_to_date():
    load_record()
    mechanisms()
    stale = [
        name
        for name, text in reference.pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != text
    ]
    assert not stale, f"{', '.join(stale)}: run make docs and commit docs/reference"


def a_record() -> SimpleNamespace:
    parameter = SimpleNamespace(
        key="patronage.reach",
        title="chance that a vacancy is filled from the centre",
        unit="share",
        value=0.5,
        low=0.25,
        high=0.75,
        distribution="uniform",
        source=("gill1990",),
        grade="P",
        note="Half of the posts | roughly.",
        rivals=(SimpleNamespace(value=0.9, source="rigby1968", note="a later year"),),
    )
    return SimpleNamespace(
        parameters={parameter.key: parameter},
        sources={
            "gill1990": SimpleNamespace(citation="Gill (1990)"),
            "rigby1968": SimpleNamespace(citation="Rigby (1968)"),
        },
        systems={"S01": SimpleNamespace(name="Power of appointment")},
    )


def a_mechanism() -> SimpleNamespace:
    empty = dict.fromkeys(("reads", "reads_now", "keeps", "flows", "drivers", "receives", "variants"), ())
    return SimpleNamespace(
        **empty,
        name="patronage",
        claim="A secretary who fills vacancies gains friends.",
        phase="appoint",
        cadence="month",
        systems=("S01",),
        sets=("appointed_share",),
        draws=("vacancy",),
        events=("appointment",),
        parameters={"patronage.reach": "share"},
        sources=("gill1990",),
        when_off={"S01": "Vacancies are filled by local election."},
        moves={"S01": ("appointed_share",)},
    )


def test_a_mechanism_is_described_in_full():
    page = reference.mechanisms_page([a_mechanism()], a_record())
    for part in (
        "### patronage",
        "A secretary who fills vacancies gains friends.",
        "**Sets:** `appointed_share`",
        "**[Parameters](parameters.md):** `patronage.reach`",
        "Gill (1990)",
        "**Without S01** (Power of appointment): Vacancies are filled by local election.",
        "Should move `appointed_share`.",
    ):
        assert part in page
    assert "Keeps" not in page


def test_a_parameter_is_described_in_full():
    page = reference.parameters_page([a_mechanism()], a_record())
    cells = (
        "`patronage.reach`",
        "chance that a vacancy is filled from the centre",
        "0.5",
        "0.25 to 0.75, uniform",
        "share",
        "P",
        r"Gill (1990). Half of the posts \| roughly. Rival value 0.9: Rigby (1968) (a later year)",
        "`patronage`",
    )
    assert "## patronage" in page
    assert f"| {' | '.join(cells)} |" in page


def test_wrong_use_is_explained(capsys):
    assert reference.main([]) == 2
    assert "one folder" in capsys.readouterr().err
