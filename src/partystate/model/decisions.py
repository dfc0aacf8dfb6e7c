"""Issue → options → motion → votes with reasons → directive → execution: the same records for every sector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Motion:
    """A motion as it was put and voted: ``votes`` (n,) of −1 against, 0 abstaining, 1 for; ``reasons`` term -> (n,)."""

    event: str
    month: int
    forum: str
    title: str
    voters: tuple[str, ...]
    votes: np.ndarray
    reasons: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Directive:
    """An order: what kind, about whom or what, on what terms, because of which decision, from which mechanism."""

    kind: str
    subject: int
    terms: Mapping[str, float]
    because: tuple[str, ...]
    sender: str
