"""The language of formal checks: its words, its grammar, and the tree it is read into.

    clause     = kind [ "(" head ")" ] [ "in" sector { "," sector } ":" ] body
    kind       = REF | ABL | VAR | READ | SHAPLEY | REC | INPUT | TXT | WAIT
    predicate  = conjunct { "or" conjunct }
    conjunct   = negation { "and" negation }
    negation   = [ "not" ] comparison
    comparison = sum [ relation sum [ "within" number unit ] | "in" "[" sum "," sum "]" | "reported" ]
    sum        = product { ( "+" | "-" ) product }
    product    = factor { ( "*" | "/" ) factor }
    factor     = "-" factor | number | date | text | name [ "(" [ argument { "," argument } ] ")" ] | "(" predicate ")"
    argument   = predicate [ "|" predicate ]

Only the first five kinds, which are about histories, name sectors: those that these histories work, the standard ones
where none are named. A relation is one of ``= != < <= > >=``, a date ``1926-10`` or ``1926-10-23``, a text stands in
double quotes. The bar is read "given". What the names and functions mean is for `check_histories` and `check_evidence`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

RELATIONS = ("<=", ">=", "!=", "=", "<", ">")
UNITS = ("%", "days", "day", "months", "month", "units")
WORDS = ("and", "or", "not", "in", "within", "reported")
HEADS = {"ABL": 1, "VAR": 1, "READ": 1, "SHAPLEY": 2}  # kinds that need a head, and its least number of parts
OPTIONAL = ("WAIT",)
PLAIN = ("TXT", "WAIT")  # kinds whose body is words
OF_HISTORIES = ("REF", "ABL", "VAR", "READ", "SHAPLEY")
TOKEN = re.compile(
    r"""(?P<date>\d{4}-\d{2}(?:-\d{2})?(?![\w.])) | (?P<number>\d+(?:\.\d+)?(?![\w.])) | (?P<text>"[^"]*")
      | (?P<name>[A-Za-z_][\w.]*) | (?P<sign><=|>=|!=|[-=<>+*/(),|%\[\]]) | (?P<wrong>\S)""",
    re.VERBOSE,
)
HEAD = re.compile(r"(?P<kind>[A-Z]+)(?:\((?P<head>[^()]*)\))?(?P<gap>\s*)")
SECTORS = re.compile(r"in (?P<names>[^:()]*):\s*")


class Misread(Exception):
    """A clause that breaks the grammar: at which character, what was expected and what came."""

    def __init__(self, at: int, expected: str, came: str) -> None:
        self.at, self.expected, self.came = at, expected, came
        super().__init__(f"character {at + 1}: expected {expected}; came {came}")


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Date:
    text: str


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Name:
    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Minus:
    of: Node


@dataclass(frozen=True)
class Sum:
    """Two terms joined by one of ``+ - * /``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """left relation right, within `slack` of a unit (0 of none)."""

    relation: str
    left: Node
    right: Node
    slack: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class Between:
    of: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class Reported:
    """A value that is told and not judged."""

    of: Node


