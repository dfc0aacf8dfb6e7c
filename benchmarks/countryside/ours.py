"""Our own kernel: the household machinery of partystate on the standard workload.

Households lie in columns (16 bytes each) and are worked through in pieces of at most 1,024 that never cross the border
of a region. Of each piece the draws are made first, into buffers that stay in the nearest cache, then the rules
are applied without branches; the compiler turns both loops into instructions that work on 8 or 16 households at once.
Sums are kept in integers of 1/256 and the pieces do not depend on the number of threads, so neither does a single bit
of the result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from partystate.foundation.draws import philox
from partystate.foundation.kernels import inlined, kernel

from . import workload as w

PIECE = 1024

# Numba's cache looks only at this file: it would not notice that a number of the workload has changed, nor that the
# tests know this module by another name than the race does, under which compiled code looks for its globals.
_SHARED = numba.config.CACHE_DIR
_OWN = hashlib.sha256(__name__.encode() + Path(w.__file__).read_bytes()).hexdigest()[:8]
numba.config.CACHE_DIR = f"{_SHARED}-{_OWN}"

_F, _I = np.float32, np.int32
_UNIT, _ROUND, _FIXED = _F(2**-24), _F(0.5), _F(256)
_0, _8 = np.uint64(0), np.uint64(8)
_PERSON, _ANIMAL = _F(w.NEED_PERSON), _F(w.NEED_ANIMAL)
_BASE, _SPREAD, _LESS = _F(w.HARVEST_BASE), _F(w.HARVEST_SPREAD), _F(1 - w.HARVEST_KOLKHOZ)
_RESERVE, _MOST, _SHARE, _EAGER = _F(w.RESERVE), _F(w.SHARE_MOST), _F(w.SHARE_PRICE), _F(w.SHARE_BASE)
_HIDING, _HIDDEN = _F(w.HIDING), _F(w.HIDDEN)
_LOW, _DISTRESS, _MEAT, _DEATH = _I(w.LOW_MOST), _I(w.LOW_DISTRESS), _F(w.SLAUGHTER_GRAIN), _F(w.DEATH)
_JOIN, _FOLLOW, _HOARD = _F(w.JOIN_BASE), _F(w.JOIN_SHARE), _F(w.JOIN_HOARD)
_PRICE, _RISE = _F(w.PRICE_BASE), _F(w.PRICE_KOLKHOZ)
_HARVEST, _MARKET, _PROCUREMENT = w.HARVEST.astype(_F), w.MARKET.astype(_F), w.PROCUREMENT.astype(_F)
_IS_BUSY = w.HARVEST | w.MARKET | w.PROCUREMENT
_YIELD, _WEATHER, _QUOTA, _PRESSURE = w.YIELD, w.WEATHER, w.QUOTA, w.PRESSURE
_NONE, _WHOLE = _F(0), _F(1)


def month_of(busy):
    """The kernel of one kind of month for one piece: a busy one has a harvest, a market or a procurement.

    u: float32[4, 1024], a buffer; sums: float64[8]; the others: columns of the piece. What a busy month does not have
    is switched off by a factor of 0, which changes no number. Numba widens the result of integers to 64 bits; `_I`
    takes it back to 32, so that twice as many households fit into an instruction.
    """

    @kernel
    def month(
        seed, t, first, pressure, price, crop, selling, quota, land, hoard, size, grain, livestock, low, flags, u, sums
    ):
        u0, u1, u2, u3 = u[0], u[1], u[2], u[3]
        for j in range(land.size):
            a, b, c, d = philox(np.uint64(first + j), np.uint64(t), _0, _0, np.uint64(seed), _0)
            if busy:
                u0[j] = _F(_I(a >> _8)) * _UNIT
                u1[j] = _F(_I(b >> _8)) * _UNIT
            u2[j] = _F(_I(c >> _8)) * _UNIT
            u3[j] = _F(_I(d >> _8)) * _UNIT
        living, joined, hungry, killed, gone = _I(0), _I(0), _I(0), _I(0), _I(0)
        stock, traded, levied = _I(0), _I(0), _I(0)
        for j in range(land.size):
            flag, animals, before, h = _I(flags[j]), _I(livestock[j]), _I(low[j]), hoard[j]
            alive, kolkhoz = _I(flag & _I(1)), _I(_I(flag >> _I(1)) & _I(1))
            lives, herd = _F(alive), _F(animals)
            held = grain[j]
            g = held
            if busy:
                g += land[j] * crop * (_BASE + _SPREAD * u0[j]) * (_WHOLE - _LESS * _F(kolkhoz))
            need = _PERSON * _F(size[j]) + _ANIMAL * herd
            short = g < need
            g -= g if short else need
            longer = _I(before + _I(1))
            longer = _LOW if longer > _LOW else longer
            hunger = longer if short else _I(0)
            sold, taken = _NONE, _NONE
            if busy:
                surplus = g - _RESERVE * need
                surplus = surplus if surplus > _NONE else _NONE
                share = _MOST - _SHARE * price * (_EAGER + h)
                share = _NONE if share < _NONE else share
                share = _MOST if share > _MOST else share
                sold = selling * share * surplus
                g -= sold
                seen = _HIDDEN if u1[j] < _HIDING * h else _WHOLE
                seen = _WHOLE if kolkhoz > _I(0) else seen
                taken = quota * g * seen
                g -= taken
            distress = _I(1) if hunger >= _DISTRESS else _I(0)
            owns = _I(1) if animals > _I(0) else _I(0)
            slaughter = _I(distress & owns)
            g += _MEAT * _F(slaughter)
            fails = _I(1) if u2[j] < _DEATH else _I(0)
            dies = _I(_I(distress & _I(owns ^ _I(1))) & fails)
            still = _I(alive & _I(dies ^ _I(1)))
            willing = _I(1) if u3[j] < pressure * (_HOARD - h) else _I(0)
            member = _I(kolkhoz | _I(willing & still))
            new = _I(_I(still | _I(member << _I(1))) | _I(distress << _I(2)))
            grain[j] = g if alive > _I(0) else held
            livestock[j] = np.uint8(_I(animals - _I(slaughter & alive)))
            low[j] = np.uint8(hunger if alive > _I(0) else before)
            flags[j] = np.uint8(new if alive > _I(0) else flag)
            living = _I(living + still)
            joined = _I(joined + _I(still & member))
            hungry = _I(hungry + _I(still & distress))
            killed = _I(killed + _I(alive & slaughter))
            gone = _I(gone + _I(alive & dies))
            stock = _I(stock + _I(_F(still) * g * _FIXED + _ROUND))
            traded = _I(traded + _I(lives * sold * _FIXED + _ROUND))
            levied = _I(levied + _I(lives * taken * _FIXED + _ROUND))
        sums[0] = living
        sums[1] = joined
        sums[2] = stock / 256.0
        sums[3] = hungry
        sums[4] = traded / 256.0
        sums[5] = levied / 256.0
        sums[6] = killed
        sums[7] = gone

    return month


_quiet, _busy = month_of(False), month_of(True)


@inlined
def _work(seed, t, price, shares, pieces, start, stop, land, hoard, size, grain, livestock, low, flags, u, sums):
    """Month t of pieces start … stop - 1."""
    crops, opened = _WEATHER[t // 12] * _HARVEST[t], _MARKET[t]
    quota = _QUOTA[t] * _PROCUREMENT[t]
    for i in range(start, stop):
        a, b, r = pieces[i, 0], pieces[i, 1], pieces[i, 2]
        join = _PRESSURE[t] * (_JOIN + _FOLLOW * shares[r])
        la, ho, si, gr, li, lo, fl = land[a:b], hoard[a:b], size[a:b], grain[a:b], livestock[a:b], low[a:b], flags[a:b]
        if _IS_BUSY[t]:
            _busy(seed, t, a, join, price, _YIELD[r] * crops, opened, quota, la, ho, si, gr, li, lo, fl, u, sums[i])
        else:
            _quiet(seed, t, a, join, price, _NONE, _NONE, _NONE, la, ho, si, gr, li, lo, fl, u, sums[i])


@inlined
def _close(pieces, sums, month, shares):
    """Adds the pieces up, writes the regional shares into `shares`, and returns the price of the next month."""
    for i in range(len(pieces)):
        for k in range(month.shape[1]):
            month[pieces[i, 2], k] += sums[i, k]
    alive, joined = 0.0, 0.0
    for r in range(len(month)):
        shares[r] = _F(month[r, 1] / month[r, 0]) if month[r, 0] > 0 else _NONE
        alive += month[r, 0]
        joined += month[r, 1]
    return _PRICE + _RISE * (_F(joined / alive) if alive > 0 else _NONE)


@kernel
def _alone(seed, pieces, land, hoard, size, grain, livestock, low, flags, u, sums, result):
    """All months by one thread."""
    shares, price, n = np.zeros(result.shape[1], _F), _PRICE, len(pieces)
    for t in range(len(result)):
        _work(seed, t, price, shares, pieces, 0, n, land, hoard, size, grain, livestock, low, flags, u[0], sums)
        price = _close(pieces, sums, result[t], shares)


@numba.njit(cache=True, fastmath=False, error_model="numpy", parallel=True)
def _together(seed, pieces, land, hoard, size, grain, livestock, low, flags, u, sums, result):
    """All months by as many threads as there are buffers, each with a run of pieces of its own."""
    shares, price, n, workers = np.zeros(result.shape[1], _F), _PRICE, len(pieces), len(u)
    for t in range(len(result)):
        for k in numba.prange(workers):
            a, b = k * n // workers, (k + 1) * n // workers
            _work(seed, t, price, shares, pieces, a, b, land, hoard, size, grain, livestock, low, flags, u[k], sums)
        price = _close(pieces, sums, result[t], shares)


numba.config.CACHE_DIR = _SHARED


def pieces_of(households: int) -> np.ndarray:
    """int64[pieces, 3]: first household, last + 1 and region of every piece; the same for any number of threads."""
    limits = w.bounds(households)
    return np.array(
        [
            (first, min(first + PIECE, limits[region + 1]), region)
            for region in range(w.REGIONS)
            for first in range(limits[region], limits[region + 1], PIECE)
        ],
        np.int64,
    )


def prepare(start: w.Households, seed: int, threads: int) -> Callable[[], np.ndarray]:
    """A run that is ready to go; calling it once makes all months and returns float64[36, 30, 8]."""
    numba.set_num_threads(threads)
    n, pieces = len(start), pieces_of(len(start))
    columns = (start.land, start.hoard, start.size, start.grain.copy(), start.livestock.copy())
    low, flags = np.zeros(n, np.uint8), np.ones(n, np.uint8)
    buffers, sums = np.empty((threads, 4, PIECE), _F), np.empty((len(pieces), len(w.SERIES)))

    def go() -> np.ndarray:
        result = np.zeros((w.MONTHS, w.REGIONS, len(w.SERIES)))
        (_alone if threads == 1 else _together)(seed, pieces, *columns, low, flags, buffers, sums, result)
        return result

    return go
