"""What the mechanisms of power claim, as paired experiments: one thing changed, the same seeds, the direction claimed.

All other parameters are drawn from their ranges, seed by seed, so that a claim has to hold across them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest

from partystate.engine.runner import Simulation
from partystate.foundation import calendar
from partystate.mechanisms.power.discussions import Discussions
from partystate.mechanisms.power.testament import Testament
from partystate.model import catalogue
from partystate.runs.recipe import BARE, Recipe

FIRST_SEED = 9_000
SCALE = 1_000
SYSTEMS = catalogue.systems()
Z95 = 1.96
FIRM = 3.0  # standard errors by which a claimed direction has to show; seeds are fixed
EVENTS = ("secretariat_challenges",)  # series that hold a 1 in the months in which something happened


@lru_cache(maxsize=8)
def histories(text: str, months: int, seeds: int) -> tuple[Simulation, ...]:
    """Finished histories of a scenario."""
    built = Recipe(text, "claim.toml", months=months, scale=SCALE, only="power").built()
    return tuple(built.simulate(seed, watching=BARE) for seed in range(FIRST_SEED, FIRST_SEED + seeds))


def off(*systems: str) -> str:
    return f"[systems]\noff = {list(systems)}\n"


def fixed(**values: float) -> str:
    """Parameters fixed: ``fixed(agenda__control=0.2)`` for agenda.control."""
    return "[parameters]\n" + "".join(f'"{key.replace("__", ".")}" = {value}\n' for key, value in values.items())


def driven(driver: str, first: str, last: str, value: float) -> str:
    """A driver that has one value in all months of a window."""
    window = range(calendar.index(first), calendar.index(last) + 1)
    values = ", ".join(f'"{calendar.label(month)}" = {value}' for month in window)
    return f"[drivers]\n{driver} = {{ values = {{ {values} }} }}\n"


def mean(series: str) -> Callable[[Simulation], float]:
    """Mean of a series over the months in which it was measured, 0 if it never was; the number of them for events."""

    def of(simulation: Simulation) -> float:
        values = simulation.recorder.series.get((series, None), np.array([]))
        values = values[np.isfinite(values)]
        return float(values.sum() if series in EVENTS else values.mean() if values.size else 0.0)

    return of


def final(series: str) -> Callable[[Simulation], float]:
    return lambda simulation: float(simulation.recorder.series[series, None][simulation.month - 1])


def count(kind: str, word: str = "") -> Callable[[Simulation], float]:
    """Events of a kind whose title holds a word."""
    return lambda s: float(sum(event.kind == kind and word in event.title for event in s.chronicle.events))


def of_leader(column: str, name: str) -> Callable[[Simulation], float]:
    """A leader's value in the last month."""
    return lambda s: float(s.world.now[f"leader.{column}"][s.world.labels["leader"].index(name)])


def paired(fewer: str, more: str, observable, months: int, seeds: int) -> tuple[float, float]:
    """Mean and standard error of the differences that ``more`` makes, seed by seed."""
    one, other = histories(fewer, months, seeds), histories(more, months, seeds)
    gaps = np.array([observable(b) - observable(a) for a, b in zip(one, other, strict=True)])
    return float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(gaps.size))


# --- switching systems off ----------------------------------------------------------------------------------------
def observables(system: str) -> list[str]:
    """What the mechanisms that carry a system say that it moves."""
    named = [name for kind in catalogue.mechanisms().values() for name in kind.moves.get(system, ())]
    return list(dict.fromkeys(named))


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_that_is_off_runs_under_another_key_and_says_what_off_means(system):
    usual, without = (Recipe(text, months=4, scale=20_000, only="power").built() for text in ("", off(system)))
    assert without.key(1) != usual.key(1)
    meaning = without.facts()["off"][system]
    assert meaning == without.simulate(1).result().facts["off"][system] == catalogue.meaning_of_off(system)
    for name in SYSTEMS[system]:
        said = catalogue.mechanisms()[name].when_off[system]
        assert said in meaning
        assert said.endswith(".")


def test_all_systems_off_run_together():
    histories(off(*SYSTEMS), 24, 2)


# Months and seeds for systems whose effect is rare or late; for the others three years of few histories are enough.
LATER = {"S03": (108, 24), "S10": (60, 24), "S12": (108, 24), "S13": (48, 24), "S14": (108, 24), "S17": (60, 24),
         "S49": (60, 24), "S50": (60, 24), "S54": (108, 60), "S55": (108, 60)}  # fmt: skip
UNMOVED = {"S55": "holders of state offices carry as many motions as the Politburo; line_peasants moves a little"}


def _system(name: str):
    return pytest.param(name, marks=pytest.mark.xfail(reason=UNMOVED[name])) if name in UNMOVED else name


