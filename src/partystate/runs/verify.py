"""Fingerprints of reference histories: whether this machine and these sources compute what was published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partystate.foundation.problems import DATA, problem
from partystate.runs import keys, store, tables
from partystate.runs.recipe import Recipe

FILE = Path(__file__).with_name("fingerprints.json")
OFF = '[systems]\noff = ["S01"]\n'
SHORT = "two years"
YEARS = 24
DECIMALS = 9  # linear algebra may differ in the last bit between processors; a changed result differs long before this

# Reference histories by name: a recipe and a seed. Short, long, one with a switch thrown, and the other sector.
REFERENCE: dict[str, tuple[Recipe, int]] = {
    SHORT: (Recipe(months=YEARS), 1),
    "reference": (Recipe(), 2),
    "without S01": (Recipe(text=OFF, where="verify"), 3),
    "countryside": (Recipe(only="countryside"), 4),
    "both sectors": (Recipe(only="power,countryside"), 5),
}


@dataclass(frozen=True)
class Verdict:
    """One reference history: the published fingerprint (empty when there is none) and the one found here."""

    name: str
    published: str
    found: str

    @property
    def same(self) -> bool:
        return self.published == self.found


def verdicts(names: tuple[str, ...] = tuple(REFERENCE)) -> Iterator[Verdict]:
    """Runs the reference histories `names` and compares them. Raises Problem (exit 3) when the file is damaged."""
    made = published()["runs"]
    for name in names:
        yield Verdict(name, made.get(name, ""), fingerprint(name))


def fingerprint(name: str) -> str:
    """The fingerprint of a reference history, its series rounded to `DECIMALS`, computed here."""
    recipe, seed = REFERENCE[name]
    series = recipe.built().simulate(seed).result().series
    return tables.fingerprint({key: values.round(DECIMALS) for key, values in series.items()}, recipe.months)


def published() -> dict[str, Any]:
    """What the file holds: `runs` (name -> fingerprint), `platform` and the versions of model and record."""
    try:
        data = json.loads(FILE.read_text(encoding="utf-8"))
        if isinstance(data["runs"], dict) and isinstance(data["platform"], dict):
            return data
        said = "other content"
    except (OSError, KeyError, TypeError, ValueError) as error:
        said = str(error)
    do = "Restore it, or write it anew with `partystate verify --update`."
    raise problem(str(FILE), "file", "the published fingerprints", said, do, DATA)


def update() -> None:
    """Writes the fingerprints found here as the published ones: for maintainers, when results are meant to change."""
    from partystate import record

    store.write_json(
        FILE,
        {
            "platform": store.made_on(),
            "model": keys.model_version(),
            "record": record.load().version,
            "runs": {name: fingerprint(name) for name in REFERENCE},
        },
    )
