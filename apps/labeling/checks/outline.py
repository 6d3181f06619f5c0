"""The tags of a config with where they stand, as all rules look at them; and what a rule finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from apps.labeling.problems import Problem
from apps.labeling.source import Element
from apps.labeling.tags import Tag, find_tag


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found; a config with a blocking finding cannot be used."""

    problem: Problem
    blocks: bool


def blocking(element: Element, message: str, attribute: str | None = None) -> Finding:
    """Return a finding that keeps the config from being used."""
    return Finding(element.problem(message, attribute), blocks=True)


def advice(element: Element, message: str, attribute: str | None = None) -> Finding:
    """Return a finding that people should know of."""
    return Finding(element.problem(message, attribute), blocks=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A known tag of the config, with the tags it stands in, outermost first."""

    element: Element
    tag: Tag
    above: tuple[Tag, ...]

    @property
    def name(self) -> str:
        """The tag's own name, for controls and objects."""
        return (self.element.get("name") or "") if self.tag.attribute("name") else ""

    @property
    def shown(self) -> str:
        """The tag as messages name it."""
        return f"<{self.element.tag}>"


class Outline:
    """Every tag of a config, in the order of the text."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.nodes: list[Node] = []
        self.unknown: list[Element] = []
        self._visit(root, ())

    def _visit(self, element: Element, above: tuple[Tag, ...]) -> None:
        tag = find_tag(element.tag)
        if tag is None:
            self.unknown.append(element)
        else:
            self.nodes.append(Node(element, tag, above))
            above = (*above, tag)
        if tag is None or not tag.verbatim:
            for child in element.children:
                self._visit(child, above)

    @cached_property
    def named(self) -> dict[str, Node]:
        """The first tag of each name."""
        found: dict[str, Node] = {}
        for node in self.nodes:
            if node.name:
                found.setdefault(node.name, node)
        return found

    def controls(self) -> Iterator[Node]:
        """Yield the tags that ask something."""
        return (node for node in self.nodes if node.tag.kind == "control")


def nearest(word: str, words: Any, form: str = '"{}"') -> str:
    """Return " Did you mean …?" with the word nearest to `word`, or nothing."""
    lower = {candidate.lower(): candidate for candidate in words}
    found = get_close_matches(word.lower()[:60], lower, n=1)
    return f" Did you mean {form.format(lower[found[0]])}?" if found else ""
