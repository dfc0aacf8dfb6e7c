"""Attribution: how what several groups of systems do together is divided among them, with intervals.

A game holds an outcome for coalitions of groups that are on, the others being replaced by what "off" means for them.
The Shapley value of a group is what it adds when it joins, averaged over every order in which all groups can join, so
that the values add up to the whole difference (Shapley 1953). Beside it stand what is lost without the group alone
(necessity) and what it brings alone (sufficiency): with interactions these do not add up to anything.

Every contribution is worked out within a seed, where all coalitions share their draws, and intervals come from its
spread over seeds. They hold the error of drawing histories, which is chance, numbers drawn from their ranges and in
sampled mode the orders, and shrink with more runs. They say nothing about the rules or the meaning of "off".

A run counts only when its outcome is defined in every coalition that it needs. Others are left out and counted; the
answer is then one about histories in which the outcome is defined whatever is switched off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from partystate.foundation import draws
from partystate.foundation.problems import did_you_mean, problem

from . import effects
from .contributions import (
    Estimate,
    Pair,
    Proportion,
    differences,
    estimate,
    proportion,
    told_apart,
    walked_interactions,
    weighted,
)
from .effects import CHANCE, DATE, QUANTITY, Effect, Level
from .intervals import Z95

EXACT, SAMPLED = "exact", "sampled"
MOST = 10  # groups in exact mode: 1,024 coalitions
ROUGH = 10  # contributions other than zero below which Student's interval is not to be leant on

Coalition = frozenset[str]
Order = tuple[str, ...]


@dataclass(frozen=True)
class Game:
    """Values of an outcome: coalition of the players that are on -> seed -> value.

    players: names of groups of systems. A run that was not made is absent; NaN or None is an undefined outcome.
    kind: as in `effects`; when not given, a chance if every value is 0 or 1, else a quantity. span: of a date, the
    months of the runs, at which it is cut; NaN is then a date that did not come, which is not undefined.
    Raises Problem (exit 2) for no player, one named twice, one unknown in a coalition, or a kind that does not fit.
    """

    players: tuple[str, ...]
    values: Mapping[Coalition, Mapping[int, float | None]]
    kind: str | None = None
    span: int | None = None

    def __post_init__(self) -> None:
        check_players(self.players)
        for name in sorted({name for coalition in self.values for name in coalition} - {*self.players}):
            raise problem("game", "coalition", "groups of the game", name, did_you_mean(name, self.players))
        kinds = (None, DATE) if self.span is not None else (None, CHANCE, QUANTITY)
        if self.kind not in kinds:
            raise problem("game", "kind", f"{CHANCE}, {QUANTITY}, or {DATE} with a span", self.kind)
        if self.kind == CHANCE and not self.of_zeros_and_ones():
            raise problem("game", "values", "0 or 1 in each run of a chance", "another number")

    def value(self, coalition: Coalition, seed: int) -> float:
        """The outcome of a run; NaN when it was not made or is undefined."""
        runs = self.values.get(coalition, {})
        found = runs.get(seed)
        value = math.nan if found is None else float(found)
        if self.span is not None and seed in runs:
            return value if value < self.span else float(self.span)
        return value if math.isfinite(value) else math.nan

    def outcome_kind(self) -> str:
        """The kind given, or found from the values."""
        if self.kind or self.span is not None:
            return self.kind or DATE
        return CHANCE if self.of_zeros_and_ones() else QUANTITY

    def of_zeros_and_ones(self) -> bool:
        """Whether every value that is defined is 0 or 1."""
        values = (value for runs in self.values.values() for value in runs.values())
        return all(value is None or value in (0, 1) or math.isnan(value) for value in values)


@dataclass(frozen=True)
class Share:
    """What falls to one group. moved: runs in which its contribution is not zero.

    necessity: what the group adds to all others (`difference`), `a` being the outcome with it alone off.
    sufficiency: what it adds to none (`difference`), `b` being the outcome with it alone on. In sampled mode both rest
    on the runs in which these coalitions happened to be made (`pairs`).
    """

    player: str
    shapley: Estimate
    moved: int
    of_total: Proportion
    necessity: Effect
    sufficiency: Effect


@dataclass(frozen=True)
class Attribution:
    """The total effect of all groups, divided among them.

    method: EXACT or SAMPLED. runs: the seeds used. unfinished, undefined: runs left out because a coalition they need
    was not run, or has no outcome. walks: orders of joining walked; 0 in exact mode. total: all on (`b`) against all
    off (`a`). interactions: for each pair Shapley's interaction index, what the two bring together beyond what each
    brings without the other; None, and why, where the orders walked cannot tell. differences: of Shapley values, first
    less second, with intervals that hold for all pairs at once (Bonferroni). groups: players from the largest value
    down, those that cannot be told apart together. residual: largest gap in any run between the total and the sum of
    contributions; rounding only. contributions: (players, runs).
    """

    method: str
    kind: str
    confidence: float
    players: tuple[str, ...]
    runs: tuple[int, ...]
    unfinished: int
    undefined: int
    walks: int
    total: Effect
    shares: tuple[Share, ...]
    interactions: Mapping[Pair, Estimate] | None
    interactions_withheld: str
    differences: Mapping[Pair, Estimate]
    groups: tuple[tuple[str, ...], ...]
    residual: float
    notes: tuple[str, ...]
    contributions: np.ndarray = field(repr=False, compare=False)

    @property
    def v_all(self) -> Level:
        return self.total.b

    @property
    def v_none(self) -> Level:
        return self.total.a

    @property
    def rankable(self) -> bool:
        """Whether every two groups can be told apart; if not, no order of theirs is more than chance."""
        return all(len(group) == 1 for group in self.groups)

    def share(self, player: str) -> Share:
        """The share of a group; KeyError for another name."""
        return dict(zip(self.players, self.shares, strict=True))[player]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; not the contributions."""
        plain = ("method", "kind", "confidence", "unfinished", "undefined", "walks", "residual", "rankable")

        def pairs(found: Mapping[Pair, Estimate] | None) -> list[dict[str, Any]] | None:
            if found is None:
                return None
            return [{"players": [*pair], **asdict(one), "clear": one.clear} for pair, one in found.items()]

        return {
            **{name: getattr(self, name) for name in plain},
            "players": [*self.players],
            "runs": [*self.runs],
            "total": asdict(self.total),
            "shares": [{**asdict(share), "clear": share.shapley.clear} for share in self.shares],
            "interactions": pairs(self.interactions),
            "interactions_withheld": self.interactions_withheld,
            "differences": pairs(self.differences),
            "groups": [[*group] for group in self.groups],
            "notes": [*self.notes],
        }


