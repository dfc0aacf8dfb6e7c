"""Bandwidth of the memory as compiled Python sees it: ``python -m countryside.triad THREADS`` prints the best GB/s.

The triad of the STREAM benchmark, a = b + s c, 24 bytes an element; `stream.c` is the same in C.
"""

from __future__ import annotations

import sys
import time

import numba
import numpy as np

import partystate.foundation.kernels  # noqa: F401  (sets the folder of compiled kernels)

ELEMENTS, TIMES = 20_000_000, 10


@numba.njit(cache=True, parallel=True)
def triad(a, b, c, s):
    for i in numba.prange(a.size):
        a[i] = b[i] + s * c[i]


def main(threads: int) -> None:
    numba.set_num_threads(threads)
    a, b, c = np.zeros(ELEMENTS), np.arange(float(ELEMENTS)), np.arange(float(ELEMENTS))
    triad(a, b, c, 3.0)
    best = np.inf
    for _ in range(TIMES):
        began = time.perf_counter()
        triad(a, b, c, 3.0)
        best = min(best, time.perf_counter() - began)
    print(f"{ELEMENTS * 24e-9 / best:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
