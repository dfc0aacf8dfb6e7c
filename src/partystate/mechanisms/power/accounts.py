"""The month's books: what is counted and written down.

Reads the state as it stands at the end of the month and writes it down as output series; before that it checks that
the table of posts and the ledger agree and that no dead leader holds an office. Counting is itself a choice: a leader
is "out" when he has no full seat, whatever influence he keeps, and patronage counts posts by rank, as in studies of
the nomenklatura (Rigby 1968), not by what their holders did with them. Informal influence is not measured at all.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.units import PERCENT
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE, FULL, ISSUES, PARTY, TIERS


class Accounts(Mechanism):
    name = "accounts"
    claim = "Posts, seats and shares are counted at the end of each month; nothing here acts on anything."
    sources = ("rigby1968",)
    phase = "account"
    reads_now = (
        "leader.alive", "leader.seat", "leader.prestige", "leader.declared", "leader.opposed", "leader.bloc",
        "leader.power", "leader.misjudgement", "leader.clients", "leader.committee_clients", "leader.informed", "leader.blemish",
        "office.holder", "issue.salience", "line.position", "agenda.blocked", "mood.officials", "mood.members",
        "discussion.month", "discussion.tiers", "region.compliance", "region.reported",
        "committee.person", "post.patron", "post.appointed", "post.rank", "trait.contender", "leader.tie", "secretariat.curb", "cult.founder",
    )  # fmt: skip

    def step(self, now, look, draw, post, emit):
        self._check(look, post)
        for name, value in {**self._bodies(look), **self._leaders(look), **self._apparatus(look)}.items():
            emit.measure(name, float(value))
        for k, issue in enumerate(ISSUES):
            emit.measure(f"salience_{issue}", look["issue.salience"][k])
            emit.measure(f"line_{issue}", look["line.position"][k])
            emit.measure(f"mood_officials_{issue}", look["mood.officials"][k])
            emit.measure(f"mood_members_{issue}", look["mood.members"][k])
        if int(look["discussion.month"]) == now:
            for k, tier in enumerate(TIERS):
                emit.measure(f"opposition_{tier}_share", look["discussion.tiers"][k])

    @staticmethod
    def _check(look, post) -> None:
        """Every post has one holder of a known kind, and the ledger's posts are the table's."""
        appointed = int(look["post.appointed"].sum())
        if appointed != post.balance("posts", "central"):
            raise BooksDoNotBalance(f"{appointed} posts named from above in the table, {post.balance('posts', 'central')} in the ledger")
        holder = look["office.holder"]
        if (look["leader.alive"][holder[holder >= 0]] == 0).any():
            raise BooksDoNotBalance("a dead leader holds an office")

    @staticmethod
    def _bodies(look) -> dict[str, float]:
        seat, alive = look["leader.seat"], look["leader.alive"] > 0
        return {
            "politburo_full_members": (alive & (seat == FULL)).sum(),
            "politburo_candidates": (alive & (seat == CANDIDATE)).sum(),
            "cc_size": (look["committee.person"] >= -1).sum(),
            "leaders_in_opposition": look["leader.opposed"].sum(),
            "bloc_size": ((look["leader.bloc"] > 1) & (seat == FULL)).sum(),
        }

    @staticmethod
    def _leaders(look) -> dict[str, float]:
        head = int(look["office.holder"][0])
        contender = look["trait.contender"] > 0
        rivals = contender.copy()
        full = look["leader.seat"] == FULL
        out = look["leader.seat"] < PARTY
        if head >= 0:
            rivals[head] = False
        measures = {
            "politburo_rivals_out": (rivals & ~full).sum(),
            "tie_among_contenders": np.abs(look["leader.tie"][np.ix_(contender, contender)]).mean(),
            "prestige_spread": look["leader.prestige"][contender].std(),
            "declared_spread": look["leader.declared"][contender].std(axis=0).mean(),
            "outsiders_power": look["leader.power"][contender & (out | ~full)].sum(),
            "rival_items_blocked": look["agenda.blocked"][rivals].mean(),
            "founder_cult": float(look["cult.founder"]),
        }
        if head >= 0:
            measures |= {
                "client_share_of_holder": look["leader.clients"][head],
                "committee_clients_of_holder": look["leader.committee_clients"][head],
                "power_of_holder": look["leader.power"][head],
                "misjudgement_of_holder": look["leader.misjudgement"][rivals, head].mean(),
                "files_coverage": look["leader.informed"][head],
                "holder_blemish": look["leader.blemish"][head],
            }
        return measures

    @staticmethod
    def _apparatus(look) -> dict[str, float]:
        secretary = look["post.rank"] == 1
        return {
            "posts_appointed_share": look["post.appointed"].mean(),
            "gubkom_secretaries_recommended_share": PERCENT * look["post.appointed"][secretary].mean(),
            "posts_with_patron_share": (look["post.patron"] >= 0).mean(),
            "noncompliance": 1 - look["region.compliance"].mean(),
            "compliance_reported": look["region.reported"].mean(),
            "secretariat_curb": float(look["secretariat.curb"]),
        }
