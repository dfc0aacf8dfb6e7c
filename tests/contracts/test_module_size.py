"""A module is short enough to read in one sitting, and a mechanism is about a page."""

from __future__ import annotations

from tests.contracts.source import Module, mechanism_modules, modules, said, snippet
from tests.contracts.test_floors import declares_mechanism

LONGEST_MODULE = 600
MECHANISM = range(40, 251)


def too_long(module: Module) -> list[str]:
    if module.lines <= LONGEST_MODULE:
        return []
    return [f"{module.name}: {module.lines} lines; split it (at most {LONGEST_MODULE})"]


def not_a_page(module: Module) -> list[str]:
    """A mechanism outside 40–250 lines; a helper beside the mechanisms may be shorter but not longer."""
    if module.lines >= MECHANISM.stop:
        return [f"{module.name}: {module.lines} lines; at most {MECHANISM.stop - 1} below mechanisms/"]
    if declares_mechanism(module) and module.lines < MECHANISM.start:
        return [f"{module.name}: {module.lines} lines; a mechanism that short explains too little"]
    return []


def test_no_module_is_too_long():
    faults = [fault for module in modules() for fault in too_long(module)]
    assert not faults, said(faults)


def test_a_mechanism_is_about_a_page():
    faults = [fault for module in mechanism_modules() for fault in not_a_page(module)]
    assert not faults, said(faults)


def test_the_size_checks_can_fail():
    declared = "class A:\n    claim = 'x'\n"
    assert too_long(snippet("x = 1\n" * 601))
    assert not too_long(snippet("x = 1\n" * 600))
    assert not_a_page(snippet(declared))
    assert not_a_page(snippet(declared + "x = 1\n" * 249))
    assert not_a_page(snippet("x = 1\n" * 251))
    assert not not_a_page(snippet(declared + "x = 1\n" * 100))
    assert not not_a_page(snippet("x = 1\n"))
