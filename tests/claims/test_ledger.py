"""The ledger of claims: every check can be read, what it names exists, and what the record says today is known."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from partystate import record
from partystate.analysis import check_arms, check_outcomes, claim_measures, claim_runs, claim_rural, claims
from partystate.analysis.check_facts import days
from partystate.analysis.check_histories import FAILS, HOLDS, TOLD, UNDECIDED, WAITING
from partystate.analysis.check_language import OF_HISTORIES, parse
from partystate.analysis.claims import ASSUMED, MODEL, RECORD
from partystate.foundation import calendar
from partystate.foundation.problems import Problem
from partystate.record.loading import DATA
from partystate.runs.recipe import BARE, Recipe

ROOT = Path(__file__).parents[2]
# REC clauses that fail: the ledger and the record of this project disagree.
DISAGREEING = {
    'REC end(Molotov, "ECCI Presidium") = 1931': "the ledger lets him lead until 1931, the record until December 1930",
    "REC date(ev_ural_siberian) = 1929-03": "the record dates the law of June 1929, the ledger the method itself",
    "REC figure(officers_reinstated, 1940-05) = 10290 within 10 %": "the record holds 36 and not 30 of a hundred",
}
# REC clauses about figures that the record keeps back.
KEPT_BACK = {
    "REC figure(grain_exports, 1926) in [2.0, 2.7]",
    "REC figure(rural_population, 1926-12) = 120.7",
    "REC figure(camps_and_colonies, 1938-01) = 1880000 within 1 %",
}
# Groups in which the model begins otherwise than the note says.
ASSUMED_OTHERWISE = {"K111", "K282", "K286", "K295", "K305", "K321", "K324", "K325", "K333"}


@lru_cache(maxsize=1)
def ledger() -> claims.Ledger:
    """The whole ledger judged by the evidence alone."""
    known = record.load()
    return claims.evaluate(known, claims.chosen(known))


def clauses(kind: str) -> list[claims.Judged]:
    return [judged for group in ledger().groups for judged in group.clauses if judged.clause.kind == kind]


def test_every_group_stands_somewhere():
    groups = ledger().groups
    assert (len(groups), ledger().claims) == (433, 498)
    assert {group.status for group in groups} <= set(claims.STATUSES)
    counts = ledger().counts()
    assert sum(count["groups"] for count in counts.values()) == 433
    assert sum(count["claims"] for count in counts.values()) == 498
    for group in groups:
        if group.status == WAITING:
            reasons = [judged.reason for judged in group.clauses if judged.status == WAITING]
            assert group.needs or reasons, group.name
            assert all(reasons), group.name


def test_every_group_of_built_systems_has_clauses():
    built = check_arms.built()
    without = [group.name for group in ledger().groups if set(group.systems) <= built and not group.clauses]
    assert not without


def test_every_clause_of_the_record_in_words_has_a_formal_one_or_a_reason():
    entries = record.load().checks.groups
    missing = [group.name for group in ledger().groups if "REC " in group.check and group.name not in entries]
    assert not missing


def used(sectors: check_arms.Sectors) -> set[str]:
    """Outcomes that clauses about histories of these sectors name."""
    return {
        name
        for kind in OF_HISTORIES
        for judged in clauses(kind)
        if check_arms.sectors_of(judged.clause) == sectors
        for name in _outcomes(judged)
    }


def test_what_checks_measure_is_measured():
    result = Recipe(months=check_arms.BASE.months).built().simulate(1, watching=BARE).result()
    from partystate.analysis import measures

    measured = set(measures.measure(result))
    defined = set(claim_measures.definitions(result.facts["people"]["contenders"]))
    assert defined == set(claim_measures.measure(result))
    named = used(("power",))
    assert len(named) > 40
    assert named <= measured, named - measured
    assert named <= set(check_outcomes.kinds().definitions)


VILLAGE, BOTH = ("countryside",), ("power", "countryside")


@pytest.mark.parametrize("sectors", [VILLAGE, BOTH], ids="+".join)
def test_what_checks_measure_of_the_village_is_measured(sectors):
    result = check_arms.BASES[sectors].built().simulate(9000, watching=BARE).result()
    found = claim_rural.of_sectors(sectors)(result)
    defined = set(claim_rural.definitions(sectors))
    assert len(used(sectors)) > 5
    assert used(sectors) <= check_outcomes.held(sectors)
    assert used(sectors) | defined <= set(found)
    assert found["crisis_1927"] in (0, 1)
    undefined = {name for name in defined if np.isnan(found[name])}
    assert undefined <= set(claim_rural.DATES), "only a date may fail to come"


def test_every_measure_of_the_village_is_asked_for_and_bears_one_name():
    alone, both = (set(claim_rural.definitions(sectors)) for sectors in (VILLAGE, BOTH))
    assert alone | both <= used(VILLAGE) | used(BOTH)
    assert not (alone | both) & check_outcomes.held(("power",))
    assert both - alone == {*claim_rural.TOGETHER, *claim_rural.TOGETHER_PARTS}


def test_measures_of_the_village_say_what_its_series_say():
    result = check_arms.BASES[VILLAGE].built().simulate(9001, watching=BARE).result()
    found = claim_rural.measure(result)

    def at(name: str, month: str, region: str | None = None) -> float:
        return float(result.series[name, region][calendar.index(month)])

    assert found["collectivised_1931_07"] == pytest.approx(at("collectivised_households", "1931-07") / 100)
    assert found["procured_1931"] == at("grain_procurement", "1931-12")
    assert found["crisis_1927"] == float(
        at("grain_procurement_halfyear", "1927-12") <= 0.8 * at("grain_procurement_halfyear", "1926-12")
    )
    half = [at("grain_procurement_halfyear", f"{year}-12") for year in range(1922, 1933)]
    short = [year for year in range(1926, 1933) if half[year - 1922] <= 0.8 * half[year - 1923]]
    came = found["procurement_crisis"]
    assert (calendar.label(int(came)) if came == came else None) == (f"{short[0]}-12" if short else None)
    share = result.series["collectivised_households", None]
    assert found["mass_collectivisation"] == np.flatnonzero(share >= 20)[0]
    ukraine = [name for name, region in record.load().regions.items() if region.republic == "Ukraine"]
    deaths = sum(at("rural_excess_deaths_year", f"{year}-12", name) for name in ukraine for year in (1932, 1933, 1934))
    assert len(ukraine) > 1
    assert found["ukraine_deaths_1932_34"] == pytest.approx(deaths)
    unrest = [np.mean(result.series["village_unrest_index", None][12 * n : 12 * n + 12]) for n in range(12)]
    assert found["unrest_peak_year"] == 1922 + int(np.argmax(unrest))


def test_short_runs_of_the_village_leave_out_what_they_did_not_reach():
    result = Recipe(only="countryside", months=calendar.index("1928-01"), scale=20_000).built().simulate(1).result()
    found = claim_rural.measure(result)
    assert {"crisis_1927", "harvest_1926"} <= set(found)
    assert not {"procured_1928", "unrest_peak_year", "requisition", "cattle_1929"} & set(found)


def test_every_outcome_has_one_kind():
    kinds = check_outcomes.kinds()
    assert not kinds.chances & kinds.dates
    assert kinds.chances | kinds.dates <= set(kinds.definitions)
    result = Recipe(months=check_arms.BASE.months).built().simulate(3, watching=BARE).result()
    measured = claim_measures.measure(result)
    assert all(measured[name] in (0, 1) or np.isnan(measured[name]) for name in claim_measures.CHANCES)


def _outcomes(judged: claims.Judged) -> set[str]:
    from partystate.views import claims_words

    return {name for name, _ in claims_words.defined(judged.clause)}


def test_arms_can_be_built():
    known = record.load()
    wanted = claim_runs.design(known, [j.clause for group in ledger().groups for j in group.clauses], 2)
    assert list(wanted) == [("power",), VILLAGE, BOTH]
    for sectors, design in wanted.items():
        names = [arm.name for arm in design.arms]
        assert names[0] == "reference"
        assert all(arm.recipe.built().sectors == sectors for arm in design.arms)
        digests = [arm.recipe.built().key(0).digest for arm in design.arms]
        assert len(set(digests)) == len(names), "two arms are the same histories"
    assert {"without S01", "alike in traits and positions", "V.structural"} <= set(_names(wanted["power",]))
    assert {"without S22", "driver.export_target 1931-01..1933-12 = 0"} <= set(_names(wanted[VILLAGE]))


def _names(design) -> list[str]:
    return [arm.name for arm in design.arms]


def test_a_clause_asks_for_histories_of_its_sectors_alone():
    known = record.load()
    wanted = claim_runs.design(known, [parse("ABL(S22) in countryside: increases(cattle_1933)")], 2)
    assert {sectors: _names(design) for sectors, design in wanted.items()} == {VILLAGE: ["reference", "without S22"]}
    assert claim_runs.design(known, [parse("REC died(Lenin) = 1924")], 2) == {}
    both = parse("REF in countryside, power: chance(leads) > 0")
    assert check_arms.sectors_of(both) == BOTH
    assert check_arms.sectors_of(parse("REF in power: chance(leads) > 0")) == ("power",)


def test_a_driver_is_set_in_a_window_against_the_reference_or_at_two_values():
    arms = check_arms.Arms(record.load())
    one = parse("VAR(driver.export_target 1931-01..1931-02, 0) in countryside: decreases(excess_deaths_1930_34)")
    assert (arms.sides(one).a, arms.sides(one).b) == ("reference", "driver.export_target 1931-01..1931-02 = 0")
    change = arms.of(one)["driver.export_target 1931-01..1931-02 = 0"].built().scenario.drivers["export_target"]
    assert (dict(change.values), change.scale) == ({108: 0.0, 109: 0.0}, 1.0)
    two = parse("VAR(driver.grain_price 1925-07..1925-07, 0.9, 1.1) in countryside: increases(procured_1928)")
    assert set(arms.of(two)) == {f"driver.grain_price 1925-07..1925-07 = {value}" for value in (0.9, 1.1)}


# The record ---------------------------------------------------------------------------------------------------------


def test_the_record_and_the_ledger_disagree_only_where_it_is_known():
    found = clauses("REC")
    assert len(found) > 120
    assert {judged.clause.text for judged in found if judged.status == FAILS} == set(DISAGREEING)
    assert {judged.clause.text for judged in found if judged.status == WAITING} == KEPT_BACK
    assert not [judged.clause.text for judged in found if judged.status == UNDECIDED]


def test_the_model_begins_otherwise_only_where_it_is_known():
    found = {g.name for g in ledger().groups if any(j.clause.kind == "INPUT" and j.status == FAILS for j in g.clauses)}
    assert found == ASSUMED_OTHERWISE


def test_notes_that_are_wrong_are_no_failures_of_the_model():
    corrected = ledger().corrected()
    assert len(corrected) == 84
    assert sum(claim.quality == "wrong" for claim, _ in corrected) == 19
    assert all(claim.remark for claim, _ in corrected if claim.quality == "wrong")
    for claim, group in corrected:
        failing = {j.clause.text for j in group.clauses if j.clause.kind == "REC" and j.status == FAILS}
        assert failing <= set(DISAGREEING), (claim.claim_id, failing)


def test_facts_carry_their_grade_and_source():
    known = record.load().sources
    for judged in clauses("REC"):
        if judged.found is None or "died(" in judged.clause.text:
            continue
        fact = judged.found.fact
        assert fact.grade in ("A", "B", "C"), judged.clause.text
        assert all(key in known for key in fact.source.split(", ")), judged.clause.text


def test_pages_that_are_told_are_there():
    for judged in clauses("TXT"):
        kind, _, name = judged.clause.words.partition(" ")
        if kind == "page":
            assert (ROOT / name).is_file(), name
        else:
            assert record.load().readings[name].encoding


def test_days_of_dates():
    assert days("1926-10-23")[0] == days("1926-10-23")[1]
    assert days("1924-02")[1] - days("1924-02")[0] == 28
    assert days("1927")[1] - days("1927")[0] == 364
    assert days("1925/26") == (days("1925-10-01")[0], days("1926-09-30")[0])
    assert days("1930-01/1930-06") == (days("1930-01-01")[0], days("1930-06-30")[0])


# Standing of groups -------------------------------------------------------------------------------------------------


def test_the_rule_of_several_clauses():
    assert claims.status_of([HOLDS, HOLDS]) == HOLDS
    assert claims.status_of([HOLDS, TOLD]) == HOLDS
    assert claims.status_of([HOLDS, UNDECIDED]) == UNDECIDED
    assert claims.status_of([HOLDS, UNDECIDED, WAITING]) == WAITING
    assert claims.status_of([HOLDS, WAITING, FAILS]) == FAILS
    assert claims.status_of([TOLD]) == TOLD
    assert claims.status_of([]) == WAITING


def test_so_far_is_told_of_what_waits():
    groups = {group.name: group for group in ledger().groups}
    assert (groups["K014"].status, groups["K014"].so_far, groups["K014"].basis) == (WAITING, "", "")
    assert (groups["K042"].status, groups["K042"].so_far, groups["K042"].waiting) == (WAITING, HOLDS, 1)
    assert (groups["K040"].status, groups["K040"].basis) == (HOLDS, RECORD)
    assert (groups["K284"].status, groups["K284"].basis) == (HOLDS, ASSUMED)
    assert groups["K013"].needs == ("S41",)
    assert not [group.name for group in groups.values() if group.basis == MODEL], "no histories were run"


# Measures -----------------------------------------------------------------------------------------------------------


def test_measures_say_what_the_table_of_leaders_says():
    for seed in (2, 5):
        result = Recipe(months=check_arms.BASE.months).built().simulate(seed, watching=BARE).result()
        rows = [dict(zip(result.leaders, row, strict=True)) for row in zip(*result.leaders.values(), strict=True)]
        by = {(row["person"], row["month"]): row for row in rows}
        found = claim_measures.measure(result)
        people = {row["person"] for row in rows}
        power = {person: by[person, "1925-12"]["power"] for person in people}
        order = sorted(people, key=lambda person: -power[person])
        assert found["power_rank.Stalin_1925_12"] == 1 + order.index("Stalin")
        core = [by[person, "1924-01"]["bloc"] > 1 for person in ("Stalin", "Zinoviev", "Kamenev")]
        assert found["troika_1924_01"] == all(core)
        months = [calendar.label(month) for month in range(result.months)]
        together = [
            month for month in months
            if all(by[person, month]["opposed"] for person in ("Trotsky", "Zinoviev", "Kamenev"))
        ]  # fmt: skip
        came = found["united_opposition"]
        assert (calendar.label(int(came)) if came == came else None) == (together[0] if together else None)
        dissents = [calendar.label(event.month) for event in result.chronicle if event.kind == "dissent"]
        assert found["dissents_1925_29"] == sum("1925-01" <= month <= "1929-12" for month in dissents)
        army = [month for month in months if "army" not in by["Trotsky", month]["offices"].split(";")]
        assert found["lost_army"] == calendar.index(army[0])


def test_short_runs_leave_out_what_they_did_not_reach():
    result = Recipe(months=calendar.index("1926-01")).built().simulate(1, watching=BARE).result()
    found = claim_measures.measure(result)
    assert "prestige_share_1925" in found
    assert not {"clients_1927", "lost_army", "power.Stalin_1926_12", "dissents_1926"} & set(found)


def test_a_stretch_has_to_be_long_enough():
    months = np.zeros(40, dtype=bool)
    months[[*range(3, 14), *range(20, 33)]] = True
    assert claim_measures._stretch(months, 12) == 20
    assert np.isnan(claim_measures._stretch(months, 14))


# Faults -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def faults_of(tmp_path):
    """The faults of a copy of the record with another checks.toml, as text."""

    def load(text: str) -> list[str]:
        folder = Path(shutil.copytree(DATA, tmp_path / "data", dirs_exist_ok=True))
        (folder / "checks.toml").write_text(text, encoding="utf-8")
        with pytest.raises(Problem) as caught:
            claims.read(record.load(folder))
        assert caught.value.exit_code == 3
        return [str(fault) for fault in caught.value.faults]

    return load


def test_all_faults_of_the_file_are_told_at_once(faults_of):
    found = faults_of(
        "[checks.K0003]\nclauses = ['REF chance(leads) > 0']\n"
        "[checks.K003]\nclauses = []\n"
        "[checks.K004]\nclauses = ['RFE chance(leads) > 0']\n"
        "[metrics.\"leader.influnce\"]\nbecause = 'x'\n"
        "[metrics.\"leader.skill\"]\nquantity = 'x'\n"
    )
    told = [
        "checks.toml:1: K0003: expected a check group of claims.csv; came K0003",
        "checks.toml:4: K003.clauses: expected a list of clauses in quotes",
        "checks.toml:6: K004, clause 1: expected one of REF, ABL",
        "expected a metric of metrics.csv; came leader.influnce. Did you mean leader.influence?",
        "leader.skill.because: expected text in quotes; came nothing",
    ]
    assert len(found) == len(told)
    assert all(words in fault for words, fault in zip(told, found, strict=True)), found


FAULTY = {
    "REF chance(leeds) > 0": "character 12: expected a measured outcome such as leads; came leeds",
    "REF 5 5": "character 7: expected the end of the clause",
    "ABL(S40) change(leads) > 0": "expected a system that is built",
    "VAR(agenda.contrl) increases(leads)": "such as agenda.control; came agenda.contrl",
    "VAR(trait.Stalin.charm) increases(leads)": "expected a trait that a scenario can set",
    "REC date(ev_rapalo) = 1922": "an event of events.csv such as ev_rapallo",
    "REC figure(party_total, 1925-02) = 1": "expected a date of party_total",
    'REC start(Stalin, "Comissar") = 1922': "expected one office of Stalin that holds these words",
    "INPUT rank(Molotov, oratory) = 1": "expected a contender: one of Trotsky",
    "INPUT trait(Stalin) = 1": "expected the arguments of trait",
    "TXT reading V.none": "expected a reading of readings.toml",
    "READ(V.moderates) chance(leads) reported": "a reading that changes how the model runs",
    "WAIT(S99) so it is": "expected a system or metric",
    "REF in contryside: chance(crisis_1927) > 0": "character 5: expected a sector that is built: power or countryside; "
    "came contryside",
    "REF in : chance(leads) > 0": "a sector that is built: power or countryside; came nothing",
    "REF in power, power: chance(leads) > 0": "expected each sector once",
    "REF in countryside: chance(leads) > 0": "expected an outcome of histories of countryside; came leads",
    "REF chance(crisis_1927) > 0": "expected an outcome of histories of power; came crisis_1927",
    "REF in power, countryside: median(cattle_1940) > 0": "an outcome of histories of power, countryside; came cattle",
    "ABL(S22) change(leads) > 0": "a system that power carries (S22 needs `in countryside:` after it); came S22",
    "REC in countryside: died(Lenin) = 1924": "no sectors after REC, which is not about histories; came in",
    "SHAPLEY(traits, positions) in countryside: mean(contribution(traits, crisis_1927)) > 0": "leaders decide",
    "VAR(agenda.control) in countryside: increases(crisis_1927)": "a parameter of countryside; came agenda.control",
    "VAR(driver.export_target) increases(leads)": "a driver that power follows",
    "VAR(driver.grain_price 1925-07, 0.9, 1.1) in countryside: increases(crisis_1927)": "first and last month",
    "VAR(driver.grain_price 1925-07..1925-06, 1) in countryside: increases(crisis_1927)": "first and last month",
    "VAR(market.price 1925-07..1925-08, 1) in countryside: increases(crisis_1927)": "months after a driver alone",
    "VAR(driver.grain_price, 1) in countryside: increases(crisis_1927)": "low and high or neither",
}


def test_all_faults_of_the_language_are_told_at_once(faults_of):
    lines = "".join(f"  {clause!r},\n" for clause in FAULTY)
    found = faults_of(f"[checks.K003]\nclauses = [\n{lines}]\n")
    assert len(found) == len(FAULTY)
    for number, (told, fault) in enumerate(zip(FAULTY.values(), found, strict=True), start=1):
        assert fault.startswith(f"checks.toml:2: K003 (C003, C123, C302, C483), clause {number}, character "), fault
        assert told in fault, fault
