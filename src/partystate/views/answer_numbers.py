"""How the numbers of an answer are written, in the terminal, on the page and in the documentation.

Numbers come as the plain data of `analysis.answer`: None is a number that is not defined, or a month not reached. An
interval never goes without the number and a number never without its interval; what rounds to nothing but is not
nothing is given one decimal more, or said to be under 1 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partystate.analysis.answer_words import signed
from partystate.analysis.effects import CHANCE, DATE, QUANTITY
from partystate.foundation import calendar

NOT_DEFINED, NOT_REACHED, ZERO = "not defined", "not reached", "exactly zero"
NO_INTERVAL, WITHHELD = "no interval", "withheld"
UNITS = {CHANCE: "points", DATE: "months", QUANTITY: ""}
MEANS = {CHANCE: "share of histories", DATE: "month", QUANTITY: "mean of histories"}
Data = Mapping[str, Any]


def scale(kind: str) -> float:
    """What a value is multiplied by when it is shown: shares as points of a hundred."""
    return 100.0 if kind == CHANCE else 1.0


def share(value: float | None) -> str:
    """A part of a whole without decimals; `under 1 %` and `over 99 %` for what is not quite nothing, or all."""
    return NOT_DEFINED if value is None else f"{_percent(value)} %"


def shares(value: float | None, low: float | None, high: float | None) -> str:
    """`30 % (15 to 52)`."""
    if value is None:
        return NOT_DEFINED
    if low is None or high is None:
        return f"{share(value)} ({NO_INTERVAL})"
    return f"{share(value)} ({_percent(low)} to {_percent(high)})"


def _percent(value: float) -> str:
    if 0 < abs(value) < 0.005:
        return "under 1"
    if 0.995 < value < 1:
        return "over 99"
    return minus(f"{100 * value:.0f}")


def level(kind: str, of: Data) -> str:
    """An outcome in one arm with its interval; of a date the share it came in, the median, and the restricted mean."""
    if of["mean"] is None:
        return NOT_DEFINED
    if kind == CHANCE:
        return shares(of["mean"], of["low"], of["high"])
    if kind == DATE and of["happened"] == 0:
        return f"{NOT_REACHED} in any history"
    digits = _digits(kind, of["mean"], of["high"])
    if of["low"] == of["mean"] == of["high"]:
        told = f"{plain(of['mean'], digits)} in every history"
    else:
        told = _ranged(of["mean"], of["low"], of["high"], digits, plain)
    if kind == DATE:
        return f"in {share(of['happened'])}, median {month(of['median'])}; mean {told} months"
    return told


def month(value: float | None) -> str:
    """A month by its label, or that it was not reached."""
    return NOT_REACHED if value is None else calendar.label(round(value))


def effect(of: Data, unit: bool = True) -> str:
    """A paired difference with its interval: `−30 points (−52 to −9)`, or without the unit."""
    if of["same_histories"] or (of["kind"] != CHANCE and of["pairs"] and of["changed"] == 0):
        return ZERO
    return difference(of["kind"], of["difference"], of["low"], of["high"], unit)


def own_effect(of: Data, unit: bool = True) -> str:
    """`effect` of one inside an attribution, which does not carry what can be worked out from the rest."""
    changed = None if of["up"] is None else of["up"] + of["down"]
    return effect({**of, "changed": changed}, unit)


def difference(kind: str, middle: float | None, low: float | None, high: float | None, unit: bool = True) -> str:
    """A difference in points of a hundred, months or the outcome's unit."""
    if middle is None:
        return NOT_DEFINED
    by = scale(kind)
    values = [None if value is None else by * value for value in (middle, low, high)]
    if values == [0, 0, 0]:
        return ZERO
    word = f" {UNITS[kind]}" if unit and UNITS[kind] else ""
    return _ranged(*values, _digits(kind, *values), signed, word)


def estimate(kind: str, of: Data, unit: bool = True) -> str:
    """A difference that comes as mean, or value, with low and high."""
    return difference(kind, of["mean"] if "mean" in of else of["value"], of["low"], of["high"], unit)


def proportion(of: Data) -> str:
    """A share of a total with its interval; why there is none stands in `withheld`."""
    return WITHHELD if of["value"] is None else shares(of["value"], of["low"], of["high"])


def correlation(value: float | None) -> str:
    return NOT_DEFINED if value is None else plain(value, 2)


def amount(value: float | None, digits: int | None = None) -> str:
    """A number alone, with as many decimals as its size asks for."""
    if value is None:
        return NOT_DEFINED
    return plain(value, _digits(QUANTITY, value) if digits is None else digits)


def plain(value: float, digits: int) -> str:
    """A number with a true minus sign, and none before a nothing."""
    rounded = round(value, digits)
    return minus(f"{rounded or 0.0:,.{digits}f}")


def minus(text: str) -> str:
    return text.replace("-", "−")


def _ranged(middle: float, low: float | None, high: float | None, digits: int, shown: Any, word: str = "") -> str:
    if low is None or high is None:
        return f"{shown(middle, digits)}{word} ({NO_INTERVAL})"
    return f"{shown(middle, digits)}{word} ({shown(low, digits)} to {shown(high, digits)})"


def _digits(kind: str, *values: float | None) -> int:
    """Decimals by kind and size; one more when a value that is not zero would be shown as zero."""
    sizes = [abs(value) for value in values if value is not None]
    largest = max(sizes, default=0.0)
    by_size = 0 if largest >= 100 or not largest else 1 if largest >= 10 else 2 if largest >= 0.05 else 3
    digits = {CHANCE: 0, DATE: 1}.get(kind, by_size)
    return digits + any(size and round(size, digits) == 0 for size in sizes)
