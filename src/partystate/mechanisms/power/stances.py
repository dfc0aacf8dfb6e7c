"""Private views, and views declared.

Events, among them reports of kolkhozy that outgrow the plan, persuade those without a fixed view and harden those whom
they contradict beyond what they can accept (Sherif and Hovland 1961). An office draws its holder towards what it stands
for. Whoever has a name but few clients gains by election, whoever has clients by appointment. What is declared is the
private view bent towards what officials wish to hear and, inside the ruling bloc, towards the line: more for the
flexible than for the firm.

Daniels (1960) and Tucker (1973) stress how far views moved with positions, Cohen (1973) how far they were held: the
trait of consistency, coded for each leader with a wide range, stands between them. Left out: persuasion of leaders by
each other, learning from economists, and views on anything but the four issues.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import kept, share_out
from partystate.model.formulas import credited
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE, PEASANTS


@kernel
def surplus(prestige, clients, seat):
    """(leader,) by how much a name exceeds clients among those who sit in the Politburo, in parts of an even share."""
    names = np.empty(seat.size)
    seated = 0
    for i in range(seat.size):
        sits = seat[i] >= CANDIDATE
        names[i] = prestige[i] * sits
        seated += sits
    share_out(names)
    return (names - clients) * seated


@kernel
def persuaded(position, firm, evidence, latitude):
    """(leader, issue) views after the month's ``evidence`` (issue,), which hardens those whom it contradicts too far.

    Its force falls with the square of one's distance from the middle (Sherif and Hovland 1961 on latitudes).
    """
    view = np.empty(position.shape)
    for i in range(position.shape[0]):
        for k in range(position.shape[1]):
            against = max(-np.sign(evidence[k]) * position[i, k], 0.0)
            accepted = kept(1 - against / latitude, -1.0, 1.0)
            openness = np.square(1 - abs(position[i, k])) * (1 - firm[i])
            view[i, k] = kept(position[i, k] + openness * accepted * evidence[k], -1.0, 1.0)
    return view


@kernel
def interested(view, firm, bloc, wish, force):
    """Turns views on the party's regime, the first issue, towards ``wish``: −1 for appointment to 1 for election."""
    for i in range(bloc.size):
        interest = wish[i] if bloc[i] == 0 else min(wish[i], 0.0)
        view[i, 0] += force * (1 - firm[i]) * (interest - view[i, 0])


@kernel
def coloured(view, firm, holder, pull, pulls, force):
    """(leader, issue) views as duties colour them: each office draws its holder towards what it stands for."""
    drawn = np.zeros(view.shape)
    for office in range(holder.size):
        person = holder[office]
        if person >= 0:
            for k in range(view.shape[1]):
                much = force * (1 - firm[person]) * pulls[office, k]
                drawn[person, k] += much * (pull[office, k] - view[person, k])
    return view + drawn


@kernel
def declared(view, firm, opposed, bloc, officials, line, opportunism, bloc_line):
    """(leader, issue) views as declared: bent towards officials and, in the bloc, the line; bounds the private ones."""
    said = np.empty(view.shape)
    for i in range(view.shape[0]):
        loyal = opposed[i] == 0
        flexible = opportunism * (1 - firm[i]) * loyal
        inside = bloc_line * (1 - firm[i]) * (bloc[i] > 0) * loyal
        for k in range(view.shape[1]):
            wanted = view[i, k] + flexible * (officials[k] - view[i, k])
            said[i, k] = kept(wanted + inside * (line[k] - wanted), -1.0, 1.0)
            view[i, k] = kept(view[i, k], -1.0, 1.0)
    return said


@kernel
def moved(position, firm, evidence, latitude, prestige, clients, seat):
    """Views as the month's events leave them (see `persuaded`), and by how much a name exceeds clients."""
    return persuaded(position, firm, evidence, latitude), surplus(prestige, clients, seat)


@kernel
def told(
    view, firm, bloc, wish, interest, holder, pull, pulls, office, opposed, officials, line, opportunism, bloc_line
):  # fmt: skip
    """Private views as interests and offices colour them, and what is declared."""
    # Whoever has a name but no clients gains by open election, and the other way round.
    interested(view, firm, bloc, wish, interest)
    private = coloured(view, firm, holder, pull, pulls, office)
    return private, declared(private, firm, opposed, bloc, officials, line, opportunism, bloc_line)


class Stances(Mechanism):
    name = "stances"
    claim = (
        "Events persuade those without a fixed view, offices colour views, the unprotected ask for democracy, "
        "and the flexible speak as officials wish."
    )
    systems = ("S10", "S16", "S17")
    sources = ("daniels1960", "cohen1973", "tucker1973", "sherif_hovland1961", "davies1980")
    phase = "deliberate"
    reads = (
        "leader.position", "leader.declared", "leader.prestige", "leader.committee_clients", "leader.opposed",
        "leader.bloc", "trait.consistency", "line.position", "office.holder", "office.pull", "office.pulls",
        "leader.seat",
    )  # fmt: skip
    reads_now = ("mood.officials",)
    sets = ("leader.position", "leader.declared")
    drivers = ("grain_shortfall", "revolution_failed", "china_defeat", "village_unrest", "joining_success")
    parameters = {
        "stances.latitude": "position",
        "stances.shortfall": "share per month",
        "stances.village": "share per month",
        "stances.joining": "share per month",
        "stances.failure": "share per month",
        "stances.defeat": "share per month",
        "stances.interest": "share per month",
        "stances.office": "share per month",
        "stances.opportunism": "share",
        "stances.bloc_line": "share",
    }
    when_off = {
        "S10": "All leaders are equally firm: each has the mean consistency.",
        "S16": "Failed revolutions persuade nobody about doctrine.",
        "S17": "Missing grain, unrest and reports from kolkhozy persuade nobody about the village.",
    }
    moves = {"S10": ("declared_spread",), "S16": ("declared_spread",), "S17": ("declared_spread",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        consistency = look["trait.consistency"]
        if not look.on("S10"):
            consistency = np.full_like(consistency, consistency.mean())
        view, gap = moved(
            look["leader.position"], consistency, self._evidence(look), p.latitude, look["leader.prestige"],
            look["leader.committee_clients"], look["leader.seat"],
        )  # fmt: skip
        view, said = told(
            view, consistency, look["leader.bloc"], np.tanh(gap), p.interest, look["office.holder"],
            look["office.pull"], look["office.pulls"], p.office, look["leader.opposed"], look["mood.officials"],
            look["line.position"], p.opportunism, p.bloc_line,
        )  # fmt: skip
        return {"leader.position": view, "leader.declared": said}

    @staticmethod
    def _evidence(look) -> np.ndarray:
        """(issue,) what the month's events speak for."""
        p = look.p
        village = p.shortfall * look.driver("grain_shortfall") - p.village * look.driver("village_unrest")
        village += p.joining * credited(look.driver("joining_success"), look["line.position"][PEASANTS])
        return np.array(
            [
                0,
                look.on("S17") * village,
                -look.on("S16") * p.failure * look.driver("revolution_failed"),
                p.defeat * look.driver("china_defeat"),
            ]
        )
