"""The sentences of an answer. Every word that says more, less or nothing is chosen by an interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from partystate.foundation import calendar

from . import measures
from .contributions import Estimate
from .effects import CHANCE, DATE, Effect, Level

if TYPE_CHECKING:
    from .attribution import Attribution
    from .compare import Line
    from .question import Groups

NAMED = 3  # effects named one by one


def in_groups(groups: Groups, found: Attribution, off: Effect) -> list[str]:
    """The total effect of all groups, and how it falls to them. off: all groups off against the reference."""
    kind = found.kind
    first = (
        f"With {groups.title} on, {clause(groups.outcome, off.a, kind)} ({interval(off.a, kind)}; {off.pairs:,} "
        f"histories); with all of it off, {shorter(off.b, kind)} ({interval(off.b, kind)}): "
        f"a change of {gap(off, kind)}."
    )
    if not found.total.clear:
        told = "That" if off.pairs == len(found.runs) else f"In the {len(found.runs):,} histories that divide it, that"
        return [first, f"{told} cannot be told from no difference, so it is not divided among its parts."]
    titles = {name: groups.players[name][0] for name in found.players}
    if not found.rankable:
        clear = [share for share in found.shares if share.shapley.clear]
        if not clear:
            return [first, "What falls to each of its parts cannot be told from nothing, nor from the others."]
    told = [_group(group, found, titles) for group in found.groups]
    ways = f"{found.walks:,} sampled orders" if found.walks else "all orders"
    return [first, f"Divided over {ways} in which they can join (Shapley), {_joined(told)}."]


def _group(group: Sequence[str], found: Attribution, titles: Mapping[str, str]) -> str:
    parts = [f"{titles[name]} {points(found.share(name).shapley, found.kind)}" for name in group]
    if len(group) == 1:
        return f"{parts[0]} stands apart"
    return f"these cannot be told apart: {', '.join(parts)}"


def in_arms(outcome: str, reference: Line, arms: Mapping[str, Line]) -> list[str]:
    """The reference, the clear effects from the largest down, and those that cannot be told from none."""
    level, kind = reference.effect.a, reference.effect.kind
    if not reference.effect.pairs:
        return [f"No history of the reference defines this outcome: {reference.title}."]
    runs = f"{reference.effect.pairs:,} histories"
    first = f"In the reference, {clause(outcome, level, kind)} ({interval(level, kind)}; {runs})"
    clear = sorted((row for row in arms.items() if row[1].effect.clear), key=lambda row: -abs(row[1].effect.difference))
    if not clear:
        nothing = "none of them changes that in a way that can be told from chance"
        return [f"{first}.", f"Of {len(arms)} changes tried, {nothing}: {_listed(arms)}."]
    name, line = clear[0]
    first += f"; the largest change is made by “{name}”: {gap(line.effect, kind)}."
    rest = clear[1 : 1 + NAMED]
    others = [f"“{name}” {gap(line.effect, kind)}" for name, line in rest]
    unnamed = len(clear) - 1 - len(rest)
    if unnamed:
        others.append(f"{unnamed} more")
    unclear = [name for name, line in arms.items() if not line.effect.clear]
    said = [f"Also clear: {_joined(others, ', ')}" if others else "No other change tried is clear"]
    if unclear:
        said.append(f"not to be told from chance: {', '.join(f'“{name}”' for name in unclear)}")
    return [first, f"{'; '.join(said)}."]


def clause(outcome: str, level: Level, kind: str) -> str:
    """`… in 23 % of histories`, or the mean of a quantity, or the median of a date."""
    from .compare import title

    if kind == CHANCE:
        return f"{measures.PHRASES.get(outcome, title(outcome))} in {percent(level.mean)} of histories"
    return f"{_lower(title(outcome))} {shorter(level, kind)}"


def shorter(level: Level, kind: str) -> str:
    """The level alone."""
    if kind == CHANCE:
        return f"in {percent(level.mean)}"
    if kind == DATE:
        return f"comes in {percent(level.happened or 0.0)} of histories, in the median in {month(level.median)}"
    return f"is {level.mean:.2f} on average"


def interval(level: Level, kind: str) -> str:
    """The 95 % interval of a level; of a date that of its restricted mean."""
    if kind == CHANCE:
        return f"{100 * level.low:.0f} to {percent(level.high)}"
    if kind == DATE:
        return f"mean within the run {level.low:.1f} to {level.high:.1f} months"
    return f"{level.low:.2f} to {level.high:.2f}"


def gap(effect: Effect, kind: str) -> str:
    """A paired difference with its interval."""
    if effect.same_histories or (effect.changed == 0 and kind != CHANCE):
        return "exactly zero"
    return points(Estimate(effect.difference, 0.0, effect.low, effect.high), kind)


def points(estimate: Estimate, kind: str) -> str:
    """A difference in points of a hundred, months or the outcome's unit, with its interval."""
    values = (estimate.mean, estimate.low, estimate.high)
    if any(math.isnan(value) for value in values):
        return "undefined"
    if kind == CHANCE:
        middle, low, high = (f"{signed(100 * value, 0)}" for value in values)
        return f"{middle} points ({low} to {high})"
    digits, unit = (1, " months") if kind == DATE else (2, "")
    middle, low, high = (signed(value, digits) for value in values)
    return f"{middle}{unit} ({low} to {high})"


def signed(value: float, digits: int) -> str:
    """`+3`, `−3` or `0`, with a true minus sign."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def month(value: float) -> str:
    """A month by its label, or `not reached`."""
    return calendar.label(round(value)) if math.isfinite(value) else "not reached"


def _listed(arms: Mapping[str, Line]) -> str:
    return ", ".join(f"“{name}” {gap(line.effect, line.effect.kind)}" for name, line in arms.items())


def _joined(parts: Sequence[str], mark: str = "; ") -> str:
    return mark.join(parts)


def _lower(text: str) -> str:
    """A title inside a sentence."""
    return text[:1].lower() + text[1:]
