"""What may not be written in a mechanism: numbers, calendar years, and the persons of the record.

The rule for numbers. A mechanism's code holds no number but 0, 1 and −1. Quantities come from the registry of
parameters; changes of unit are constants that live in `foundation.units` or `foundation.calendar` and are imported
by name (``MONTHS_PER_YEAR``). Squares are ``np.square``, halves and thresholds are parameters like any other. Whole
numbers that only tell places apart are not quantities and are allowed: an index in brackets, and the ordinal `k` by
which one decision's draws about one entity are told apart (``draw(…, k=2)``, ``u01(stream, entity, 2)``).

The rule for years. No 1900–1999 in code, names or strings: time comes from `now`, dates from drivers and
parameters. Docstrings, comments and the declaration `sources` may cite literature by year, and an output that the
record has too bears the record's name for it, whatever that is (``party_pre1917_members``).

The rule for persons. No surname of the record anywhere in the text, comments and docstrings included: who someone is
enters through the data. Historians may be cited.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from tests.contracts.source import Module, load_record, mechanism_modules, said, snippet

ALLOWED_NUMBERS = (0, 1)
DRAWING = {"draw", "u01", "bits"}
YEAR = re.compile(r"(?<!\d)19\d\d(?!\d)")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Too short to be told from an ordinary word or an abbreviation.
SHORTEST_SURNAME = 4


def docstrings(tree: ast.Module) -> set[ast.Constant]:
    """The string nodes of `tree` that are docstrings."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            found.add(first.value)
    return found


def keys_of_sources(tree: ast.Module) -> set[ast.AST]:
    """What stands in a declaration ``sources = (…)``."""
    return {
        inside
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "sources" for t in node.targets)
        for inside in ast.walk(node.value)
    }


def written_numbers(module: Module) -> list[str]:
    """Number literals other than 0, 1 and −1, and numbers hidden in strings that are then converted."""
    exempt, faults = ordinals(module.tree), []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and type(node.value) in {int, float, complex}:
            hidden = node.value not in ALLOWED_NUMBERS and node not in exempt
        else:
            hidden = is_conversion(node) and any(isinstance(argument, ast.Constant) for argument in node.args)
        if hidden:
            faults.append(
                f"{module.name}:{node.lineno}: {ast.unparse(node)}; make it a parameter or import a named unit change"
            )
    return faults


def ordinals(tree: ast.Module) -> set[ast.AST]:
    """Whole-number literals that are indices or ordinals of draws."""
    places: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            places += [part for part in parts if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Call):
            if getattr(node.func, "id", "") in DRAWING:
                places += node.args[2:]
            places += [keyword.value for keyword in node.keywords if keyword.arg == "k"]
    inside = (part for place in places for part in ast.walk(place))
    return {part for part in inside if isinstance(part, ast.Constant) and type(part.value) is int}


def is_conversion(node: ast.AST) -> bool:
    """Whether `node` calls int or float, which could turn a string into a number."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"int", "float"}


def written_years(module: Module, series: Iterable[str] = ()) -> list[str]:
    """Years 1900–1999 in strings other than docstrings, keys of sources and names of `series`, in names, as numbers."""
    outputs = set(series)
    exempt = docstrings(module.tree) | keys_of_sources(module.tree)
    faults = []
    for node in ast.walk(module.tree):
        if node in exempt:
            continue
        for text in _words_of(node):
            if YEAR.search(text) and text not in outputs:
                faults.append(f"{module.name}:{node.lineno}: '{text}' names a year; let data or `now` give the date")
    return faults


def _words_of(node: ast.AST) -> list[str]:
    """The names and literals that `node` itself writes."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    fields = (getattr(node, field, None) for field in ("id", "attr", "arg", "name"))
    return [text for text in fields if isinstance(text, str) and hasattr(node, "lineno")]


def plain(text: str) -> str:
    """`text` in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def named_persons(module: Module, surnames: frozenset[str]) -> list[str]:
    """Words of the whole text, comments included, that are surnames of the record."""
    faults = []
    for number, line in enumerate(module.text.splitlines(), start=1):
        words = {plain(word) for word in WORD.findall(line)}
        faults += [f"{module.name}:{number}: names {found}; persons live in the record" for found in words & surnames]
    return faults


@lru_cache
def surnames() -> frozenset[str]:
    """Surnames of all persons the record knows: its leaders and its holders of office."""
    known = load_record()
    names = {*known.persons, *(tenure.person for tenure in known.offices)}
    # "Surname", "Surname, First" and "First Surname" all occur in lists of persons; initials and suffixes do not count.
    words = {plain(name.split(",")[0].split("(")[0].split()[-1]) for name in names if name.strip()}
    return frozenset(word for word in words if len(word) >= SHORTEST_SURNAME)


def test_no_numbers_in_mechanisms():
    faults = [fault for module in mechanism_modules() for fault in written_numbers(module)]
    assert not faults, said(faults)


def test_no_years_in_mechanisms():
    series = load_record().series
    faults = [fault for module in mechanism_modules() for fault in written_years(module, series)]
    assert not faults, said(faults)


def test_no_persons_in_mechanisms():
    faults = [fault for module in mechanism_modules() for fault in named_persons(module, surnames())]
    assert not faults, said(faults)


def test_the_record_names_the_persons_the_ban_is_about():
    assert {"stalin", "trotsky", "bukharin", "zinoviev"} <= surnames()


def test_the_number_check_can_fail():
    for bad in ("x = 0.3", "x = -2", "x = a ** 2", "x = a[2.5]", "x = float('0.4')", "f(n=7)", "u01(s, 7, 0)"):
        assert written_numbers(snippet(bad)), bad
    for good in (
        "x = 0",
        "x = -1",
        "x = 1.0",
        "x = True",
        "x = a[:, 2]",
        "x = 'int64'",
        "draw('a', ids, k=2)",
        "u01(s, e, 3 + i)",
    ):
        assert not written_numbers(snippet(good)), good


def test_the_year_check_can_fail():
    for bad in ("x = 'in 1928'", "revolt_1923 = 0", "f(at_1927=x)", "x = look.plan_1932", "y = 1929", "f'{a} 1934'"):
        assert written_years(snippet(bad)), bad
    for good in (
        '"""Rigby 1968."""',
        "x = 0  # see Gill 1990",
        "x = 'y2000'",
        "sources = ('gill1990',)",
        "def f():\n    'Lewin 1968'",
    ):
        assert not written_years(snippet(good)), good
    assert not written_years(snippet("emit.measure('members_pre1917', n)"), ["members_pre1917"])
    assert written_years(snippet("members_pre1917 = 0"), ["members_of_1917"])


def test_the_person_check_can_fail():
    known = frozenset({"stalin", "lominadze"})
    for bad in ("x = 'Stalin'", "is_stalin = 1", "StalinBloc = 0", "x = 0  # as Lominadze did", 'x = "Stalin\'s"'):
        assert named_persons(snippet(bad), known), bad
    for good in ("stalinism = 0", "x = 'Stalinist'", '"""Rigby 1968."""'):
        assert not named_persons(snippet(good), known), good
