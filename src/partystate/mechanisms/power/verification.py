"""Verifications of the membership: when they are ordered, how far they get, what they cost."""

from __future__ import annotations

import math

import numpy as np

from partystate.foundation import draws, units
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import CLASSES

WORKER, PEASANT, EMPLOYEE = range(len(CLASSES))
PERCENT = units.convert(1.0, "share", "percent")


class Verification(Mechanism):
    name = "verification"
    claim = (
        "Verifications follow mass intake, closed doors and frightened leaders; few old members must question many new "
        "ones, so a party that has outgrown its old guard is never screened to the end."
    )
    systems = ("S09",)
    sources = ("rigby1968", "getty1985", "rogovin3")
    phase = "deliberate"
    reads = (
        "party.by_class", "party.unscreened", "party.old_guard", "party.checked", "party.expelled", "discussion.month",
        "discussion.tiers", "verification.since", "verification.ended", "verification.scope", "verification.pace",
        "verification.waiting", "verification.missed", "verification.checked", "verification.expelled",
    )  # fmt: skip
    reads_now = ("leadership.insecurity",)
    sets = (
        "verification.since", "verification.ended", "verification.scope", "verification.pace", "verification.waiting",
        "verification.missed", "verification.checked", "verification.expelled",
    )  # fmt: skip
    draws = ("order",)
    drivers = ("admission_stop",)
    events = ("purge",)
    parameters = {
        "verification.base": "logit",
        "verification.unscreened": "logit",
        "verification.insecurity": "logit",
        "verification.cells": "share per month",
        "verification.closed": "logit",
        "verification.memory": "months",
        "verification.rest": "months",
        "verification.length": "months",
        "verification.done": "share",
        "verification.capacity": "ratio per month",
    }
    when_off = {"S09": "No verification is ever ordered."}
    moves = {"S09": ("party_purge_rate", "party_unscreened_share")}

    def found(self, founding, world, accounts, scale):
        amounts = ("pace", "waiting", "missed", "checked", "expelled")
        world.now |= {f"verification.{name}": np.array(0.0) for name in amounts} | {
            "verification.since": np.array(-1),
            "verification.ended": np.array(-1),
            "verification.scope": np.zeros(len(CLASSES), dtype=np.int8),
        }

    def step(self, now, look, draw, post, emit):
        emit.measure("party_unscreened_share", PERCENT * float(look["party.unscreened"]))
        if float(look["verification.pace"]) > 0:
            return self._run(now, look, emit)
        p = look.p
        if not look.on("S09") or now - int(look["verification.ended"]) < p.rest:
            return None
        insecurity, closed = float(look["leadership.insecurity"]), look.driver("admission_stop")
        remembered = now - int(look["discussion.month"]) <= p.memory
        cells = float(look["discussion.tiers"][0]) if remembered else 0.0
        unscreened = float(look["party.unscreened"])
        odds = -p.base + p.unscreened * unscreened + p.insecurity * insecurity + p.closed * closed
        u, hunt = draws.u01(draw.stream("order"), 0, 0), p.cells * cells
        if u >= hunt + (1 - hunt) / (1 + math.exp(-odds)):
            return None
        scope = np.ones(len(CLASSES), dtype=np.int8)
        if u < hunt:
            # An opposition is looked for where it voted: in offices and colleges, not in factories and villages.
            scope[[WORKER, PEASANT]] = 0
        waiting = float(scope @ look["party.by_class"])
        because = [reading("leadership.insecurity", insecurity), reading("party.unscreened", unscreened)]
        if cells > 0:
            because += [reading("discussion.cells", cells), *emit.last("meeting")]
        if closed:
            because.append(reading("admission_stop", closed))
        where = "all cells" if scope.all() else "cells outside production"
        emit("purge", f"A verification of {where} is ordered", place="party", because=because, members=waiting)
        return {
            "verification.since": np.array(now),
            "verification.scope": scope,
            "verification.waiting": np.array(waiting),
            "verification.missed": np.array(1.0),
            "verification.pace": self._pace(look, waiting),
            "verification.checked": np.array(0.0),
            "verification.expelled": np.array(0.0),
        }

    @staticmethod
    def _pace(look, waiting: float) -> np.ndarray:
        """Share of those waiting whom the old members who sit on the commissions can question in a month."""
        able = look.p.capacity * float(look["party.old_guard"] * look["party.by_class"].sum())
        return np.array(min(able / max(waiting, 1), 1.0))

    def _run(self, now, look, emit):
        p = look.p
        checked = float(look["verification.checked"] + look["party.checked"])
        expelled = float(look["verification.expelled"] + look["party.expelled"])
        missed = float(look["verification.missed"] * (1 - look["verification.pace"]))
        # Of those who were there when it began, no more are left than the cells hold today.
        there = min(float(look["verification.waiting"]), float(look["verification.scope"] @ look["party.by_class"]))
        over = now - int(look["verification.since"]) >= p.length or missed <= 1 - p.done
        if over:
            rate = expelled / max(checked, 1)
            title = f"The verification ends: {expelled:,.0f} of {checked:,.0f} screened are expelled"
            emit(
                "purge", title, place="party", because=emit.last("purge"), checked=checked, expelled=expelled, rate=rate
            )
            emit.measure("party_purge_rate", PERCENT * rate)
        return {
            "verification.checked": np.array(checked),
            "verification.expelled": np.array(expelled),
            "verification.missed": np.array(missed),
            "verification.pace": np.array(0.0) if over else self._pace(look, missed * there),
            "verification.ended": np.array(now) if over else look["verification.ended"],
        }
