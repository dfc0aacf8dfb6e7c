"""Sources of the record and the software itself as BibTeX.

The record keeps a work as a line of text. An entry takes apart only what can be told for certain, authors and year and
a title in quotation marks; the rest stays together, since a wrong field is worse than a long title. Text is UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from partystate.record.sources import Source

HEAD = "% Encoding: UTF-8\n"
SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
NAME = r"(?:[A-ZÀ-Ž]\.[ -]?)+(?:(?:von|van|de|der) )*[A-ZÀ-Ž][\w'’-]+(?: [A-ZÀ-Ž][\w'’-]+)?"
WORK = re.compile(r"(?P<who>[^()]+?) \((?P<year>\d{4}(?:[-–/]\d{2,4})?)\),? (?P<what>[^;]+)")
QUOTED = re.compile(r"'(?P<title>(?:[^']|'(?=\w))+)',? (?P<rest>.+)")


def escape(text: str) -> str:
    """Text for a field in braces: nothing in it is read as a command, and its braces cannot unbalance the entry."""
    return "".join(SPECIAL.get(sign, sign) for sign in text)


def entry(source: Source, used_for: Iterable[str] = ()) -> str:
    """One work as an entry of kind misc. used_for: what it stands behind, as keywords."""
    fields = {**work(source.citation), **where(source.where_opened), "keywords": ", ".join(used_for)}
    return written("misc", source.key, fields)


def work(citation: str) -> dict[str, str]:
    """author, year, title and howpublished as far as the line of text shows them for certain; escaped."""
    found = WORK.fullmatch(citation)
    if not found or re.search(r"\(\d{4}", found["what"]):  # several works in one line are one title
        return {"title": _whole(citation)}
    fields = {"author": authors(found["who"]), "year": re.sub(r"[-–/]", "--", found["year"])}
    quoted = QUOTED.fullmatch(found["what"])
    if quoted:
        return fields | {"title": _whole(quoted["title"]), "howpublished": escape(quoted["rest"])}
    return fields | {"title": _whole(found["what"])}


def authors(who: str) -> str:
    """`A. Name and B. Name` for persons with initials; anything else as one body, in braces."""
    names = re.split(r", and |, | and | & ", who)
    if all(re.fullmatch(NAME, name) for name in names):
        return " and ".join(map(escape, names))
    return f"{{{escape(who)}}}"


def where(opened: str) -> dict[str, str]:
    """The address at which a work was read; in words where it is not one whole address."""
    if not opened:
        return {}
    if re.fullmatch(r"https?://[^\s{}\\…]+", opened):
        return {"url": opened}
    return {"note": f"Opened at {escape(opened)}"}


def software(version: str, about: Mapping[str, str], note: str) -> str:
    """The program as an entry of kind software, with the versions that decide its results."""
    versions = ", ".join(f"{name} {value}" for name, value in about.items())
    fields = {
        "author": "{The partystate contributors}",
        "title": _whole("partystate: an executable, evidence-checked model of the Stalinist party-state"),
        "version": escape(version),
        "note": escape(f"{versions}. {note}".strip()),
    }
    return written("software", "partystate", fields)


def written(kind: str, key: str, fields: Mapping[str, str]) -> str:
    """An entry; empty fields are left out."""
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}\n"])


def _whole(title: str) -> str:
    """A title in braces of its own, so that no style takes the capitals from its names."""
    return f"{{{escape(title)}}}"