# Which coalitions are needed --------------------------------------------------------------------------------------


def check_players(players: Sequence[str], most: int | None = None) -> None:
    """Raises Problem (exit 2) for no player, one named twice, or more than `most`."""
    if not players:
        raise problem("game", "players", "at least one group", "none")
    for name in players:
        if list(players).count(name) > 1:
            raise problem("game", "players", "a name of its own for each group", f"{name} more than once")
    if most and len(players) > most:
        do = "Put systems together in fewer groups, or sample orders of joining."
        raise problem("game", "players", f"at most {most} groups for all coalitions", len(players), do)


def all_coalitions(players: Sequence[str]) -> list[Coalition]:
    """All 2^n coalitions; the bits of a place in the list say who is on. Raises Problem (exit 2) beyond 10 groups."""
    check_players(players, MOST)
    names = list(enumerate(players))
    return [frozenset(name for k, name in names if bits >> k & 1) for bits in range(2 ** len(players))]


def orders(players: Sequence[str], seeds: Iterable[int], reverse: bool = False) -> dict[int, list[Order]]:
    """Seed -> the orders in which groups join under it: one, or with `reverse` that one and its reverse.

    Seeds are taken in blocks as long as there are groups. A block draws one order, keyed by its first seed, and walks
    its rotations: each group stands in each place once, each order is as likely as any other, and more seeds at the
    end leave whole blocks as they were (stratified: Castro et al. 2017; reversed: Mitchell et al. 2022).
    Raises Problem (exit 2) for no seed and as `check_players`.
    """
    check_players(players)
    sorted_seeds, n = sorted(set(seeds)), len(players)
    if not sorted_seeds:
        raise problem("orders", "seeds", "at least one seed", "none")
    ids = [draws.entity_id(name) for name in players]
    found: dict[int, list[Order]] = {}
    for start in range(0, len(sorted_seeds), n):
        block = sorted_seeds[start : start + n]
        base = np.argsort(draws.uniform(block[0], "attribution.order", 0, ids), kind="stable")
        for turn, seed in enumerate(block):
            order = tuple(players[k] for k in np.roll(base, turn))
            found[seed] = [order, order[::-1]] if reverse else [order]
    return found


def coalitions_of(orders: Mapping[int, Sequence[Order]]) -> dict[Coalition, list[int]]:
    """Coalition -> seeds that need it: the runs of a sampled design, from all off to all on."""
    needed: dict[Coalition, set[int]] = {}
    for seed, walked in orders.items():
        for order in walked:
            for coalition in steps(order):
                needed.setdefault(coalition, set()).add(seed)
    return {on: sorted(needed[on]) for on in sorted(needed, key=lambda on: (len(on), sorted(on)))}


