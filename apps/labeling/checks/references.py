"""Names, and what refers to them."""

from __future__ import annotations

from collections.abc import Iterator

from apps.labeling.checks.outline import Finding, Node, Outline, advice, blocking, nearest
from apps.labeling.tags import tags_of


def check_references(outline: Outline) -> Iterator[Finding]:
    """Yield names given twice, and attributes that name nothing, or something that does not fit."""
    yield from _check_names(outline)
    for node in outline.nodes:
        if node.tag.name == "Filter":
            yield from _check_filter(outline, node)
        elif node.tag.attribute("toName"):
            yield from _check_targets(outline, node)
        yield from _check_condition(outline, node)
        yield from _check_sync(outline, node)


def _check_names(outline: Outline) -> Iterator[Finding]:
    for node in outline.nodes:
        if node.name and (first := outline.named[node.name]) is not node:
            yield blocking(
                node.element,
                f'The name "{node.name[:60]}" is taken by <{first.element.tag}> of line {first.element.line}; '
                "names must be unique.",
                "name",
            )


def _check_targets(outline: Outline, node: Node) -> Iterator[Finding]:
    given = node.element.get("toName") or ""
    if not given.strip():
        yield from _check_inferred(outline, node)
        return
    names = given.split(",")
    if any(name != name.strip() for name in names):
        yield blocking(node.element, f'toName="{given[:60]}" holds a space. Remove it.', "toName")
    names = [name.strip() for name in names]
    if node.tag.name == "Pairwise":
        if len(names) != 2 or names[0] == names[1]:
            yield blocking(
                node.element, '<Pairwise> compares two objects, as in toName="left,right".', "toName"
            )
    elif len(names) > 1:
        yield blocking(
            node.element, f"{node.shown} asks about one object. Write one {node.shown} for each.", "toName"
        )
    for name in names:
        yield from _check_target(outline, node, name)


def _check_inferred(outline: Outline, node: Node) -> Iterator[Finding]:
    """Without toName, the editor takes the only object there is, if it is of a kind that it counts."""
    counted = [other for other in outline.nodes if other.tag.infers and other.name]
    if len(counted) == 1 and counted[0].tag.kind == "object":
        yield from _check_target(outline, node, counted[0].name)
    else:
        yield blocking(
            node.element, f"{node.shown} needs the attribute toName: the name of what it asks about."
        )


def _check_target(outline: Outline, node: Node, name: str) -> Iterator[Finding]:
    target = outline.named.get(name)
    if target is None:
        hint = nearest(name, outline.named)
        yield blocking(
            node.element, f'{node.shown} points to "{name[:60]}", but no tag has that name.{hint}', "toName"
        )
    elif target.tag.kind != "object":
        yield blocking(
            node.element,
            f'{node.shown} points to "{name[:60]}", which is a {target.shown}, not an object.',
            "toName",
        )
    elif not node.tag.works_with(target.tag.name):
        works = " or ".join(f"<{tag}>" for tag in node.tag.works_on)
        fitting = [tag.name for tag in tags_of("control") if target.tag.name in tag.works_on and tag.option]
        hint = f" For {target.shown}, use <{fitting[0]}>." if fitting else ""
        yield blocking(
            node.element, f"{node.shown} does not work on {target.shown}, only on {works}.{hint}", "toName"
        )
    elif node.tag.exact and target.element.tag != target.tag.name:
        yield blocking(target.element, f"{node.shown} works only on a tag written <{target.tag.name}>.")


def _check_filter(outline: Outline, node: Node) -> Iterator[Finding]:
    name = node.element.get("toName") or ""
    target = outline.named.get(name)
    if target is None:
        hint = nearest(name, outline.named)
        yield blocking(
            node.element, f'<Filter> points to "{name[:60]}", but no tag has that name.{hint}', "toName"
        )
    elif not target.tag.option or target.tag.name == "Taxonomy":
        yield advice(node.element, f"<Filter> narrows down labels and choices, not {target.shown}.", "toName")


def _check_condition(outline: Outline, node: Node) -> Iterator[Finding]:
    if node.tag.attribute("visibleWhen") is None:
        return
    name = node.element.get("whenTagName")
    if not name:
        return
    if not node.element.get("visibleWhen"):
        yield advice(node.element, "whenTagName does nothing without visibleWhen.", "whenTagName")
    target = outline.named.get(name)
    if target is None:
        hint = nearest(name, outline.named)
        yield blocking(
            node.element, f'whenTagName is "{name[:60]}", but no tag has that name.{hint}', "whenTagName"
        )
        return
    for attribute in ("whenChoiceValue", "whenLabelValue"):
        yield from _check_condition_values(node, target, attribute)


def _check_condition_values(node: Node, target: Node, attribute: str) -> Iterator[Finding]:
    given = node.element.get(attribute)
    options = _options(target)
    if not given or not options or given in options:
        return
    for value in given.split(","):
        if value not in options:
            hint = nearest(value, options)
            yield advice(
                node.element,
                f'{attribute}: {target.shown} "{target.name}" has no "{value[:60]}".{hint}',
                attribute,
            )


def _options(target: Node) -> set[str]:
    return {
        text
        for element in target.element.walk()
        if element.tag.lower() == target.tag.option.lower()
        for text in (element.get("value"), element.get("alias"), element.text.strip())
        if text
    }


def _check_sync(outline: Outline, node: Node) -> Iterator[Finding]:
    name = node.element.get("sync")
    if name and node.tag.attribute("sync") and name not in outline.named:
        hint = nearest(name, outline.named)
        yield advice(node.element, f'sync is "{name[:60]}", but no tag has that name.{hint}', "sync")
