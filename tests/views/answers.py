"""Answers to invented questions, made by the package from invented values: no history is run.

Every value is drawn from the seed and the name of its outcome alone, and an arm changes it by a fixed chance, so that
arms are paired as histories are. `answer(ARMS)` has joint changes, factors, orders and a number outside its range;
`answer(GROUPS)` has an attribution.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from partystate.analysis import answer as answers
from partystate.analysis import compare, question
from partystate.analysis.findings import Findings
from partystate.analysis.question import Question
from partystate.runs.design import REFERENCE_ARM
from tests.views.synthetic import HOSTILE

RUNS, FIRST = 60, 500
ARMS = f"""
main = "leads"
outcomes = ["leads", "one_man_rule", "rivals_out", "clients_1929"]
until = "1930-01"
orders = ["Trotsky", "Bukharin"]
[[arms]]
name = "no slates"
title = "No slates (S05 off)"
systems.off = ["S05"]
[[arms]]
name = "no ban"
title = {HOSTILE!r}
systems.off = ["S03"]
[[arms]]
name = "neither"
title = "Neither"
systems.off = ["S03", "S05"]
[[arms]]
name = "fearless"
title = "Nobody fears a stronger ally"
parameters."coalitions.fear" = -7.5
[[together]]
whole = "neither"
parts = ["no slates", "no ban"]
title = "Both together"
[decompose]
outcome = "leads"
arms = {{ "the ban" = "no ban" }}
[under]
arm = "no ban"
readings = ["V.individual", "V.structural"]
[limits]
texts = ["A limit of the design."]
"""
GROUPS = """
main = "leads"
outcomes = ["leads", "rivals_out"]
until = "1930-01"
forced = "Grain is that of the record."
[attribution]
outcome = "leads"
title = "the post"
[attribution.players.appointments]
title = "appointments from above (S01)"
systems.off = ["S01"]
[attribution.players.slates]
title = "choice of delegates (S05)"
systems.off = ["S05"]
[attribution.players.alike]
title = "what sets the contenders apart"
founding.alike = ["traits"]
[[rotations]]
name = "another"
title = "The post goes to another"
turns = [{ founding = { holder = "Molotov" } }, { founding = { holder = "Zinoviev" } }]
[under]
arm = "all off"
readings = ["V.individual"]
"""
# By how much an arm lowers the chance that the General Secretary leads; of a coalition, each group that is off.
LOWERS = {"no slates": 0.1, "no ban": 0.45, "neither": 0.5, "fearless": 0.0, "another": 0.2}
GROUP_LOWERS = {"appointments": 0.5, "slates": 0.05, "alike": 0.0}


def drawn(name: str, seeds: Sequence[int]) -> np.ndarray:
    """Uniform numbers of the seeds, the same in all arms."""
    numbers = np.random.default_rng(zlib.crc32(name.encode())).random(max(seeds) - FIRST + 1)
    return numbers[np.array(seeds) - FIRST]


class Stored:
    """Answers what `Findings` asks of an ensemble."""

    def __init__(self, asked: Question, runs: int) -> None:
        self.asked, self.runs = asked, runs

    @cached_property
    def facts(self) -> dict[str, Any]:
        arms = [
            {"arm": arm.name, "seeds": [*arm.seeds], "keys": [f"{seed:064x}" for seed in arm.seeds],
             "facts": arm.recipe.built().facts()}
            for arm in question.laid_out(self.asked, self.runs, FIRST).arms
        ]  # fmt: skip
        return {"arms": arms}

    def seeds(self, arm: str = REFERENCE_ARM) -> list[int]:
        return next(entry["seeds"] for entry in self.facts["arms"] if entry["arm"] == arm)

    def parts(self, arm: str = REFERENCE_ARM) -> list[SimpleNamespace]:
        return [SimpleNamespace(seed=seed) for seed in self.seeds(arm)]

    def by_seed(self, outcome: str, arm: str = REFERENCE_ARM) -> dict[int, float]:
        seeds = self.seeds(arm)
        return dict(zip(seeds, self._values(outcome, arm, seeds).tolist(), strict=True))

    def national(self, names: Sequence[str], arm: str = REFERENCE_ARM) -> dict[str, np.ndarray]:
        """A series that rises by steps, later where the General Secretary leads less often; its last month is empty."""
        months = np.arange(self.asked.months)
        began = 20 + 40 * drawn("series", self.seeds(arm)) + 60 * self._lowers(arm)
        rows = np.floor(np.maximum(months - began[:, None], 0) / 12)
        rows[:, -1] = np.nan
        return dict.fromkeys(names, rows)

    def _lowers(self, arm: str) -> float:
        arm = arm.rpartition(": ")[2].rstrip(" 12")
        if arm in LOWERS or arm == REFERENCE_ARM:
            return LOWERS.get(arm, 0.0)
        return sum(low for group, low in GROUP_LOWERS.items() if group not in arm and arm != "all on")

    def _values(self, outcome: str, arm: str, seeds: Sequence[int]) -> np.ndarray:
        u, lower = drawn(outcome, seeds), self._lowers(arm)
        if outcome.startswith(compare.CHANCES):
            return (u < 0.7 - lower).astype(float)
        if outcome.startswith(compare.DATES):
            return np.where(u < 0.7 - lower, np.floor(30 + 60 * u), np.nan)
        return 3 + u - 2 * lower


@lru_cache(maxsize=4)
def answer(text: str, runs: int = RUNS) -> dict[str, Any]:
    """The answer to the question in `text`. Not to be changed by a test; copy it first."""
    return answer_to(question.parse("Q06", text), runs)


def answer_to(asked: Question, runs: int = RUNS) -> dict[str, Any]:
    """The answer to a question from invented values."""
    made = {
        "command": f"partystate ask {asked.id} --runs {runs}", "date": "2026-01-02", "seconds": 1.5, "runs": runs,
        "first_seed": FIRST, "last_seed": FIRST + runs - 1, "histories": 9 * runs, "made_now": 0, "failed": 0,
        "model": "m" * 64, "record": "r" * 64, "platform": {"python": "3.13.1"},
        "folder": f"/somewhere/asked/{asked.id}-0123",
    }  # fmt: skip
    return answers.answer(Findings(asked, Stored(asked, runs)), made)
