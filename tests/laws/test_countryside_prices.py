"""Prices that trusts set: bounded whatever happens, an overshoot that a response ends, and nothing by default."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate import record
from partystate.foundation import calendar
from partystate.mechanisms.countryside.trusts import (
    SUPPLIED,
    Policy,
    Trade,
    Trusts,
    Village,
    harvested,
    opening,
    traded,
)
from tests.laws.countryside import Case, broken, central

FREE = {"trusts": "set_by_trusts"}
NO_RESPONSE = {"price_policy.response": 0.0}
OWN = [key for key in record.load().parameters if key.startswith(("trusts.", "price_policy."))]
SEEDS = (1, 2, 3)
UNTIL = calendar.index("1925-01")
MOST_ASKED = 20.0  # roubles a household in a month, several times those of the mid-1920s
MONTHS_TO_FILL = 12  # in which trusts that sell nothing have more on hand than credit lets them hold


def of_trusts(**parts: float) -> SimpleNamespace:
    """Parameters of the trusts so far into their ranges; the others at their central values."""
    known, values = record.load().parameters, {}
    for key in Trusts.parameters:
        name, parameter = key.partition(".")[2], known[key]
        part = parts.get(name)
        inside = parameter.low + (part or 0.0) * (parameter.high - parameter.low)
        values[name] = parameter.value if part is None else inside
    return SimpleNamespace(**values)


names = sorted(key.partition(".")[2] for key in Trusts.parameters)
shares = st.floats(0, 1)
months = st.lists(
    st.tuples(st.floats(0, MOST_ASKED), shares, shares, shares, st.floats(0, 1e11)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(parts=st.fixed_dictionaries(dict.fromkeys(names, shares)), story=months)
def test_prices_are_positive_and_no_higher_than_the_money_there_is(parts, story):
    p = of_trusts(**parts)
    trade = opening(p)
    money = p.village * MOST_ASKED / p.spent + p.town * p.capacity
    dearest = max(p.opening_price, money / p.crafts) * (1 + p.raise_by) ** MONTHS_TO_FILL
    for asked, credit, orders, discount, crop in story * (calendar.MONTHS // len(story)):
        before = trade
        trade = traded(harvested(trade, crop, p), Village(asked, 0.0, 0.0), Policy(credit, orders, discount), p)
        assert p.cost <= trade.price <= dearest
        assert trade.grain > 0
        assert trade.grain <= max(p.opening_grain, p.grain_level * (1 + p.grain_gain)) * (1 + 1e-9)
        assert 0 <= trade.stock <= before.stock + before.output
        assert 0 <= trade.famine <= 1
        assert before.output <= trade.output <= max(p.capacity, p.opening_output) * (1 + p.recovery)
        assert np.isfinite(trade.ratio)
        assert trade.ratio > 0


USUAL = Trade(1.0, 1.0, 0.5, 0.5, 0.0, 1.25, 5e10, 5e10)
VILLAGE, EASY = Village(5.5, 0.0, 0.0), Policy(1.0, 0.0, 0.0)


def test_a_month_of_trade_goes_the_way_it_is_said_to_go():
    p = of_trusts()
    usual = traded(USUAL, VILLAGE, EASY, p)
    assert usual.price > traded(USUAL, VILLAGE, Policy(0.3, 0.0, 0.0), p).price  # credit lets trusts wait
    assert usual.price > traded(USUAL, VILLAGE, Policy(1.0, 1.0, 0.0), p).price  # orders
    assert traded(USUAL._replace(stock=9.0), VILLAGE, EASY, p).price < 1  # goods pile up
    dear, cheap = (traded(USUAL._replace(price=price), VILLAGE, EASY, p) for price in (3.0, 0.7))
    assert dear.stock > cheap.stock
    empty = traded(USUAL._replace(price=0.7, stock=0.0), VILLAGE, Policy(1.0, 1.0, 0.0), p)
    assert empty.famine > 0 == dear.famine
    assert empty.stock == 0
    assert traded(USUAL._replace(crop=6e10), VILLAGE, EASY, p).grain < usual.grain  # a good harvest
    assert traded(USUAL, VILLAGE, Policy(1.0, 0.0, 0.2), p).grain < usual.grain
    assert harvested(USUAL, 6e10, p).crop == 6e10
    assert harvested(USUAL._replace(crop=7e10), 6e10, p).usual > USUAL.usual


@lru_cache
def told(seed: int, response: bool = True):
    """A history of the first three years with trusts free to set prices, chance only in weather and households."""
    case = Case(seed, variants=FREE, changes=central() | ({} if response else NO_RESPONSE))
    return case.run(UNTIL, details=True, strict=True)


def ratio(seed: int, first: str, last: str, **how) -> np.ndarray:
    values = told(seed, **how).recorder.series["scissors_ratio", None]
    return values[calendar.index(first) : calendar.index(last) + 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_scissors_open_and_a_response_closes_them(seed):
    peak = ratio(seed, "1923-01", "1923-12").max()
    assert ratio(seed, "1922-08", "1922-08")[0] < peak / 2
    after, without = (ratio(seed, "1924-07", "1924-12", response=response).mean() for response in (True, False))
    assert after < peak * 2 / 3
    assert without > ratio(seed, "1923-01", "1923-12", response=False).max() * 2 / 3
    assert not broken(told(seed))


def test_a_response_is_written_down_with_its_reasons():
    events = [event for event in told(1).chronicle.events if event.mechanism == "price_policy"]
    assert events[0].because[0].startswith("scissors_ratio=")
    assert not [event for event in told(1, response=False).chronicle.events if event.mechanism == "price_policy"]


# By default prices are given ----------------------------------------------------------------------------------------


def test_given_prices_are_those_of_the_record_and_nothing_else_matters():
    known = record.load().parameters
    low, high = (
        Case(1, changes={key: getattr(known[key], end) for key in OWN}).run(20, details=True) for end in ("low", "high")
    )
    assert low.recorder.series.keys() == high.recorder.series.keys()
    assert ("scissors_ratio", None) not in low.recorder.series
    for name, values in low.recorder.series.items():
        assert values.tobytes() == high.recorder.series[name].tobytes(), name
    for driver in SUPPLIED:
        assert low.world.driver(driver) == low.world.drivers[driver][19]


def test_free_prices_do_not_follow_the_given_ones():
    def sold(variants, scaled):
        return Case(1, variants=variants, scaled=scaled).run(20).world.now["market.state"].tolist()

    given_anew = {"grain_price": 2.0, "industrial_price": 0.5, "goods_famine": 0.0}
    assert sold(FREE, given_anew) == sold(FREE, {})
    assert sold({}, given_anew) != sold({}, {})
    assert sold(FREE, {}) != sold({}, {})


def test_the_market_sees_what_the_trusts_set():
    simulation = Case(1, variants=FREE).start(details=False)
    for driver, name in SUPPLIED.items():
        assert simulation.world.driver(driver) == float(simulation.world.now[f"trusts.{name}"])
    simulation.run(12)
    for driver, name in SUPPLIED.items():
        assert simulation.world.driver(driver) == float(simulation.world.now[f"trusts.{name}"])
