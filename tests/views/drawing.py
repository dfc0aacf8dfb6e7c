"""Reads an SVG of ours back into values, so that a chart can be held against what it was made from."""

from __future__ import annotations

import re
from xml.etree import ElementTree

NAMESPACE = "{http://www.w3.org/2000/svg}"


class Drawing:
    """A parsed SVG with the scales it carries."""

    def __init__(self, markup: str) -> None:
        self.root = ElementTree.fromstring(str(markup))
        self.plot = next(node for node in self.root.iter() if node.get("class") == "plot")

    def having(self, attribute: str) -> list[ElementTree.Element]:
        return [node for node in self.root.iter() if node.get(attribute) is not None]

    def of_class(self, name: str) -> list[ElementTree.Element]:
        return [node for node in self.root.iter() if name in (node.get("class") or "").split()]

    def value(self, axis: str, pixel: float) -> float:
        low, high = map(float, self.plot.get(f"data-{axis}-domain").split())
        start, end = map(float, self.plot.get(f"data-{axis}-range").split())
        return low + (pixel - start) / (end - start) * (high - low)

    def points(self, path: ElementTree.Element) -> list[tuple[float, float]]:
        """The (x, y) values of a path."""
        pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d"))
        return [(self.value("x", float(x)), self.value("y", float(y))) for x, y in pairs]

    @property
    def words(self) -> str:
        return " ".join(text for node in self.root.iter(f"{NAMESPACE}text") for text in node.itertext())

    def named(self) -> tuple[str, str]:
        """The title and the description that the drawing refers to."""
        ids = self.root.get("aria-labelledby").split()
        found = {node.get("id"): node.text for node in self.root if node.get("id")}
        return tuple(found[name] for name in ids)
