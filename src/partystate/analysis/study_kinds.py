"""The kinds of studies: what is measured in each of their runs, and which series their parts hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import rural_measures, study_measures
from .study import POWER

RURAL = "countryside"


@dataclass(frozen=True)
class Kind:
    """measure: outcomes of a run. version: hash of what it measures. kept: the national series that parts hold."""

    measure: Callable[[Any], dict[str, float]]
    version: Callable[[], str]
    kept: Callable[[], frozenset[str]]


KINDS: Mapping[str, Kind] = {
    POWER: Kind(study_measures.measure_power, study_measures.measures_version, study_measures.kept),
    RURAL: Kind(rural_measures.measure, rural_measures.version, rural_measures.kept),
}
