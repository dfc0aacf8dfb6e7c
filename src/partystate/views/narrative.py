"""Sentences: what happened in a run, in plain words. Used by the report, the summary and `why`.

A run is one history of the model. The sentences say what happened "in this run" and never what would have happened;
the regime's labels for people stand in quotation marks; nobody is counted as a score.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from partystate import record
from partystate.analysis.against_record import Removal
from partystate.analysis.history import History, Rollcall
from partystate.analysis.why import reading_of, reading_words, reasons_text, tally
from partystate.foundation import calendar
from partystate.model.chronicle import Event

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
RUNGS = {
    1: "censured",
    2: "deprived of an office",
    3: "removed from the Politburo",
    4: "removed from the Central Committee",
    5: "expelled from the party",
    6: "exiled",
}
SEATS = {
    "full": "full member of the Politburo",
    "candidate": "candidate member of the Politburo",
    "cc": "member of the Central Committee",
    "party": "member of the party without a seat",
    "out": "outside the party",
    "dead": "dead",
}
SEATS_LOST = {
    "full": "full seat in the Politburo",
    "candidate": "candidate seat in the Politburo",
    "cc": "seat in the Central Committee",
    "party": "membership of the party",
}
OFFICES = {
    "secretariat": "General Secretary", "army": "Army", "comintern": "Comintern", "leningrad": "Leningrad",
    "moscow": "Moscow", "sovnarkom": "Sovnarkom", "sto": "Labour and Defence", "vsnkh": "Economic Council",
    "pravda": "Pravda", "unions": "Trade unions", "ogpu": "OGPU", "control": "Control Commission",
    "finance": "Finance", "ukraine": "Ukraine", "transcaucasia": "Transcaucasia", "cec": "Executive Committee",
}  # fmt: skip

ISSUES = {
    "regime": "the regime in the party",
    "peasants": "the peasants",
    "doctrine": "doctrine",
    "china": "China",
}
# What a line moves towards when its number falls or rises.
POLES = {
    "regime": ("appointment from above", "democracy in the party"),
    "peasants": ("concessions to the peasant", "a faster tempo for industry"),
    "doctrine": ("socialism in one country", "world revolution"),
    "china": ("the united front abroad", "a break with the united front"),
}
KINDS = {
    "issue": "issues",
    "motion": "motions",
    "vote": "votes",
    "directive": "directives",
    "appointment": "appointments",
    "election": "elections",
    "sanction": "sanctions",
    "recantation": "recantations",
    "dissent": "open dissent",
    "coalition": "coalitions",
    "meeting": "congresses and conferences",
    "enrolment": "enrolment",
    "purge": "verifications",
    "cult": "cult of Lenin",
    "testament": "Lenin’s Testament",
    "death": "deaths",
    "lever": "levers of the scenario",
    "driver": "events taken from the record",
    "organisation": "organisations",
    "famine": "famine",
}


def month_words(month: int) -> str:
    """``October 1926``."""
    return f"{MONTHS[calendar.month_of_year(int(month)) - 1]} {calendar.year(int(month))}"


def date_words(date: str) -> str:
    """``1926-10-23`` as ``23 October 1926``; a year or a month stay as exact as they are."""
    parts = date.split("-")
    if len(parts) == 1:
        return date
    words = f"{MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return f"{int(parts[2])} {words}" if len(parts) == 3 else words


def listing(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def months_apart(difference: int) -> str:
    """How far a date of the run is from the record's: ``3 months earlier``."""
    if difference == 0:
        return "in the same month"
    size = abs(difference)
    return f"{size} month{'s' if size > 1 else ''} {'earlier' if difference < 0 else 'later'}"


def number_words(number: int) -> str:
    """``none``, ``one`` … ``twelve``, then figures."""
    small = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return small[number] if number < len(small) else f"{number:,}"


def count_words(number: int, singular: str) -> str:
    """``one office``, ``three offices``, ``24 offices``."""
    return f"{number_words(number) if number else 'no'} {singular}{'' if number == 1 else 's'}"


def office_words(office: str) -> str:
    """The name of an office as a reader knows it."""
    return OFFICES.get(office, office.replace("_", " "))


def person_words(words: str) -> str:
    """``S.Kosior`` and ``Evdokimov_G`` as ``S. Kosior`` and ``G. Evdokimov``; also inside a sentence."""
    return re.sub(r"\b([^\W\d_]+)_([A-Z])\b", r"\2. \1", re.sub(r"\b([A-Z])\.(?=[A-Z][a-z])", r"\1. ", words))


def region_words(words: str) -> str:
    """A sentence with the ids of regions, such as ``LENI``, replaced by their names."""
    if not re.search(r"\b[A-Z]{4}\b", words):
        return words
    known = record.load().regions
    return re.sub(r"\b[A-Z]{4}\b", lambda match: known[match[0]].name if match[0] in known else match[0], words)


