"""What single rules of the village promise: signs, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from partystate import record
from partystate.foundation import calendar
from partystate.mechanisms.countryside.drive import Feeling, _felt
from partystate.mechanisms.countryside.kolkhoz import Rates, _reckon
from partystate.mechanisms.countryside.rural_policy import _meat
from partystate.mechanisms.countryside.table import ALONE, COUNTS, HORSES, KINDS, MEMBER, NUMBER, SHEEP
from tests.laws.countryside import Case, column, held, shift

PARAMETERS = record.load().parameters


def central(kind, mechanism: str, **shared: str):
    """Rates at their central values; ``shared``: name -> the mechanism from which one is borrowed."""
    return kind(*(PARAMETERS[f"{shared.get(name, mechanism)}.{name}"].value for name in kind._fields))


# --- the drive ----------------------------------------------------------------------------------------------------
def felt(joined: int, left: int, effort: float) -> tuple[float, float]:
    """Fear and disruption in a region of 1000 households after a month."""
    counts = np.zeros((1, len(COUNTS)), dtype=np.int64)
    counts[0, NUMBER["households"]] = 1000
    fear, unrest, disruption = np.empty(1), np.empty(1), np.empty(1)
    _felt(
        counts, np.array([joined]), np.array([left]), np.array([effort]), np.zeros(1), np.zeros(1), np.zeros(1), 0.8,
        True, central(Feeling, "drive"), fear, unrest, disruption,
    )  # fmt: skip
    return fear[0], disruption[0]


@pytest.mark.parametrize(("joined", "left"), [(30, 0), (0, 30), (30, 28)])
def test_nobody_fears_for_animals_where_nobody_is_pressed(joined, left):
    """So that chance in who joins does not make a village of few rows slaughter more than one of many."""
    assert felt(joined, left, 0.0) == (0.0, 0.0)


def test_fear_follows_how_many_are_pressed_to_join():
    assert 0 < felt(30, 0, 0.5)[0] < felt(60, 0, 0.5)[0] < felt(60, 0, 1.0)[0]
    assert felt(0, 60, 0.5)[0] == 0.0
    assert felt(0, 60, 0.5)[1] > 0.0


def test_what_herders_bring_does_not_hang_on_plots():
    def joined(herder: int) -> tuple[float, float]:
        """Sheep of those who were members after two months of the drive, before and then; plots are allowed."""
        simulation = Case(1, changes={"drive.settled": 1.0, "herds.restock": 0.1}).start()
        shift(simulation, calendar.index("1929-12"))
        now = simulation.world.now
        now["household.herder"][:], now["plots.allowed"][...] = herder, 1.0
        had = dict(zip(column(now, "id").tolist(), column(now, "herd")[:, SHEEP].tolist(), strict=True))
        simulation.run(2)
        member = column(now, "status") == MEMBER
        ids, herd = column(now, "id")[member].tolist(), column(now, "herd")[member][:, SHEEP]
        return sum(had.get(each, 0) for each in ids), herd.sum()

    before, after = joined(1)
    assert before > 0
    assert after < before / 4
    before, after = joined(0)
    assert after > before / 3


# --- herds --------------------------------------------------------------------------------------------------------
def slaughtered(months: int = 1, asking: float = 0.0, coercion: float = 0.0, **changes: float) -> float:
    """Cattle slaughtered by households in the first months."""
    simulation = Case(1, changes={k.replace("__", "."): v for k, v in changes.items()}).start()
    for _ in range(months):
        simulation.world.now["household.asking"][:] = asking
        simulation.world.now["area.coercion"][:] = coercion
        simulation.step()
    rows = [row for row in simulation.ledger.rows if (row.stock, row.target) == ("cattle", "slaughtered")]
    return sum(row.amount for row in rows)


def test_those_who_found_no_animal_ask_again():
    assert slaughtered(asking=1.0) < 0.75 * slaughtered(asking=0.0)


def test_those_refused_are_remembered_and_never_more_than_all():
    simulation = Case(1).start()
    simulation.run(24, hook=lambda s: np.testing.assert_array_less(s.world.now["household.asking"], 1 + 1e-12))
    asking = simulation.world.now["household.asking"]
    assert asking.min() >= 0
    assert asking.max() > 0


def test_under_coercion_households_keep_fewer_animals():
    few, many = (slaughtered(coercion=coercion, herds__restock=0.1) for coercion in (0.0, 1.0))
    assert many > few


def counted(persons: list[int], sheep: list[int]) -> np.ndarray:
    counts = np.zeros((len(persons), len(COUNTS)), dtype=np.int64)
    counts[:, NUMBER["persons"]] = persons
    counts[:, NUMBER[KINDS[SHEEP]]] = counts[:, NUMBER[KINDS[HORSES]]] = sheep
    return counts


def test_the_quota_of_meat_is_as_planned_in_all_and_falls_where_herds_are():
    herds = np.array([4000, 2000, 1000])
    quota = _meat(counted([1000, 1000, 1000], herds.tolist()), np.zeros((3, len(KINDS)), dtype=np.int64), 0.01)
    assert (quota[:, SHEEP] * herds).sum() == pytest.approx(0.01 * herds.sum())
    assert quota[0, SHEEP] / quota[1, SHEEP] == pytest.approx(2)
    assert not quota[:, HORSES].any()


def test_nothing_is_asked_of_a_region_without_people():
    common = np.full((2, len(KINDS)), 500, dtype=np.int64)
    quota = _meat(counted([0, 1000], [0, 100]), common, 0.01)
    assert not quota[0].any()
    assert 0 < quota[1, SHEEP] <= 1


# --- kolkhozy -----------------------------------------------------------------------------------------------------
def practised(before: float, members: int, new: int) -> float:
    """What members know of a common farm after a month in which so many more, or fewer, are members."""
    counts = np.zeros((1, len(COUNTS)), dtype=np.int64)
    counts[0, NUMBER["members"]] = members
    one, none, herd = np.ones(1), np.zeros(1, dtype=np.int64), np.zeros((1, len(KINDS)), dtype=np.int64)
    now = tuple(np.empty(1) for _ in range(6))
    rates = central(Rates, "kolkhoz", land_per_horse="fields")
    _reckon(
        counts, none, herd, one, np.array([new]), none, one, one, none, one, 6.0, rates, (one, one, np.array([before])),
        now,
    )  # fmt: skip
    return now[4][0]


def test_experience_is_diluted_by_those_who_join_and_kept_by_those_who_stay():
    usual = practised(0.5, 1000, 0)
    assert 0.5 < usual < 1
    assert practised(0.5, 1000, 500) == pytest.approx(usual / 2)
    assert usual < practised(0.5, 1000, -500) <= 1


# --- people -------------------------------------------------------------------------------------------------------
def test_families_that_leave_take_their_household_along():
    def run(families: float) -> tuple[float, float]:
        """Households, and persons who left for the towns, after a year of many departures."""
        simulation = Case(1, changes={"people.families": families}, scaled={"town_migration": 30.0}).run(12)
        rows = [row for row in simulation.ledger.rows if (row.stock, row.target) == ("people", "towns")]
        return float(simulation.world.now["village.counts"][:, NUMBER["households"]].sum()), sum(r.amount for r in rows)

    few, alone = run(0.35)
    fewer, together = run(0.75)
    assert fewer < few
    assert together == pytest.approx(alone, rel=0.1)


def test_animals_of_a_family_that_leaves_stay_in_the_village():
    simulation = Case(1, changes={"people.families": 0.75}, scaled={"town_migration": 60.0}).start()
    before = held(simulation.world.now)
    simulation.run(1)
    dead = [
        row for row in simulation.ledger.rows if (row.stock, row.source, row.target) == ("sheep", "households", "dead")
    ]
    assert sum(row.amount for row in dead) < 0.03 * before["sheep", "households"]


# --- the census of 1922 -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["taste", "skill"])
def test_a_sample_draws_every_part_of_a_distribution_once(name):
    now = Case(3, households=2500).start().world.now
    for chunk in range(3):
        rows = int(now["household.rows"][chunk])
        if (now["household.place"] == now["household.place"][chunk]).sum() > 1:
            continue  # the parts are those of the region
        values = np.sort(now[f"household.{name}"][chunk, :rows].astype(float))
        even = (np.arange(rows) + 0.5) / rows * 250
        assert np.abs(values - even).max() <= 250 / rows / 2 + 1


def test_everybody_is_alone_in_january_1922():
    assert (column(Case(1).start().world.now, "status") == ALONE).all()
