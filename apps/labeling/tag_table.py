"""The tables of tags in docs/labeling-config.md, generated from the registry."""

from __future__ import annotations

from apps.labeling.tags import Attribute, Kind, Tag, tags_of

BEGIN = "<!-- tags: begin (manage.py write_tag_table) -->"
END = "<!-- tags: end -->"
HEADINGS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Objects: what is shown", ("object",)),
    ("Controls: what is asked", ("control",)),
    ("Labels, choices and other parts", ("option", "part")),
    ("Layout", ("visual",)),
)


def tag_table() -> str:
    """Return every tag with its attributes as Markdown."""
    sections = []
    for heading, kinds in HEADINGS:
        tags = "\n\n".join(_section(tag) for tag in tags_of(*kinds))
        sections.append(f"### {heading}\n\n{tags}")
    return "\n\n".join(sections)


def _section(tag: Tag) -> str:
    lines = [f"#### `<{tag.name}>`", "", tag.about]
    if tag.broken:
        lines += ["", f"**Does not work in this editor.** {tag.broken}"]
    if tag.works_on:
        objects = "every object" if "whole" in tag.works_on else _tags(tag.works_on)
        lines += ["", f"Works on {objects}. Gives result items of the type `{tag.result}`."]
    if tag.inside:
        lines += ["", f"Stands inside {_tags(tag.inside)}."]
    lines += ["", "| attribute | values | without it | |", "| --- | --- | --- | --- |"]
    lines += [_row(attribute) for attribute in tag.public_attributes]
    return "\n".join(lines if tag.public_attributes else lines[:-2]).rstrip()


def _row(attribute: Attribute) -> str:
    values = ", ".join(f"`{value}`" for value in attribute.values) or _VALUES.get(attribute.type, "text")
    absent = "needed" if attribute.required else f"`{attribute.default}`" if attribute.default else ""
    return f"| `{attribute.name}` | {values} | {absent} | {attribute.about.replace('|', '&#124;')} |"


def _tags(names: tuple[str, ...]) -> str:
    return ", ".join(f"`<{name}>`" for name in names)


_VALUES = {
    "name": "a name",
    "reference": "a name",
    "references": "two names",
    "variable": "`$key`, or text",
    "number": "number",
    "fraction": "0 to 1",
    "flag": "`true`, `false`",
    "colour": "colour",
    "hotkey": "key",
    "css": "CSS",
}


def with_tag_table(document: str) -> str:
    """Return `document` with the present tables between its marks.

    Raises:
        ValueError: the marks are missing.
    """
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document needs the lines {BEGIN} and {END} where the tables belong.")
    return f"{head}{BEGIN}\n\n{tag_table()}\n\n{END}{tail}"