def sentence(event: Event) -> str:
    """One event as a sentence, without its date: in words of its kind, else the mechanism's title with its place."""
    tell = {
        "sanction": sanction_words,
        "motion": motion_words,
        "dissent": dissent_words,
        "appointment": appointment_words,
        "famine": famine_words,
    }
    words = tell[event.kind](event) if event.kind in tell else ""
    words = words or event.title.strip()
    # Issues and bodies stand in `place` as identifiers, in small letters; the titles name them already.
    told = event.place and (event.place in words or region_words(event.place) in words)
    if event.place and not event.place.islower() and not told:
        words = f"{words} ({event.place})"
    words = region_words(person_words(words))
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "?", "!")) else f"{words}."


def motion_words(event: Event) -> str:
    """``Rykov moves the line on the peasants towards concessions to the peasant: carried``."""
    issue, before, proposed = (event.numbers.get(name) for name in ("issue", "before", "proposed"))
    if issue not in POLES or not event.actors:
        return ""
    pole = POLES[issue][proposed > before]
    return (
        f"{event.actors[0]} moves the line on {ISSUES[issue]} towards {pole}: {'carried' if carried(event) else 'lost'}"
    )


def dissent_words(event: Event) -> str:
    """The title, with the issue by its name."""
    head, _, issue = event.title.rpartition(" on ")
    return f"{head} on {ISSUES[issue]}" if issue in ISSUES else ""


def appointment_words(event: Event) -> str:
    """The title, with the office by its name."""
    head, _, office = event.title.rpartition(": ")
    return f"{head}: {OFFICES[office]}" if office in OFFICES else ""


def famine_words(event: Event) -> str:
    """``Famine in Tatar ASSR: excess deaths of the year pass 3.1 % of the people``."""
    share = event.numbers.get("share_of_the_people")
    if event.place is None or not isinstance(share, float):
        return ""
    return f"Famine in {event.place}: deaths beyond the usual reach {100 * share:.1f} % of its people this year"


def sanction_words(event: Event) -> str:
    """``Trotsky is censured, on a motion of Stalin``; nothing where the event does not say which step it is.

    A sanction on households is the deportation of those whom officials had labelled.
    """
    households, persons = event.numbers.get("households"), event.numbers.get("persons")
    if isinstance(households, int | float) and isinstance(persons, int | float):
        return f"{households:,.0f} households labelled “kulak” are deported, {persons:,.0f} persons"
    step = RUNGS.get(int(event.numbers.get("rung") or 0))
    if step is None or not event.actors:
        return ""
    person, by = event.actors[0], f", on a motion of {event.actors[1]}" if len(event.actors) > 1 else ""
    if carried(event):
        return f"{person} is {step}{by}"
    return f"A motion that {person} be {step} is lost{by.replace(', on a motion of', '; it was moved by')}"


def carried(event: Event) -> bool:
    """Whether a sanction or a motion went through; those that do not say so did."""
    return bool(event.numbers.get("carried", 1))


def loser(event: Event) -> str | None:
    """Whom a sanction fell on: its first actor."""
    return event.actors[0] if event.kind == "sanction" and event.actors else None


def cause_words(history: History, event: Event) -> str:
    """Why an event came, in half a sentence: its causes as they were told, and the vote."""
    causes = [history.event[name] for name in event.because if name in history.event]
    readings = [reading_words(reading_of(name, history.known)) for name in event.because if name not in history.event]
    parts = [sentence(cause).rstrip(".") for cause in causes[:2]] + readings[:1]
    rollcall = roll_call(history, event)
    if rollcall:
        parts.append(tally(rollcall))
        terms = {term: weight for term, weight in mean_reasons(rollcall).items() if weight > 0}
        if terms:
            parts.append(f"weightiest for it: {reasons_text(terms, 2)}")
    return "; ".join(parts)


def roll_call(history: History, event: Event) -> Rollcall | None:
    """The vote that an event records, or that of the motion it came from."""
    for name in (event.id, *event.because):
        if name in history.rollcalls:
            return history.rollcalls[name]
    return None


def mean_reasons(rollcall: Rollcall) -> dict[str, float]:
    """Term -> its mean contribution among those who voted for."""
    votes = [ballot.reasons for ballot in rollcall.ballots if ballot.vote == 1]
    terms = dict.fromkeys(term for reasons in votes for term in reasons)
    return {term: sum(reasons.get(term) or 0.0 for reasons in votes) / len(votes) for term in terms}


def removal_words(removal: Removal) -> str:
    """When a leader went out in the run, or what came instead."""
    if removal.model is not None:
        return month_words(int(removal.model))
    return f"gone {month_words(removal.died)}" if removal.died is not None else "kept"


def beside_record(removal: Removal) -> str:
    """A removal of the run beside the record, in half a sentence."""
    if removal.record_month is None:
        return "no such removal in the record"
    when = date_words(removal.record_date)
    if removal.model is None:
        return f"{when}; did not happen in this run"
    return f"{when}; {months_apart(removal.difference)}"
