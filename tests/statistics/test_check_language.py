"""The language of checks: what is written is read, faults are pointed at, judgements err as rarely as they say."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate.analysis import check_histories, check_outcomes
from partystate.analysis.check_histories import (
    FAILS,
    HOLDS,
    TOLD,
    UNDECIDED,
    NotMeasured,
    Sides,
    histories_needed,
    judge,
    verdict,
)
from partystate.analysis.check_language import (
    RELATIONS,
    UNITS,
    WORDS,
    Between,
    Call,
    Compare,
    Date,
    Given,
    Logic,
    Minus,
    Misread,
    Name,
    Number,
    Reported,
    Sum,
    Text,
    inside,
    parse,
    show,
)
from partystate.analysis.check_outcomes import Kinds, check

SPAN = 108
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}(\.[A-Za-z0-9_]{1,6})?", fullmatch=True).filter(
    lambda name: name not in (*WORDS, *UNITS)
)
LEAVES = st.one_of(
    st.decimals(0, 10**6, places=3).map(lambda value: Number(float(value))),
    st.dates(datetime.date(1917, 1, 1), datetime.date(1941, 6, 22)).map(lambda day: Date(day.isoformat())),
    st.from_regex(r"[A-Za-z0-9 ,;()>=|-]{0,12}", fullmatch=True).map(Text),
    NAMES.map(Name),
)


def _larger(node):
    argument = node | st.builds(Given, node, node)
    return st.one_of(
        st.builds(Call, NAMES, st.lists(argument, max_size=3).map(tuple)),
        st.builds(Minus, node),
        st.builds(Sum, st.sampled_from("+-*/"), node, node),
        st.builds(Compare, st.sampled_from(RELATIONS), node, node),
        st.builds(
            Compare, st.sampled_from(RELATIONS), node, node, st.integers(0, 99).map(float), st.sampled_from(UNITS)
        ),
        st.builds(Between, node, node, node),
        st.builds(Logic, st.sampled_from(("and", "or")), st.lists(node, min_size=2, max_size=3).map(tuple)),
        node.map(lambda part: Logic("not", (part,))),
    )


TREES = st.recursive(LEAVES, _larger, max_leaves=12)


@settings(max_examples=60)
@given(TREES, st.booleans())
def test_what_is_written_is_read_again(tree, reported):
    wanted = Reported(tree) if reported else tree
    assert parse(f"REF {show(wanted)}").body == wanted


MISREAD = {
    "REF": (1, "a kind such as REF"),
    "REF ": (5, "a number, a date, a name or a bracket"),
    "REF chance(leads": (17, "expected )"),
    "REF chance(leads) >= ": (22, "a number"),
    "REF chance(leads) 0.5": (19, "a relation such as >="),
    "REF(S01) chance(leads) > 0": (4, "no brackets after REF"),
    "ABL change(leads) < 0": (4, "what ABL is of"),
    "SHAPLEY(traits) mean(x) > 0": (8, "what SHAPLEY is of"),
    "REF chance(leads) in [0.5 0.9]": (27, "expected ,"),
    "REF mean(x) = 3 within 2 kg": (26, "one of %, days"),
    "REF mean(x) $ 3": (13, "the end of the clause"),
    "WAIT(S01)": (1, "a blank"),
    "WAIT(S01) ": (11, "words"),
}


@pytest.mark.parametrize(("text", "told"), MISREAD.items(), ids=list(MISREAD))
def test_a_fault_is_pointed_at(text, told):
    place, expected = told
    with pytest.raises(Misread) as caught:
        parse(text)
    assert caught.value.at + 1 == place
    assert expected in str(caught.value)


def test_every_node_of_a_tree_is_visited():
    body = parse("REF chance(a > 1 | not b) - 2 * mean(-c) in [0, max(d, 1926-10)]").body
    assert {node.name for node in inside(body) if isinstance(node, Name)} == {"a", "b", "c", "d"}
    assert {node.name for node in inside(body) if isinstance(node, Call)} == {"chance", "mean", "max"}


# Checked before any run -------------------------------------------------------------------------------------------


@pytest.fixture
def outcomes(monkeypatch):
    """Outcomes of a made-up model: `won` a chance, `went` and `left` dates, `size` and `other` numbers."""
    names = ("won", "went", "left", "size", "other")
    made = Kinds(frozenset(["won"]), frozenset(["went", "left"]), dict.fromkeys(names, "made up"))
    monkeypatch.setattr(check_outcomes, "kinds", lambda: made)
    monkeypatch.setattr(check_outcomes, "held", lambda sectors: frozenset(names))


REFUSED = {
    "REF won": "a relation to a target",
    "REF won >= 0.5": "a statistic of it",
    "REF chance(win) >= 0.5": "a measured outcome such as won",
    "REF chance(won, size) >= 0.5": "chance of 1",
    "REF corr(won) >= 0.5": "corr of 2",
    "REF change(won) >= 0.5": "change in a clause that changes something",
    "REF mean(size | won) >= 0.5": "a condition after | in chance",
    "REF mean(mode(size)) > 1": "one of min, max, abs",
    "REF mean(sequence(went)) > 1": "at least 2 arguments",
    "REF mode(size) > 1": "one of chance, mean, median",
}


@pytest.mark.parametrize(("text", "told"), REFUSED.items(), ids=list(REFUSED))
def test_what_cannot_be_measured_is_refused(outcomes, text, told):
    with pytest.raises(Misread, match="expected") as caught:
        check(parse(text))
    assert told in str(caught.value)


def test_what_can_be_measured_is_accepted(outcomes):
    for text in (
        "REF chance(won) in [0.5, 0.95]",
        "REF chance(went - left in [0, 24] | left <= 1928-12) - chance(won | not left <= 1929-12) >= 0.3",
        "ABL(S01) increases(won)",
        "REF median(went) <= 1926-10",
        "SHAPLEY(traits, positions) mean(contribution(traits, won)) > 0",
    ):
        check(parse(text))


# Judged ----------------------------------------------------------------------------------------------------------


def sides(n: int, a=None, b=None, **more) -> Sides:
    a = {name: np.asarray(values, dtype=float) for name, values in (a or {}).items()}
    b = {name: np.asarray(values, dtype=float) for name, values in (b or a).items()}
    return Sides(a or b, b, n, SPAN, **more)


def status(text: str, s: Sides) -> str:
    return judge(parse(text), s).status


@pytest.mark.parametrize(
    ("relation", "holds", "fails", "undecided"),
    [
        (">=", (0.5, 0.6), (0.3, 0.4), (0.4, 0.6)),
        (">", (0.51, 0.6), (0.3, 0.5), (0.4, 0.6)),
        ("<=", (0.4, 0.5), (0.6, 0.7), (0.4, 0.6)),
        ("<", (0.4, 0.49), (0.5, 0.7), (0.4, 0.6)),
        ("in", (0.5, 0.5), (0.6, 0.7), (0.4, 0.6)),
    ],
)
def test_the_rule_of_judgement(relation, holds, fails, undecided):
    for expected, interval in ((HOLDS, holds), (FAILS, fails), (UNDECIDED, undecided), (UNDECIDED, (math.nan,) * 2)):
        assert verdict(relation, 0.5, 0.5, *interval) == expected


def test_a_change_that_changed_nothing_is_neither_an_increase_nor_a_decrease(outcomes):
    same = sides(9, {"size": range(9), "won": [1] * 9}, {"size": range(9), "won": [1] * 9}, same=True)
    assert status("ABL(S01) decreases(size)", same) == FAILS
    assert status("ABL(S01) increases(won)", same) == FAILS
    alike = sides(9, {"won": [1] * 9}, {"won": [1] * 9})
    assert status("ABL(S01) increases(won)", alike) == UNDECIDED, "nine pairs do not show that nothing can change"


def test_dates_that_did_not_come(outcomes):
    never = math.nan
    made = sides(4, {"went": [24, 30, never, 50], "left": [36, never, never, 40], "won": [1, 1, 0, 0]})
    assert judge(parse("REF chance(went < left) >= 0.5"), made).value == 0.5
    assert judge(parse("REF chance(sequence(went, left)) >= 0.5"), made).value == 0.25
    assert judge(parse("REF chance(came(left)) >= 0.5"), made).value == 0.5
    assert judge(parse("REF chance(went <= 1924-12) >= 0.5"), made).value == 0.5
    assert judge(parse("REF chance(left - went in [0, 24] | came(left)) >= 0.5"), made).value == 0.5
    assert judge(parse("REF median(left) <= 1930-01"), made).high == math.inf
    assert judge(parse("ABL(S01) change(left) < 0"), made).value == 0


def test_undefined_values_are_left_out_and_counted(outcomes):
    found = judge(parse("REF mean(size) > 0"), sides(4, {"size": [1.0, math.nan, 2.0, 3.0]}))
    assert (found.value, found.runs, found.left_out, found.status) == (2.0, 3, 1, UNDECIDED)
    nothing = judge(parse("REF chance(won | size > 9) > 0.5"), sides(3, {"size": [1, 2, 3], "won": [1, 0, 1]}))
    assert (nothing.runs, nothing.status, nothing.needed) == (0, UNDECIDED, None)


def test_an_outcome_that_is_not_there_is_named(outcomes):
    with pytest.raises(NotMeasured, match="other"):
        judge(parse("REF mean(other) > 0"), sides(3, {"size": [1, 2, 3]}))


def test_told_and_not_judged(outcomes):
    found = judge(parse("REF mean(size) reported"), sides(3, {"size": [1, 2, 3]}))
    assert (found.status, found.value, found.target) == (TOLD, 2.0, "told, not judged")


def test_contributions_share_out_the_whole(outcomes):
    def arm(value):
        return {"size": np.full(5, float(value))}

    made = Sides(arm(10), arm(10), 5, SPAN, alike={"traits": arm(7), "positions": arm(8), "traits+positions": arm(1)})
    traits = judge(parse("SHAPLEY(traits, positions) mean(contribution(traits, size)) > 0"), made).value
    positions = judge(parse("SHAPLEY(traits, positions) mean(contribution(positions, size)) > 0"), made).value
    assert traits + positions == 10 - 1
    assert (traits, positions) == ((10 - 7 + 8 - 1) / 2, (10 - 8 + 7 - 1) / 2)


# How often the judgement errs -------------------------------------------------------------------------------------

RUNS, TRIALS = 100, 200
RNG = np.random.default_rng(20)


def rates(text: str, make) -> dict[str, float]:
    """How often each verdict is given over trials."""
    found = [status(text, make()) for _ in range(TRIALS)]
    return {kind: found.count(kind) / TRIALS for kind in (HOLDS, FAILS, UNDECIDED)}


@pytest.mark.slow
def test_a_true_value_on_the_target_is_seldom_judged(outcomes):
    # Each side of a 95 % interval errs in 2.5 % of trials; 200 trials show that to about 2 points.
    def chances():
        return sides(RUNS, {"won": RNG.random(RUNS) < 0.6})

    def paired():
        size = RNG.normal(size=RUNS)
        return sides(RUNS, {"size": size}, {"size": size + 0.5 + RNG.normal(size=RUNS)})

    def medians():
        return sides(RUNS, {"size": RNG.exponential(size=RUNS)})

    def correlated():
        size = RNG.normal(size=RUNS)
        return sides(RUNS, {"size": size, "other": 0.6 * size + 0.8 * RNG.normal(size=RUNS)})

    for text, make in (
        ("REF chance(won) >= 0.6", chances),
        ("ABL(S01) change(size) >= 0.5", paired),
        (f"REF median(size) <= {math.log(2):.6f}", medians),
        ("REF corr(size, other) > 0.6", correlated),
    ):
        found = rates(text, make)
        assert found[HOLDS] < 0.07, (text, found)
        assert found[FAILS] < 0.07, (text, found)


def test_a_true_value_off_the_target_is_judged_rightly(outcomes):
    def chances():
        return sides(RUNS, {"won": RNG.random(RUNS) < 0.7})

    assert rates("REF chance(won) >= 0.5", chances)[HOLDS] > 0.95
    assert rates("REF chance(won) <= 0.5", chances)[FAILS] > 0.95
    assert rates("REF chance(won) in [0.5, 0.9]", chances)[HOLDS] > 0.95


@pytest.mark.slow
def test_resampled_intervals_cover_what_they_should(outcomes, monkeypatch):
    monkeypatch.setattr(check_histories, "RESAMPLES", 200)
    check_histories._resampled.cache_clear()
    covered = {"ratio": 0, "given": 0}
    trials = 100
    for _ in range(trials):
        size = RNG.gamma(4, size=RUNS)
        made = sides(RUNS, {"size": size}, {"size": 1.5 * size + RNG.normal(size=RUNS)})
        ratio = judge(parse("ABL(S01) ratio(size) >= 1.5"), made)
        covered["ratio"] += ratio.low <= 1.5 <= ratio.high
        size, u = RNG.random(RUNS), RNG.random(RUNS)
        won = u < np.where(size > 0.5, 0.7, 0.4)
        given_ = judge(
            parse("REF chance(won | size > 0.5) - chance(won | size <= 0.5) >= 0.3"),
            sides(RUNS, {"size": size, "won": won}),
        )
        covered["given"] += given_.low <= 0.3 <= given_.high
    check_histories._resampled.cache_clear()
    assert all(0.87 <= count / trials <= 1 for count in covered.values()), covered


def test_the_histories_asked_for_would_decide(outcomes):
    first = judge(parse("REF mean(size) > 0"), sides(100, {"size": 0.1 + RNG.permutation(np.linspace(-1.7, 1.7, 100))}))
    assert first.status == UNDECIDED
    assert first.needed is not None
    enough = np.resize(0.1 + np.linspace(-1.7, 1.7, 100), math.ceil(first.needed / 100) * 100)
    assert status("REF mean(size) > 0", sides(len(enough), {"size": enough})) == HOLDS
    assert histories_needed(0.0, 0.0, judge(parse("REF mean(size) > 0"), sides(3, {"size": [1, 0, -1]}))) == math.inf
