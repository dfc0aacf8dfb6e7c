"""Drives and routine: how many the party seeks to admit."""

from __future__ import annotations

import math

import numpy as np

from partystate.foundation import draws
from partystate.foundation.kernels import kernel
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import CLASSES, DRIVE_SERIES, FULL, PARTY

WORKER = CLASSES.index("worker")


@kernel
def divided(alive, seat, bloc, opposed):
    """Living leaders with full seats, those of them outside the bloc, and leaders of the party in open opposition."""
    seated, outside, against = 0, 0, 0
    for i in range(alive.size):
        if alive[i] > 0:
            seated += seat[i] == FULL
            outside += seat[i] == FULL and bloc[i] <= 0
            against += opposed[i] > 0 and seat[i] >= PARTY
    return seated, outside, against


class Enrolment(Mechanism):
    name = "enrolment"
    claim = (
        "A divided leadership that fears for its working-class credentials opens the party to a drive, above all when "
        "mourning for a leader promises applicants; once opened, the party grows with the industrial workforce."
    )
    systems = ("S02",)
    sources = ("rigby1968", "bse1_levy", "schapiro1970")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.seat", "leader.bloc", "leader.opposed", "discussion.month", "discussion.tiers",
        "party.by_class", "party.admitted", "party.career", "enrolment.open", "enrolment.since", "enrolment.goal",
        "enrolment.mourning", "enrolment.taken",
    )  # fmt: skip
    sets = (
        "leadership.insecurity", "enrolment.open", "enrolment.since", "enrolment.goal", "enrolment.mourning",
        "enrolment.taken", "enrolment.sought",
    )  # fmt: skip
    draws = ("drive",)
    drivers = (
        "industrial_workers", "white_collar", "collectivised", "admission_stop", "class_quota", "security_alarm",
    )  # fmt: skip
    events = ("enrolment",)
    parameters = {
        "enrolment.division": "index",
        "enrolment.opposition": "index",
        "enrolment.cells": "index",
        "enrolment.memory": "months",
        "enrolment.base": "logit",
        "enrolment.insecurity": "logit",
        "enrolment.deficit": "logit",
        "enrolment.payoff": "logit",
        "enrolment.aim": "share",
        "enrolment.rest": "months",
        "enrolment.length": "months",
        "enrolment.grief": "share per month",
        "enrolment.reach": "share",
        "enrolment.reach_mourning": "share",
        "enrolment.routine": "share per month",
        "enrolment.speed": "share per month",
        "enrolment.workers": "share",
        "enrolment.village": "persons",
        "enrolment.collective": "ratio",
        "enrolment.employees_quota": "persons",
        "enrolment.employees_free": "share",
        "enrolment.career": "ratio",
        "enrolment.fear": "share",
    }
    when_off = {"S02": "No drive is held and mass admission never opens: routine replaces only a part of those who go."}
    moves = {"S02": (DRIVE_SERIES, "party_total", "party_unschooled_share")}

    def found(self, founding, world, accounts, scale):
        never = -int(founding.values["enrolment.rest"]) - int(founding.values["enrolment.length"])
        nothing = {f"enrolment.{name}": np.array(0.0) for name in ("open", "goal", "mourning", "taken")}
        world.now |= nothing | {
            "leadership.insecurity": np.array(0.0),
            "enrolment.since": np.array(never),
            "enrolment.sought": np.zeros(len(CLASSES)),
        }

    def step(self, now, look, draw, post, emit):
        p = look.p
        insecurity = self._insecurity(now, look)
        mourning = float(look["enrolment.mourning"]) * (1 - p.grief)
        if look.scheduled("legacy"):
            mourning = 1.0
        stop = look.driver("admission_stop")
        since, taken = int(look["enrolment.since"]), float(look["enrolment.taken"])
        state = {"open": float(look["enrolment.open"]), "goal": float(look["enrolment.goal"]), "since": since}
        running = state["goal"] > 0
        if running:
            taken += float(look["party.admitted"][WORKER])
        if running and now - since >= p.length:
            self._close(taken, emit)
            state["goal"], taken = 0.0, 0.0
        elif not running and look.on("S02") and now - since >= p.length + p.rest:
            by_class = look["party.by_class"].tolist()
            share = by_class[WORKER] / max(sum(by_class), 1)
            odds = -p.base + p.insecurity * insecurity + p.deficit * max(p.aim - share, 0) + p.payoff * mourning
            if draws.u01(draw.stream("drive"), 0, 0) < (1 - stop) / (1 + math.exp(-odds)):
                reach = p.reach + p.reach_mourning * mourning
                goal = reach * max(look.driver("industrial_workers") - by_class[WORKER], 0)
                self._open(goal, insecurity, share, mourning, emit)
                state = {"open": 1.0, "goal": goal / p.length, "since": now}
        return {
            "leadership.insecurity": np.array(insecurity),
            "enrolment.open": np.array(state["open"]),
            "enrolment.since": np.array(state["since"]),
            "enrolment.goal": np.array(state["goal"]),
            "enrolment.mourning": np.array(mourning),
            "enrolment.taken": np.array(taken),
            "enrolment.sought": self._sought(look, state["open"], state["goal"]),
        }

    @staticmethod
    def _insecurity(now: int, look) -> float:
        """0 to 1: seats outside the bloc, leaders in open opposition, its last vote in the cells, alarm."""
        p = look.p
        seated, outside, opposed = divided(
            look["leader.alive"], look["leader.seat"], look["leader.bloc"], look["leader.opposed"]
        )
        seats = max(seated, 1)
        remembered = now - int(look["discussion.month"]) <= p.memory
        cells = float(look["discussion.tiers"][0]) if remembered else 0.0
        felt = (
            p.division * (outside / seats)
            + p.opposition * min(opposed / seats, 1)
            + p.cells * cells
            + look.driver("security_alarm")
        )
        return min(felt, 1.0)

    @staticmethod
    def _sought(look, opened: float, goal: float) -> np.ndarray:
        """(class,) persons to admit this month: the routine, the drive's workers, and after it a share of the gap."""
        p, have = look.p, look["party.by_class"].tolist()
        sought = [p.routine * members for members in have]
        if goal > 0:
            sought[WORKER] = goal
        elif opened and look.on("S02"):
            quota, pull = look.driver("class_quota"), 1 + p.career * float(look["party.career"])
            aim = (
                pull * p.workers * look.driver("industrial_workers"),
                pull * p.village * (1 + p.collective * look.driver("collectivised")),
                # Under quotas the number of employees is held, however many posts there are.
                quota * p.employees_quota + pull * (1 - quota) * p.employees_free * look.driver("white_collar"),
            )
            for kind, members in enumerate(have):
                sought[kind] += p.speed * pull * max(aim[kind] - members, 0)
        return np.array(sought) * ((1 - look.driver("admission_stop")) * (1 - p.fear * look.driver("security_alarm")))

    @staticmethod
    def _open(goal: float, insecurity: float, share: float, mourning: float, emit) -> None:
        because = [reading("leadership.insecurity", insecurity), reading("party.worker_share", share)]
        if mourning > 0:
            because += [reading("enrolment.mourning", mourning), *emit.last("cult")]
        emit("enrolment", f"The leadership calls {goal:,.0f} workers into the party", place="party",
             because=because, goal=goal)  # fmt: skip

    @staticmethod
    def _close(taken: float, emit) -> None:
        emit("enrolment", f"The drive has brought {taken:,.0f} workers into the party", place="party",
             because=emit.last("enrolment"), admitted=taken)  # fmt: skip
        emit.measure(DRIVE_SERIES, taken)