@pytest.mark.slow
@pytest.mark.parametrize("system", [_system(name) for name in SYSTEMS])
def test_a_system_moves_what_it_is_said_to_move(system):
    """The interval of at least one declared observable does not cover 0."""
    months, seeds = LATER.get(system, (60, 16))
    effects = {name: paired("", off(system), mean(name), months, seeds) for name in observables(system)}
    moved = [name for name, (effect, error) in effects.items() if abs(effect) > Z95 * error]
    assert moved, effects


def test_an_observable_that_nothing_touches_does_not_move():
    effect, error = paired("", off("S49"), mean("holder_blemish"), 24, 4)
    assert effect == error == 0


# --- directions ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Claim:
    """``more`` raises ``rises`` over ``fewer``."""

    says: str
    fewer: str
    more: str
    rises: Callable[[Simulation], float]
    months: int
    seeds: int = 10


def magnified(simulation: Simulation) -> float:
    """Delegates of an opposition as a share of its share of cells, mean over the meetings at which one stood."""
    series = simulation.recorder.series
    cells, delegates = (series["opposition_cells_share", None], series["opposition_congress_share", None])
    stood = cells > 0
    return float((delegates[stood] / cells[stood]).mean()) if stood.any() else 0.0


CLAIMS = (
    Claim(
        "filling vacancies from above makes a following",
        fixed(appointments__reach_before_list=0.2, appointments__reach_after_list=0.2),
        fixed(appointments__reach_before_list=0.8, appointments__reach_after_list=0.8),
        mean("client_share_of_holder"), 36,
    ),
    Claim(
        "whoever is given the Secretariat has more of a following than he has without it",
        "", '[founding]\nholder = "Zinoviev"\n', of_leader("clients", "Zinoviev"), 36,
    ),
    Claim(
        "files on officials make appointees more loyal",
        off("S06"), "", mean("client_share_of_holder"), 36,
    ),
    Claim(
        "a slate brings the ruling bloc's clients into the Central Committee",
        fixed(congresses__slate=0.0), fixed(congresses__slate=3.0), mean("committee_clients_of_holder"), 60,
    ),
    Claim(
        "whoever overlooks the machine challenges its head less",
        fixed(perception__misjudgement=0.9, perception__learning=0.0, challenges__occasion=0.3),
        fixed(perception__misjudgement=0.0, perception__learning=0.0, challenges__occasion=0.3),
        mean("secretariat_challenges"), 60, 16,
    ),
    Claim(
        "what each tier adds to a majority costs an opposition its delegates",
        fixed(discussions__magnify=0.9), fixed(discussions__magnify=0.1), magnified, 60,
    ),
    Claim(
        "the price of a step delays removals",
        fixed(sanctions__severity=2.0), fixed(sanctions__severity=0.2), mean("politburo_rivals_out"), 72, 16,
    ),
    Claim(
        "missing grain turns officials against the peasant market",
        driven("grain_shortfall", "1922-06", "1922-12", 0.0), driven("grain_shortfall", "1922-06", "1922-12", 0.3),
        final("mood_officials_peasants"), 12, 4,
    ),
    Claim(
        "a failed revolution turns officials to one country",
        driven("revolution_failed", "1922-06", "1922-08", 1.0), driven("revolution_failed", "1922-06", "1922-08", 0.0),
        final("mood_officials_doctrine"), 12, 4,
    ),
    Claim(
        "strikes put democracy in the party on the agenda",
        driven("industrial_unrest", "1922-03", "1922-12", 0.0), driven("industrial_unrest", "1922-03", "1922-12", 0.8),
        final("salience_regime"), 12, 4,
    ),
    Claim(
        "a letter kept to closed sittings does less damage",
        fixed(testament__containment=1.0, testament__contained_part=0.5),
        fixed(testament__containment=0.0, testament__contained_part=0.5),
        mean("holder_blemish"), 30,
    ),
    Claim(
        "without a ban more leaders stand in open opposition",
        "", off("S03"), mean("leaders_in_opposition"), 60, 16,
    ),
    Claim(
        "the threat of punishment keeps leaders from speaking",
        fixed(opposition__ban_punishment=3.0), fixed(opposition__ban_punishment=0.0), count("dissent"), 60,
    ),
    Claim(
        "the sooner they give up, the fewer are in opposition",
        fixed(opposition__recant=0.5), fixed(opposition__recant=0.02), mean("leaders_in_opposition"), 60,
    ),
    Claim(
        "the flexible speak as officials wish, which draws declared views together",
        fixed(stances__opportunism=0.9), fixed(stances__opportunism=0.1), mean("declared_spread"), 36,
    ),
    Claim(
        "what an alliance must gain to change makes alliances last",
        fixed(coalitions__inertia=1.0, coalitions__review=0.5), fixed(coalitions__inertia=0.0, coalitions__review=0.5),
        count("coalition"), 60, 24,
    ),
    Claim(
        "officials of Moscow's own carry orders out",
        "", off("S08"), mean("noncompliance"), 36,
    ),
    Claim(
        "those who lose their seats keep their weight only where a legal alternative exists",
        fixed(perception__outside_discount=1.0, sanctions__severity=0.2),
        fixed(perception__outside_discount=0.0, sanctions__severity=0.2),
        mean("outsiders_power"), 72, 24,
    ),
    Claim(
        "the cult of the founder lowers a latecomer",
        "", off("S50"), of_leader("prestige", "Trotsky"), 36,
    ),
    Claim(
        "the cult of the founder raises an old disciple",
        off("S50"), "", of_leader("prestige", "Rykov"), 36,
    ),
    Claim(
        "those who rule together come to trust each other",
        off("S11"), "", mean("tie_among_contenders"), 36,
    ),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.says)
