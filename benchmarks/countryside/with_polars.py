"""Polars: the rules as expressions on a frame, a few `with_columns` a month, draws from NumPy's fastest generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from . import workload as w

STATE = ("grain", "livestock", "low", "alive", "kolkhoz")


def number(value: float) -> pl.Expr:
    """A 32-bit literal, which keeps the columns at 32 bits."""
    return pl.lit(value, pl.Float32)


def frame(start: w.Households) -> pl.DataFrame:
    """The initial state with what does not change: region, size, land, hoard, yield."""
    return pl.DataFrame(
        {
            "region": start.region,
            "size": start.size.astype(np.float32),
            "land": start.land,
            "hoard": start.hoard,
            "yield": w.YIELD[start.region],
            "grain": start.grain,
            "livestock": start.livestock.astype(np.float32),
            "low": np.zeros(len(start), np.uint8),
            "alive": np.ones(len(start), bool),
            "kolkhoz": np.zeros(len(start), bool),
        }
    )


def month(
    df: pl.DataFrame, t: int, price: float, shares: np.ndarray, draw: Callable[[], np.ndarray]
) -> tuple[pl.DataFrame, np.ndarray]:
    """The frame after month t, and the record of the month, float64[30, 8]."""
    c = pl.col
    alive, kolkhoz = c("alive"), c("kolkhoz")
    rate = (w.PRESSURE[t] * (w.JOIN_BASE + w.JOIN_SHARE * shares)).astype(np.float32)
    drawn = {"u2": draw(), "u3": draw(), "rate": np.repeat(rate, np.diff(w.bounds(df.height)))}
    grain = c("grain")
    if w.HARVEST[t]:
        drawn["u0"] = draw()
        crop = c("land") * c("yield") * number(w.WEATHER[t // 12])
        crop *= number(w.HARVEST_BASE) + number(w.HARVEST_SPREAD) * c("u0")
        grain += pl.when(kolkhoz).then(number(w.HARVEST_KOLKHOZ) * crop).otherwise(crop)
    if w.PROCUREMENT[t]:
        drawn["u1"] = draw()
    need = number(w.NEED_PERSON) * c("size") + number(w.NEED_ANIMAL) * c("livestock")
    df = df.with_columns(**{name: pl.Series(values) for name, values in drawn.items()})
    df = df.with_columns(grain=grain, need=need)
    short = c("grain") < c("need")
    df = df.with_columns(
        grain=(c("grain") - c("need")).clip(lower_bound=number(0)),
        low=pl.when(short).then((c("low") + 1).clip(upper_bound=w.LOW_MOST)).otherwise(0).cast(pl.UInt8),
    )
    sold = taken = number(0)
    if w.MARKET[t]:
        surplus = (c("grain") - number(w.RESERVE) * c("need")).clip(lower_bound=number(0))
        share = number(w.SHARE_MOST) - number(w.SHARE_PRICE * price) * (number(w.SHARE_BASE) + c("hoard"))
        sold = share.clip(number(0), number(w.SHARE_MOST)) * surplus
    if w.PROCUREMENT[t]:
        hidden = ~kolkhoz & (c("u1") < number(w.HIDING) * c("hoard"))
        after = c("grain") - c("sold")
        taken = number(w.QUOTA[t]) * after * pl.when(hidden).then(number(w.HIDDEN)).otherwise(number(1))
    distress, owns = c("low") >= w.LOW_DISTRESS, c("livestock") > 0
    df = df.with_columns(sold=sold, slaughter=distress & owns).with_columns(taken=taken)
    df = df.with_columns(
        grain=c("grain") - c("sold") - c("taken") + number(w.SLAUGHTER_GRAIN) * c("slaughter").cast(pl.Float32),
        livestock=c("livestock") - c("slaughter").cast(pl.Float32),
        dying=alive & distress & ~owns & (c("u2") < number(w.DEATH)),
    )
    still = alive & ~c("dying")
    df = df.with_columns(
        before=alive,
        alive=still,
        kolkhoz=kolkhoz | (still & (c("u3") < c("rate") * (number(w.JOIN_HOARD) - c("hoard")))),
    )
    record = df.group_by("region", maintain_order=True).agg(
        alive.sum().cast(pl.Float64),
        (alive & kolkhoz).sum().cast(pl.Float64).alias("joined"),
        (c("grain") * alive).cast(pl.Float64).sum(),
        (alive & (c("low") >= w.LOW_DISTRESS)).sum().cast(pl.Float64).alias("distress"),
        (c("sold") * c("before")).cast(pl.Float64).sum(),
        (c("taken") * c("before")).cast(pl.Float64).sum(),
        (c("slaughter") & c("before")).sum().cast(pl.Float64),
        c("dying").sum().cast(pl.Float64),
    )
    return df.select("region", "size", "land", "hoard", "yield", *STATE), record.drop("region").to_numpy()


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    state = frame(start)
    generator = np.random.Generator(np.random.SFC64(seed))

    def draw() -> np.ndarray:
        return generator.random(len(start), np.float32)

    def go() -> np.ndarray:
        df, months = state, []
        shares, national = np.zeros(w.REGIONS, np.float32), 0.0
        for t in range(w.MONTHS):
            df, record = month(df, t, w.PRICE_BASE + w.PRICE_KOLKHOZ * national, shares, draw)
            months.append(record)
            shares, national = w.regional_shares(record), w.national_share(record)
        return np.array(months)

    return go