@dataclass(frozen=True)
class Logic:
    """``and``, ``or`` of several parts, or ``not`` of one."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Given:
    """`what` among the histories in which `when` holds."""

    what: Node
    when: Node


Node = Number | Date | Text | Name | Call | Minus | Sum | Compare | Between | Reported | Logic | Given


@dataclass(frozen=True)
class Clause:
    """One clause. head: what stands in brackets after the kind; body: its predicate, or None where it is `words`.

    sectors: those that it names, none where its histories are the standard ones.
    """

    kind: str
    head: tuple[str, ...]
    body: Node | None
    words: str
    text: str
    sectors: tuple[str, ...] = ()


def parse(text: str) -> Clause:
    """Reads a clause; raises Misread with the place of the first fault."""
    opened = HEAD.match(text)
    if not opened or not opened["gap"]:
        raise Misread(0, "a kind such as REF or ABL(S01), and a blank", text.split(" ")[0] or "nothing")
    kind = opened["kind"]
    head = tuple(part.strip() for part in re.split(r"[,+]", opened["head"] or "") if part.strip())
    if kind not in HEADS and kind not in OPTIONAL and opened["head"] is not None:
        raise Misread(len(kind), "no brackets after " + kind, f"({opened['head']})")
    if len(head) < HEADS.get(kind, 0):
        raise Misread(len(kind), f"what {kind} is of, in brackets", f"({opened['head'] or ''})")
    start = opened.end()
    if kind in PLAIN:
        if not (words := text[start:].strip()):
            raise Misread(start, "words", "nothing")
        return Clause(kind, head, None, words, text)
    sectors: tuple[str, ...] = ()
    if named := SECTORS.match(text, start):
        sectors = tuple(part.strip() for part in named["names"].split(","))
        if kind not in OF_HISTORIES:
            raise Misread(start, f"no sectors after {kind}, which is not about histories", named.group().strip())
        start = named.end()
    return Clause(kind, head, _Reader(text, start).whole(), "", text, sectors)


class _Reader:
    """Recursive descent over the tokens of a predicate."""

    def __init__(self, text: str, start: int) -> None:
        self.tokens = [(m.lastgroup, m.group(), m.start()) for m in TOKEN.finditer(text, start)]
        self.tokens.append(("end", "nothing", len(text)))
        self.place = 0

    @property
    def now(self) -> str:
        kind, came, _ = self.tokens[self.place]
        return came if kind in ("sign", "name") else ""

    @property
    def at(self) -> int:
        return self.tokens[self.place][2]

    def wrong(self, expected: str) -> Misread:
        _, came, at = self.tokens[self.place]
        return Misread(at, expected, came)

    def take(self, *wanted: str) -> str:
        """The next token if it is one of `wanted`, and steps past it; otherwise nothing."""
        if self.now not in wanted:
            return ""
        self.place += 1
        return self.tokens[self.place - 1][1]

    def need(self, wanted: str) -> None:
        if not self.take(wanted):
            raise self.wrong(wanted)

    def whole(self) -> Node:
        found = self.predicate()
        if self.tokens[self.place][0] != "end":
            raise self.wrong("the end of the clause, or a relation such as >= between two values")
        return found

    def predicate(self) -> Node:
        return self.joined("or", lambda: self.joined("and", self.negation))

    def joined(self, word: str, part) -> Node:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Logic(word, tuple(parts))

    def negation(self) -> Node:
        return Logic("not", (self.comparison(),)) if self.take("not") else self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        if relation := self.take(*RELATIONS):
            right = self.sum()
            if self.take("within"):
                return Compare(relation, left, right, self.number("a number"), self.unit())
            return Compare(relation, left, right)
        if self.take("in"):
            self.need("[")
            low = self.sum()
            self.need(",")
            high = self.sum()
            self.need("]")
            return Between(left, low, high)
        return Reported(left) if self.take("reported") else left

    def unit(self) -> str:
        if found := self.take(*UNITS):
            return found
        raise self.wrong("one of " + ", ".join(UNITS))

    def sum(self) -> Node:
        left = self.product()
        while sign := self.take("+", "-"):
            left = Sum(sign, left, self.product())
        return left

    def product(self) -> Node:
        left = self.factor()
        while sign := self.take("*", "/"):
            left = Sum(sign, left, self.factor())
        return left

    def factor(self) -> Node:
        if self.take("-"):
            return Minus(self.factor())
        if self.take("("):
            inside = self.predicate()
            self.need(")")
            return inside
        kind, came, at = self.tokens[self.place]
        if kind == "number":
            return Number(self.number("a number"))
        if kind not in ("date", "text", "name") or came in WORDS:
            raise self.wrong("a number, a date, a name or a bracket")
        self.place += 1
        if kind == "date":
            return Date(came)
        if kind == "text":
            return Text(came[1:-1])
        return Call(came, self.arguments(), at) if self.take("(") else Name(came, at)

    def number(self, expected: str) -> float:
        kind, came, _ = self.tokens[self.place]
        if kind != "number":
            raise self.wrong(expected)
        self.place += 1
        return float(came)

    def arguments(self) -> tuple[Node, ...]:
        if self.take(")"):
            return ()
        found = [self.argument()]
        while self.take(","):
            found.append(self.argument())
        self.need(")")
        return tuple(found)

    def argument(self) -> Node:
        what = self.predicate()
        return Given(what, self.predicate()) if self.take("|") else what


def show(node: Node) -> str:
    """The text of a tree; reading it gives the same tree."""
    match node:
        case Number(value):
            return f"{value:.15g}"
        case Date(text):
            return text
        case Text(text):
            return f'"{text}"'
        case Name(name):
            return name
        case Call(name, arguments):
            return f"{name}({', '.join(map(show, arguments))})"
        case Minus(of):
            return f"-{_inner(of)}"
        case Sum(sign, left, right):
            return f"{_inner(left)} {sign} {_inner(right)}"
        case Compare(relation, left, right, slack, unit):
            return f"{_inner(left)} {relation} {_inner(right)}" + (f" within {slack:.15g} {unit}" if unit else "")
        case Between(of, low, high):
            return f"{_inner(of)} in [{_inner(low)}, {_inner(high)}]"
        case Reported(of):
            return f"{_inner(of)} reported"
        case Logic("not", (part,)):
            return f"not {_inner(part)}"
        case Logic(word, parts):
            return f" {word} ".join(map(_inner, parts))
        case Given(what, when):
            return f"{show(what)} | {show(when)}"


def _inner(node: Node) -> str:
    plain = isinstance(node, Number | Date | Text | Name | Call) or node == Minus(Number(_size(node)))
    return show(node) if plain else f"({show(node)})"


def _size(node: Node) -> float:
    return node.of.value if isinstance(node, Minus) and isinstance(node.of, Number) else 0.0


def inside(node: Node) -> Iterator[Node]:
    """The node and every node below it."""
    yield node
    match node:
        case Call(_, parts) | Logic(_, parts):
            below: tuple[Node, ...] = parts
        case Minus(of) | Reported(of):
            below = (of,)
        case Sum(_, left, right) | Compare(_, left, right) | Given(left, right):
            below = (left, right)
        case Between(of, low, high):
            below = (of, low, high)
        case _:
            below = ()
    for part in below:
        yield from inside(part)
