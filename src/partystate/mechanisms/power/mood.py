"""What officials and the rank and file think.

The median view of officials on each issue moves with events: missing grain, and kolkhozy that grow faster than was
planned, towards force in the village, scissors and village unrest away from it, failed revolutions towards one
country, rule by appointment towards more discipline. Both medians follow the line, recruits faster than others;
strikes move the rank and file and not officials. Carr (1958; with Davies 1969-78) and Harris (2005) describe how ready
officials were for emergency measures before their time, Davies (1980) how they bid against each other in 1929.

Rival reading: officials had no view of their own and thought what the line was; a fast following of the line stands
for it. Left out: differences between regions and departments, and what members concealed.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import kept, mean
from partystate.model.formulas import credited
from partystate.model.mechanism import Mechanism
from partystate.model.schema import PEASANTS


@kernel
def moved(officials, members, line, up, down, follow, members_follow, heard):
    """(issue,) views of officials and of the rank and file, where theirs are ``heard``, after the month's pushes."""
    theirs, ours = np.empty(line.size), members.copy()
    for k in range(line.size):
        strikes = up[k] if k > 0 else 0.0  # strikes move workers, not officials
        view = officials[k] + follow * (line[k] - officials[k]) + strikes * (1 - officials[k])
        view = view - down[k] * (1 + officials[k])
        if heard:
            ours[k] = members[k] + members_follow * (view - members[k]) + up[k] * (1 - members[k])
        theirs[k], ours[k] = kept(view, -1.0, 1.0), kept(ours[k], -1.0, 1.0)
    return theirs, ours


class Mood(Mechanism):
    name = "mood"
    claim = (
        "Officials turn to force when grain fails and to one country when revolutions fail, and both follow the line."
    )
    systems = ("S15", "S16", "S17")
    sources = ("carr1958", "carr1971", "harris2005", "davies1980")
    phase = "report"
    reads = ("mood.officials", "mood.members", "line.position", "region.appointed", "party.mood_weight")
    sets = ("mood.officials", "mood.members")
    drivers = (
        "scissors_ratio", "grain_shortfall", "industrial_unrest", "revolution_failed", "china_defeat", "village_unrest",
        "joining_success",
    )  # fmt: skip
    parameters = {
        "mood.follow_line": "share per month",
        "mood.members_follow": "share per month",
        "mood.shortfall": "share per month",
        "mood.scissors": "share per month",
        "mood.village": "share per month",
        "mood.joining": "share per month",
        "mood.failure": "share per month",
        "mood.defeat": "share per month",
        "mood.security": "share per month",
        "mood.unrest": "share per month",
    }
    when_off = {
        "S15": "The rank and file hold no view of their own: their mood stays where it began.",
        "S16": "Failed revolutions teach officials nothing about doctrine.",
        "S17": "Prices, missing grain and reports from kolkhozy teach officials nothing about the village.",
    }
    moves = {"S15": ("mood_members_regime",), "S16": ("mood_officials_doctrine",), "S17": ("mood_officials_peasants",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        village, doctrine = float(look.on("S17")), float(look.on("S16"))
        prices = p.scissors * max(look.driver("scissors_ratio") - 1, 0)
        success = credited(look.driver("joining_success"), look["line.position"][PEASANTS])
        # Pushes towards +1 and towards −1, by issue: regime, peasants, doctrine, china.
        up = np.array(
            [p.unrest * look.driver("industrial_unrest"),
             village * (p.shortfall * look.driver("grain_shortfall") + p.joining * success), 0,
             p.defeat * look.driver("china_defeat")]
        )  # fmt: skip
        down = np.array(
            [p.security * mean(look["region.appointed"]),
             village * (prices + p.village * look.driver("village_unrest")),
             doctrine * p.failure * look.driver("revolution_failed"), 0]
        )  # fmt: skip
        officials, members = moved(
            look["mood.officials"], look["mood.members"], look["line.position"], up, down, p.follow_line,
            p.members_follow * (1 + float(look["party.mood_weight"])), look.on("S15"),
        )  # fmt: skip
        return {"mood.officials": officials, "mood.members": members}
