"""Scenario discovery on worlds with a planted box and on worlds with none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from partystate.analysis import discovery
from partystate.analysis.discovery import Found, Input, Share, discover
from partystate.app.commands import discover as command
from partystate.foundation.problems import USAGE, Problem


@pytest.fixture
def rng():
    return np.random.default_rng(1929)


def inputs(count: int) -> list[Input]:
    return [Input(f"m.p{k}", f"what p{k} means", "share", 0.0, 1.0) for k in range(count)]


def world(rng, runs, count, inside=0.75, outside=0.3):
    """Histories with more of the kind where the first input is above 0.6 and the second below 0.5."""
    values = rng.random((runs, count))
    box = (values[:, 0] > 0.6) & (values[:, 1] < 0.5)
    y = (rng.random(runs) < np.where(box, inside, outside)).astype(float)
    return values, y, np.arange(runs)


def looked(rng, runs, count, **more):
    return discover(inputs(count), *world(rng, runs, count, **more))


def names(box) -> set[str]:
    return {side.input.name for side in box.sides}


def test_a_planted_box_is_recovered(rng):
    found = [looked(rng, 1000, 30) for _ in range(6)]
    assert all(f.boxes and f.boxes[0].holds for f in found)
    assert sum(names(f.boxes[0]) == {"m.p0", "m.p1"} for f in found) >= 4
    assert all({"m.p0", "m.p1"} <= names(f.boxes[0]) for f in found)
    assert np.median([f.boxes[0].sides[0].low for f in found]) == pytest.approx(0.6, abs=0.04)
    assert np.median([f.boxes[0].sides[1].high for f in found]) == pytest.approx(0.5, abs=0.04)
    for f in found:
        (box,) = f.boxes
        first, second = box.sides[:2]
        assert math.isinf(first.high)
        assert math.isinf(second.low)
        assert box.tested.inside.low > box.tested.outside.high
        assert max(first.quasi_p, second.quasi_p) < 0.05
    # The shares are those of histories that had no part in finding the box, so they are not too good.
    inside = [f.boxes[0].tested.inside for f in found]
    assert sum(share.low <= 0.75 <= share.high for share in inside) >= 4


def test_a_box_is_found_among_as_many_inputs_as_the_model_has(rng):
    found = looked(rng, 1000, 250, inside=0.8)
    assert found.boxes[0].holds
    assert {"m.p0", "m.p1"} <= names(found.boxes[0])


@pytest.mark.slow
def test_noise_has_no_box(rng):
    found = [looked(rng, 240, 12, inside=0.4, outside=0.4) for _ in range(60)]
    assert np.mean([not any(box.holds for box in f.boxes) for f in found]) >= 0.9
    # Now and then the first half alone would have shown one: that is what the second half is for.
    assert any(f.boxes for f in found)
    several = [discover(inputs(12), *world(rng, 240, 12, 0.4, 0.4), boxes=3) for _ in range(20)]
    assert np.mean([not any(box.holds for box in f.boxes) for f in several]) >= 0.9


def test_second_boxes_lie_outside_the_first(rng):
    values = rng.random((2000, 8))
    y = (rng.random(2000) < np.where(values[:, 0] > 0.8, 0.9, np.where(values[:, 3] < 0.15, 0.8, 0.2))).astype(float)
    found = discover(inputs(8), values, y, np.arange(2000), boxes=2)
    one, other = found.boxes
    assert (names(one), names(other)) == ({"m.p0"}, {"m.p3"})
    assert one.holds
    assert other.holds
    assert one.tested.inside.runs + one.tested.outside.runs == 1000
    assert other.tested.inside.runs + other.tested.outside.runs == one.tested.outside.runs


def test_whole_values_are_peeled_off(rng):
    values = np.column_stack([rng.integers(0, 3, 800), rng.random(800)]).astype(float)
    y = (rng.random(800) < np.where(values[:, 0] == 2, 0.8, 0.2)).astype(float)
    (box,) = discover(inputs(2), values, y, np.arange(800)).boxes
    assert names(box) == {"m.p0"}
    assert 1 < box.sides[0].low <= 2


def test_the_same_histories_give_the_same_answer_in_any_order(rng):
    values, y, seeds = world(rng, 600, 10)
    order = rng.permutation(600)
    assert discover(inputs(10), values, y, seeds) == discover(inputs(10), values[order], y[order], seeds[order])


def test_only_the_second_half_is_told(rng):
    values, y, seeds = world(rng, 800, 10)
    even = seeds % 2 == 0
    changed = np.where(even, 1 - y, y)
    one, other = (discover(inputs(10), values, kind, seeds).boxes[0] for kind in (y, changed))
    assert [(s.input, s.low, s.high) for s in one.sides] == [(s.input, s.low, s.high) for s in other.sides]
    assert one.sought == other.sought
    assert one.holds
    assert not other.holds


def test_too_few_of_a_kind_is_an_answer(rng):
    values, _, seeds = world(rng, 400, 5)
    rare = np.zeros(400)
    rare[:3] = 1
    found = discover(inputs(5), values, rare, seeds)
    assert found.boxes == ()
    assert found.refused.startswith("It holds in 3 of 400 histories")
    assert discover(inputs(5), values, np.ones(400), seeds).refused.startswith("It holds in 400 of 400")


def test_what_is_refused(rng):
    values, y, seeds = world(rng, 400, 5)
    with pytest.raises(Problem, match="40 or more of even seeds; came 0") as caught:
        discover(inputs(5), values, y, 2 * seeds + 1)
    assert caught.value.exit_code == USAGE
    for boxes in (0, 9):
        with pytest.raises(Problem, match="expected 1 to 5"):
            discover(inputs(5), values, y, seeds, boxes)


def test_known_values_of_the_tests():
    def table(k, n, other_k, other_n):
        y = np.array([1] * k + [0] * (n - k) + [1] * other_k + [0] * (other_n - other_k), dtype=float)
        return Found.of(np.arange(n + other_n) < n, y)

    # Fisher's tea: three of four right by guessing (1935), and the same one-sided.
    assert discovery.fisher(table(3, 4, 1, 4)) == pytest.approx(17 / 70)
    assert discovery.fisher(table(4, 4, 0, 4)) == pytest.approx(1 / 70)
    assert discovery.binomial(8, 10, 0.5) == pytest.approx(56 / 1024)
    assert discovery.binomial(0, 10, 0.5) == 1
    # Newcombe (1998), table II: 56 of 70 against 48 of 80.
    value, low, high = table(56, 70, 48, 80).difference
    assert (value, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert Share.of(0, 0).runs == 0


def test_boxes_are_put_into_words(rng):
    found = looked(rng, 1000, 10)
    told = " ".join(command.text(found, "“Leads”").split())
    assert "In histories where “what p0 means (m.p0)” is at least 0.6" in told
    assert "and where “what p1 means (m.p1)” is at most 0." in told
    assert "m.p0: range 0 to 1; quasi-p" in told
    box = found.boxes[0]
    inside, outside = command.share(box.tested.inside), command.share(box.tested.outside)
    assert f"“Leads” holds in {inside} against {outside} elsewhere" in told
    none = next(f for f in (looked(rng, 240, 6, inside=0.4, outside=0.4) for _ in range(50)) if not f.boxes)
    assert "No box was found: no part of the ranges" in command.text(none, "“Leads”")
    failed = (looked(rng, 240, 12, inside=0.4, outside=0.4) for _ in range(100))
    failing = next(f for f in failed if f.boxes and not f.boxes[0].holds)
    told = " ".join(command.text(failing, "“Leads”").split())
    assert "No box was found that holds on the other half." in told
    assert "That may be chance." in told
