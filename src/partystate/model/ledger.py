"""Stocks that are conserved move only as named flows between accounts.

So the books can be checked each month, every change splits exactly by mechanism, and two claims on one stock are
settled by a declared rule: claims are met in the order of the working month, each up to what the source still holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

Key = tuple[tuple[str, str, str], str | None, str]  # path, region, mechanism


@dataclass(slots=True)
class FlowRow:
    """One mechanism's movement of one month. Not frozen, as thousands are made and that would take most of the time."""

    month: int
    stock: str
    source: str
    target: str
    region: str | None
    mechanism: str
    amount: int


class BooksDoNotBalance(Exception):
    """Something was made or lost outside the ledger: a defect of the model, and a hard stop."""


@cache
def parse_flow(flow: str) -> tuple[str, str, str]:
    """``"members: outside -> candidates"`` -> ("members", "outside", "candidates")."""
    stock, _, path = flow.partition(":")
    source, arrow, target = path.partition("->")
    if not (stock.strip() and arrow and source.strip() and target.strip()):
        raise ValueError(f"expected a flow as 'stock: source -> target', came {flow!r}")
    return stock.strip(), source.strip(), target.strip()


class Ledger:
    """Whole-number accounts by stock. ``post`` is the only way to change a balance."""

    def __init__(self, accounts: Mapping[str, Mapping[str, int]]) -> None:
        self.accounts = {stock: {name: int(v) for name, v in held.items()} for stock, held in accounts.items()}
        self._totals = {stock: sum(held.values()) for stock, held in self.accounts.items()}
        self._month: dict[Key, int] = {}
        self._closed: list[tuple[int, dict[Key, int]]] = []  # months whose rows nobody has asked for yet
        self._rows: list[FlowRow] = []
        self.month = 0

    def post(self, path: tuple[str, str, str], amount: int, mechanism: str, region: str | None = None) -> int:
        """Move up to ``amount`` (whole, not negative) along a flow as `parse_flow` gives it; return what was moved."""
        stock, source, target = path
        held, amount = self.accounts[stock], int(amount)
        if amount < 0:
            raise BooksDoNotBalance(f"{mechanism} posts {amount} of {stock}, {source} -> {target}; expected 0 or more")
        there = held[source]
        granted = amount if amount <= there else there
        if granted:
            held[source] = there - granted
            held[target] += granted
            key = (path, region, mechanism)
            self._month[key] = self._month.get(key, 0) + granted
        return granted

    @property
    def rows(self) -> list[FlowRow]:
        """The flows of all months that are closed. Made when asked for, as most histories are run for their series."""
        for month, flows in self._closed:
            self._rows += [FlowRow(month, *path, region, name, sum_) for (path, region, name), sum_ in flows.items()]
        self._closed.clear()
        return self._rows

    def close(self, month: int) -> None:
        """Check the month's books and write its flows down."""
        for stock, held in self.accounts.items():
            balances = held.values()
            if sum(balances) != self._totals[stock] or min(balances) < 0:
                total = self._totals[stock]
                raise BooksDoNotBalance(f"stock {stock!r} in month {month}: {held}, expected {total} in all")
        self._closed.append((self.month, self._month))
        self._month = {}

    def balance(self, stock: str, account: str) -> int:
        return self.accounts[stock][account]