def steps(order: Order) -> list[Coalition]:
    """The coalitions on the way from none to all."""
    return [frozenset(order[:k]) for k in range(len(order) + 1)]


# Two ways of dividing ---------------------------------------------------------------------------------------------


def exact(game: Game, z: float = Z95) -> Attribution:
    """Attribution from all 2^n coalitions, on the seeds common to all.

    Players who are alike in a game get the same value to the last bit, and one who never changes it gets zero.
    Interactions: the index of Grabisch & Roubens (1999), zero for a pair of which one never changes a value.
    Raises Problem (exit 2) for more than 10 groups, a coalition without any run, or no run that counts.
    """
    n, needed = len(game.players), all_coalitions(game.players)
    missing = [coalition for coalition in needed if not game.values.get(coalition)]
    if missing:
        came = f"none for {words(missing[0])}" + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
        raise problem("game", "coalitions", f"runs for all {len(needed)}", came, "Run them, or sample orders.")
    begun = {seed for coalition in needed for seed in game.values[coalition]}
    finished = sorted(begun.intersection(*(game.values[coalition] for coalition in needed)))
    table = np.array([[game.value(coalition, seed) for seed in finished] for coalition in needed])
    defined = np.isfinite(table).all(axis=0)
    table, seeds = table[:, defined], [seed for seed, good in zip(finished, defined, strict=True) if good]
    unfinished, undefined = len(begun) - len(finished), len(finished) - len(seeds)
    check_runs(seeds, unfinished, undefined)

    bits = np.arange(2**n)
    size = np.array([coalition.bit_count() for coalition in range(2**n)])
    contributions = np.empty((n, len(seeds)))
    for i in range(n):
        without = bits[bits >> i & 1 == 0]
        added = table[without | 1 << i] - table[without]
        contributions[i] = weighted(added, [1 / (n * math.comb(n - 1, s)) for s in size[without]])
    interactions = {}
    for i, j in combinations(range(n), 2):
        rest = bits[(bits >> i & 1 == 0) & (bits >> j & 1 == 0)]
        one, other = rest | 1 << i, rest | 1 << j
        # In this order of subtraction a player who changes nothing leaves exactly nothing.
        beyond = (table[one | other] - table[other]) - (table[one] - table[rest])
        index = weighted(beyond, [1 / ((n - 1) * math.comb(n - 2, s)) for s in size[rest]])
        interactions[game.players[i], game.players[j]] = estimate(index, z)
    return assembled(
        game, seeds, contributions, z, method=EXACT, interactions=interactions,
        unfinished=unfinished, undefined=undefined,
    )  # fmt: skip


def sampled(game: Game, orders: Mapping[int, Sequence[Order]], z: float = Z95) -> Attribution:
    """Attribution from orders of joining: seed -> those walked with it, drawn as `orders` draws them.

    A run needs the coalitions on its walks. What a player adds in a run is the mean over its orders, so that the parts
    of each run add up (Castro, Gómez & Tejada 2009). Rotated orders make values less variable than Student's interval
    assumes, which errs on the wide side.
    Raises Problem (exit 2) for orders that do not name each player once, or when no run counts.
    """
    unfinished = undefined = 0
    seeds, owner, places, values = [], [], [], []
    for seed in sorted(orders):
        ways = [ways_of(game.players, seed, order) for order in orders[seed]]
        if not ways:
            raise problem("orders", f"seed {seed}", "at least one order", "none")
        walks = [steps(order) for order in orders[seed]]
        if any(seed not in game.values.get(coalition, {}) for walk in walks for coalition in walk):
            unfinished += 1
            continue
        seen = [[game.value(coalition, seed) for coalition in walk] for walk in walks]
        if any(math.isnan(value) for walk in seen for value in walk):
            undefined += 1
            continue
        owner += [len(seeds)] * len(walks)
        seeds.append(seed)
        places += ways
        values += seen
    check_runs(seeds, unfinished, undefined)
    walked = np.array(places)
    added = np.take_along_axis(np.diff(values, axis=1), walked, axis=1)
    contributions = np.array([np.bincount(owner, column) for column in added.T]) / np.bincount(owner)
    interactions, withheld = walked_interactions(game.players, walked, added, np.array(owner), z)
    return assembled(
        game, seeds, contributions, z, method=SAMPLED, interactions=interactions, withheld=withheld,
        unfinished=unfinished, undefined=undefined, walks=len(walked), notes=uneven(walked),
    )  # fmt: skip


