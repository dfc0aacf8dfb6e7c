"""What presses on the leadership.

Each of four standing quarrels (the party's regime, the peasant and tempo, doctrine, the united front abroad) gains
weight with the events that feed it and otherwise fades: strikes and rule by appointment, the price scissors and
missing grain or kolkhozy that outgrow the plan, a failed revolution and the contest for the legacy, a defeat abroad.
An issue that passes a threshold is told as an event. The order of quarrels is thus that of events (Carr 1954, 1958;
Carr and Davies 1969-78; Davies 1980).

Rival reading: issues were banners taken up and dropped in a struggle for places, and hardly mattered to its course
(Daniels 1960 reports and rejects it); leaders who weigh no policy stand for it. Left out: other quarrels (trade
monopoly, nationalities, trade unions), and issues that a leader raises on purpose.
"""

from __future__ import annotations

import numpy as np

from partystate.model.compiled import mean
from partystate.model.formulas import credited, share_of
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import ISSUES, PEASANTS

TITLES = {
    "regime": "Appointment from above or democracy in the party",
    "peasants": "Concessions to the peasant or a faster tempo for industry",
    "doctrine": "World revolution or socialism in one country",
    "china": "The united front abroad",
}


class Issues(Mechanism):
    name = "issues"
    claim = (
        "Strikes, price scissors, missing grain and failed revolutions decide which quarrel the leadership has next."
    )
    systems = ("S15", "S16", "S17")
    sources = ("carr1954", "carr1958", "carr1971", "davies1980")
    phase = "report"
    reads = ("issue.salience", "leader.opposed", "cult.founder", "region.appointed", "trait.contender", "line.position")
    sets = ("issue.salience",)
    drivers = (
        "scissors_ratio", "grain_shortfall", "industrial_unrest", "revolution_failed", "china_defeat", "village_unrest",
        "joining_success",
    )  # fmt: skip
    events = ("issue",)
    parameters = {
        "issues.fade": "share per month",
        "issues.threshold": "index",
        "issues.unrest_on_regime": "index",
        "issues.appointed_on_regime": "index",
        "issues.opposition_on_regime": "index",
        "issues.scissors_on_peasants": "index",
        "issues.shortfall_on_peasants": "index",
        "issues.village_on_peasants": "index",
        "issues.joining_on_peasants": "index",
        "issues.failure_on_doctrine": "index",
        "issues.legacy_on_doctrine": "index",
        "issues.defeat_on_china": "index",
    }
    when_off = {
        "S15": "Popular and rank-and-file pressure (strikes, village unrest) raises no issue.",
        "S16": "The doctrinal quarrel carries no weight: its salience stays at nought.",
        "S17": "The peasant question carries no weight: its salience stays at nought.",
    }
    moves = {"S15": ("salience_regime",), "S16": ("salience_doctrine",), "S17": ("salience_peasants",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        pressure = {
            "industrial_unrest": look.driver("industrial_unrest") * look.on("S15"),
            "village_unrest": look.driver("village_unrest") * look.on("S15"),
            "scissors_ratio": max(look.driver("scissors_ratio") - 1, 0),
            "grain_shortfall": look.driver("grain_shortfall"),
            "joining_success": credited(look.driver("joining_success"), look["line.position"][PEASANTS]),
            "revolution_failed": look.driver("revolution_failed"),
            "china_defeat": look.driver("china_defeat"),
        }
        cult = float(look["cult.founder"])  # doctrine presses while the legacy is being claimed, not before or after
        push = (
            p.unrest_on_regime * pressure["industrial_unrest"]
            + p.appointed_on_regime * mean(look["region.appointed"])
            + p.opposition_on_regime * share_of(look["leader.opposed"][look["trait.contender"] > 0]),
            look.on("S17")
            * (
                p.scissors_on_peasants * pressure["scissors_ratio"]
                + p.shortfall_on_peasants * pressure["grain_shortfall"]
                + p.village_on_peasants * pressure["village_unrest"]
                + p.joining_on_peasants * pressure["joining_success"]
            ),
            look.on("S16")
            * (p.failure_on_doctrine * pressure["revolution_failed"] + p.legacy_on_doctrine * cult * (1 - cult)),
            p.defeat_on_china * pressure["china_defeat"],
        )
        before = look["issue.salience"].tolist()
        salience = [had * (1 - p.fade) + fed * p.fade for had, fed in zip(before, push, strict=True)]
        for k, had in enumerate(before):
            if not had < p.threshold <= salience[k]:
                continue
            because = [reading(name, look.driver(name)) for name, value in pressure.items() if value > 0]
            title = f"An issue presses: {TITLES[ISSUES[k]]}"
            emit("issue", title, place=ISSUES[k], because=because, salience=float(salience[k]))
        return {"issue.salience": np.array(salience)}
