"""What the shipped record holds, and how it is read."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from partystate import record
from partystate.foundation import calendar, units
from partystate.foundation.problems import Problem
from partystate.record.loading import DATA, PARTS, SAID, SAID_PARTS, Record


@pytest.fixture(scope="module")
def known() -> Record:
    whole = Record(DATA)
    whole.check()
    return whole


def by_date(known: Record, name: str) -> dict[str, float]:
    """Date -> value; of several sources for a date the first."""
    values: dict[str, float] = {}
    for point in known.series[name].points:
        values.setdefault(point.date.text, point.value)
    return values


def test_everything_is_read_without_a_fault():
    whole = Record(DATA)
    whole.check()
    assert set(PARTS) <= set(whole.__dict__)


def test_a_part_is_read_only_when_asked_for():
    fresh = Record(DATA)
    assert fresh.offices
    assert set(PARTS) & set(fresh.__dict__) == {"offices"}


def test_a_fault_in_one_part_brings_the_faults_of_all(copied: Path):
    for name, old, new in (
        ("persons.csv", "Zinoviev,Grigory Zinoviev,1883", "Zinoviev,Grigory Zinoviev,old"),
        ("wars.csv", "107,365,366,1918", "107,365,366,then"),
    ):
        path = copied / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        _ = Record(copied).persons
    assert [fault.where.split(":")[0] for fault in caught.value.faults] == ["persons.csv", "wars.csv"]


def test_load_gives_one_object():
    assert record.load() is record.load()


def versions(folder: Path) -> tuple[str, str]:
    return Record(folder).version, Record(folder).said_version


def test_any_byte_of_any_file_changes_a_version(copied: Path):
    """That of the evidence, or that of what is said and asked, and never both."""
    before = versions(copied)
    assert before == versions(DATA)
    for path in sorted(path for path in copied.rglob("*") if path.suffix in (".csv", ".toml")):
        path.write_bytes(path.read_bytes() + b"\n")
        after = versions(copied)
        said = path.name in SAID
        assert (after[0] != before[0], after[1] != before[1]) == (not said, said), path.name
        before = after


def test_no_run_reads_what_is_said_and_asked():
    """Else a reworded claim could change a history whose key stays as it was."""
    code = (
        "from partystate import record\n"
        "from partystate.runs.recipe import Recipe\n"
        "Recipe(text='reading = \"V.structural\"\\n', months=3).built().simulate(1).result()\n"
        "print(*record.load().__dict__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    read = set(done.stdout.split())
    assert "founding" in read
    assert not read & set(SAID_PARTS)


def test_the_record_is_whole(known: Record):
    assert len(known.series) == 468
    assert sum(len(one.points) for one in known.series.values()) == 2565
    assert len(known.events) == 222
    assert len(known.regions) == 38
    assert (len(known.claims), len({claim.check_group for claim in known.claims.values()})) == (498, 433)
    assert list(known.systems) == [f"S{number:02d}" for number in range(1, 71)]
    assert (len(known.questions), len(known.readings), len(known.interactions)) == (38, 16, 12)


def test_members_and_candidates_are_the_party(known: Record):
    members, candidates, total = (by_date(known, f"party_{part}") for part in ("members", "candidates", "total"))
    checked = [f"{year}-01" for year in range(1922, 1942)]
    for date in checked:
        assert members[date] + candidates[date] == total[date], date


def test_arrests_add_up_to_the_published_total(known: Record):
    arrests = by_date(known, "ogpu_arrests")
    assert sum(arrests[str(year)] for year in range(1921, 1939)) == 4_835_937


def test_disturbances_add_up_by_month_and_by_region(known: Record):
    series = by_date(known, "peasant_disturbances")
    months = sum(value for date, value in series.items() if re.fullmatch(r"1930-\d\d", date))
    regions = sum(
        figure.value
        for figure in known.regional
        if figure.quantity == "peasant_disturbances" and figure.date.text == "1930"
    )
    assert months == regions == series["1930"] == 13_754


def test_full_members_of_the_politburo_are_as_many_as_its_tenures(known: Record):
    """Sizes after the changes of a month equal the tenures that outlast it."""
    sizes = known.series["politburo_full_members"]
    tenures = [tenure for tenure in known.offices if tenure.office == "Politburo full"]
    for point in sizes.points:
        month = point.date.last
        if not 0 <= month < calendar.MONTHS:
            continue
        holders = {t.person for t in tenures if t.start.first <= month and (t.end is None or t.end.last > month)}
        assert len(holders) == point.value, point.date


def test_regions_add_up_to_the_census(known: Record):
    census = known.series["census_total"].points[0].value * 1000
    assert sum(region.population_1926 for region in known.regions.values()) == pytest.approx(census, rel=0.001)


def test_every_cited_work_is_cited_in_words(known: Record):
    assert all(len(source.citation) > 3 and "http" not in source.key for source in known.sources.values())
    cited = {point.source for one in known.series.values() for point in one.points}
    assert cited <= set(known.sources)


def test_codings_carry_their_error_and_their_reason(known: Record):
    trotsky = {(coding.coding, coding.year): coding for coding in known.persons["Trotsky"].codings}
    oratory = trotsky["oratory_prestige", None]
    assert (oratory.value, oratory.bounds) == (10, (8, 10))
    assert trotsky["world_revolution", 1923].bounds == (0.6, 1)
    assert all(coding.reason for person in known.persons.values() for coding in person.codings)


def test_contested_figures_without_a_range_get_fifteen_per_cent(known: Record):
    bare = next(
        p for one in known.series.values() for p in one.points if p.grade == "C" and p.low is None and p.value > 0
    )
    assert bare.bounds == pytest.approx((bare.value * 0.85, bare.value * 1.15))
    read = next(p for one in known.series.values() for p in one.points if p.grade == "A" and p.low is None)
    assert read.bounds == (read.value, read.value)


def test_rival_estimates_name_each_other(known: Record):
    low = known.series["grain_harvest_dw"]
    assert "grain_harvest_official" in low.rivals
    for one in known.series.values():
        for other in one.rivals:
            assert one.id in known.series[other].rivals
            assert one.quantity == known.series[other].quantity


def test_drivers_made_with_hindsight_say_so(known: Record):
    marked = {driver.id for driver in known.drivers.values() if driver.hindsight}
    assert marked == {
        "weather_index", "yield_anomaly_official", "german_posture", "japanese_posture", "british_posture",
    }  # fmt: skip
    assert not any(known.drivers[name].hindsight for name in known.drivers if name.startswith("rain_"))


def test_a_driver_is_read_month_by_month(known: Record):
    posture = known.drivers["german_posture"].monthly()
    assert posture.shape == (calendar.MONTHS,)
    assert posture[calendar.index("1932-12")] == -1
    assert posture[calendar.index("1933-01")] == -2
    price = known.drivers["world_real_price_wheat"].monthly("linear")
    assert not (price != price).any()
    assert abs(price[1:] - price[:-1]).max() < abs(known.drivers["world_real_price_wheat"].monthly()[12::12]).max()


def test_a_step_before_its_first_value_is_not_known(known: Record):
    values = known.series["grain_harvest_dw2004"].monthly()
    assert values[: calendar.index("1930-01")].size == 96
    assert (values[:96] != values[:96]).all()
    assert values[96] == 75


def test_files_are_sorted_and_hold_no_places_of_a_machine():
    for path in sorted(DATA.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n"), path.name
        assert "\r" not in text, path.name
        assert not re.search(r"/(home|work|root|tmp|Users)/|[A-Z]:\\", text), path.name
    with (DATA / "figures.csv").open(encoding="utf-8", newline="") as file:
        keys = [(row["series_id"], row["date"], row["source"]) for row in csv.DictReader(file)]
    assert keys == sorted(keys)


def test_every_unit_in_use_can_be_read(known: Record):
    for one in [*known.series.values(), *known.drivers.values(), *known.norms.values(), *known.plans, *known.regional]:
        assert units.known(one.unit), one
