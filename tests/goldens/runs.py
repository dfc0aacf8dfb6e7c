"""Which histories are kept, what of them, and how two are compared."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partystate.foundation import calendar
from partystate.runs.recipe import Recipe

FOLDER = Path(__file__).parent
TOLERANCE = 1e-12
EVERY = 3  # months between two kept values of a series
SERIES = (
    "client_share_of_holder", "committee_clients_of_holder", "power_of_holder", "posts_appointed_share",
    "bloc_size", "leaders_in_opposition", "politburo_rivals_out", "prestige_spread", "declared_spread",
    "line_regime", "line_peasants", "line_doctrine", "mood_officials_peasants", "mood_members_regime",
    "salience_doctrine", "noncompliance", "tie_among_contenders", "opposition_cells_share",
    "opposition_congress_share", "party_total", "party_worker_share_social",
)  # fmt: skip
VILLAGE = (
    "collectivised_households", "village_unrest_index", "grain_coercion", "state_grain_stock", "rural_excess_deaths",
    "village_hungry_share", "special_settlers", "rural_population", "peasant_households", "grain_village_stock",
    "horses_jan", "cattle_jan", "pigs_jan", "sheep_goats_jan",
)  # fmt: skip
COUPLED = ("line_peasants", "mood_officials_peasants", "salience_peasants", *VILLAGE)
ANOTHER_HOLDER = """
[systems]
off = ["S03", "S13"]
[variants]
sanctions = "ban_without_punishment"
[parameters]
"appointments.vacancy" = 0.07
"sanctions.severity" = [0.3, 0.5]
[drivers]
grain_shortfall = { values = { "1924-10" = 0.3, "1924-11" = 0.3 } }
[founding]
holder = "Zinoviev"
[[levers]]
at = "1925-06"
systems_on = ["S03"]
"""


@dataclass(frozen=True)
class Golden:
    name: str
    seed: int
    months: int
    scenario: str = ""
    only: str = "power"
    series: tuple[str, ...] = SERIES

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.json"

    def run(self) -> dict[str, Any]:
        """Key series every few months, and the chronicle, as plain JSON data."""
        recipe = Recipe(self.scenario, self.name, months=self.months, only=self.only)
        result = recipe.built().simulate(self.seed).result()
        months = range(0, self.months, EVERY)
        missing = [math.nan] * self.months
        series = {name: [_plain(result.series.get((name, None), missing)[m]) for m in months] for name in self.series}
        chronicle = [f"{calendar.label(event.month)} {event.kind}: {event.title}" for event in result.chronicle]
        return {"seed": self.seed, "months": self.months, "series": series, "chronicle": chronicle}

    def kept(self) -> dict[str, Any]:
        return json.loads(self.path.read_text(encoding="utf-8"))


GOLDENS = (
    Golden("two_years", 1, 24),
    Golden("another_holder", 2, 60, ANOTHER_HOLDER),
    Golden("nine_years", 3, 108),
    Golden("village", 4, 168, only="countryside", series=VILLAGE),
    Golden("village_and_party", 5, 150, only="power,countryside", series=COUPLED),
)


def text(data: Mapping[str, Any]) -> str:
    """One line for a series and one for an event: compact, and a change shows where it is."""
    series = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in data["series"].items())
    events = ",\n".join(f"  {json.dumps(event, ensure_ascii=False)}" for event in data["chronicle"])
    head = "".join(f' "{name}": {data[name]},\n' for name in ("seed", "months"))
    return f'{{\n{head} "series": {{\n{series}\n }},\n "chronicle": [\n{events}\n ]\n}}\n'


def differences(kept: Mapping[str, Any], came: Mapping[str, Any]) -> Iterator[str]:
    """The first difference of each series and of the chronicle, in words."""
    for name in (*kept["series"], *(came["series"].keys() - kept["series"].keys())):
        one, other = kept["series"].get(name, []), came["series"].get(name, [])
        if len(one) != len(other):
            yield f"{name}: {len(one)} values kept, {len(other)} came"
            continue
        place = next((i for i, pair in enumerate(zip(one, other, strict=True)) if not _close(*pair)), None)
        if place is not None:
            yield f"{name} in {calendar.label(place * EVERY)}: {one[place]} kept, {other[place]} came"
    one, other = kept["chronicle"], came["chronicle"]
    for before, now in zip(one, other, strict=False):
        if before != now:
            yield f"chronicle: {before!r} kept, {now!r} came"
            return
    if len(one) != len(other):
        yield f"chronicle: {len(one)} events kept, {len(other)} came"


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
