"""Series of regions may be written one by one or all at once, and a thawed history goes on writing them."""

from __future__ import annotations

import numpy as np

from partystate.engine.recorder import Recorder

REGIONS = ("here", "there")


def test_all_regions_at_once_are_what_each_by_itself_would_be():
    alone, together = Recorder(), Recorder()
    for month in (0, 1):
        values = np.array([1.0, 2.0]) + month
        together.by_region("grain", month, values, REGIONS)
        for region, value in zip(REGIONS, values.tolist(), strict=True):
            alone.measure("grain", month, value, region)
    assert list(alone.series) == list(together.series)
    for key, values in alone.series.items():
        np.testing.assert_array_equal(values, together.series[key])


def test_what_was_written_before_stays():
    recorder = Recorder()
    recorder.measure("grain", 0, 7.0, "there")
    recorder.by_region("grain", 1, np.array([1.0, 2.0]), REGIONS)
    recorder.measure("grain", 2, 3.0, "here")
    assert recorder.series["grain", "there"][:2].tolist() == [7.0, 2.0]
    assert recorder.series["grain", "here"][1:3].tolist() == [1.0, 3.0]
