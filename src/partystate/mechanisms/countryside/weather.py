"""The weather of the farming year by region."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.mechanisms.countryside.table import ZONES
from partystate.model.mechanism import Mechanism

MEASURED = tuple(f"rain_may_jul_z_{zone}" for zone in ZONES)
CODED = "weather_index"


class Weather(Mechanism):
    name = "weather"
    claim = "Harvests vary with a weather that is partly common to the country, partly to a rain zone, partly local."
    systems = ("S18",)
    sources = ("dw2004", "ghcn_gridded")
    phase = "life"
    reads = ("area.zone", "area.id")
    sets = ("area.weather",)
    draws = ("country", "zone", "area")
    drivers = (*MEASURED, CODED)
    parameters = {
        "weather.season": "months",
        "weather.spread_country": "share",
        "weather.spread_zone": "share",
        "weather.spread_area": "share",
        "weather.rain_gain": "share",
        "weather.rain_excess": "share",
        "weather.coded_gain": "share",
    }
    variants = ("measured_rain", "coded_index")
    when_off = {"S18": "Every year has average weather."}
    moves = {"S18": ("grain_harvest_dw",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        if calendar.month_of_year(now) != p.season:
            return None
        zone = look["area.zone"]
        if not look.on("S18"):
            return {"area.weather": np.ones(zone.size)}
        area = p.spread_area * draw.normal("area", look["area.id"])
        spread = np.square(p.spread_area)
        if look.variant == "coded_index":
            return {"area.weather": np.exp(p.coded_gain * look.driver(CODED) + area - spread / (1 + 1))}
        common = p.spread_country * draw.normal("country", [0])[0]
        by_zone = common + p.spread_zone * draw.normal("zone", np.arange(len(ZONES) + 1))
        spread += np.square(p.spread_country) + np.square(p.spread_zone)
        if look.variant == "measured_rain":
            rain = np.array([look.driver(name) for name in MEASURED])
            # Drought and too much rain both lower the yield; zones without a gauge keep their chance weather.
            by_zone[: len(ZONES)] = p.rain_gain * rain - p.rain_excess * (np.square(rain) - 1)
        return {"area.weather": np.exp(by_zone[zone] + area - spread / (1 + 1))}
