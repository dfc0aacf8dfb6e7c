"""Ctrl-C: when does it stop a run, and can it be lost or taken for another fault?"""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from partystate.foundation import interrupts
from partystate.runs.recipe import Recipe

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")


@pytest.fixture(autouse=True)
def answered():
    """Ctrl-C is answered as usual, even where whoever started the tests has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def hold(*steps) -> None:
    with interrupts.held():
        for step in steps:
            step()


def test_the_first_waits_for_the_end():
    done = []
    with pytest.raises(KeyboardInterrupt):
        hold(ctrl_c, lambda: done.append("the rest"))
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_interrupts_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt):
        hold(ctrl_c, ctrl_c, lambda: done.append("the rest"))
    assert not done


def test_nothing_is_left_of_one():
    with pytest.raises(KeyboardInterrupt):
        hold(ctrl_c)
    hold(interrupts.check)


def test_a_block_within_a_block_leaves_it_to_the_outer_one():
    done = []
    with pytest.raises(KeyboardInterrupt):
        hold(lambda: hold(ctrl_c), lambda: done.append("the outer block"))
    assert done


def test_a_thread_neither_answers_nor_holds_it():
    faults = []

    def work() -> None:
        try:
            hold(interrupts.check)
        except BaseException as fault:
            faults.append(fault)

    def in_a_thread() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    with pytest.raises(KeyboardInterrupt):
        hold(ctrl_c, in_a_thread)
    assert not faults


def test_a_run_ends_with_the_month_it_is_in():
    seen = []

    def hook(running) -> None:
        seen.append(running.month)
        if running.month == 3:
            ctrl_c()
            seen.append("told")

    with pytest.raises(KeyboardInterrupt):
        Recipe(months=12).built().simulate(1, hook)
    assert seen == [1, 2, 3, "told"]
