"""The countryside standard workload: sizes, numbers, initial state and the form of the result.

A job small enough to be written down completely and done by every framework, so that speeds can be given as ratios
measured side by side. It is no history: the numbers are chosen so that every branch is taken. Needs only NumPy.

Households 0 … N-1 live in 30 regions, household i in region floor(30 i / N); 36 months, month 0 is January. In each
month every living household goes through these steps, in this order, before any household begins the next month:

1. harvest, in August: grain += land · yield of the region · weather of the year · (0.6 + 0.8 u0) · (0.85 if kolkhoz)
2. eat: need = 0.21 size + 0.15 livestock; short = grain < need; grain -= min(grain, need);
   low = low + 1 (200 at most) if short, else 0
3. sell, in March, September, October, November: surplus = max(0, grain - 9 need);
   share = 0.9 - 0.35 price (0.5 + hoard), held within 0 … 0.9; sold = share · surplus; grain -= sold;
   price = 1.2 + 0.6 · national share of kolkhoz households a month ago
4. deliver, in October and December: taken = quota of the year · grain, half of it if hidden; grain -= taken;
   hidden = not kolkhoz and u1 < 0.3 hoard
5. distress = low >= 3. In distress, a household with livestock slaughters one head for 1.5 of grain;
   one without dies out if u2 < 0.02
6. join, if alive and not kolkhoz: if u3 < pressure (0.02 + 0.25 · regional share a month ago) (1.5 - hoard)
7. record the eight `SERIES` of every region

The reference draws are Philox4x32-10 with key (seed, 0) and counter (household, month, 0, 0), or (household, 0, 1, 0)
for the initial state: u_k = (word k >> 8) / 2**24. Another good generator may serve for the months, never for the
initial state. Real numbers are 32-bit floats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REGIONS, MONTHS, SEED = 30, 36, 1922
SERIES = ("alive", "kolkhoz", "grain", "distress", "sold", "delivered", "slaughtered", "died out")
ALIVE, KOLKHOZ, GRAIN, DISTRESS, SOLD, DELIVERED, SLAUGHTERED, DIED_OUT = range(len(SERIES))
BYTES = 23  # touched for a household in a month: 16 read and 7 written

NEED_PERSON, NEED_ANIMAL = 0.21, 0.15
HARVEST_BASE, HARVEST_SPREAD, HARVEST_KOLKHOZ = 0.6, 0.8, 0.85
RESERVE, SHARE_MOST, SHARE_PRICE, SHARE_BASE = 9.0, 0.9, 0.35, 0.5
PRICE_BASE, PRICE_KOLKHOZ = 1.2, 0.6
HIDING, HIDDEN = 0.3, 0.5
LOW_MOST, LOW_DISTRESS, SLAUGHTER_GRAIN, DEATH = 200, 3, 1.5, 0.02
JOIN_BASE, JOIN_SHARE, JOIN_HOARD = 0.02, 0.25, 1.5

_region, _month = np.arange(REGIONS), np.arange(MONTHS)
LAND = (0.9 + 0.4 * ((11 * _region) % 30) / 29).astype(np.float32)
YIELD = (4.0 + 3.0 * ((7 * _region) % 30) / 29).astype(np.float32)
WEATHER = np.array([1.0, 0.6, 0.9], np.float32)
PRESSURE = np.where(_month < 12, 0.1, np.minimum(1.0, 0.1 + 0.05 * (_month - 12))).astype(np.float32)
QUOTA = (0.1 + 0.1 * (_month // 12)).astype(np.float32)
HARVEST = _month % 12 == 7
MARKET = np.isin(_month % 12, (2, 8, 9, 10))
PROCUREMENT = np.isin(_month % 12, (9, 11))

_MASK, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@dataclass(frozen=True)
class Households:
    """The initial state, one row a household. region, size, livestock: uint8; land, hoard, grain: float32."""

    region: np.ndarray
    size: np.ndarray
    land: np.ndarray
    hoard: np.ndarray
    grain: np.ndarray
    livestock: np.ndarray

    def __len__(self) -> int:
        return self.region.size


def bounds(households: int) -> np.ndarray:
    """int64[31]: region r holds households bounds[r] … bounds[r + 1] - 1."""
    return np.array([-(-region * households // REGIONS) for region in range(REGIONS + 1)], np.int64)


def uniforms(households: np.ndarray, month: int, stream: int, seed: int) -> tuple[np.ndarray, ...]:
    """The four reference uniforms of each household, float32; the months use stream 0, the initial state stream 1."""
    c0 = np.asarray(households, np.uint64)
    c1, c2, c3 = np.full_like(c0, month), np.full_like(c0, stream), np.zeros_like(c0)
    k0, k1 = seed & 0xFFFFFFFF, 0
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ np.uint64(k0), p1 & _MASK, (p0 >> _32) ^ c3 ^ np.uint64(k1), p0 & _MASK
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return tuple((word >> np.uint64(8)).astype(np.float32) * np.float32(2**-24) for word in (c0, c1, c2, c3))


def initial(households: int, seed: int = SEED) -> Households:
    """January, made in parts so that no copy of 64-bit words for all households is ever held."""
    limits = bounds(households)
    region = np.repeat(np.arange(REGIONS, dtype=np.uint8), np.diff(limits))
    size, livestock = np.empty(households, np.uint8), np.empty(households, np.uint8)
    land, hoard, grain = (np.empty(households, np.float32) for _ in range(3))
    for start in range(0, households, 1 << 17):
        part = slice(start, min(start + (1 << 17), households))
        u0, u1, u2, u3 = uniforms(np.arange(part.start, part.stop), 0, 1, seed)
        persons = 3 + np.floor(5 * u0)
        size[part] = persons
        land[part] = persons * (np.float32(0.7) + np.float32(0.6) * u1) * LAND[region[part]]
        hoard[part] = u2
        livestock[part] = np.floor(4 * u3)
        grain[part] = np.float32(0.21) * persons * np.float32(7.5) + np.float32(0.3) * land[part]
    return Households(region, size, land, hoard, grain, livestock)


def national_share(month: np.ndarray) -> float:
    """Share of the living households of the country that are in a kolkhoz. month: float64[30, 8]."""
    alive = month[:, ALIVE].sum()
    return float(month[:, KOLKHOZ].sum() / alive) if alive else 0.0


def regional_shares(month: np.ndarray) -> np.ndarray:
    """The same for every region, float32[30]. month: float64[30, 8]."""
    return (month[:, KOLKHOZ] / np.maximum(month[:, ALIVE], 1)).astype(np.float32)
