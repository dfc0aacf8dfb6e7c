"""Keyed random draws: each is a pure function of (seed, decision, month, entity, k).

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"). Neither the order
nor the number of draws matters, so two scenarios with one seed share every draw that both make. This is the only
module of the project that makes random numbers.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from partystate.foundation.kernels import inlined, kernel

_MASK = np.uint64(0xFFFFFFFF)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_32 = np.uint64(32)
_11 = np.uint64(11)
_16 = np.uint64(16)
_TWO_53 = 1.0 / 9007199254740992.0
_TWO_32 = 1.0 / 4294967296.0
_TWO_16 = 1.0 / 65536.0
_TWO_21 = 1.0 / 2097152.0
_HALF_32 = np.float32(0.5)
_TWO_16_32 = np.float32(_TWO_16)
_21 = np.uint64(21)
_LOW = np.uint64(0xFFFF)
_LOW_21 = np.uint64(0x1FFFFF)


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on 32-bit words held in uint64; returns four words."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _MASK, (p0 >> _32) ^ c3 ^ k1, p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@inlined
def u01(stream, entity, k):
    """One uniform in [0, 1) with 53 bits. ``stream`` from ``stream()``; ``entity`` any 64-bit id; 0 <= k < 65536."""
    e = np.uint64(entity)
    c1 = stream[3] | (np.uint64(k) << _16)
    a, b, _c, _d = philox(stream[2], c1, e & _MASK, e >> _32, stream[0], stream[1])
    return np.float64(((a << _32) | b) >> _11) * _TWO_53


@inlined
def bits(stream, entity, k):
    """64 random bits: the id of a new person or household, stable whatever else happens."""
    e = np.uint64(entity)
    c1 = stream[3] | (np.uint64(k) << _16)
    _a, _b, c, d = philox(stream[2], c1, e & _MASK, e >> _32, stream[0], stream[1])
    return (c << _32) | d


@kernel
def _fill(stream, entities, k, out):
    for i in range(entities.size):
        out[i] = u01(stream, entities[i], k)


@kernel
def _one(stream, entity, k):
    return u01(stream, entity, k)


@inlined
def four(stream, entity, k):
    """Four uniforms in [0, 1) with 32 bits each, for several small decisions about one entity."""
    e = np.uint64(entity)
    c1 = stream[3] | (np.uint64(k) << _16)
    a, b, c, d = philox(stream[2], c1, e & _MASK, e >> _32, stream[0], stream[1])
    return np.float64(a) * _TWO_32, np.float64(b) * _TWO_32, np.float64(c) * _TWO_32, np.float64(d) * _TWO_32


@inlined
def eight(stream, entity, k):
    """Eight uniforms of 16 bits each, packed into two words; `lane` unpacks them.

    For small decisions that come in bundles, where a chance may be wrong by 1/65536.
    """
    e = np.uint64(entity)
    c1 = stream[3] | (np.uint64(k) << _16)
    a, b, c, d = philox(stream[2], c1, e & _MASK, e >> _32, stream[0], stream[1])
    return (a << _32) | b, (c << _32) | d


@kernel
def pairs(stream, ids, n, k, high, low):
    """The words of `eight` for the first ``n`` of ``ids`` (entity,), several at once, into ``high`` and ``low``.

    ``high >> 32`` and its lower half are the first two words of `four`, those of ``low`` the other two.
    """
    k0, k1, c0 = stream[0] & _MASK, stream[1] & _MASK, stream[2] & _MASK
    c1 = (stream[3] | (np.uint64(k) << _16)) & _MASK
    for i in range(n):
        a, b, c, d = philox(c0, c1, ids[i] & _MASK, ids[i] >> _32, k0, k1)
        high[i] = (a << _32) | b
        low[i] = (c << _32) | d


@kernel
def lanes(stream, ids, n, k, out):
    """The uniforms of `eight` for the first ``n`` of ``ids``, each apart, into ``out`` (lane, entity), for `middle`."""
    k0, k1, c0 = stream[0] & _MASK, stream[1] & _MASK, stream[2] & _MASK
    c1 = (stream[3] | (np.uint64(k) << _16)) & _MASK
    for i in range(n):
        a, b, c, d = philox(c0, c1, ids[i] & _MASK, ids[i] >> _32, k0, k1)
        out[0, i], out[1, i], out[2, i], out[3, i] = b & _LOW, b >> _16, a & _LOW, a >> _16
        out[4, i], out[5, i], out[6, i], out[7, i] = d & _LOW, d >> _16, c & _LOW, c >> _16


@inlined
def middle(step):
    """A step of `lanes` as `lane` gives it, in 32 bits, which hold it exactly."""
    return (np.float32(np.int32(step)) + _HALF_32) * _TWO_16_32


@inlined
def first_of(word):
    """The first uniform of `four`, from the first word of `pairs`."""
    return np.float64(word >> _32) * _TWO_32


@inlined
def second_of(word):
    """The second uniform of `four`, from the first word of `pairs`."""
    return np.float64(word & _MASK) * _TWO_32


@inlined
def u01_of(word):
    """The uniform of `u01`, from the first word of `pairs`."""
    return np.float64(word >> _11) * _TWO_53


@inlined
def lane3(word, k):
    """Uniform ``k`` of three of 21 bits in one word of `pairs`: the middle of its step, so never 0 or 1."""
    return (np.float64(np.int32((word >> (_21 * np.uint64(k))) & _LOW_21)) + 0.5) * _TWO_21


@kernel
def order(key, n, i):
    """The place of ``i`` < ``n`` in an order of ``n`` that 64 random bits ``key`` make: each place is taken once.

    For stratified draws. Multiplying by an odd number, adding and folding the upper half over the lower are each
    reversible in a range of 2**b; what falls outside of ``n`` goes round again (cycle walking: Black & Rogaway 2002).
    """
    size, half = 1, np.uint64(0)
    while size < n:
        size, half = size + size, half + np.uint64(1)
    mask, half = np.uint64(size - 1), (half + np.uint64(1)) >> np.uint64(1)
    x = np.uint64(i)
    while True:
        word = key
        for _ in range(4):
            x = (x * (word | np.uint64(1)) + (word >> _21)) & mask
            x ^= x >> half
            word = (word >> _11) | (word << (np.uint64(64) - _11))
        if x < np.uint64(n):
            return np.int64(x)


def normal(seed: int, decision: str, month: int, entities) -> np.ndarray:
    """Standard normal draws, one for each entity id (Box & Muller 1958, from two uniforms)."""
    radius = np.sqrt(-2 * np.log1p(-uniform(seed, decision, month, entities)))
    return radius * np.cos(2 * np.pi * uniform(seed, decision, month, entities, 1))


@cache
def decision_code(decision: str) -> int:
    """32-bit code of a decision's name, such as ``"appointments.vacancy"``."""
    return int.from_bytes(hashlib.sha256(decision.encode()).digest()[:4], "little")


