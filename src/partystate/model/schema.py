"""The state: every column, its axis, unit, meaning, and who can know it.

``known`` is what keeps reports apart from reality: ``true`` columns are the world as it is, ``seen`` columns are what
an actor believes of it, ``public`` ones lie open to all. A mechanism whose actors decide on what they know may not
read ``true`` columns; a contract test holds it to that.
"""

from __future__ import annotations

from dataclasses import dataclass

ISSUES = ("regime", "peasants", "doctrine", "china")
TIERS = ("cells", "districts", "provinces", "congress")
SEATS = ("out", "party", "cc", "candidate", "full")
OUT, PARTY, COMMITTEE, CANDIDATE, FULL = range(len(SEATS))
CLASSES = ("worker", "peasant", "employee")
DRIVE_SERIES = "lenin_enrolment"  # the record's name for workers admitted in a drive; mechanisms name no person
RUNGS = ("clean", "censured", "office lost", "out of Politburo", "out of Central Committee", "expelled", "exiled")


@dataclass(frozen=True)
class Column:
    """``axis`` names the dimensions: leader, issue, region, post, seat (of the Central Committee), office, tier, one;

    for the membership: leaf (part of the roll), member (row), trait, class, status, cohort, entry (month of joining),
    tally.
    """

    name: str
    axis: tuple[str, ...]
    unit: str
    known: str
    meaning: str


def _columns(*rows: tuple[str, str, str, str, str]) -> dict[str, Column]:
    return {name: Column(name, tuple(axis.split()), unit, known, text) for name, axis, unit, known, text in rows}


