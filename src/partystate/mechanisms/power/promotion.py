"""A new generation: courses and colleges for young members, and the share of vacancies they could fill."""

from __future__ import annotations

import numpy as np

from partystate.model.mechanism import CADENCES, Mechanism


class Promotion(Mechanism):
    name = "promotion"
    claim = (
        "When salaried posts multiply, the party sends its young workers to study, and a few years later they "
        "outnumber the old guard among those fit for office."
    )
    systems = ("S49",)
    sources = ("rigby1968", "khlevniuk1996", "gill1990")
    phase = "life"
    cadence = "quarter"
    reads = ("party.by_class", "party.trainees", "party.old_guard", "promotion.posts")
    sets = ("party.trained", "party.career", "party.study", "promotion.posts")
    drivers = ("white_collar",)
    parameters = {
        "promotion.memory": "share per month",
        "promotion.before": "ratio",
        "promotion.study": "share per month",
        "promotion.study_career": "ratio",
        "promotion.rank": "ratio",
    }
    when_off = {"S49": "Nobody is trained for office and vacancies are filled from the old cohorts alone."}
    moves = {"S49": ("party_trained_share",)}

    def found(self, founding, world, accounts, scale):
        world.now |= {f"party.{name}": np.array(0.0) for name in ("trained", "career", "study")}
        world.now["promotion.posts"] = np.array(founding.values["promotion.before"] * world.drivers["white_collar"][0])

    def step(self, now, look, draw, post, emit):
        p, on = look.p, look.on("S49")
        posts, used_to = look.driver("white_collar"), float(look["promotion.posts"])
        used_to += min(CADENCES[self.cadence] * p.memory, 1) * (posts - used_to)
        career = max(posts / used_to - 1, 0) if used_to > 0 else 0
        # Both pools are counted by what they weigh in a choice: a trained recruit against a member of the old guard.
        trainees = p.rank * float(look["party.trainees"])
        old_guard = float(look["party.old_guard"] * look["party.by_class"].sum())
        trained = on * trainees / max(trainees + old_guard, 1)
        emit.measure("party_trained_share", trained)
        return {
            "party.trained": np.array(trained),
            "party.career": np.array(career),
            "party.study": np.array(on * p.study * (1 + p.study_career * career)),
            "promotion.posts": np.array(used_to),
        }
