"""What a mechanism declares, and the five handles through which it acts.

A mechanism is a class with declarations and one ``step(now, look, draw, post, emit)``. It reads through ``look``, draws
through ``draw``, moves conserved stocks through ``post``, tells the chronicle and the addressees of directives through
``emit``, and returns the new values of the columns it alone sets. It has no other effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace

import numpy as np

from partystate.foundation import draws
from partystate.model.decisions import Directive, Motion
from partystate.model.ledger import parse_flow

PHASES = ("life", "report", "deliberate", "command", "appoint", "persuade", "account")
CADENCES = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


class Mechanism:
    """Base of all mechanisms; subclasses override the declarations and ``step``.

    claim: one sentence that a historian could dispute. systems: ids of the systems table that it carries.
    reads: columns seen as they stood at the start of the month. reads_now: the few seen as they stand now, which
    fixes the order inside the month. sets: columns it alone writes, returned by ``step``. keeps: columns that it alone
    reads and writes, in place (large tables). tables: columns of conserved stocks that several mechanisms of a sector
    change in place, each by its own flows, in the order of the month; the ledger holds all of them to account.
    flows: ``"stock: source -> target"`` movements it may post. draws: its random decisions.
    parameters: registry key -> unit. drivers: exogenous series it follows. supplies: drivers that it gives itself
    while its sector runs, in place of the record; a mechanism with variants gives them in its variants alone.
    events: kinds it may emit. receives: kinds of directive it carries out. sources: keys of the literature behind it.
    variants: the historically meaningful ways in which it could have worked otherwise. when_off: system -> what
    "without it" means. moves: system -> observables that change when it is off.
    """

    name: str = ""
    claim: str = ""
    systems: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    phase: str = ""
    cadence: str = "month"
    reads: tuple[str, ...] = ()
    reads_now: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    parameters: Mapping[str, str] = {}
    drivers: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    when_off: Mapping[str, str] = {}
    moves: Mapping[str, tuple[str, ...]] = {}

    def step(self, now: int, look: Look, draw: Draw, post: Post, emit: Emit) -> dict[str, np.ndarray] | None:
        raise NotImplementedError(f"{type(self).__name__} declares no step()")

    def found(self, founding, world, accounts: dict[str, dict[str, int]], scale: int) -> None:
        """Set up what the mechanism keeps, and open its accounts in the ledger. Most have nothing to do."""

    def due(self, month: int) -> bool:
        """Whether the mechanism acts in this month of the run."""
        return month % CADENCES[self.cadence] == 0


class UndeclaredAccess(Exception):
    """A mechanism touched something it had not declared: a defect of the mechanism, not of the user's input."""