SCHEMA = _columns(
    ("leader.alive", "leader", "flag", "public", "1 while living"),
    ("leader.absent", "leader", "share", "public", "share of work missed by illness"),
    ("leader.seat", "leader", "rank", "public", "0 out of the party, 1 party, 2 committee, 3 candidate, 4 full member"),
    ("leader.rung", "leader", "rank", "public", "step of the removal ladder, 0 clean to 6 exiled"),
    ("leader.sanctioned", "leader", "months", "public", "month of the last sanction; -1000 before any"),
    ("leader.standing", "leader", "share", "public", "prestige in party and country, without the founder's legacy"),
    ("leader.prestige", "leader", "share", "public", "standing as weighed by closeness to the founder's legacy"),
    ("leader.position", "leader issue", "position", "true", "private view, -1 to 1"),
    ("leader.declared", "leader issue", "position", "public", "view declared in the leadership"),
    ("leader.grievance", "leader", "index", "true", "accumulated injuries: bases lost, exclusion, sanctions"),
    ("leader.opposed", "leader", "flag", "public", "1 while in open opposition to the line"),
    ("leader.silent_until", "leader", "months", "public", "month until which a leader who recanted stays silent"),
    ("leader.cases", "leader", "events", "public", "how often a leader has come out in open opposition"),
    ("leader.bloc", "leader", "rank", "public", "2 core of the ruling bloc, 1 follows it, 0 outside"),
    ("leader.tie", "leader leader", "index", "public", "personal tie as it stands, -1 enmity to 1 trust"),
    ("leader.patron", "leader", "rank", "public", "number of the patron among the leaders, -1 none"),
    ("leader.power", "leader", "share", "true", "share of power, patronage counted in full"),
    ("leader.power_seen", "leader leader", "share", "seen", "power of the second as the first sees it"),
    ("leader.misjudgement", "leader leader", "share", "seen", "share of the second's patronage the first overlooks"),
    ("leader.clients", "leader", "share", "true", "share of posts, by weight, held by a leader's clients"),
    ("leader.committee_clients", "leader", "share", "public", "share of committee seats held by a leader's clients"),
    ("leader.informed", "leader", "share", "public", "coverage of the personal files at a leader's disposal"),
    ("leader.blemish", "leader", "index", "public", "damage to legitimacy by the Testament, fading"),
    ("leader.heir", "leader", "index", "public", "closeness to the founder as the party tells it, -1 to 1"),
    ("office.holder", "office", "rank", "public", "number of the holder among the leaders, -1 none"),
    ("secretariat.curb", "one", "share", "public", "share of its appointments lost to collective control"),
    ("leadership.precedents", "one", "events", "public", "removals carried out so far"),
    ("issue.salience", "issue", "index", "public", "how pressing an issue is for the leadership"),
    ("line.position", "issue", "position", "public", "the party line"),
    ("line.changed", "issue", "months", "public", "month in which the line last moved"),
    ("agenda.blocked", "leader", "share", "public", "share of a leader's items kept off the agenda"),
    ("mood.officials", "issue", "position", "public", "median view of officials"),
    ("mood.members", "issue", "position", "true", "median view of the rank and file"),
    ("discussion.month", "one", "months", "public", "month of the last discussion"),
    ("discussion.tiers", "tier", "share", "public", "opposition share in cells, districts, provinces, congress"),
    ("discussion.regions", "region", "share", "public", "opposition share among delegates by region"),
    ("region.clients", "region leader", "share", "true", "share of a region's delegates held by each leader's clients"),
    ("region.appointed", "region", "share", "public", "share of a region's secretaries named from above"),
    ("region.base", "region", "rank", "public", "leader whose own base the region is, -1 none"),
    ("region.compliance", "region", "share", "true", "share of central directives carried out as meant"),
    ("region.reported", "region", "share", "seen", "compliance as reported to the centre"),
    ("committee.person", "seat", "rank", "public", "number of the leader in the seat, -1 an official, -2 no seat"),
    ("committee.patron", "seat", "rank", "public", "patron of the seat's holder, -1 none"),
    ("committee.taste", "seat issue", "position", "public", "views of the seat's holder"),
    ("committee.since", "seat", "months", "public", "month of election"),
    ("party.by_region", "region", "members", "public", "members and candidates by region"),
    ("party.recruits", "region", "share", "public", "share of members who joined in the last two years"),
    ("party.schooling", "one", "share", "public", "share of members with no more than primary schooling"),
    ("party.old_guard", "one", "share", "public", "share of members who joined before 1921"),
    ("party.trained", "one", "share", "public", "share of vacancies that trained members of new cohorts can fill"),
    ("party.mood_weight", "one", "share", "public", "weight of recruits' pliability in cell votes"),
    ("party.by_class", "class", "members", "public", "members and candidates by social position"),
    ("party.admitted", "class", "persons", "public", "persons admitted this month by social position"),
    ("party.checked", "one", "persons", "public", "members screened this month"),
    ("party.expelled", "one", "persons", "public", "members expelled this month in a verification"),
    ("party.unscreened", "one", "share", "public", "share of members who have never been through a verification"),
    ("party.trainees", "one", "persons", "public", "trained full members of the cohorts since 1922"),
    ("party.career", "one", "index", "public", "growth of salaried posts above their level of the last years"),
    ("party.study", "one", "share", "public", "share of the unschooled young whom courses take in a month"),
    ("promotion.posts", "one", "posts", "public", "salaried posts, smoothed over the last years"),
    ("leadership.insecurity", "one", "index", "public", "how divided and how threatened the leadership is"),
    ("enrolment.open", "one", "flag", "public", "1 once a drive has opened the party to mass admission"),
    ("enrolment.since", "one", "months", "public", "month of the last decision to hold a drive"),
    ("enrolment.goal", "one", "persons", "public", "workers whom the running drive seeks in a month"),
    ("enrolment.mourning", "one", "index", "public", "mourning of a dead leader, fading"),
    ("enrolment.taken", "one", "persons", "public", "workers admitted so far in the running drive"),
    ("enrolment.sought", "class", "persons", "public", "admissions sought this month by social position"),
    ("verification.since", "one", "months", "public", "month in which the last verification began"),
    ("verification.ended", "one", "months", "public", "month in which the last verification ended"),
    ("verification.scope", "class", "flag", "public", "1 for the social positions that the verification looks at"),
    ("verification.pace", "one", "share", "public", "share of those not yet looked at who are screened in a month"),
    ("verification.waiting", "one", "persons", "public", "members whom the running verification set out to screen"),
    ("verification.missed", "one", "share", "public", "share of them not yet reached"),
    ("verification.checked", "one", "persons", "public", "members screened by the running verification"),
    ("verification.expelled", "one", "persons", "public", "members expelled by the running verification"),
    ("member.id", "leaf member", "index", "true", "64-bit id that keys a member's draws"),
    ("member.traits", "leaf trait member", "index", "true", "what is known of each: region, class, status, cohort ..."),
    ("member.rows", "leaf", "items", "true", "rows in use"),
    ("member.weight", "one", "persons", "true", "persons that one row stands for"),
    ("member.places", "class region", "share", "public", "where recruits of each social position come from"),
    ("member.entry", "entry region", "items", "true", "rows by month of joining and region"),
    ("member.unschooled", "entry", "items", "true", "rows without secondary schooling by month of joining"),
    ("member.standing", "status class region", "items", "true", "rows by status, social position and region"),
    ("member.cohort", "status cohort", "items", "true", "rows by status and cohort"),
    ("member.tally", "tally", "items", "true", "rows of women, trained and never screened members"),
    ("member.year", "tally", "persons", "true", "persons admitted and expelled since January"),
    ("cult.founder", "one", "index", "public", "intensity of the cult of the dead founder, 0 to 1"),
    ("post.patron", "post", "rank", "true", "patron of the holder, -1 none"),
    ("post.appointed", "post", "flag", "true", "1 if named from above"),
    ("post.holder", "post", "index", "true", "64-bit id of the holder"),
    ("post.since", "post", "months", "true", "month in which the holder came"),
    ("post.taste", "post issue", "position", "true", "views of the holder"),
    ("post.competence", "post", "share", "true", "competence of the holder"),
    ("leader.id", "leader", "index", "public", "64-bit id that keys a leader's draws"),
    ("trait.contender", "leader", "flag", "public", "1 for those reckoned among the possible successors"),
    ("trait.consistency", "leader", "share", "public", "how firmly a leader holds to his own view"),
    ("trait.alienation", "leader", "share", "public", "how far a leader puts colleagues off"),
    ("trait.organisation", "leader", "share", "public", "skill in organisation"),
    ("trait.networks", "leader", "posts", "public", "further posts in personnel and inspection in January 1922"),
    ("trait.office_tied", "leader", "flag", "public", "1 for officials whose tie is to whoever heads the Secretariat"),
    ("trait.bond", "leader leader", "index", "public", "personal tie, -1 enmity to 1 friendship"),
    ("office.weight", "office", "share", "public", "visible weight of an office"),
    ("office.pull", "office issue", "position", "public", "view that the duties of an office suggest"),
    ("office.pulls", "office issue", "flag", "public", "1 where they suggest one"),
    ("office.region_base", "office", "flag", "public", "1 where the office heads a region with its own bureau"),
    ("region.member_share", "region", "share", "public", "share of delegates at a congress"),
    ("region.national", "region", "flag", "public", "1 for the non-Russian republics"),
    ("post.id", "post", "index", "public", "64-bit id of the post"),
    ("post.branch", "post", "rank", "public", "branch of the nomenklatura"),
    ("post.region", "post", "rank", "public", "region, -1 the centre"),
    ("post.office", "post", "rank", "public", "office that fills the post by custom, -1 none"),
    ("post.rank", "post", "rank", "public", "1 province secretary, 2 senior, 3 district and trust"),
    ("post.delegate", "post", "weight", "public", "weight in the choice of delegates"),
    ("post.committee", "post", "weight", "public", "weight in the choice of the Central Committee"),
)  # fmt: skip