def check_runs(seeds: Sequence[int], unfinished: int, undefined: int) -> None:
    """Raises Problem (exit 2) when no run counts."""
    if not seeds:
        came = f"{unfinished} unfinished and {undefined} in which the outcome is somewhere undefined"
        raise problem("game", "runs", "a seed with an outcome in every coalition that it needs", came)


def ways_of(players: Sequence[str], seed: int, order: Order) -> list[int]:
    """The place of each player in an order, from 0. Raises Problem (exit 2) unless each is named once."""
    if sorted(order) != sorted(players):
        raise problem("orders", f"seed {seed}", f"each of {', '.join(players)} once", ", ".join(order))
    return [order.index(name) for name in players]


def uneven(places: np.ndarray) -> Iterable[str]:
    """A remark when players did not stand equally often in each place. places: (walks, players)."""
    n = places.shape[1]
    counts = np.array([np.bincount(column, minlength=n) for column in places.T])
    if counts.max() - counts.min() > 2:
        yield (
            f"Places in the orders are shared unevenly: some group stood in some place {counts.min()} times and "
            f"another {counts.max()} times. The values lean towards the places that came up more often."
        )


# From contributions to an answer ----------------------------------------------------------------------------------


def assembled(
    game: Game, seeds: Sequence[int], contributions: np.ndarray, z: float, *, method: str, unfinished: int,
    undefined: int, interactions: Mapping[Pair, Estimate] | None, withheld: str = "", walks: int = 0,
    notes: Iterable[str] = (),
) -> Attribution:  # fmt: skip
    """Everything that follows from the contributions (players, runs)."""
    kind, players = game.outcome_kind(), game.players
    everyone, nobody = frozenset(players), frozenset()

    @cache
    def column(coalition: Coalition) -> np.ndarray:
        return np.array([game.value(coalition, seed) for seed in seeds])

    def effect(off: Coalition, on: Coalition) -> Effect:
        a, b = column(off), column(on)
        both = np.isfinite(a) & np.isfinite(b)
        if kind == DATE:
            return effects.date(a[both], b[both], game.span, z)
        return (effects.chance if kind == CHANCE else effects.quantity)(a[both], b[both], z)

    total, whole = effect(nobody, everyone), column(everyone) - column(nobody)
    shares = []
    for name, part in zip(players, contributions, strict=True):
        shapley, moved = estimate(part, z), int((part != 0).sum())
        if kind == CHANCE and not moved:
            # Never having changed anything in few runs is weak evidence of never: Student's interval has no width.
            low, high = effects.tango(0, 0, len(seeds), z)
            shapley = Estimate(0.0, shapley.error, low, high)
        alone = frozenset({name})
        necessity, sufficiency = effect(everyone - alone, everyone), effect(nobody, alone)
        shares.append(Share(name, shapley, moved, proportion(part, whole, total.clear, z), necessity, sufficiency))
    between = differences(players, contributions, z)
    return Attribution(
        method=method, kind=kind, confidence=math.erf(z / math.sqrt(2)), players=tuple(players), runs=tuple(seeds),
        unfinished=unfinished, undefined=undefined, walks=walks, total=total, shares=tuple(shares),
        interactions=interactions, interactions_withheld=withheld, differences=between,
        groups=told_apart(players, contributions, between),
        residual=float(np.abs(whole - contributions.sum(axis=0)).max()),
        notes=(*left_out(unfinished, undefined), *notes, *rough(shares)), contributions=contributions,
    )  # fmt: skip


def left_out(unfinished: int, undefined: int) -> Iterable[str]:
    if unfinished:
        yield f"{_runs(unfinished)} left out: a coalition that it needs has not been run."
    if undefined:
        yield (
            f"{_runs(undefined)} left out: the outcome is undefined in a coalition that it needs. The answer holds for "
            f"histories in which it is defined whatever is switched off, which may be of a special kind."
        )


def rough(shares: Iterable[Share]) -> Iterable[str]:
    for share in shares:
        if 0 < share.moved < ROUGH:
            yield f"{share.player} changed the outcome in only {_runs(share.moved)}: its interval is rough."
        elif not share.moved:
            yield f"{share.player} changed nothing in any run: its value is exactly zero in these runs."


def words(coalition: Iterable[str]) -> str:
    """A coalition in words."""
    return " + ".join(sorted(coalition)) or "all off"


def _runs(number: int) -> str:
    return f"{number} run" if number == 1 else f"{number} runs"
