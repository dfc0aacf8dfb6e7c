"""Whether an implementation did the work: its result against a reference, before its time counts."""

from __future__ import annotations

import numpy as np

from . import workload as w

COUNTS = (w.ALIVE, w.KOLKHOZ, w.DISTRESS, w.SLAUGHTERED, w.DIED_OUT)
AMOUNTS = (w.GRAIN, w.SOLD, w.DELIVERED)
YEARS_END = (11, 23, 35)
TIGHT_AMOUNT, TIGHT_COUNT = 1e-3, 1e-4  # of the national amount; of all households
LOOSE, ERRORS = 0.015, 5  # of the reference; standard errors


def faults(result: np.ndarray, reference: np.ndarray, households: int, same_draws: bool) -> list[str]:
    """What is wrong with a result, float64[36, 30, 8]; empty if it passes.

    With the same draws every number of every region and month must agree but for rounding at a few thresholds;
    with others the years' ends must agree within chance, for the country and over the regions.
    """
    if np.shape(result) != reference.shape:
        return [f"the result has the shape {np.shape(result)}, not {reference.shape}"]
    if not np.isfinite(result).all():
        return ["the result has numbers that are not finite"]
    if same_draws:
        return [*_differing(result, reference, households)]
    return [*_unlikely(result, reference, households), *_unlike_regions(result, reference, households)]


def _differing(result, reference, households):
    apart = np.abs(result - reference)
    allowed = np.full(apart.shape, max(1.0, TIGHT_COUNT * households))
    for series in AMOUNTS:
        allowed[:, :, series] = TIGHT_AMOUNT * reference[:, :, series].sum(axis=1, keepdims=True) + 1 / 256
    for month, region, series in np.argwhere(apart > allowed)[:5]:
        yield (
            f"{w.SERIES[series]} of region {region} in month {month} is {result[month, region, series]:.6g}, "
            f"not {reference[month, region, series]:.6g}"
        )


def summary(result: np.ndarray, households: int) -> dict[str, float]:
    """The country at the end of each year: shares, grain of a household, and what was summed up since the beginning."""
    month = result.sum(axis=1)
    added = month.cumsum(axis=0)
    found = {}
    for t in YEARS_END:
        found[f"alive, month {t}"] = month[t, w.ALIVE] / households
        found[f"kolkhoz, month {t}"] = month[t, w.KOLKHOZ] / month[t, w.ALIVE]
        found[f"grain, month {t}"] = month[t, w.GRAIN] / month[t, w.ALIVE]
        for series in (w.SOLD, w.DELIVERED, w.SLAUGHTERED, w.DIED_OUT):
            found[f"{w.SERIES[series]} until month {t}"] = added[t, series] / households
    return found


def _unlikely(result, reference, households):
    wanted = summary(reference, households)
    for name, value in summary(result, households).items():
        # Amounts vary more between households than counts; both results vary, hence the factor of 1.5.
        spread = 3 if name.startswith(("grain", "sold", "delivered")) else 1
        error = 1.5 * spread * np.sqrt(max((value + wanted[name]) / 2, 1e-9) / households)
        if abs(value - wanted[name]) > max(LOOSE * abs(wanted[name]), ERRORS * error):
            yield f"{name} is {value:.6g} a household, not {wanted[name]:.6g}"


def _unlike_regions(result, reference, households):
    most = 0.05 if households >= 100_000 else 0.2
    for series in (w.KOLKHOZ, w.GRAIN):
        ours, theirs = (a[-1, :, series] / np.maximum(a[-1, :, w.ALIVE], 1) for a in (result, reference))
        apart = float(np.sqrt(np.mean(((ours - theirs) / theirs) ** 2)))
        if not apart < most:
            yield f"{w.SERIES[series]} of the regions is {apart:.1%} off, at most {most:.0%} is allowed"
