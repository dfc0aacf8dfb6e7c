"""Attribution: the axioms of the Shapley value, both ways of computing it, orders of joining, and what is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate.analysis import attribution, attribution_text, contributions, effects
from partystate.analysis.attribution import Game, all_coalitions, coalitions_of, exact, orders, sampled
from partystate.foundation.problems import USAGE, Problem

NAMES = ("appointments", "ban", "cult", "drives", "émigrés")
FEW = settings(max_examples=20)  # each is a whole attribution, or several
NUMBERS = st.floats(-1000, 1000, allow_nan=False).map(lambda x: round(x, 6))


@st.composite
def games(draw, least: int = 1, most: int = 4, values=NUMBERS):
    players = NAMES[: draw(st.integers(least, most))]
    seeds = range(draw(st.integers(1, 4)))
    return Game(players, {on: {s: draw(values) for s in seeds} for on in all_coalitions(players)})


def made(players, value, seeds=range(5)) -> Game:
    """A game from a function of coalition and seed."""
    return Game(tuple(players), {on: {s: float(value(on, s)) for s in seeds} for on in all_coalitions(players)})


def all_orders(game: Game) -> dict[int, list[tuple[str, ...]]]:
    return {seed: list(permutations(game.players)) for seed in game.values[frozenset()]}


def both_ways(game: Game, *more) -> list[attribution.Attribution]:
    seeds = game.values[frozenset()]
    return [exact(game, *more), sampled(game, orders(game.players, seeds, reverse=True), *more)]


def by_permutations(game: Game, player: str, seed: int) -> float:
    """The definition: what a player adds when it joins, averaged over all orders."""
    added = []
    for order in permutations(game.players):
        before = frozenset(order[: order.index(player)])
        added.append(game.values[before | {player}][seed] - game.values[before][seed])
    return math.fsum(added) / len(added)


# Axioms -----------------------------------------------------------------------------------------------------------


@FEW
@given(games())
def test_the_parts_add_up_in_every_run(game):
    for found in both_ways(game):
        whole = [game.values[frozenset(game.players)][s] - game.values[frozenset()][s] for s in found.runs]
        np.testing.assert_allclose(found.contributions.sum(axis=0), whole, atol=1e-9)
        assert found.residual <= 1e-9
        assert math.fsum(share.shapley.mean for share in found.shares) == pytest.approx(found.total.difference)


@FEW
@given(games(most=3), st.integers(0, 3))
def test_who_never_changes_anything_gets_exactly_nothing(game, place):
    players = (*game.players[:place], "idle", *game.players[place:])
    idle = made(players, lambda on, s: game.values[on - {"idle"}][s], game.values[frozenset()])
    for found in both_ways(idle):
        share = found.share("idle")
        assert share.shapley.mean == 0.0
        assert share.shapley.error == 0 or math.isnan(share.shapley.error)
        assert not found.contributions[players.index("idle")].any()
        assert share.moved == 0
        assert share.necessity.difference == 0 or not share.necessity.pairs
    assert all(one.mean == 0.0 for pair, one in exact(idle).interactions.items() if "idle" in pair)


@FEW
@given(games(least=2))
def test_players_who_are_alike_get_the_same_to_the_last_bit(game):
    one, other = game.players[0], game.players[-1]

    def value(on, seed):
        # The one stands for either, so that only how many of the two are on counts.
        return game.values[on if len(on & {one, other}) != 1 else on - {other} | {one}][seed]

    found = exact(made(game.players, value, game.values[frozenset()]))
    np.testing.assert_array_equal(found.contributions[0], found.contributions[-1])
    assert found.differences[one, other].mean == 0.0
    assert any({one, other} <= {*group} for group in found.groups)


@FEW
@given(st.data())
def test_values_of_a_sum_are_sums_of_values(data):
    first = data.draw(games())
    second = Game(first.players, {on: {s: data.draw(NUMBERS) for s in runs} for on, runs in first.values.items()})
    values = {on: {s: 2 * v + second.values[on][s] for s, v in runs.items()} for on, runs in first.values.items()}
    both = Game(first.players, values)
    for one, other, together in zip(both_ways(first), both_ways(second), both_ways(both), strict=True):
        np.testing.assert_allclose(2 * one.contributions + other.contributions, together.contributions, atol=1e-8)


@FEW
@given(games())
def test_exact_is_the_mean_over_all_orders_of_joining(game):
    found = exact(game)
    for i, player in enumerate(game.players):
        for k, seed in enumerate(found.runs):
            assert found.contributions[i, k] == pytest.approx(by_permutations(game, player, seed), abs=1e-9)


@FEW
@given(games())
def test_walking_all_orders_is_exact(game):
    found, walked = exact(game), sampled(game, all_orders(game))
    np.testing.assert_allclose(walked.contributions, found.contributions, atol=1e-8)
    assert walked.walks == math.factorial(len(game.players)) * len(found.runs)
    if len(found.runs) > 1:  # in a single run some kind of step comes up once only
        for pair, one in found.interactions.items():
            assert walked.interactions[pair].mean == pytest.approx(one.mean, abs=1e-7)


def test_interactions_are_the_index_of_grabisch_and_roubens():
    """A game of unanimity of k players: 1 / (k − 1) for each pair in it, nothing for others."""
    needed = {"appointments", "ban", "drives"}
    found = exact(made(NAMES[:4], lambda on, _: needed <= on))
    for pair, one in found.interactions.items():
        assert one.mean == pytest.approx(0.5 if {*pair} <= needed else 0.0, abs=1e-15)
    assert [share.shapley.mean for share in found.shares] == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])


def test_the_example_of_the_guide():
    chances = {"": 8, "A": 20, "B": 12, "AB": 44}
    found = exact(made("AB", lambda on, s: s < chances["".join(sorted(on))], range(100)))
    assert found.kind == effects.CHANCE
    assert found.total.difference == pytest.approx(0.36)
    assert [share.shapley.mean for share in found.shares] == pytest.approx([0.22, 0.14])
    assert [share.of_total.value for share in found.shares] == pytest.approx([22 / 36, 14 / 36])
    assert [share.necessity.difference for share in found.shares] == pytest.approx([0.32, 0.24])
    assert [share.sufficiency.difference for share in found.shares] == pytest.approx([0.12, 0.04])
    assert found.interactions["A", "B"].mean == pytest.approx(0.20)
    assert (found.v_none.mean, found.v_all.mean) == (0.08, 0.44)


def test_necessity_and_sufficiency_are_paired_effects():
    rng = np.random.default_rng(3)
    table = {on: rng.normal(size=30) for on in all_coalitions("ABC")}
    found = exact(made("ABC", lambda on, s: table[on][s], range(30)))
    share, everyone = found.share("B"), frozenset("ABC")
    assert share.necessity == effects.quantity(table[everyone - {"B"}], table[everyone])
    assert share.sufficiency == effects.quantity(table[frozenset()], table[frozenset("B")])
    assert found.total == effects.quantity(table[frozenset()], table[everyone])
    assert (found.v_none, found.v_all) == (found.total.a, found.total.b)


# Kinds of outcome, undefined and missing runs ---------------------------------------------------------------------


def test_a_date_that_did_not_come_counts_as_the_whole_run():
    dates = {"": math.nan, "A": 90.0, "B": math.nan, "AB": 60.0}
    game = replace(made("AB", lambda on, s: dates["".join(sorted(on))]), span=108)
    found = exact(game)
    assert (found.kind, found.undefined) == (effects.DATE, 0)
    assert [share.shapley.mean for share in found.shares] == [-33.0, -15.0]
    assert (found.v_none.happened, found.v_all.happened) == (0.0, 1.0)
    assert math.isinf(found.v_none.median)


def test_a_run_without_an_outcome_in_any_coalition_is_left_out_and_counted():
    game = made("ABC", lambda on, s: len(on) + s / 10, range(6))
    values = {on: dict(runs) for on, runs in game.values.items()}
    values[frozenset("AC")][2] = math.nan
    values[frozenset("B")][4] = None
    del values[frozenset("AB")][5]
    found = exact(replace(game, values=values))
    assert found.runs == (0, 1, 3)
    assert (found.unfinished, found.undefined) == (1, 2)
    assert found.total.pairs == 3
    assert any("2 runs left out: the outcome is undefined" in note for note in found.notes)
    assert any("1 run left out: a coalition that it needs has not been run" in note for note in found.notes)


def test_a_walk_needs_only_its_own_coalitions():
    game = made("ABC", lambda on, s: len(on) + s / 10, range(6))
    walked = orders("ABC", range(6))
    cells = coalitions_of(walked)
    needed = {on: {s: game.values[on][s] for s in seeds} for on, seeds in cells.items()}
    assert sum(map(len, needed.values())) == 6 * 4
    assert sampled(replace(game, values=needed), walked).runs == tuple(range(6))
    for on, seeds in cells.items():
        for seed in seeds:
            for broken, counted in ((None, (0, 1)), ("absent", (1, 0))):
                runs = {**needed[on], seed: None} if broken is None else {s: needed[on][s] for s in seeds if s != seed}
                found = sampled(replace(game, values={**needed, on: runs}), walked)
                assert (found.unfinished, found.undefined) == counted
                assert found.runs == tuple(s for s in range(6) if s != seed)


def test_alone_in_sampled_mode_rests_on_the_runs_that_were_made():
    game = made("ABC", lambda on, s: len(on) + s / 10, range(12))
    cells = coalitions_of(orders("ABC", range(12)))
    made_runs = {on: {s: game.values[on][s] for s in seeds} for on, seeds in cells.items()}
    found = sampled(replace(game, values=made_runs), orders("ABC", range(12)))
    assert [(share.necessity.pairs, share.sufficiency.pairs) for share in found.shares] == [(4, 4)] * 3
    assert found.total.pairs == 12


def test_a_chance_that_nobody_changed_keeps_a_width():
    found = exact(made("AB", lambda on, s: "A" in on and s < 9, range(20)))
    idle = found.share("B")
    assert (idle.shapley.mean, idle.moved) == (0.0, 0)
    assert (idle.shapley.low, idle.shapley.high) == effects.tango(0, 0, 20)
    assert (idle.of_total.value, math.isnan(idle.of_total.low)) == (0.0, True)
    assert "A changed the outcome in only 9 runs: its interval is rough." in found.notes
    assert "B changed nothing in any run: its value is exactly zero in these runs." in found.notes


def test_kinds_are_found_or_given():
    zeros = made("A", lambda on, s: 0)
    assert exact(zeros).kind == effects.CHANCE
    assert exact(replace(zeros, kind=effects.QUANTITY)).kind == effects.QUANTITY
    assert exact(made("A", lambda on, s: 0.5)).kind == effects.QUANTITY
    undefined = Game(("A",), {frozenset(): {1: None, 2: 0.0}, frozenset("A"): {1: 1.0, 2: 1.0}})
    assert exact(undefined).kind == effects.CHANCE


# Parts of the total, and ranks ------------------------------------------------------------------------------------


def noisy(effect: dict[str, float], runs: int = 60, size: float = 1.0, first: int = 0) -> Game:
    """Effects that add up, with noise of each player and run."""
    rng = np.random.default_rng(first)
    noise = {name: rng.normal(scale=size, size=runs) for name in effect}
    return made(tuple(effect), lambda on, s: sum(effect[name] + noise[name][s] for name in on), range(runs))


def test_a_part_of_the_total_has_fiellers_interval():
    found = exact(noisy({"A": 3.0, "B": 1.0}))
    whole, deviate = found.contributions.sum(axis=0), effects.student(59)
    for share, part in zip(found.shares, found.contributions, strict=True):
        assert share.of_total.low < share.of_total.value < share.of_total.high
        for end in (share.of_total.low, share.of_total.high):
            gap = part - end * whole
            assert abs(gap.mean()) / (gap.std(ddof=1) / math.sqrt(60)) == pytest.approx(deviate)
    assert sum(share.of_total.value for share in found.shares) == pytest.approx(1)


def test_a_part_of_nothing_is_withheld():
    found = exact(noisy({"A": 2.0, "B": -2.0}))
    assert not found.total.clear
    for share in found.shares:
        assert math.isnan(share.of_total.value)
        assert share.of_total.withheld == "the total cannot be told from zero"
        assert share.shapley.clear
    strong = exact(noisy({"A": 3.0, "B": 1.0})).contributions
    assert contributions.proportion(strong[0], strong.sum(axis=0), True, attribution.Z95).withheld == ""
    assert contributions.proportion(strong[0], strong.sum(axis=0), False, attribution.Z95).withheld
    assert "— the total cannot be told from zero" in attribution_text.lines(found, {"A": "a", "B": "b"})


def test_the_only_player_has_it_all():
    found = exact(noisy({"A": 2.0}))
    assert found.share("A").of_total == attribution.Proportion(1.0, pytest.approx(1), pytest.approx(1))
    assert (found.interactions, found.differences, found.groups, found.rankable) == ({}, {}, (("A",),), True)


def test_ranks_are_refused_to_players_who_cannot_be_told_apart():
    near = exact(noisy({"A": 0.1, "B": 3.0, "C": 0.0, "D": 3.1}))
    assert near.groups == (("B", "D"), ("A", "C"))
    assert not near.rankable
    text = attribution_text.lines(near, dict.fromkeys("ABCD", "replaced."))
    assert "Cannot be told apart, so that their order means nothing: B and D; A and C." in text
    assert [line.split()[:2] for line in text.splitlines() if line.startswith(("1", "3"))] == [
        ["1–2", "B"], ["1–2", "D"], ["3–4", "A"], ["3–4", "C"],
    ]  # fmt: skip
    far = exact(noisy({"A": 0.0, "B": 6.0, "C": 3.0}))
    assert far.groups == (("B",), ("C",), ("A",))
    assert far.rankable


def test_a_chain_of_near_players_is_not_cut():
    """A can be told from C, but neither from B: no cut puts all above clearly over all below."""
    found = exact(noisy({"A": 0.6, "B": 0.3, "C": 0.0}, runs=80, first=3))
    assert [found.differences[pair].clear for pair in (("A", "B"), ("B", "C"), ("A", "C"))] == [False, False, True]
    assert found.groups == (("A", "B", "C"),)


def test_a_cut_asks_of_everyone_above_and_below():
    """B is clearly above C, but A, whose value varies too much, is not."""
    clear, open_ = contributions.Estimate(1.0, 0.1, 0.8, 1.2), contributions.Estimate(1.0, 1.0, -1.0, 3.0)
    between = {("A", "B"): clear, ("A", "C"): open_, ("B", "C"): clear}
    added = np.array([[3.0], [2.0], [1.0]])
    assert contributions.told_apart("ABC", added, between) == (("A", "B", "C"),)
    assert contributions.told_apart("ABC", added, {**between, ("A", "C"): clear}) == (("A",), ("B",), ("C",))
    assert contributions.told_apart("ABC", added[::-1], {**between, ("A", "B"): open_, ("A", "C"): clear}) == (
        ("C",), ("A", "B"),
    )  # fmt: skip


def test_rounding_ranks_nobody():
    added = np.array([[0.1 + 0.2] * 5, [0.3] * 5])
    assert added[0, 0] > added[1, 0]
    one = contributions.differences("AB", added, attribution.Z95)["A", "B"]
    assert (one.mean, one.clear) == (0.0, False)


def test_differences_hold_for_all_pairs_at_once():
    found = exact(noisy({"A": 0.0, "B": 0.0, "C": 0.0}))
    gap = found.contributions[0] - found.contributions[2]
    one = found.differences["A", "C"]
    assert one.mean == pytest.approx(gap.mean())
    # Three pairs at 95 %: each at 98.33 %, deviate 2.394 of the normal distribution.
    assert one.high - one.mean == pytest.approx(effects.student(59, 2.393980) * gap.std(ddof=1) / math.sqrt(60))


# Orders of joining ------------------------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10**6), st.booleans())
def test_each_player_stands_equally_often_in_each_place(n, blocks, first, reverse):
    players, seeds = NAMES[:n], range(first, first + n * blocks)
    found = orders(players, seeds, reverse)
    assert list(found) == list(seeds)
    stood = Counter((name, place) for walked in found.values() for order in walked for place, name in enumerate(order))
    assert {*stood.values()} == {blocks * (2 if reverse else 1)}
    assert len(stood) == n * n
    for walked in found.values():
        assert len(walked) == (2 if reverse else 1)
        assert walked[-1] == (walked[0][::-1] if reverse else walked[0])


def test_more_seeds_leave_orders_as_they_were():
    few, many = orders(NAMES, range(100, 112)), orders(NAMES, [*range(100, 140)])
    assert {seed: many[seed] for seed in few} == few
    assert orders(NAMES, [111, *range(100, 111), 100]) == few
    assert [*orders(NAMES, range(200, 212)).values()] != [*few.values()]


def test_every_order_is_as_likely():
    found = Counter(order for [order] in orders("ABC", range(3000)).values())
    assert len(found) == 6
    # Blocks of three rotations: 500 ± 5 standard deviations of 1,000 fair throws.
    assert all(abs(count - 500) < 5 * math.sqrt(1000 / 4) for count in found.values())


def test_cells_of_a_sampled_design():
    walked = {1: [("A", "B")], 7: [("B", "A")], 3: [("A", "B"), ("B", "A")]}
    assert coalitions_of(walked) == {
        frozenset(): [1, 3, 7],
        frozenset("A"): [1, 3],
        frozenset("B"): [3, 7],
        frozenset("AB"): [1, 3, 7],
    }
    assert len(all_coalitions(NAMES)) == len({*all_coalitions(NAMES)}) == 32


def test_uneven_orders_are_named():
    game = noisy({"A": 1.0, "B": 1.0})
    one_way = sampled(game, {seed: [("A", "B")] for seed in range(60)})
    assert any(note.startswith("Places in the orders are shared unevenly") for note in one_way.notes)
    assert one_way.interactions is None
    assert one_way.interactions_withheld.startswith("Too few orders: what A adds with B")
    assert one_way.interactions_withheld in attribution_text.lines(one_way, {"A": "a", "B": "b"})
    even = sampled(game, orders("AB", range(60)))
    assert not any("unevenly" in note for note in even.notes)
    assert even.interactions is not None


def test_reversed_orders_narrow_the_interval_of_a_game_with_interactions():
    rng = np.random.default_rng(5)
    noise = rng.normal(scale=0.1, size=200)
    game = made("ABCD", lambda on, s: len(on) ** 2 + noise[s] * len(on), range(200))
    plain, antithetic = (sampled(game, orders("ABCD", range(200), reverse)) for reverse in (False, True))
    for name in "ABCD":
        assert antithetic.share(name).shapley.error < plain.share(name).shapley.error / 2


# Wrong use --------------------------------------------------------------------------------------------------------

WHOLE = made("AB", lambda on, s: len(on))


@pytest.mark.parametrize(("wrong", "said"), [
    (lambda: Game((), {}), "players: expected at least one group; came none"),
    (lambda: Game(("A", "A"), {}), "players: expected a name of its own for each group; came A more than once"),
    (lambda: Game(("ban", "cult"), {frozenset({"bam"}): {}}), "came bam. Did you mean ban?"),
    (lambda: replace(WHOLE, kind="share"), "kind: expected chance, quantity, or date with a span; came share"),
    (lambda: replace(WHOLE, kind="date"), "kind: expected chance, quantity, or date with a span; came date"),
    (lambda: replace(WHOLE, kind="chance", span=9), "quantity, or date with a span; came chance"),
    (lambda: replace(WHOLE, kind="chance"), "values: expected 0 or 1 in each run of a chance; came another number"),
    (lambda: exact(Game(("A", "B"), {})), "coalitions: expected runs for all 4; came none for all off and 3 more"),
    (lambda: exact(replace(WHOLE, values={on: v for on, v in WHOLE.values.items() if on != frozenset("A")})),
     "coalitions: expected runs for all 4; came none for A. Run them, or sample orders."),
    (lambda: exact(replace(WHOLE, values={on: {n: 0.0} for n, on in enumerate(WHOLE.values)})),
     "came 4 unfinished and 0 in which the outcome is somewhere undefined"),
    (lambda: exact(made("AB", lambda on, s: math.nan)), "came 0 unfinished and 5 in which"),
    (lambda: exact(Game(tuple("ABCDEFGHIJK"), {})), "players: expected at most 10 groups for all coalitions; came 11"),
    (lambda: all_coalitions("ABCDEFGHIJK"), "expected at most 10 groups"),
    (lambda: orders((), range(3)), "players: expected at least one group; came none"),
    (lambda: orders(NAMES, ()), "seeds: expected at least one seed; came none"),
    (lambda: sampled(WHOLE, {}), "came 0 unfinished and 0 in which"),
    (lambda: sampled(WHOLE, {99: [("A", "B")]}), "came 1 unfinished and 0 in which"),
    (lambda: sampled(WHOLE, {1: []}), "seed 1: expected at least one order; came none"),
    (lambda: sampled(WHOLE, {1: [("A", "C")]}), "seed 1: expected each of A, B once; came A, C"),
    (lambda: sampled(WHOLE, {1: [("A",)]}), "seed 1: expected each of A, B once; came A"),
    (lambda: attribution_text.lines(exact(WHOLE), {"A": "local election"}), "B: expected what 'off' means"),
])  # fmt: skip
def test_wrong_use_is_told(wrong, said):
    with pytest.raises(Problem) as caught:
        wrong()
    assert caught.value.exit_code == USAGE
    assert said in str(caught.value)


# Ways out ---------------------------------------------------------------------------------------------------------


@FEW
@given(games(values=st.sampled_from([0.0, 1.0, 0.5])))
def test_plain_data_holds_everything_but_the_runs(game):
    for found in both_ways(game):
        data = json.loads(json.dumps(found.as_dict()))
        assert [share["player"] for share in data["shares"]] == list(game.players)
        assert data["runs"] == [*found.runs]
        assert {*data} == {*found.__dataclass_fields__} - {"contributions"} | {"rankable"}
        if found.interactions is not None:
            pairs = [frozenset(one["players"]) for one in data["interactions"]]
            assert pairs == [frozenset(pair) for pair in combinations(game.players, 2)]


@FEW
@given(games(values=st.sampled_from([0.0, 1.0, math.nan, 12345.6])))
def test_any_answer_can_be_told(game):
    meanings = {name: f"Instead of {name} the rule before 1922 holds. " * 4 for name in game.players}
    for way in (exact, lambda game: sampled(game, orders(game.players, game.values[frozenset()]))):
        try:
            found = way(game)
        except Problem:
            continue
        text = attribution_text.lines(found, meanings)
        assert "nan" not in text
        assert all(f"off: Instead of {name}" in text for name in game.players)
        assert "not the error of the rules" in " ".join(text.split())


def test_the_table_of_a_chance():
    chances = {"": 8, "A": 20, "B": 12, "AB": 44}
    found = exact(made("AB", lambda on, s: s < chances["".join(sorted(on))], range(100)))
    text = attribution_text.lines(found, {"A": "Local election.", "B": "Groups may form."})
    lines = text.splitlines()
    assert lines[0].startswith("All groups on: 44.0 (34.7 to 53.8); all off: 8.0 (4.1 to 15.0); difference +36.0 (")
    assert "All 4" not in lines[0]
    assert "From all 4 coalitions on 100 seeds; ranges are 95 % intervals." in text
    row = next(line for line in lines if line.startswith("1"))
    assert row.split()[:3] == ["1", "A", "+22.0"]
    assert "61 % (" in row
    assert row.endswith("36 of 100")
    assert lines[lines.index(row) + 1].strip() == "off: Local election."
    assert "  A × B  +20.0 (" in text
    assert max(map(len, lines)) <= attribution_text.WIDTH


def test_another_level_narrows_every_interval():
    game = noisy({"A": 3.0, "B": 1.0})
    for wide, narrow in zip(both_ways(game), both_ways(game, attribution.Z95 * 0.6), strict=True):
        assert narrow.confidence < 0.8 < wide.confidence
        for one, other in zip(wide.shares, narrow.shares, strict=True):
            for a, b in ((one.shapley, other.shapley), (one.of_total, other.of_total),
                         (one.necessity, other.necessity), (one.sufficiency.b, other.sufficiency.b)):  # fmt: skip
                assert a.low < b.low < b.high < a.high
        for pair, one in wide.interactions.items():
            # These effects add up, so that exact interactions are zero without an error.
            assert one.high - one.low >= narrow.interactions[pair].high - narrow.interactions[pair].low