def test_the_direction_of_a_claim(claim):
    effect, error = paired(claim.fewer, claim.more, claim.rises, claim.months, claim.seeds)
    assert effect > 0
    assert effect > FIRM * error


# --- exact claims -------------------------------------------------------------------------------------------------
def values(series: str, text: str, months: int = 30) -> np.ndarray:
    """(histories, months) values of a series."""
    return np.stack([s.recorder.series[series, None][:months] for s in histories(text, months, 3)])


NOUGHT = {"S01": "posts_appointed_share", "S04": "rival_items_blocked", "S06": "files_coverage",
          "S10": "misjudgement_of_holder", "S13": "holder_blemish", "S16": "salience_doctrine",
          "S17": "salience_peasants", "S50": "founder_cult"}  # fmt: skip


@pytest.mark.parametrize("system", NOUGHT)
def test_what_is_switched_off_is_nowhere(system):
    assert np.abs(np.nan_to_num(values(NOUGHT[system], off(system)))).max() == 0
    assert np.abs(np.nan_to_num(values(NOUGHT[system], ""))).max() > 0


def test_without_a_ladder_nobody_loses_a_seat_by_a_sanction():
    without = histories(off("S14"), 60, 3)
    assert max(s.world.now["leader.rung"].max() for s in without) == 1
    assert max(event.numbers["rung"] for s in without for event in s.chronicle.events if event.kind == "sanction") == 1
    usual = histories("", 60, 3)
    assert max(s.world.now["leader.rung"].max() for s in usual) > 1


def test_without_a_view_of_their_own_members_stay_as_they_were():
    for issue in ("regime", "peasants"):
        assert np.ptp(values(f"mood_members_{issue}", off("S15")), axis=1).max() == 0
        assert np.ptp(values(f"mood_members_{issue}", ""), axis=1).min() > 0


def test_reports_never_say_less_than_was_done():
    done, told = 1 - values("noncompliance", ""), values("compliance_reported", "")
    assert (told >= done).all()
    assert (told > done).any()


def test_without_packing_delegates_stand_as_the_cells_voted():
    cells, delegates = (values(f"opposition_{tier}_share", off("S05"), 60) for tier in ("cells", "congress"))
    assert (cells > 0).any()
    np.testing.assert_array_equal(cells, delegates)


def test_among_equals_the_office_makes_the_following():
    for simulation in histories("[founding]\nidentical_leaders = true\n", 48, 6):
        clients = simulation.world.now["leader.clients"]
        heads = {row["holder"][0] for row in simulation.recorder.rows[12:]}
        assert int(np.argmax(clients)) in heads


@pytest.mark.parametrize("seed", range(3))
def test_a_leaders_own_organisation_answers_for_him(seed):
    """One congress, one man in opposition who heads a region: his delegates with his organisation and without."""
    delegates = []
    for systems in ((), ("S12",)):
        built = Recipe(off(*systems), months=48, scale=SCALE, only="power").built()
        simulation = built.start(seed, model=catalogue.Model((Discussions(),), frozenset(systems)))
        simulation.month = calendar.index("1925-12")
        now = simulation.world.now
        region = int(np.flatnonzero(now["region.base"] >= 0)[0])
        leader = now["region.base"][region]
        now["leader.opposed"][leader], now["leader.bloc"][leader] = 1, 0
        simulation.step()
        delegates.append(now["discussion.regions"])
    mine, without = delegates
    assert mine[region] > 0.9
    assert mine[region] > without[region] + 0.3
    elsewhere = np.arange(mine.size) != region
    assert (mine <= without)[elsewhere].all()  # the other leader's organisation answers for the majority


class Deaf(Testament):
    """A letter that does no damage, however it is read."""

    def step(self, now, look, draw, post, emit):
        super().step(now, look, draw, post, emit)


def test_a_mechanism_that_does_nothing_fails_its_claim():
    built = Recipe("", months=30, scale=SCALE, only="power").built()
    model = built.model(built.course)
    deaf = replace(model, mechanisms=tuple(Deaf() if m.name == Deaf.name else m for m in model.mechanisms))
    simulation = built.go_on(built.start(FIRST_SEED, model=deaf), 30)
    assert mean("holder_blemish")(simulation) == 0
    assert mean("holder_blemish")(histories("", 30, 3)[0]) > 0
