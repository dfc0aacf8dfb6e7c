"""What officials and the rank and file think.

The median view of officials on each issue moves with events: missing grain towards force in the village, scissors and
village unrest away from it, failed revolutions towards one country, rule by appointment towards more discipline. Both
medians follow the line, recruits faster than others; strikes move the rank and file and not officials. Carr (1958;
with Davies 1969-78) and Harris (2005) describe how ready officials were for emergency measures before their time.

Rival reading: officials had no view of their own and thought what the line was; a fast following of the line stands
for it. Left out: differences between regions and departments, and what members concealed.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import bounded, mean
from partystate.model.mechanism import Mechanism


class Mood(Mechanism):
    name = "mood"
    claim = (
        "Officials turn to force when grain fails and to one country when revolutions fail, and both follow the line."
    )
    systems = ("S15", "S16", "S17")
    sources = ("carr1958", "carr1971", "harris2005")
    phase = "report"
    reads = ("mood.officials", "mood.members", "line.position", "region.appointed", "party.mood_weight")
    sets = ("mood.officials", "mood.members")
    drivers = (
        "scissors_ratio", "grain_shortfall", "industrial_unrest", "revolution_failed", "china_defeat", "village_unrest",
    )  # fmt: skip
    parameters = {
        "mood.follow_line": "share per month",
        "mood.members_follow": "share per month",
        "mood.shortfall": "share per month",
        "mood.scissors": "share per month",
        "mood.village": "share per month",
        "mood.failure": "share per month",
        "mood.defeat": "share per month",
        "mood.security": "share per month",
        "mood.unrest": "share per month",
    }
    when_off = {
        "S15": "The rank and file hold no view of their own: their mood stays where it began.",
        "S16": "Failed revolutions teach officials nothing about doctrine.",
        "S17": "Prices and missing grain teach officials nothing about the village.",
    }
    moves = {"S15": ("mood_members_regime",), "S16": ("mood_officials_doctrine",), "S17": ("mood_officials_peasants",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        officials, members, line = look["mood.officials"], look["mood.members"], look["line.position"]
        village, doctrine = float(look.on("S17")), float(look.on("S16"))
        prices = p.scissors * max(look.driver("scissors_ratio") - 1, 0)
        # Pushes towards +1 and towards −1, by issue: regime, peasants, doctrine, china.
        up = np.array(
            [p.unrest * look.driver("industrial_unrest"), village * p.shortfall * look.driver("grain_shortfall"), 0,
             p.defeat * look.driver("china_defeat")]
        )  # fmt: skip
        down = np.array(
            [p.security * mean(look["region.appointed"]),
             village * (prices + p.village * look.driver("village_unrest")),
             doctrine * p.failure * look.driver("revolution_failed"), 0]
        )  # fmt: skip
        follow = p.follow_line * (line - officials)
        heard = up.copy()
        heard[0] = 0  # strikes move workers, not officials
        officials = officials + follow + heard * (1 - officials) - down * (1 + officials)
        if look.on("S15"):
            pliable = float(look["party.mood_weight"])
            follow = p.members_follow * (1 + pliable)
            members = members + follow * (officials - members) + up * (1 - members)
        return {"mood.officials": bounded(officials, -1, 1), "mood.members": bounded(members, -1, 1)}