class Look:
    """What one mechanism may see: its columns, parameters, drivers, switches, variant and directives."""

    def __init__(self, mechanism: Mechanism, values: Mapping[str, float], world) -> None:
        self._mechanism = mechanism
        self._world = world
        self._now = frozenset((*mechanism.reads_now, *mechanism.keeps, *mechanism.tables))
        self._as_now, self._as_started = world.now, world.start
        self.p = SimpleNamespace(**{key.split(".", 1)[1]: values[key] for key in mechanism.parameters})
        self._tuples: dict[type, tuple] = {}
        self._tables: dict[Callable, tuple] = {}
        self._rows: dict[tuple[str, ...], np.ndarray] = {}
        self.variant = world.variants.get(mechanism.name, "")

    def __getitem__(self, column: str) -> np.ndarray:
        return self._as_now[column] if column in self._now else self._as_started[column]

    def columns(self, names: tuple[str, ...]) -> Iterable[np.ndarray]:
        """Columns of a table that the mechanism may change."""
        return map(self._as_now.__getitem__, names)

    def table(self, kind: Callable, names: tuple[str, ...]) -> tuple:
        """Columns of a table as ``kind`` makes a tuple of them: the same all through a run, as they change in place."""
        if kind not in self._tables:
            self._tables[kind] = kind(*self.columns(names))
        return self._tables[kind]

    def rates(self, kind: type) -> tuple:
        """The parameters that the named tuple ``kind`` asks for, to hand to a kernel: the same all through a run."""
        if kind not in self._tuples:
            self._tuples[kind] = kind(*(getattr(self.p, name) for name in kind._fields))
        return self._tuples[kind]

    def row(self, names: tuple[str, ...]) -> np.ndarray:
        """These parameters as an array, the same all through a run and not to be written to."""
        if names not in self._rows:
            self._rows[names] = np.array([getattr(self.p, name) for name in names])
        return self._rows[names]

    def driver(self, name: str) -> float:
        """This month's value of an exogenous series (or of another sector forced to the record)."""
        return self._world.driver(name)

    def on(self, system: str) -> bool:
        """Whether a system is switched on; a mechanism that carries it applies its declared rule when it is not."""
        return system not in self._world.off

    def directives(self) -> list[Directive]:
        """Directives addressed to this mechanism since it last acted; they are handed over once."""
        return self._world.deliver(self._mechanism.receives)

    def labels(self, axis: str) -> tuple[str, ...]:
        """Names along an axis (leaders, regions), for titles and actors only."""
        return self._world.labels[axis]

    def scheduled(self, kind: str) -> list[tuple]:
        """What the statutory or given calendar sets for this month, e.g. ``("congress", "XIV Congress", {...})``."""
        return self._world.calendar.get((kind, self._world.month), [])

    def coming(self, kind: str, name: str) -> bool:
        """Whether the calendar still holds an entry of this kind and name in a later month."""
        return any(
            k == kind and m > self._world.month and any(name in entry for entry in entries)
            for (k, m), entries in self._world.calendar.items()
        )


class StrictLook(Look):
    """A look that shows only what is declared, and hands out nothing that could be changed in place by mistake."""

    def __getitem__(self, column: str) -> np.ndarray:
        declared = self._now | frozenset(self._mechanism.reads)
        if column not in declared:
            raise UndeclaredAccess(f"{self._mechanism.name} reads {column!r} but declares only {sorted(declared)}")
        values = super().__getitem__(column)
        if column in self._mechanism.keeps or column in self._mechanism.tables:
            return values
        view = np.asarray(values).view()
        view.flags.writeable = False
        return view

    def columns(self, names: tuple[str, ...]) -> Iterable[np.ndarray]:
        if not frozenset(names) <= self._now:
            raise UndeclaredAccess(f"{self._mechanism.name} takes {sorted(frozenset(names) - self._now)} undeclared")
        return super().columns(names)

    def driver(self, name: str) -> float:
        if name not in self._mechanism.drivers:
            raise UndeclaredAccess(f"{self._mechanism.name} follows driver {name!r} but does not declare it")
        return super().driver(name)

    def on(self, system: str) -> bool:
        if system not in self._mechanism.systems:
            raise UndeclaredAccess(f"{self._mechanism.name} asks for {system} but does not declare it")
        return super().on(system)


class Draw:
    """Keyed uniforms of one mechanism: ``draw("vacancy", ids)``, or ``draw.stream("vacancy")`` for a kernel."""

    def __init__(self, mechanism: Mechanism, seed: int) -> None:
        self._mechanism = mechanism
        self._keys = {name: draws.stream(seed, f"{mechanism.name}.{name}", 0)[:3] for name in mechanism.draws}
        self._seed = seed
        self.month = np.uint64(0)

    def __call__(self, decision: str, entities, k: int = 0) -> np.ndarray:
        return draws.fill(self.stream(decision), entities, k)

    def normal(self, decision: str, entities) -> np.ndarray:
        """Standard normal draws, one for each entity id."""
        self.stream(decision)
        return draws.normal(self._seed, f"{self._mechanism.name}.{decision}", int(self.month), entities)

    def one(self, decision: str, entity: int, k: int = 0) -> float:
        """A single uniform, as ``draw(decision, entity, k)[0]`` would give it."""
        return draws.one(self.stream(decision), entity, k)

    def stream(self, decision: str) -> tuple:
        if decision not in self._keys:
            raise UndeclaredAccess(f"{self._mechanism.name} draws {decision!r} but does not declare it")
        return (*self._keys[decision], self.month)


