"""Which attributes tags take, and which values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from PIL import ImageColor

from apps.labeling.checks.outline import Finding, Node, Outline, advice, blocking, nearest
from apps.labeling.config import VARIABLE, effective_value
from apps.labeling.tags import Attribute

_HEX_COLOUR = re.compile(r"#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_COLOUR_FUNCTION = re.compile(r"(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(.+\)", re.IGNORECASE)
_COLOUR_WORDS = frozenset(ImageColor.colormap) | {
    "transparent", "currentcolor", "inherit", "initial", "unset", "revert",
}  # fmt: skip
_LEADING_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_PLAIN_ADDRESS = re.compile(r"[/:.]")


def check_attributes(outline: Outline) -> Iterator[Finding]:
    """Yield missing and unknown attributes, and values that the editor does not take."""
    for node in outline.nodes:
        yield from _check_required(node)
        for name, value in node.element.attributes.items():
            yield from _check_given(outline, node, name, value)
        yield from _check_value(node)


def _check_required(node: Node) -> Iterator[Finding]:
    for attribute in node.tag.attributes.values():
        if not attribute.required or attribute.name == "toName":
            continue  # what toName may be is told with the other references
        given = (
            effective_value(node.element) if attribute.name == "value" else node.element.get(attribute.name)
        )
        if attribute.name == "value" and (node.element.has_content or _may_be_blank(node)):
            continue
        if not (given or "").strip():
            example = f'<{node.element.tag} {attribute.name}="{_example(node, attribute)}"/>'
            yield blocking(
                node.element, f"{node.shown} needs the attribute {attribute.name}, as in {example}."
            )


def _example(node: Node, attribute: Attribute) -> str:
    if attribute.name != "value":
        return node.tag.name.lower()
    return f"${node.tag.name.lower()}" if node.tag.kind == "object" else "Person"


def _may_be_blank(node: Node) -> bool:
    """Whether it may lack a value: HTML may be empty, and so may a label."""
    return node.tag.name == "HyperText" and bool(node.element.children)


def _check_given(outline: Outline, node: Node, name: str, value: str) -> Iterator[Finding]:
    attribute = node.tag.attribute(name)
    if attribute is None:
        yield from _check_unknown(outline, node, name)
    elif value in ("true", "false") and attribute.type != "flag" and name != "value":
        yield blocking(
            node.element,
            f'The editor takes {name}="{value}" for a switch and breaks. Use another word, such as "{value}.".',
            name,
        )
    elif attribute.type == "never":
        yield blocking(node.element, f"{name} is the editor's own in {node.shown}. Remove it.", name)
    elif complaint := _CHECKS.get(attribute.type, _anything)(attribute, value):
        lenient = attribute.lenient or attribute.type == "number"
        finding = advice if lenient else blocking
        yield finding(node.element, f'{name}="{value[:60]}" of {node.shown} {complaint}.', name)


def _check_unknown(outline: Outline, node: Node, name: str) -> Iterator[Finding]:
    if name == "xmlns" or name.startswith(("xmlns:", "xml:")):
        return
    prefix = name.partition(":")[0]
    if ":" in name and not any(f"xmlns:{prefix}" in other.element.attributes for other in outline.nodes):
        yield blocking(
            node.element, f'"{name[:60]}" has a prefix that is not declared. Remove "{prefix}:".', name
        )
        return
    known = [attribute.name for attribute in node.tag.public_attributes]
    yield advice(
        node.element, f"{node.shown} has no attribute {name[:60]}.{nearest(name, known, '{}')}", name
    )


def _anything(attribute: Attribute, value: str) -> str:
    return ""


def _flag(attribute: Attribute, value: str) -> str:
    return "" if value in ("true", "false") else "must be true or false, in small letters"


def _choice(attribute: Attribute, value: str) -> str:
    return "" if value in attribute.values else f"must be one of: {', '.join(attribute.values)}"


def _colour(attribute: Attribute, value: str) -> str:
    text = value.strip()
    known = (
        text.lower() in _COLOUR_WORDS or _HEX_COLOUR.fullmatch(text) or _COLOUR_FUNCTION.fullmatch(text)
    )  # fmt: skip
    return "" if known else "is no colour, such as red or #ff0000"


def _fraction(attribute: Attribute, value: str) -> str:
    number = _LEADING_NUMBER.match(value)
    return "" if number and 0 <= float(number[0]) <= 1 else "must be a number from 0 to 1"


def _number(attribute: Attribute, value: str) -> str:
    number = _LEADING_NUMBER.fullmatch(value.strip())
    return "" if number or not value.strip() else "should be a number"


_CHECKS: dict[str, Callable[[Attribute, str], str]] = {
    "flag": _flag,
    "choice": _choice,
    "colour": _colour,
    "fraction": _fraction,
    "number": _number,
}


def _check_value(node: Node) -> Iterator[Finding]:
    """Check that the value of an object is a key of the task where it must be one."""
    value = effective_value(node.element)
    if node.tag.kind != "object" or not value:
        return
    if value.startswith("$"):
        yield from _check_key(node, value)
    elif {"dialogue", "series", "object", "list"} & set(node.tag.data):
        yield blocking(
            node.element, f'The value of {node.shown} must be a key of the task, as in "$data".', "value"
        )
    elif "url" in node.tag.data and not _PLAIN_ADDRESS.search(value):
        yield blocking(
            node.element, f'"{value[:60]}" is no address. Did you mean the key "${value[:60]}"?', "value"
        )


def _check_key(node: Node, value: str) -> Iterator[Finding]:
    if node.tag.literal_key or VARIABLE.fullmatch(value) or " " in value.strip() or "$" in value[1:]:
        return
    read = VARIABLE.match(value)
    seen = f'would look for the key "{read[1]}"' if read else "would find no key"
    yield blocking(
        node.element,
        f'"{value[:60]}": keys are made of letters a-z, digits and underscores; the editor {seen}. '
        "Rename the key in the data.",
        "value",
    )
