"""An attribution in words and tables, for a terminal of 100 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from partystate.foundation.problems import problem

from .attribution import EXACT, Attribution, Share
from .contributions import Estimate, Proportion
from .effects import CHANCE, DATE, Effect, Level

WIDTH = 100
NONE = "—"
UNITS = {
    CHANCE: "points: histories of a hundred",
    DATE: "months, a date that did not come counting as the whole run",
}
HEAD = ("place", "group", "Shapley value", "part of the total", "runs changed")
ALONE = ("group", "lost without it", "it alone on", "gained with it", "pairs")
READING = (
    "The Shapley value is what a group adds when it joins, averaged over all orders of joining; the values add up to "
    "the difference. Intervals hold the chance in drawing histories, not the error of the rules, and every value "
    'depends on what "off" means.'
)
Number = Callable[[float, str], str]


def lines(attribution: Attribution, meanings: Mapping[str, str]) -> str:
    """The whole answer as text. meanings: group -> what "off" means; printed below each group.

    Raises Problem (exit 2) for a group without a meaning: its share would mean nothing.
    """
    for name in attribution.players:
        if not meanings.get(name, "").strip():
            raise problem("attribution", name, "what 'off' means for each group", "nothing")
    parts = [
        _wrapped(" ".join(head(attribution))),
        "\n".join(shares(attribution, meanings)),
        _wrapped(ranking(attribution)),
        "\n".join(alone(attribution)),
        "\n".join(interactions(attribution)),
        "\n".join(_wrapped(note, "  ") for note in attribution.notes),
        _wrapped(READING),
    ]
    return "\n\n".join(part for part in parts if part)


def head(found: Attribution) -> Iterator[str]:
    """What is divided, and what it was made from."""
    many, total = number_format(found), found.total
    unit = f" Values are in {UNITS[found.kind]}." if found.kind in UNITS else ""
    yield (
        f"All groups on: {level(found.v_all, many)}; all off: {level(found.v_none, many)}; "
        f"difference {difference(total, many)}."
    )
    way = f"all {2 ** len(found.players)} coalitions" if found.method == EXACT else f"{found.walks} orders of joining"
    yield f"From {way} on {len(found.runs)} seeds; ranges are {100 * found.confidence:.0f} % intervals.{unit}"


def shares(found: Attribution, meanings: Mapping[str, str]) -> list[str]:
    """A table of the groups, from the largest value down, each with what "off" means."""
    many = number_format(found)
    ranked = [(place, found.share(name)) for place, name in places(found)]
    rows = [
        (place, one.player, estimate(one.shapley, many), proportion(one.of_total), f"{one.moved} of {len(found.runs)}")
        for place, one in ranked
    ]
    table = aligned([HEAD, *rows])
    indent = " " * (max(len(HEAD[0]), *(len(row[0]) for row in rows)) + 2)
    told = [table[0]]
    for line, (_, one) in zip(table[1:], ranked, strict=True):
        told += [line, _wrapped(f"off: {meanings[one.player]}", indent)]
    return told


def places(found: Attribution) -> Iterator[tuple[str, str]]:
    """(place, group) from the largest value down; groups that cannot be told apart share their places."""
    first = 1
    for group in found.groups:
        last = first + len(group) - 1
        for name in group:
            yield (f"{first}" if first == last else f"{first}–{last}"), name
        first = last + 1


def ranking(found: Attribution) -> str:
    """Whether the order of the groups may be read as one."""
    if len(found.players) == 1:
        return ""
    tied = [group for group in found.groups if len(group) > 1]
    if not tied:
        return "Every two groups can be told apart, all comparisons taken together: their order may be read as one."
    named = "; ".join(listed(group) for group in tied)
    return f"Cannot be told apart, so that their order means nothing: {named}."


def alone(found: Attribution) -> list[str]:
    """Necessity and sufficiency of each group, and the outcome with it alone on."""
    many = number_format(found)

    def row(one: Share) -> tuple[str, ...]:
        needed, enough = one.necessity, one.sufficiency
        pairs = f"{needed.pairs}" if needed.pairs == enough.pairs else f"{needed.pairs}, {enough.pairs}"
        return one.player, difference(needed, many), level(enough.b, many), difference(enough, many), pairs

    title = "Necessity, what is lost when it alone is off; sufficiency, what is gained when it alone is on"
    return [title, *(f"  {line}" for line in aligned([ALONE, *(row(found.share(name)) for _, name in places(found))]))]


def interactions(found: Attribution) -> list[str]:
    """What pairs bring beyond what each brings without the other, the clear ones first."""
    if len(found.players) == 1:
        return []
    title = "Interactions: what two bring together beyond what each brings without the other"
    if found.interactions is None:
        return [title, _wrapped(found.interactions_withheld, "  ")]
    many = number_format(found)
    ranked = sorted(found.interactions.items(), key=lambda item: (not item[1].clear, -abs(item[1].mean)))
    rows = [(" × ".join(pair), estimate(one, many), "" if one.clear else "may be zero") for pair, one in ranked]
    return [title, *(f"  {line}" for line in aligned(rows))]


# Numbers ----------------------------------------------------------------------------------------------------------


def number_format(found: Attribution) -> Number:
    """Decimals and scale that suit an outcome: points of a hundred, months, or by the size of its levels."""
    scale = 100.0 if found.kind == CHANCE else 1.0
    size = scale * max(abs(found.v_all.mean), abs(found.v_none.mean))
    digits = 1 if found.kind in UNITS or 10 <= size < 1000 else 0 if size >= 1000 else 3 if size < 1 else 2
    return lambda value, sign: f"{scale * value:{sign},.{digits}f}".replace("-", "−")


def level(at: Level, many: Number) -> str:
    return _ranged(at.mean, at.low, at.high, many)


def difference(effect: Effect, many: Number) -> str:
    return _ranged(effect.difference, effect.low, effect.high, many, "+")


def estimate(one: Estimate, many: Number) -> str:
    if one.mean == 0 and one.low == one.high:
        return "0 in every run"
    return _ranged(one.mean, one.low, one.high, many, "+")


def proportion(one: Proportion) -> str:
    if math.isnan(one.value):
        return f"{NONE} {one.withheld}"
    return _ranged(one.value, one.low, one.high, lambda value, _: f"{100 * value:.0f} %".replace("-", "−"))


def _ranged(middle: float, low: float, high: float, many: Number, sign: str = "") -> str:
    if math.isnan(middle):
        return NONE
    shown = many(middle, sign)
    return f"{shown} (no interval)" if math.isnan(low) else f"{shown} ({many(low, sign)} to {many(high, sign)})"


# Text -------------------------------------------------------------------------------------------------------------


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with columns of equal width."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
