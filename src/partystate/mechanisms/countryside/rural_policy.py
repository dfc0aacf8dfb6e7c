"""What the leadership decides on the countryside, on the strength of reports: pace, ladder, retreat, passports."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import kernel
from partystate.mechanisms.countryside.table import HORSES, KINDS, NUMBER
from partystate.model.compiled import mean
from partystate.model.formulas import bounded, logistic
from partystate.model.mechanism import Mechanism, reading

HERDS, PERSONS = NUMBER[KINDS[0]], NUMBER["persons"]


class RuralPolicy(Mechanism):
    name = "rural_policy"
    claim = (
        "Pressure is raised until reports of unrest, above all before the sowing, frighten the leadership; then it "
        "concedes plots and blames officials, and presses on again once the village is quiet."
    )
    systems = ("S24", "S37", "S20", "S22")
    sources = ("davies1980", "viola1996", "lewin1968")
    phase = "deliberate"
    reads = (
        "rural.signal", "rural.retreats", "plots.allowed", "passport.on", "ladder.ceiling", "state.ration_met",
        "plan.fulfilled", "plan.spared", "village.counts", "kolkhoz.herd",
    )  # fmt: skip
    reads_now = ("seen.unrest", "seen.hunger")
    sets = (
        "rural.tempo", "rural.signal", "rural.push", "rural.retreats", "plots.allowed", "passport.on", "ladder.ceiling",
        "meat.quota", "rural.retreated",
    )  # fmt: skip
    draws = ("retreat",)
    drivers = ("peasant_line",)
    events = ("directive",)
    parameters = {
        "rural_policy.line_of_nep": "position",
        "rural_policy.drive_from": "share",
        "rural_policy.frightens": "index",
        "rural_policy.sharpness": "share",
        "rural_policy.sowing_first": "months",
        "rural_policy.sowing_last": "months",
        "rural_policy.before_sowing": "ratio",
        "rural_policy.otherwise": "ratio",
        "rural_policy.retreat_to": "share",
        "rural_policy.approach": "share per month",
        "rural_policy.all_out": "share",
        "rural_policy.cautious": "share",
        "rural_policy.quiet": "share",
        "rural_policy.back_autumn": "share per month",
        "rural_policy.back_other": "share per month",
        "rural_policy.autumn_first": "months",
        "rural_policy.autumn_last": "months",
        "rural_policy.shortfall": "share",
        "rural_policy.ladder_step": "share",
        "rural_policy.ladder_nep": "share",
        "rural_policy.ladder_decay": "share per month",
        "rural_policy.meat": "share per year",
        "rural_policy.conceding": "share",
        "rural_policy.passport_tempo": "share",
        "rural_policy.passport_hunger": "share",
        "rural_policy.passport_ration": "share",
    }
    when_off = {
        "S20": "No emergency measures: the ladder of coercion stays at its foot.",
        "S22": "No drive: nobody is pressed into a kolkhoz.",
        "S24": "The leadership never retreats and never concedes plots.",
        "S37": "Internal passports are never introduced.",
    }
    moves = {
        "S20": ("grain_procurement",), "S22": ("collectivised_households",), "S24": ("collectivised_households",),
        "S37": ("rural_population",),
    }  # fmt: skip

    def step(self, now, look, draw, post, emit):
        p, month = look.p, calendar.month_of_year(now)
        tempo = float(bounded((look.driver("peasant_line") - p.line_of_nep) / (1 - p.line_of_nep), 0, 1))
        push = max(tempo - p.drive_from, 0.0) / (1 - p.drive_from) if look.on("S22") else 0.0
        ceiling = self._ladder(look, tempo)
        signal, retreats = float(look["rural.signal"]), int(look["rural.retreats"])
        plots, unrest = float(look["plots.allowed"]), mean(look["seen.unrest"])
        retreated = self._frightened(look, draw, month, unrest, signal * push)
        if retreated:
            emit(
                "directive", "Retreat: excesses condemned, members free to leave, plots allowed",
                because=(
                    reading("reported unrest", unrest), reading("pressure", signal * push),
                    *emit.last("directive", "grain plan"),
                ),
                unrest=unrest, signal=signal,
            )  # fmt: skip
            signal, retreats, plots = signal * p.retreat_to, retreats + 1, 1.0
        else:
            signal = self._press(look, month, signal, retreats, push, unrest)
        plots = self._concede(look, plots, emit)
        passport = self._passports(look, tempo, emit)
        return {
            "rural.tempo": np.array(tempo),
            "rural.signal": np.array(signal),
            "rural.push": np.array(signal * push),
            "rural.retreats": np.array(retreats),
            "rural.retreated": np.array(1.0 if retreated else 0.0),
            "plots.allowed": np.array(plots),
            "passport.on": np.array(passport),
            "ladder.ceiling": np.array(ceiling),
            "meat.quota": _meat(
                look["village.counts"],
                look["kolkhoz.herd"],
                p.meat * tempo * (1 - float(look["plan.spared"])) / calendar.MONTHS_PER_YEAR,
            ),
        }

    @staticmethod
    def _ladder(look, tempo: float) -> float:
        """How far up the ladder of coercion officials may go: raised by a plan that is not met."""
        p = look.p
        if not look.on("S20"):
            return 0.0
        behind = max(1 - float(look["plan.fulfilled"]) - p.shortfall, 0.0)
        step = p.ladder_step * behind * (p.ladder_nep + (1 - p.ladder_nep) * tempo)
        return float(bounded(look["ladder.ceiling"] * (1 - p.ladder_decay) + step, 0, 1))

    @staticmethod
    def _frightened(look, draw, month: int, unrest: float, pressure: float) -> bool:
        """Whether the reports of unrest make the leadership retreat this month."""
        p = look.p
        if not look.on("S24") or pressure <= 0:
            return False
        sowing = p.sowing_first <= month <= p.sowing_last
        alarm = unrest * (p.before_sowing if sowing else p.otherwise)
        chance = logistic((alarm / p.frightens - 1) / p.sharpness)
        return draw.one("retreat", 0) < float(chance) * min(1.0, alarm / p.frightens)

    @staticmethod
    def _press(look, month: int, signal: float, retreats: int, push: float, unrest: float) -> float:
        """The signal to officials creeps up: quickly before a first retreat, after one only while it is quiet."""
        p = look.p
        if retreats == 0:
            call = 1.0 if push >= p.all_out else p.cautious
            return signal + p.approach * max(call - signal, 0.0) if push > 0 else signal
        if unrest >= p.quiet * p.frightens:
            return signal
        autumn = month >= p.autumn_first or month <= p.autumn_last
        return min(signal + (p.back_autumn if autumn else p.back_other), 1.0)

    @staticmethod
    def _concede(look, plots: float, emit) -> float:
        """Plots and their markets are let be where a retreat has not brought them, once hunger is reported widely."""
        hunger = mean(look["seen.hunger"])
        if plots or not look.on("S24") or hunger < look.p.conceding:
            return plots
        because = (reading("hungry as reported", hunger), *emit.last("directive", "grain plan"))
        emit("directive", "Private plots and their markets allowed", because=because, hunger=hunger)
        return 1.0

    @staticmethod
    def _passports(look, tempo: float, emit) -> float:
        """Passports come in when hunger sends people to towns that cannot be fed."""
        p, on = look.p, float(look["passport.on"])
        if on or not look.on("S37"):
            return on
        hunger = mean(look["seen.hunger"])
        ration = float(look["state.ration_met"])
        if tempo < p.passport_tempo or hunger < p.passport_hunger or ration > p.passport_ration:
            return 0.0
        because = (
            reading("hungry as reported", hunger),
            reading("rations met", ration),
            *emit.last("directive", "grain plan"),
        )
        emit("directive", "Internal passports: towns closed to villagers", because=because, hunger=hunger)
        return 1.0


@kernel
def _meat(counts, common, planned):
    """(region, kind) share of herds to be delivered this month: more than ``planned`` where villagers have many

    animals each, less where they have few, and as much in all; horses are spared.
    """
    quota = np.zeros(common.shape)
    for k in range(common.shape[1]):
        if k == HORSES:
            continue
        herds, weighted = 0.0, 0.0
        for r in range(common.shape[0]):
            if counts[r, PERSONS] > 0:
                herd = float(counts[r, HERDS + k] + common[r, k])
                quota[r, k] = herd / counts[r, PERSONS]
                herds += herd
                weighted += herd * quota[r, k]
        for r in range(common.shape[0]):
            quota[r, k] = min(planned * quota[r, k] * herds / weighted, 1.0) if weighted > 0 else 0.0
    return quota
