"""Ctrl-C at a safe moment.

Compiled code and what the compiler calls back may swallow an interrupt or turn it into another error, so that a run
that was stopped would count as one that failed. While a run works, Ctrl-C therefore waits for the end of its month.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

_wanted = threading.Event()


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Keeps a Ctrl-C until `check` is called or the block ends; a second one interrupts at once.

    Inside another such block, in a thread beside the main one, and where something else answers Ctrl-C it changes
    nothing.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def note(number: int, frame: object) -> None:
        if _wanted.is_set():
            raise KeyboardInterrupt
        _wanted.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield
        check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _wanted.clear()


def check() -> None:
    """Raises KeyboardInterrupt if one was held back. To be called where nothing is half done."""
    if _wanted.is_set() and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
