"""Damaged data: each case gives one clear fault, with file, line, what was expected, what came and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from partystate import record
from partystate.foundation.problems import Problem

from .conftest import line_of

TOTAL = "party_total,1922-01,528354,,,rigby1968,B,"
BUKHARIN = "Bukharin,Politburo full,1924-06-02,1929-11-17,"
DATE = "a date: 1926, 1926-10, 1926-10-23, 1925/26 or a period such as 1930-01/1930-06"

# file, start of the damaged line, old text, new text, fault after "file:line: "
CASES = [
    # figures
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace("528354", "many"), "value: expected a number; came many"),
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace("528354", "inf"), "value: expected a finite number; came inf"),
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace("528354", ""), "value: expected a value; came nothing"),
    (
        "figures.csv", TOTAL, TOTAL, TOTAL.replace("528354,,", "528354,600000,700000"),
        "value: expected a value between low and high; came 528354 (low 600000, high 700000). "
        "Widen the range or correct the value.",
    ),
    (
        "figures.csv", TOTAL, TOTAL, TOTAL.replace("528354,,", "528354,700000,600000"),
        "low: expected low not above high; came low 700000, high 600000. Swap the two.",
    ),
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace("1922-01", "1922-13"), f"date: expected {DATE}; came 1922-13"),
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace("1922-01", "1922/24"), f"date: expected {DATE}; came 1922/24"),
    (
        "figures.csv", TOTAL, TOTAL, TOTAL.replace("1922-01", "1922-05/1921-03"),
        "date: expected a period that ends after it begins; came 1922-05/1921-03",
    ),
    ("figures.csv", TOTAL, TOTAL, TOTAL.replace(",B,", ",D,"), "grade: expected one of A, B, C; came D"),
    (
        "figures.csv", TOTAL, TOTAL, TOTAL.replace("rigby1968", "rigby1986"),
        "source: expected a key of sources.csv; came rigby1986. Did you mean rigby1968?",
    ),
    (
        "figures.csv", TOTAL, TOTAL, TOTAL.replace("party_total", "party_totals"),
        "series_id: expected a series of series.csv; came party_totals. Did you mean party_total?",
    ),
    ("figures.csv", TOTAL, TOTAL, TOTAL + ",,", "row: expected 8 cells; came 10. Quote cells with commas."),
    # series and split
    (
        "series.csv", "party_total,", "Members plus candidates,persons,", "Members plus candidates,milion persons,",
        "unit: expected a known unit; came milion persons. Did you mean million persons or billion persons?",
    ),
    (
        "split.csv", "party_total,1934", "party_total,1934-01,,validation", "party_total,1934-03,,validation",
        "party_total: expected windows that cover all time once; came a gap before this window. The first window has "
        "no since, the last no until, and each begins the month after the one before.",
    ),
    (
        "split.csv", "party_total,1934", "party_total,1934-01,,validation", "party_total,1934-01,,test",
        "use: expected one of calibration, validation, withheld; came test",
    ),
    # events and treaties
    (
        "events.csv", "ev_april_theses", "puts the April Theses,power_struggle", "puts the April Theses,intrigue",
        "kind: expected one of power_struggle, terror, foreign, policy, congress, economy, constitution, propaganda; "
        "came intrigue",
    ),
    (
        "events.csv", "ev_april_theses", "ev_april_theses,1917-04-16", "ev_april_theses,16 April 1917",
        f"date: expected {DATE}; came 16 April 1917",
    ),
    (
        "treaties.csv", "1918-03-03", "German defeat,1918-11-13", "German defeat,1917-11-13",
        "end: expected an end not before 1918-03-03; came 1917-11-13",
    ),
    # people
    (
        "offices.csv", BUKHARIN, BUKHARIN, "Bucharin,Politburo full,1924-06-02,1929-11-17,",
        "person: expected a person of persons.csv; came Bucharin. Did you mean Bukharin?",
    ),
    (
        "offices.csv", BUKHARIN, BUKHARIN, "Bukharin,Politburo full,1924-06-02,1919-11-17,",
        "end: expected an end not before the start 1924-06-02; came 1919-11-17",
    ),
    (
        "offices.csv", BUKHARIN, BUKHARIN, "Bukharin,Politburo candidate,1924-05-02,1929-11-17,",
        "Bukharin, Politburo candidate: expected tenures that do not overlap; came 1924-05-02, while the tenure from "
        "1919-03-25 lasts to 1924-06-02. Correct one of the two.",
    ),
    (
        "codings.csv", "Andreyev,oratory_prestige", "Andreyev,oratory_prestige,,3,quiet",
        "Andreyev,oratory_prestige,,13,quiet", "value: expected oratory_prestige between 0 and 10; came 13",
    ),
    (
        "codings.csv", "Andreyev,oratory_prestige", "Andreyev,oratory_prestige,,3,quiet",
        "Andreyev,oratory_prestige,1923,3,quiet", "year: expected no year for a score; came 1923",
    ),
    (
        "leader_evidence.csv", "Zinoviev,1925-12,vote", "Congress,65,votes,624,", "Congress,650,votes,624,",
        "value: expected no more than out_of (624); came 650",
    ),
    # places
    (
        "regions.csv", "KARE", "270,60,210", "280,60,210",
        "population_1926: expected urban + rural = 270; came 280",
    ),
    (
        "regional.csv", "collectivised_households,BASH,1930-03", "collectivised_households,BASH,1930-03",
        "collectivised_households,BASK,1930-03",
        "place: expected a region of regions.csv or a place of places.csv; came BASK. Did you mean BASH?",
    ),
    (
        "places.csv", "CASI", "UZBE;TAJI;TURK;KIRG", "UZBE;TAJI;TURK;KIRGIZ",
        "regions: expected a region of regions.csv; came KIRGIZ. Did you mean KIRG?",
    ),
    # drivers, plans, norms
    (
        "drivers.csv", "german_posture", "Posture of Germany,posture,,yes", "Posture of Germany,posture,,perhaps",
        "hindsight: expected yes or no; came perhaps",
    ),
    (
        "plans.csv", "FYP1,cement", "FYP1,cement,million t,1928,1.85,,6.5", "FYP1,cement,million t,1928,1.85,,",
        "optimal_target: expected a target; came nothing. A plan without a target is not a plan.",
    ),
    (
        "alliances.csv", "Afghanistan,1926", "Afghanistan,1926,0", "Afghanistan,1926,2",
        "defence: expected 0 or 1; came 2",
    ),
    # claims and readings
    (
        "claims.csv", "C001", "input,ok,S10 S11,Individual-centred", "input,ok,S10 S99,Individual-centred",
        "systems: expected a system of systems.csv; came S99. Did you mean S09, S19 or S29?",
    ),
    (
        "claims.csv", "C001", "C001,note1", "C001,note6",
        "note: expected one of note1, note2, note3, note4, note5; came note6",
    ),
    (
        "claims.csv", "C001", '"INPUT leader.skill[stalin] = high (>=', '"PUT leader.skill[stalin] = high (>=',
        "check: expected a check that begins with INPUT, REF, ABL, VAR, REC, TXT, variant; came PUT",
    ),
    (
        "systems.csv", "S01", "S05 S11 S08 S61 S49 S68", "S05 S11 S08 S61 S49 S78",
        "feeds: expected a system of systems.csv; came S78",
    ),
    (
        "founding/positions.csv", "Trotsky,regime", "Trotsky,regime,0.5,0.2,0.8", "Trotsky,regime,0.9,0.2,0.8",
        "value: expected a value from 0.2 to 0.8; came 0.9",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "start", "old", "new", "fault"), CASES, ids=lambda text: text[:24])
def test_each_damage_gives_one_exact_fault(faults_of, name, start, old, new, fault):
    assert faults_of((name, old, new)) == [f"{name}:{line_of(name, start)}: {fault}"]


def test_all_faults_of_all_files_come_at_once(faults_of):
    faults = faults_of(
        ("figures.csv", TOTAL, TOTAL.replace(",B,", ",X,")),
        ("events.csv", "ev_april_theses,1917-04-16", "ev_april_theses,never"),
        ("claims.csv", "C001,note1", "C001,note6"),
    )
    assert [fault.split(":")[0] for fault in faults] == ["figures.csv", "events.csv", "claims.csv"]


def test_several_faults_of_one_row_are_all_named(faults_of):
    line = line_of("figures.csv", TOTAL)
    faults = faults_of(("figures.csv", TOTAL, "party_total,1922-01,many,,,rigby1986,X,"))
    assert [fault.split(": ")[1] for fault in faults] == ["value", "source", "grade"]
    assert all(fault.startswith(f"figures.csv:{line}: ") for fault in faults)


def test_a_rival_of_the_same_date_needs_its_own_source(faults_of):
    line = line_of("figures.csv", TOTAL)
    [fault] = faults_of(("figures.csv", TOTAL, f"{TOTAL}\nparty_total,1922-01,530000,,,rigby1968,C,"))
    assert fault == (
        f"figures.csv:{line + 1}: series_id+date+source: expected each only once; came party_total, 1922-01, rigby1968 "
        f"again, first in line {line}. Keep a rival under its own source."
    )


def test_a_figure_in_a_withheld_window_is_refused(faults_of):
    line = line_of("figures.csv", TOTAL)
    [fault] = faults_of(("figures.csv", TOTAL, f"{TOTAL}\ngulag_population,1934-01,510307,,,rigby1968,C,"))
    assert fault == (
        f"figures.csv:{line + 1}: gulag_population: expected no figure in a withheld window; came 1934-01. "
        "Remove the figure or change split.csv."
    )


def test_a_series_without_windows_is_named(faults_of):
    [fault] = faults_of(("split.csv", "party_total,,1933-12,calibration\nparty_total,1934-01,,validation\n", ""))
    assert fault == (
        "split.csv: party_total: expected windows for every series; came nothing. "
        "Say what may be fitted and what tests."
    )


def test_changed_columns_are_refused(faults_of):
    faults = faults_of(("balances.csv", "balance,item,unit,value,source,grade", "balance,item,value,unit,source,grade"))
    assert faults == [
        "balances.csv:1: header: expected balance,item,unit,value,source,grade; came balance,item,value,unit,source,"
        "grade. Put the columns back in this order."
    ]


def test_a_missing_file_is_named(copied: Path):
    (copied / "wars.csv").unlink()
    with pytest.raises(Problem) as caught:
        record.load(copied)
    assert [fault.where for fault in caught.value.faults] == ["wars.csv"]
    assert "no such file" in str(caught.value)


def test_a_file_in_another_encoding_is_named(copied: Path):
    path = copied / "contested.csv"
    path.write_bytes(path.read_bytes() + "power,Müller,1,2\n".encode("latin-1"))
    with pytest.raises(Problem, match=r"contested\.csv: file: expected UTF-8 text; came byte \d+ cannot be read"):
        record.load(copied)


def test_unreadable_toml_is_named_with_its_line(faults_of):
    line = line_of("readings.toml", 'title = "Calibrated reference"')
    [fault] = faults_of(("readings.toml", 'title = "Calibrated reference"', "title = Calibrated reference"))
    assert fault.startswith(f"readings.toml:{line}: file: expected TOML; came Invalid value")


def test_a_reading_with_an_unknown_parameter_is_named(faults_of):
    old = 'title = "Calibrated reference"'
    start = line_of("readings.toml", old)
    told = faults_of(("readings.toml", old, f'{old}\nparameters = {{ "no.such_parameter" = 1 }}'))
    [untold] = [line for line in told if "V.ref.carried: expected text in quotes; came nothing" in line]
    [fault] = [line for line in told if line != untold]
    assert "no.such_parameter: expected a parameter of the registry; came no.such_parameter" in fault
    assert fault.startswith(f"readings.toml:{start + 1}: ")


def test_an_unknown_key_of_a_reading_is_named(faults_of):
    old = 'title = "Calibrated reference"'
    [fault] = faults_of(("readings.toml", old, f"{old}\nparameter = {{ }}"))
    assert fault == (
        f"readings.toml:{line_of('readings.toml', old) + 1}: parameter: expected one of title, encoding, basis, "
        "carried, alike, parameters, variants; came parameter. Did you mean parameters?"
    )


def test_an_unknown_likeness_of_a_reading_is_named(faults_of):
    [fault] = faults_of(("readings.toml", 'alike = ["traits"]', 'alike = ["trait"]'))
    assert fault.endswith("V.structural.alike: expected a list of traits, positions, bonds, offices; came trait")


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path):
    with pytest.raises(Problem, match="expected a folder with the files of the record") as caught:
        record.load(tmp_path / "nowhere")
    assert caught.value.exit_code == 2
