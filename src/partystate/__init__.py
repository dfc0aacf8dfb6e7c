"""An executable, evidence-checked model of the Stalinist party-state, January 1922 to June 1941.

    import partystate

    reference = partystate.ensemble(runs=200)
    changed = partystate.ensemble(off=["S01"], runs=200)
    partystate.compare(reference, changed)

Nothing else is imported until a name is used.
"""

from __future__ import annotations

from typing import Any

_HOMES = {
    "partystate.app.api": ("ask", "compare", "ensemble", "open_ensemble", "open_run", "run"),
    "partystate.app.methods": ("attribute", "cite", "claims", "discover", "score", "sensitivity"),
    "partystate.app.results": ("Answer", "Comparison", "Ensemble", "Run", "Told"),
    "partystate.foundation.problems": ("Problem",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = [
    "Answer",
    "Comparison",
    "Ensemble",
    "Problem",
    "Run",
    "Told",
    "ask",
    "attribute",
    "cite",
    "claims",
    "compare",
    "discover",
    "ensemble",
    "open_ensemble",
    "open_run",
    "run",
    "score",
    "sensitivity",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
