"""Which tags there are, where they may stand, and what may stand inside them."""

from __future__ import annotations

from collections.abc import Iterator

from apps.labeling.checks.outline import Finding, Node, Outline, advice, blocking, nearest
from apps.labeling.tags import advice_for, registry


def check_placement(outline: Outline) -> Iterator[Finding]:
    """Yield unknown tags, tags out of place, and texts that take the place of a value."""
    for element in outline.unknown:
        instead = advice_for(element.tag)
        hint = f" {instead}" if instead else nearest(element.tag, registry(), "<{}>")
        yield blocking(element, f"<{element.tag[:60]}> is no tag of the editor.{hint}")
    for node in outline.nodes:
        yield from _check_place(node)
        yield from _check_content(node)
        if node.tag.broken:
            yield advice(node.element, f"{node.shown} does not work in this editor. {node.tag.broken}")
    if outline.nodes and outline.nodes[0].element is outline.root and outline.nodes[0].tag.name != "View":
        yield blocking(outline.root, f"The outermost tag must be <View>, not {outline.nodes[0].shown}.")


def _check_place(node: Node) -> Iterator[Finding]:
    if not node.above:
        return
    parent = node.above[-1]
    if node.tag.inside and not any(tag.name in node.tag.inside for tag in node.above):
        places = ", ".join(f"<{name}>" for name in node.tag.inside)
        yield blocking(
            node.element, f"{node.shown} must stand inside {'one of ' * ('>, <' in places)}{places}."
        )
    elif parent.contains is None:
        yield advice(node.element, f"The editor does not show what stands inside <{parent.name}>.")
    elif node.tag.name not in parent.contains:
        yield blocking(node.element, f"{node.shown} may not stand right inside <{parent.name}>.")


def _check_content(node: Node) -> Iterator[Finding]:
    """The editor takes whatever stands inside a tag without tags, be it a space, for its value."""
    element = node.element
    value = element.get("value")
    if node.tag.verbatim or not value or element.children or not element.has_content:
        return
    if node.tag.attribute("value") is None:
        return
    if text := element.text.strip():
        if text != value:
            yield advice(
                element, f"The text inside {node.shown} is shown instead of its value. Remove one of them."
            )
    else:
        yield blocking(
            element,
            f"{node.shown} holds a space or a comment, which the editor shows instead of its value. "
            f"Close it at once: <{element.tag} …/>.",
        )
