"""The month's books: what is counted and written down.

Reads the state as it stands at the end of the month and writes it down as output series; before that it checks that
the table of posts and the ledger agree and that no dead leader holds an office. Counting is itself a choice: a leader
is "out" when he has no full seat, whatever influence he keeps, and patronage counts posts by rank, as in studies of
the nomenklatura (Rigby 1968), not by what their holders did with them. Informal influence is not measured at all.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.foundation.units import PERCENT
from partystate.model.compiled import mean, total
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE, FULL, ISSUES, TIERS

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
ISSUE_SERIES = [name for names in BY_ISSUE.values() for name in names]
# What `bodies`, `leadership` and `of_head` find, in their order.
BODIES = ("politburo_full_members", "politburo_candidates", "cc_size", "leaders_in_opposition", "bloc_size")
LEADERSHIP = (
    "politburo_rivals_out", "tie_among_contenders", "prestige_spread", "declared_spread", "outsiders_power",
    "rival_items_blocked",
)  # fmt: skip
OF_HEAD = (
    "client_share_of_holder", "committee_clients_of_holder", "power_of_holder", "misjudgement_of_holder",
    "files_coverage", "holder_blemish",
)  # fmt: skip


@kernel
def bodies(seat, alive, opposed, bloc, person, holder):
    """Living full members and candidates of the Politburo, seats of the committee, leaders opposed, full members in
    the core of the bloc; then offices held by the dead."""
    full, candidates, against, core, seats, dead = 0, 0, 0, 0, 0, 0
    for i in range(seat.size):
        full += alive[i] > 0 and seat[i] == FULL
        candidates += alive[i] > 0 and seat[i] == CANDIDATE
        against += opposed[i] != 0
        core += bloc[i] > 1 and seat[i] == FULL
    for i in range(person.size):
        seats += person[i] >= -1
    for office in range(holder.size):
        dead += holder[office] >= 0 and alive[holder[office]] == 0
    return full, candidates, seats, against, core, dead


@kernel
def spread(x):
    """Standard deviation of a row (n,)."""
    apart = x - total(x) / x.size
    return np.sqrt(total(apart * apart) / x.size)


@kernel
def spread_down(x):
    """Standard deviation of a column (n,) of a table, whose rows NumPy adds one after another."""
    middle, square = 0.0, 0.0
    for i in range(x.size):
        middle += x[i]
    for i in range(x.size):
        square += (x[i] - middle / x.size) * (x[i] - middle / x.size)
    return np.sqrt(square / x.size)


@kernel
def leadership(head, contender, seat, tie, prestige, declared, power, blocked):
    """How the contenders stand to each other and to the head: see LEADERSHIP."""
    who = np.flatnonzero(contender > 0)
    rivals = who[who != head]
    out, ties, outside = 0, np.empty(who.size * who.size), np.empty(who.size)
    for i in range(rivals.size):
        out += seat[rivals[i]] != FULL
    outsiders, pair = 0, 0
    for i in who:
        if seat[i] != FULL:
            outside[outsiders] = power[i]
            outsiders += 1
        for j in who:
            ties[pair] = abs(tie[i, j])
            pair += 1
    apart = 0.0
    for k in range(declared.shape[1]):
        apart += spread_down(declared[who, k])
    return (
        out, total(ties) / ties.size, spread(prestige[who]), apart / declared.shape[1], total(outside[:outsiders]),
        total(blocked[rivals]) / rivals.size,
    )  # fmt: skip


@kernel
def of_head(head, contender, clients, committee_clients, power, misjudgement, informed, blemish):
    """What the head of the Secretariat has in hand, and how far rivals overlook it: see OF_HEAD."""
    overlooked, rivals = np.empty(contender.size), 0
    for i in range(contender.size):
        if contender[i] > 0 and i != head:
            overlooked[rivals] = misjudgement[i, head]
            rivals += 1
    return (
        clients[head], committee_clients[head], power[head], total(overlooked[:rivals]) / rivals, informed[head],
        blemish[head],
    )  # fmt: skip


@kernel
def counted(appointed, rank, patron, compliance, reported):
    """Posts named from above, province secretaries, those of them named from above, posts with a patron; means of what
    is carried out and of what is reported."""
    named, secretaries, sent, owned = 0, 0, 0, 0
    for i in range(rank.size):
        named += appointed[i] != 0
        secretaries += rank[i] == 1
        sent += (rank[i] == 1) & (appointed[i] != 0)
        owned += patron[i] >= 0
    return named, secretaries, sent, owned, mean(compliance), mean(reported)


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
        posts = counted(
            look["post.appointed"], look["post.rank"], look["post.patron"], look["region.compliance"],
            look["region.reported"],
        )  # fmt: skip
        *found, dead = bodies(
            look["leader.seat"], look["leader.alive"], look["leader.opposed"], look["leader.bloc"],
            look["committee.person"], look["office.holder"],
        )  # fmt: skip
        self._check(post, posts[0], dead)
        measures = dict(zip(BODIES, found, strict=True)) | self._leaders(look) | self._apparatus(look, posts)
        views = [value for column in BY_ISSUE for value in look[column].tolist()]
        emit.measures(measures | dict(zip(ISSUE_SERIES, views, strict=True)))
        if int(look["discussion.month"]) == now:
            emit.measures(dict(zip(BY_TIER, look["discussion.tiers"].tolist(), strict=True)))

    @staticmethod
    def _check(post, found: int, dead: int) -> None:
        """Every post has one holder of a known kind, and the ledger's posts are the table's."""
        booked = post.balance("posts", "central")
        if found != booked:
            raise BooksDoNotBalance(f"{found} posts named from above in the table, {booked} in the ledger")
        if dead:
            raise BooksDoNotBalance("a dead leader holds an office")

    @staticmethod
    def _leaders(look) -> dict[str, float]:
        head, contender = int(look["office.holder"][0]), look["trait.contender"]
        found = leadership(
            head, contender, look["leader.seat"], look["leader.tie"], look["leader.prestige"], look["leader.declared"],
            look["leader.power"], look["agenda.blocked"],
        )  # fmt: skip
        measures = dict(zip(LEADERSHIP, found, strict=True)) | {"founder_cult": look["cult.founder"]}
        if head < 0:
            return measures
        held = of_head(
            head, contender, look["leader.clients"], look["leader.committee_clients"], look["leader.power"],
            look["leader.misjudgement"], look["leader.informed"], look["leader.blemish"],
        )  # fmt: skip
        return measures | dict(zip(OF_HEAD, held, strict=True))

    @staticmethod
    def _apparatus(look, posts) -> dict[str, float]:
        named, secretaries, sent, owned, compliance, reported = posts
        size = look["post.rank"].size
        return {
            "posts_appointed_share": named / size,
            "gubkom_secretaries_recommended_share": PERCENT * (sent / secretaries),
            "posts_with_patron_share": owned / size,
            "noncompliance": 1 - compliance,
            "compliance_reported": reported,
            "secretariat_curb": look["secretariat.curb"],
        }