@cache
def entity_id(name: str) -> int:
    """64-bit id of a named entity (a historical person, a region): the same in every scenario."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def stream(seed: int, decision: str, month: int) -> tuple:
    """The key of one decision in one month, to hand to a kernel. Four ``uint64``; seed 0 … 2**64 − 1."""
    return (
        np.uint64(seed & 0xFFFFFFFF),
        np.uint64(seed >> 32 & 0xFFFFFFFF),
        np.uint64(decision_code(decision)),
        np.uint64(month),
    )


def uniform(seed: int, decision: str, month: int, entities, k: int = 0) -> np.ndarray:
    """Uniforms in [0, 1), one for each entity id. Bernoulli with chance p is ``uniform(...) < p``."""
    return fill(stream(seed, decision, month), entities, k)


def one(key: tuple, entity: int, k: int = 0) -> float:
    """One uniform in [0, 1) for one entity, by a key that ``stream`` has made."""
    return _one(key, np.uint64(entity), k)


def fill(key: tuple, entities, k: int = 0) -> np.ndarray:
    """``uniform`` for a key that ``stream`` has made."""
    ids = np.array(entities, dtype=np.uint64, copy=None, order="C", ndmin=1)
    out = np.empty(ids.size)
    _fill(key, ids, k, out)
    return out