class Post:
    """Moves an amount along a declared flow of a conserved stock; returns what the source could grant."""

    def __init__(self, mechanism: Mechanism, ledger) -> None:
        self._name = mechanism.name
        self._paths = {flow: parse_flow(flow) for flow in mechanism.flows}
        self._ledger = ledger

    def __call__(self, flow: str, amount, region: str | None = None):
        path = self._paths.get(flow)
        if path is None:
            raise UndeclaredAccess(f"{self._name} posts {flow!r} but declares only {tuple(self._paths)}")
        return self._ledger.post(path, amount, self._name, region) if amount else 0

    def balance(self, stock: str, account: str) -> int:
        """What an account holds now, to check one's own table against the ledger."""
        return self._ledger.balance(stock, account)


class Emit:
    """Writes events, motions, directives and measures. Events get stable ids, which later events name as causes."""

    def __init__(self, mechanism: Mechanism, chronicle, world, recorder) -> None:
        self._mechanism = mechanism
        self._chronicle = chronicle
        self._world = world
        self._recorder = recorder

    def __call__(self, kind: str, title: str, actors=(), place=None, because=(), **numbers) -> str:
        """Write an event; returns its id. ``because``: ids of earlier events, or readings from ``reading()``."""
        if kind not in self._mechanism.events:
            raise UndeclaredAccess(f"{self._mechanism.name} emits {kind!r} but declares only {self._mechanism.events}")
        return self._chronicle.write(
            self._world.month, kind, title, tuple(actors), place, numbers, tuple(because), self._mechanism.name
        )

    def motion(self, kind: str, title: str, forum: str, voters, votes, reasons, **event) -> str:
        """Write an event with its roll-call: ``voters`` names (n), ``votes`` and ``reasons`` as in `Motion`.

        event: actors, because and numbers, as for an event without votes.
        """
        identity = self(kind, title, forum=forum, **event)
        self._recorder.vote(Motion(identity, self._world.month, forum, title, tuple(voters), votes, reasons))
        return identity

    def directive(self, kind: str, subject: int, because=(), **terms) -> None:
        """Send an order to whichever mechanism receives this kind; it arrives when that mechanism next acts."""
        self._world.send(Directive(kind, subject, terms, tuple(because), self._mechanism.name))

    def last(self, kind: str, subject: str | None = None, after: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Id of the latest event of a kind, to name it as a cause: a tuple of none or one.

        subject: its first actor or, where it has none, its place. after: only if it was written after these events.
        """
        return self._chronicle.last(kind, subject, after)

    def measure(self, series: str, value, region: str | None = None, back: int = 0) -> None:
        """Report an output series for this month, or for one ``back`` months ago. Has no effect on the run."""
        if back <= self._world.month:
            self._recorder.measure(series, self._world.month - back, value, region)

    def by_region(self, series: str, values: np.ndarray, back: int = 0) -> None:
        """Report an output series of every region (region,) for this month, or for one ``back`` months ago."""
        if back <= self._world.month:
            self._recorder.by_region(series, self._world.month - back, values, self._world.labels["region"])

    def measures(self, values: Mapping[str, float]) -> None:
        """Report many output series for this month: name -> value."""
        for series, value in values.items():
            self._recorder.measure(series, self._world.month, value)


def reading(name: str, value: float) -> str:
    """A cause that is a state of affairs rather than an event: ``reading("scissors_ratio", 2.94)``."""
    return f"{name}={value:.4g}"
