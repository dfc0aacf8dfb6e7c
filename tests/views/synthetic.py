"""A small invented run and ensemble, stored exactly as real ones are. No history: every number here is made up."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from partystate.foundation import calendar
from partystate.model.chronicle import Event
from partystate.model.decisions import Motion
from partystate.runs import keys, parts, store

MONTHS = 120
PEOPLE = ("Trotsky", "Zinoviev", "Kamenev", "Stalin", "Bukharin", "Molotov")
HOSTILE = '<script>alert("x")</script> & "quoted" <b>bold</b>'
LAST = "1927-01/sanction/trotsky"
REMOVED = {"Trotsky": 60, "Zinoviev": 54, "Kamenev": 57}
LOST_OFFICE = {"Trotsky": (36, "army"), "Zinoviev": (50, "leningrad")}
DIED = {"Kamenev": 110}


def seat(person: str, month: int) -> str:
    if month >= DIED.get(person, MONTHS):
        return "dead"
    if month >= REMOVED.get(person, MONTHS) + 12:
        return "out"
    if month >= REMOVED.get(person, MONTHS):
        return "cc"
    return "candidate" if person == "Molotov" and month < 40 else "full"


def offices(person: str, month: int) -> str:
    held = {"Stalin": ["secretariat"], "Trotsky": ["army"], "Zinoviev": ["comintern", "leningrad"]}.get(person, [])
    lost_at, office = LOST_OFFICE.get(person, (MONTHS, ""))
    if month >= lost_at:
        held = [name for name in held if name != office]
    if person == "Molotov" and month >= 38:
        held = [*held, "army"]
    return ";".join(held)


def rung(person: str, month: int) -> int:
    if month >= REMOVED.get(person, MONTHS):
        return 3
    return 2 if month >= LOST_OFFICE.get(person, (MONTHS, ""))[0] else 0


def leaders() -> dict[str, list]:
    rows = [
        {
            "person": person,
            "month": calendar.label(month),
            "seat": seat(person, month),
            "offices": offices(person, month),
            "rung": rung(person, month),
            "prestige": 0.5,
            "clients": 0.05 + (0.003 * month if person == "Stalin" else 0.0),
            "committee_clients": 0.04 + (0.004 * month if person == "Stalin" else 0.0),
            "power": (0.15 + 0.005 * month if person == "Stalin" else (0.85 - 0.005 * month) / 5),
            "opposed": int(person in REMOVED and REMOVED[person] - 10 < month < REMOVED[person] + 8),
            "bloc": 2 if person == "Stalin" else 1 if person in ("Bukharin", "Molotov") else 0,
        }
        for month in range(MONTHS)
        for person in PEOPLE
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def event(identity: str, title: str, actors=(), because=(), place=None, mechanism="sanctions", **numbers) -> Event:
    month, kind, _ = identity.split("/")
    return Event(identity, calendar.index(month), kind, title, actors, place, numbers, because, mechanism)


def events() -> list[Event]:
    issue, dissent, meeting = "1923-09/issue/regime", "1923-10/dissent/trotsky", "1924-01/meeting/trotsky"
    army, seat_of_zinoviev = "1925-01/sanction/trotsky", "1926-07/sanction/zinoviev"
    tiers = {"cells": 0.3, "districts": 0.2, "provinces": 0.08, "congress": 0.03}
    return [
        event(issue, "An issue presses: democracy", (), ("scissors_ratio=2.94",), "regime", "issues", salience=0.61),
        event(dissent, "Trotsky comes out against the line", ("Trotsky",), (issue,), None, "opposition", distance=0.4),
        event(meeting, "XIII Conference: 30% of the cells", ("Trotsky",), (dissent,), None, "discussions", **tiers),
        event(army, "Trotsky: office lost", ("Trotsky", "Stalin"), (meeting, "no-such-reading=1.5"), rung=2, carried=1),
        event("1925-02/sanction/trotsky", "Trotsky: motion is lost", ("Trotsky", "Stalin"), (army,), rung=3, carried=0),
        event("1926-03/sanction/zinoviev", "Zinoviev: office lost", ("Zinoviev",), (), "Leningrad"),
        event(seat_of_zinoviev, "Zinoviev: out of Politburo", ("Zinoviev", "Stalin"), ("1926-03/sanction/zinoviev",)),
        event("1926-08/cult/hostile", HOSTILE, ("Eve<il>",), (), None, "legacy", note=HOSTILE),
        event("1926-10/sanction/kamenev", "Kamenev: out of Politburo", ("Kamenev",), (seat_of_zinoviev,), rung=3),
        event(LAST, "Trotsky: out of Politburo", ("Trotsky", "Stalin"), (army, seat_of_zinoviev), rung=3, carried=1),
    ]


def votes() -> list[Motion]:
    voters = ("Stalin", "Bukharin", "Molotov", "Trotsky", "Zinoviev")
    reasons = {
        "gain": np.array([0.4, 0.2, 0.1, -0.5, -0.1]),
        "taint_of_the_condemned": np.array([0.05, 0.1, 0.0, 0.0, -0.02]),
    }
    return [Motion(LAST, 60, "Politburo", "Remove Trotsky", voters, np.array([1, 1, 1, -1, 0]), reasons)]


def series() -> dict:
    months = np.arange(MONTHS)
    members = 400_000 + 5_000.0 * months
    return {
        ("party_members", None): members,
        ("party_candidates", None): 100_000 + 2_000.0 * months,
        ("scissors_ratio", None): 1 + 0.01 * months,
        ("share_for_model_only", None): np.linspace(0, 1, MONTHS),
    }


def result() -> SimpleNamespace:
    rows = series()
    return SimpleNamespace(series=rows, chronicle=events(), flows=[], leaders=leaders(), votes=votes(), months=MONTHS)


def facts(**changes) -> dict:
    said = {
        "version": "0.1.0",
        "recipe": {"text": ""},
        "scenario": {"name": "reference", "file": "reference", "declares": {}},
        "months": MONTHS,
        "seed": 7,
        "sectors": ["power"],
        "off": {},
        "variants": {},
        "drivers": ["scissors_ratio", "grain_shortfall"],
        "parameters": {
            "motions.noise": {"low": 0.1, "high": 0.3, "value": 0.2, "distribution": "uniform", "layer": "default",
                              "drawn": 0.2468},
            "motions.fixed": {"low": 0.5, "high": 0.5, "value": 0.5, "distribution": "fixed", "layer": "scenario",
                              "drawn": 0.5},
        },
        "warnings": [],
        "forced": ["economy", "foreign"],
        "timings": {"seconds": 0.1},
    }  # fmt: skip
    return said | changes


def key(seed: int = 7, scenario: dict | None = None) -> keys.RunKey:
    return keys.RunKey(
        {"model": "m" * 64, "record": "r" * 64, "parameters": "p" * 64, "scenario": scenario or {}, "scale": 200,
         "seed": seed, "months": MONTHS, "sectors": ["power"], "parent": None}
    )  # fmt: skip


def write_run(root: Path, **changes) -> Path:
    """The invented run as a folder under `root`; `changes` go into the facts of its manifest."""
    return store.write(root, key(scenario=changes.get("scenario")), result(), facts(**changes)).folder


RUNS = 40


def removal_months(person: str) -> list[float]:
    """Month of losing the seat in each run of the ensemble, NaN where it did not happen."""
    base = REMOVED.get(person)
    if base is None:
        return [float("nan")] * RUNS
    return [float("nan") if run % 5 == 4 else float(base - 10 + run % 20) for run in range(RUNS)]


def write_ensemble(folder: Path) -> Path:
    """An invented ensemble of RUNS runs in `folder`."""
    (folder / "parts").mkdir(parents=True)
    found = []
    for run in range(RUNS):
        one = result()
        one.series = {name: values * (0.9 + 0.005 * run) for name, values in one.series.items()}
        outcomes = {f"removed.{person}": removal_months(person)[run] for person in PEOPLE}
        outcomes |= {"keeps_secretariat": float(run % 10 != 0), "rivals_out": float(run % 5)}
        name = key(run).digest
        parts.write(folder / "parts", name, run, one, MONTHS, outcomes)
        found.append(name)
    design = {
        "schema": store.SCHEMA,
        "identity": "i",
        "model": "m" * 64,
        "record": "r" * 64,
        "runs": RUNS,
        "first_seed": 0,
        "months": MONTHS,
        "arms": [{"arm": "reference", "keys": found, "facts": facts()}],
    }
    store.write_json(folder / "ensemble.json", design)
    return folder
