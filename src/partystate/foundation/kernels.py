"""Compiled kernels, and a cache of them that cannot go stale.

Numba's own cache looks only at the file a function stands in; a kernel that calls one in another file would keep
the old code. So the cache folder bears a hash of every source file that may hold a kernel.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy

_PACKAGE = Path(__file__).resolve().parent.parent
CHUNK = 1024  # rows of a chunk of a table
BLOCK = 32  # fewest chunks that one thread takes at a time
TURNS = 16  # blocks that each thread takes of a large table, so that none waits long for another
MANY = 256  # chunks from which on starting threads pays
_FOLDERS = ("foundation", "model", "mechanisms")


def source_hash() -> str:
    """Hash of all kernel sources and of the versions that turn them into code."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {numba.__version__} {numpy.__version__}".encode())
    for folder in _FOLDERS:
        for path in sorted((_PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_dir() -> Path:
    """Where compiled kernels of exactly these sources live."""
    base = os.environ.get("PARTYSTATE_CACHE")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "partystate"
    return root / f"kernels-{source_hash()}"


numba.config.CACHE_DIR = str(cache_dir())  # type: ignore[attr-defined]


def kernel(function):
    """Compile ``function`` to machine code at first use, without fast-math: floats are added in the order written."""
    return numba.njit(cache=True, fastmath=False, error_model="numpy")(function)


def chunked(function):
    """A kernel ``f(first, last, …)`` over the chunks ``first`` to ``last`` - 1 of a table, to call as ``f(chunks, …)``.

    From `MANY` chunks on, threads take blocks of them in turns, which they can as the kernel does not hold the
    interpreter. Chunks must not touch each other's rows and must write their sums to places of their own; then the
    bits are the same with any number of threads, for it is the same machine code.
    """
    compiled = numba.njit(cache=True, fastmath=False, error_model="numpy", nogil=True)(function)

    @functools.wraps(function)
    def run(chunks, *args):
        if chunks < MANY or numba.get_num_threads() == 1:
            compiled(0, chunks, *args)
            return
        block = max(BLOCK, chunks // (numba.get_num_threads() * TURNS))
        blocks = iter(range(0, chunks, block))

        def work():
            for first in blocks:
                compiled(first, min(first + block, chunks), *args)

        with ThreadPoolExecutor(numba.get_num_threads()) as pool:
            for done in [pool.submit(work) for _ in range(numba.get_num_threads())]:
                done.result()

    return run


def inlined(function):
    """A kernel that is copied into every kernel that calls it, so that a loop over it can work on several at once."""
    return numba.njit(cache=True, fastmath=False, error_model="numpy", inline="always")(function)
