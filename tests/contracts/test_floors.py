"""An import may only point down the floors; mechanisms meet in the state; one module owns chance."""

from __future__ import annotations

import ast

from tests.contracts.source import Module, floors, mechanism_modules, modules, said, snippet

RANDOM_MODULES = ("random", "secrets", "numpy.random", "scipy.stats.qmc")
RANDOM_NAMES = {"default_rng", "RandomState", "SeedSequence", "rvs", "urandom", "getrandom", "uuid1", "uuid4"}
MAY_DRAW = "partystate.foundation.draws"


def upward_imports(module: Module, order: list[str]) -> list[str]:
    """Imports of a higher floor, and package floors that the list does not know."""
    if not module.floor:
        return []
    if module.floor not in order:
        return [f"{module.name}: '{module.floor}' is not a floor of pyproject.toml"]
    faults = []
    for line, name in module.imports:
        parts = name.split(".")
        if parts[0] != "partystate" or len(parts) == 1:
            continue
        # `from partystate import x` reaches the public names, which may come from any floor.
        target = parts[1]
        if target not in order:
            faults.append(f"{module.name}:{line}: imports {name}; name the floor it comes from")
        elif order.index(target) > order.index(module.floor):
            faults.append(f"{module.name}:{line}: {module.floor} may not import {name}, which is on a higher floor")
    return faults


def forbidden_to_mechanisms(module: Module, declaring: set[str]) -> list[str]:
    """Imports of the record or of another mechanism. `declaring`: names of modules that declare a mechanism."""
    faults = []
    for line, name in module.imports:
        if name == "partystate.record" or name.startswith("partystate.record."):
            faults.append(f"{module.name}:{line}: a mechanism may not import the record ({name})")
        owner = next((other for other in declaring if name == other or name.startswith(f"{other}.")), None)
        if owner and owner != module.name:
            faults.append(f"{module.name}:{line}: a mechanism may not import another mechanism ({name})")
    return faults


def chance_outside_draws(module: Module) -> list[str]:
    """Imports and uses of a source of random numbers outside foundation/draws.py."""
    if module.name == MAY_DRAW:
        return []
    faults = [
        f"{module.name}:{line}: imports {name}; draw through {MAY_DRAW} (for names of temporary files: tempfile)"
        for line, name in module.imports
        if any(name == banned or name.startswith(f"{banned}.") for banned in RANDOM_MODULES)
        or name.rpartition(".")[2] in RANDOM_NAMES
    ]
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute):
            continue
        numpy_random = node.attr == "random" and isinstance(node.value, ast.Name) and node.value.id in {"np", "numpy"}
        if numpy_random or node.attr in RANDOM_NAMES:
            faults.append(f"{module.name}:{node.lineno}: uses {ast.unparse(node)}; draw through {MAY_DRAW}")
    return faults


def declares_mechanism(module: Module) -> bool:
    """Whether a class of the module states a `claim`: that makes it a mechanism rather than a helper."""
    return any(
        isinstance(node, ast.ClassDef) and any("claim" in _assigned(statement) for statement in node.body)
        for node in ast.walk(module.tree)
    )


def _assigned(statement: ast.stmt) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def test_imports_point_down():
    order = floors()
    faults = [fault for module in modules() for fault in upward_imports(module, order)]
    assert not faults, said(faults)


def test_mechanisms_import_neither_the_record_nor_each_other():
    declaring = {module.name for module in mechanism_modules() if declares_mechanism(module)}
    faults = [fault for module in mechanism_modules() for fault in forbidden_to_mechanisms(module, declaring)]
    assert not faults, said(faults)


def test_only_draws_uses_chance():
    faults = [fault for module in modules() for fault in chance_outside_draws(module)]
    assert not faults, said(faults)


def test_the_upward_check_can_fail():
    order = floors()
    up = snippet("from partystate.engine import runner", "partystate.model.state")
    relative = snippet("from ..engine.runner import Simulation", "partystate.model.state")
    from_package = Module("partystate.model", "from ..views import report", is_package=True)
    public = snippet("from partystate import load", "partystate.model.state")
    unknown = snippet("", "partystate.utils.misc")
    for bad in (up, relative, from_package, public, unknown):
        assert upward_imports(bad, order), bad
    down = snippet("import numpy\nfrom ..foundation import calendar\nfrom . import ledger", "partystate.model.state")
    assert upward_imports(down, order) == []


def test_the_isolation_check_can_fail():
    declaring = {"partystate.mechanisms.power.appointments", "partystate.mechanisms.power.example"}
    for bad in (
        "from partystate.record import load",
        "from ...record import load",
        "def step():\n    import partystate.record.series",
        "from .appointments import Appointments",
        "from . import appointments",
    ):
        assert forbidden_to_mechanisms(snippet(bad), declaring), bad
    assert forbidden_to_mechanisms(snippet("from . import seats\nfrom ...model import Mechanism"), declaring) == []


def test_the_chance_check_can_fail():
    for bad in (
        "import random",
        "from random import choice",
        "import numpy.random",
        "from numpy.random import Generator",
        "from numpy import random",
        "import numpy as np\nx = np.random.rand(3)",
        "import os\nx = os.urandom(4)",
        "from scipy.stats import norm\nx = norm.rvs()",
        "from uuid import uuid4",
    ):
        assert chance_outside_draws(snippet(bad)), bad
    assert chance_outside_draws(snippet("import numpy as np\nx = np.zeros(3)")) == []
    assert chance_outside_draws(snippet("import random", MAY_DRAW)) == []


def test_a_mechanism_is_told_from_a_helper():
    assert declares_mechanism(snippet("class A:\n    claim = 'x'"))
    assert declares_mechanism(snippet("class A:\n    claim: str = 'x'"))
    assert not declares_mechanism(snippet("class A:\n    name = 'x'"))
