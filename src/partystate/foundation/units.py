"""Units: what a number counts, and how to turn one unit into another of the same dimension.

A unit is written as in a table heading: an optional scale word, a base, and any number of ``per`` parts:
``persons``, ``million t``, ``share per month``, ``thousand persons per year``, ``1928=100``.
`BASES` is the whole registry; add a base there, once, with its dimension and its factor to the first unit of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from partystate.foundation.problems import did_you_mean, problem

PERCENT = 100  # per cent in a share of 1
KILOGRAMS = 1000  # in a tonne
POOD = 16.38  # kilograms
THOUSAND = 1000
MILLION = 1_000_000
MEGATONNE = MILLION * KILOGRAMS  # in kilograms
HECTARE = 100  # land is counted in hundredths of a hectare
ROUBLE = 100  # money is counted in kopecks
STEPS = 250  # a share kept in one byte is counted in steps of 1/250

SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}

# base -> (dimension, factor). Money and indices of different bases are different dimensions on purpose: turning
# roubles of one year into those of another is an argument about prices, not a conversion.
BASES: dict[str, tuple[str, float]] = {
    # pure numbers
    "share": ("share", 1.0),
    "percent": ("share", 0.01),
    "per mille": ("share", 0.001),
    "probability": ("share", 1.0),
    "ratio": ("ratio", 1.0),
    "weight": ("weight", 1.0),
    "logit": ("logit", 1.0),
    "index": ("index", 1.0),
    "score": ("score", 1.0),  # a judgement coding, 0 to 10
    "position": ("position", 1.0),  # -1 to +1 on a declared axis
    "posture": ("posture", 1.0),  # -3 hostile to +3 friendly
    "flag": ("flag", 1.0),  # 0 or 1
    "rank": ("rank", 1.0),
    "calendar year": ("calendar year", 1.0),
    "standard deviations": ("standard deviations", 1.0),
    # people and what they hold
    "persons": ("persons", 1.0),
    "leaders": ("persons", 1.0),
    "members": ("persons", 1.0),
    "delegates": ("persons", 1.0),
    "families": ("families", 1.0),
    "households": ("households", 1.0),
    "posts": ("posts", 1.0),
    "votes": ("votes", 1.0),
    "ballots": ("votes", 1.0),
    # things that are counted
    "events": ("events", 1.0),
    "sessions": ("events", 1.0),
    "meetings": ("events", 1.0),
    "reports": ("events", 1.0),
    "appointments": ("events", 1.0),
    "items": ("items", 1.0),
    "units": ("items", 1.0),
    "stations": ("items", 1.0),
    "farms": ("items", 1.0),
    "cells": ("items", 1.0),
    "towns": ("items", 1.0),
    "honours": ("items", 1.0),
    "titles": ("titles", 1.0),
    "copies": ("copies", 1.0),
    "pages": ("pages", 1.0),
    "head": ("head", 1.0),
    "pairs": ("pairs", 1.0),
    # time
    "months": ("time", 1.0),
    "years": ("time", 12.0),
    "weeks": ("time", 12.0 * 7 / 365.25),
    "days": ("time", 12.0 / 365.25),
    "hours": ("time", 12.0 / 365.25 / 24),
    # measure
    "t": ("mass", 1.0),
    "kg": ("mass", 0.001),
    "centners": ("mass", 0.1),
    "poods": ("mass", 0.01638),
    "ha": ("area", 1.0),
    "m2": ("floor space", 1.0),
    "m": ("length", 1.0),
    "linear m": ("length", 1.0),
    "cm": ("length", 0.01),
    "mm": ("length", 0.001),
    "km": ("length", 1000.0),
    "t-km": ("freight", 1.0),
    "barrels": ("barrels", 1.0),
    "horsepower": ("power", 1.0),
    "kilocalories": ("food energy", 1.0),
    "kWh": ("energy", 1.0),
    "TWh": ("energy", 1e9),
    "degrees C": ("temperature", 1.0),
    # money, each at its own prices
    "roubles": ("roubles", 1.0),
    "gold roubles": ("gold roubles", 1.0),
    "revalued roubles": ("revalued roubles", 1.0),  # gold roubles x 4.38, the trade statistics' rouble of 1936-50
    "1926/27 roubles": ("1926/27 roubles", 1.0),
    "1937 roubles": ("1937 roubles", 1.0),
    "reichsmarks": ("reichsmarks", 1.0),
    "current US$": ("current US$", 1.0),
    "current US cents": ("current US$", 0.01),
    "2011 int$": ("2011 int$", 1.0),
    "bushels": ("bushels", 1.0),
}
# Singular forms that read naturally after "per".
SINGULAR = {
    "month": "months", "year": "years", "week": "weeks", "day": "days", "hour": "hours",
    "person": "persons", "member": "members", "leader": "leaders", "household": "households", "family": "families",
    "post": "posts", "vote": "votes", "event": "events", "meeting": "meetings", "session": "sessions",
    "item": "items", "unit": "units", "cell": "cells", "point": "position", "standard deviation": "standard deviations",
    "bushel": "bushels", "pood": "poods", "barrel": "barrels",
}  # fmt: skip
INDEX_BASE = re.compile(r"(\d{4}(?:/\d{2})?)=1(?:00)?")


@lru_cache(maxsize=512)
def _parse(unit: str) -> tuple[str, float]:
    """(dimension, factor to the dimension's first unit); ValueError when a part is unknown."""
    top, *below = unit.split(" per ") if unit not in BASES else [unit]
    dimension, factor = _part(top)
    denominators = []
    for part in below:
        name, size = _part(part)
        denominators.append(name)
        factor /= size
    return "/".join([dimension, *sorted(denominators)]), factor


def _part(text: str) -> tuple[str, float]:
    scale = 1.0
    rest = text.strip()
    while (word := rest.partition(" ")[0]) in SCALES:
        scale *= SCALES[word]
        rest = rest[len(word) :].strip()
    based = INDEX_BASE.fullmatch(rest)
    if based:
        return f"index {based[1]}", 1.0 if rest.endswith("=100") else 100.0
    name = SINGULAR.get(rest, rest)
    if name not in BASES:
        raise ValueError(rest or text)
    dimension, factor = BASES[name]
    return dimension, scale * factor


def known(unit: str) -> bool:
    """Whether `unit` can be read."""
    try:
        _parse(unit)
    except ValueError:
        return False
    return True


def _read(unit: str, where: str) -> tuple[str, float]:
    try:
        return _parse(unit)
    except ValueError:
        raise problem(where, "unit", "a known unit", unit, hint(unit)) from None


def hint(unit: str) -> str:
    """What to tell a user whose unit is not known: the nearest units, or where they are listed."""
    rest = unit.partition(" ")[2]
    scaled = [f"{scale} {rest}" for scale in SCALES if known(rest)]
    near = did_you_mean(unit, scaled) or did_you_mean(unit, BASES)
    return near or "Known units are listed in partystate.foundation.units.BASES."


def check(unit: str, where: str = "unit") -> str:
    """`unit` unchanged, or a Problem that names the nearest known units."""
    _read(unit, where)
    return unit


def dimension(unit: str) -> str:
    """The dimension of `unit`: ``dimension("share per year") == "share/time"``."""
    return _read(unit, "unit")[0]


def convert(value: float, from_: str, to: str) -> float:
    """`value` of unit `from_` in unit `to` (arrays too); a Problem when the dimensions differ."""
    have, have_factor = _read(from_, "convert")
    want, want_factor = _read(to, "convert")
    if have != want:
        raise problem("convert", f"{from_} to {to}", f"units of one dimension ({want})", have)
    return value * (have_factor / want_factor)
