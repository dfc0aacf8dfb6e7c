"""Compiles the kernels once, before any run waits for them and before several processes want them at the same time."""

from __future__ import annotations

import time

MARK = "complete"


def is_warm() -> bool:
    """Whether the kernels of exactly these sources lie compiled in the cache."""
    from partystate.foundation import kernels

    return (kernels.cache_dir() / MARK).exists()


def warm() -> float:
    """Runs a history of every sector, so that each kernel is compiled and cached; returns the seconds it took."""
    from partystate.foundation import kernels
    from partystate.model import catalogue
    from partystate.runs.recipe import Recipe

    begun = time.perf_counter()
    Recipe().built().simulate(seed=0)
    for sector in catalogue.SECTORS:
        if sector not in catalogue.STANDARD:
            Recipe(only=sector).built().simulate(seed=0)
    folder = kernels.cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return time.perf_counter() - begun


def once() -> None:
    """Compiles what is not compiled yet."""
    if not is_warm():
        warm()
