"""The month's books: what is counted and written down.

Reads the state as it stands at the end of the month and writes it down as output series; before that it checks that
the table of posts and the ledger agree and that no dead leader holds an office. Counting is itself a choice: a leader
is "out" when he has no full seat, whatever influence he keeps, and patronage counts posts by rank, as in studies of
the nomenklatura (Rigby 1968), not by what their holders did with them. Informal influence is not measured at all.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.units import PERCENT
from partystate.model.formulas import flag_of, mean, share_of, some, spread, which
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE, FULL, ISSUES, PARTY, TIERS

BY_TIER = [f"opposition_{tier}_share" for tier in TIERS]
# Columns by issue, with the names of their series.
BY_ISSUE = {
    column: [f"{series}_{issue}" for issue in ISSUES]
    for column, series in (
        ("issue.salience", "salience"),
        ("line.position", "line"),
        ("mood.officials", "mood_officials"),
        ("mood.members", "mood_members"),
    )
}


class Accounts(Mechanism):
    name = "accounts"
    claim = "Posts, seats and shares are counted at the end of each month; nothing here acts on anything."
    sources = ("rigby1968",)
    phase = "account"
    reads_now = (
        "leader.alive", "leader.seat", "leader.prestige", "leader.declared", "leader.opposed", "leader.bloc",
        "leader.power", "leader.misjudgement", "leader.clients", "leader.committee_clients", "leader.informed",
        "leader.blemish", "leader.tie", "office.holder", "issue.salience", "line.position", "agenda.blocked",
        "mood.officials", "mood.members", "discussion.month", "discussion.tiers", "region.compliance",
        "region.reported", "committee.person", "post.patron", "post.appointed", "post.rank", "trait.contender",
        "secretariat.curb", "cult.founder",
    )  # fmt: skip

    def step(self, now, look, draw, post, emit):
        self._check(look, post)
        emit.measures({**self._bodies(look), **self._leaders(look), **self._apparatus(look)})
        for column, names in BY_ISSUE.items():
            emit.measures(dict(zip(names, look[column].tolist(), strict=True)))
        if int(look["discussion.month"]) == now:
            emit.measures(dict(zip(BY_TIER, look["discussion.tiers"].tolist(), strict=True)))

    @staticmethod
    def _check(look, post) -> None:
        """Every post has one holder of a known kind, and the ledger's posts are the table's."""
        counted, booked = np.count_nonzero(look["post.appointed"]), post.balance("posts", "central")
        if counted != booked:
            raise BooksDoNotBalance(f"{counted} posts named from above in the table, {booked} in the ledger")
        if some(flag_of(look["leader.alive"] == 0, look["office.holder"])):
            raise BooksDoNotBalance("a dead leader holds an office")

    @staticmethod
    def _bodies(look) -> dict[str, float]:
        seat, alive = look["leader.seat"], look["leader.alive"] > 0
        full = seat == FULL
        return {
            "politburo_full_members": np.count_nonzero(alive & full),
            "politburo_candidates": np.count_nonzero(alive & (seat == CANDIDATE)),
            "cc_size": np.count_nonzero(look["committee.person"] >= -1),
            "leaders_in_opposition": np.count_nonzero(look["leader.opposed"]),
            "bloc_size": np.count_nonzero((look["leader.bloc"] > 1) & full),
        }

    @staticmethod
    def _leaders(look) -> dict[str, float]:
        head = int(look["office.holder"][0])
        contender = look["trait.contender"] > 0
        who = which(contender)
        rivals = who[who != head]
        full, out = look["leader.seat"] == FULL, look["leader.seat"] < PARTY
        measures = {
            "politburo_rivals_out": rivals.size - np.count_nonzero(full[rivals]),
            "tie_among_contenders": mean(np.abs(look["leader.tie"][who[:, None], who])),
            "prestige_spread": spread(look["leader.prestige"][who]),
            "declared_spread": mean(spread(look["leader.declared"][who])),
            "outsiders_power": look["leader.power"][contender & (out | ~full)].sum(),
            "rival_items_blocked": mean(look["agenda.blocked"][rivals]),
            "founder_cult": look["cult.founder"],
        }
        if head >= 0:
            measures |= {
                "client_share_of_holder": look["leader.clients"][head],
                "committee_clients_of_holder": look["leader.committee_clients"][head],
                "power_of_holder": look["leader.power"][head],
                "misjudgement_of_holder": mean(look["leader.misjudgement"][rivals, head]),
                "files_coverage": look["leader.informed"][head],
                "holder_blemish": look["leader.blemish"][head],
            }
        return measures

    @staticmethod
    def _apparatus(look) -> dict[str, float]:
        appointed = look["post.appointed"]
        return {
            "posts_appointed_share": share_of(appointed),
            "gubkom_secretaries_recommended_share": PERCENT * share_of(appointed[look["post.rank"] == 1]),
            "posts_with_patron_share": share_of(look["post.patron"] >= 0),
            "noncompliance": 1 - mean(look["region.compliance"]),
            "compliance_reported": mean(look["region.reported"]),
            "secretariat_curb": look["secretariat.curb"],
        }
