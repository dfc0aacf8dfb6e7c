"""The outcomes of the countryside, on made-up series."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from partystate.analysis import outcomes, rural_outcomes
from partystate.foundation import calendar


def history(months=calendar.MONTHS, share=None, titles=()):
    """A run with the collectivised share `share` (month -> per cent); a thousand die in excess each month."""
    series = {
        "collectivised_households": np.array(
            [(share or (lambda _: 0.0))(m) for m in range(calendar.MONTHS)], dtype=float
        ),
        "rural_excess_deaths": np.ones(calendar.MONTHS),
        "horses_jan": np.linspace(30, 15, calendar.MONTHS),
        "cattle_jan": np.full(calendar.MONTHS, 60.0),
        "grain_harvest_dw": np.full(calendar.MONTHS, 56.0),
        "grain_procurement": np.full(calendar.MONTHS, 22.8),
    }
    for values in series.values():
        values[months:] = np.nan
    chronicle = [SimpleNamespace(title=title, month=month) for title, month in titles]
    return SimpleNamespace(
        series={(name, None): values for name, values in series.items()}, chronicle=chronicle, months=months
    )


def test_peak_and_trough_are_those_of_their_months():
    peak, trough = calendar.index("1930-03"), calendar.index("1930-08")
    found = rural_outcomes.measure(history(share=lambda m: {peak: 57.0, trough: 21.0}.get(m, 30.0)))
    assert (found["collectivised_peak"], found["collectivised_trough"]) == (57.0, 21.0)
    assert found["half_collectivised"] == 1.0


def test_a_retreat_counts_only_when_it_comes_in_time():
    title = "Retreat: excesses condemned, members free to leave, plots allowed"
    early, late = calendar.index("1930-03"), calendar.index("1932-03")
    assert rural_outcomes.measure(history(titles=[(title, early)]))["retreat"] == 1.0
    assert rural_outcomes.measure(history(titles=[(title, late)]))["retreat"] == 0.0
    assert rural_outcomes.measure(history(titles=[("Plan for grain: 20 million tonnes", early)]))["retreat"] == 0.0


def test_deaths_are_summed_in_millions():
    assert rural_outcomes.measure(history())["excess_deaths"] == pytest.approx(60 / 1000)


def test_what_a_short_run_has_not_reached_is_undefined():
    found = rural_outcomes.measure(history(months=60))
    assert np.isnan([found[name] for name in rural_outcomes.DEFINITIONS]).all()


def test_every_outcome_has_a_title_and_a_meaning():
    found = set(rural_outcomes.measure(history()))
    assert found == set(rural_outcomes.DEFINITIONS) == set(rural_outcomes.TITLES)
    assert set(rural_outcomes.CHANCES) < found
    assert not found & set(outcomes.DEFINITIONS)


@pytest.mark.parametrize(
    ("sectors", "measure"),
    [
        (("power",), outcomes.measure),
        (("countryside",), rural_outcomes.measure),
        (("power", "countryside"), rural_outcomes.both),
    ],
)
def test_runs_are_measured_by_their_sectors(sectors, measure):
    assert rural_outcomes.of_sectors(sectors) is measure
