"""Whether people can answer: options to choose from, regions to draw."""

from __future__ import annotations

from collections.abc import Iterator

from apps.labeling.checks.outline import Finding, Node, Outline, advice, blocking
from apps.labeling.config import effective_value
from apps.labeling.source import Element
from apps.labeling.tags import find_tag


def check_answers(outline: Outline) -> Iterator[Finding]:
    """Yield questions that cannot be answered, or whose answers cannot be told apart."""
    drawn_on = {
        node.element.get("toName")
        for node in outline.controls()
        if node.tag.region and node.tag.name != "Labels"
    }
    marked = {node.element.get("toName") for node in outline.controls() if node.tag.region}
    for node in outline.controls():
        yield from _check_options(node)
        target = node.element.get("toName")
        shown = outline.named.get(target or "")
        if node.tag.name == "Labels" and shown and shown.tag.name == "Image" and target not in drawn_on:
            yield advice(
                node.element,
                "<Labels> on a picture needs a <Rectangle> or another shape beside it to draw with.",
            )
        if node.element.get("perRegion") == "true" and shown and target not in marked:
            yield advice(
                node.element, f'{node.shown} is asked for each region, but none can be marked in "{target}".'
            )
    for node in outline.nodes:
        if node.tag.name == "TimeSeries" and not any(
            child.tag.lower() == "channel" for child in node.element.walk()
        ):
            yield blocking(node.element, '<TimeSeries> shows no column. Put <Channel column="…"/> inside.')
    if not any(outline.controls()):
        yield advice(
            outline.root, "The labeling config asks nothing: it holds no control, such as <Choices>."
        )


def _check_options(node: Node) -> Iterator[Finding]:
    if not node.tag.option:
        return
    options = list(_own_options(node.element, node.tag.option))
    if not options and node.element.get("allowEmpty") != "true":
        yield blocking(
            node.element,
            f'{node.shown} has nothing to choose from. Put <{node.tag.option} value="…"/> inside.',
        )
    if node.tag.name == "Taxonomy":
        yield from _check_siblings(node.element)
    else:
        yield from _check_twice(options)


def _own_options(element: Element, option: str) -> Iterator[Element]:
    for child in element.children:
        tag = find_tag(child.tag)
        if tag is None or tag.verbatim or (tag.kind == "control" and child.get("name")):
            continue
        if tag.name == option:
            yield child
        yield from _own_options(child, option)


def _check_siblings(element: Element) -> Iterator[Finding]:
    yield from _check_twice(element.children)
    for child in element.children:
        yield from _check_siblings(child)


def _check_twice(options: list[Element]) -> Iterator[Finding]:
    seen: dict[str, Element] = {}
    for option in options:
        key = option.get("alias") or effective_value(option)
        if key and (first := seen.setdefault(key, option)) is not option:
            yield advice(
                option,
                f'"{key[:60]}" is offered twice, first in line {first.line}; results cannot tell them apart.',
                "alias" if option.get("alias") else "value",
            )
