"""TXT: a task on every line."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats.format import (
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.json_elements import EXCERPT
from apps.imports.formats.text import TextLines, broken_byte, is_text
from apps.imports.formats.variables import variable_for

EXAMPLE = """The parcel came a day early.
It broke at once.
"""


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is text at all: every other kind of text is asked for before."""
    return is_text(head)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each line that is not blank; spaces around it are dropped.

    Raises:
        UnreadableFile: the config does not say which variable holds the text, or there is no line.
    """
    variable = variable_for("text", options)
    lines = TextLines(source.stream, options.encoding, options.limits)
    found = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        found = True
        if lines.broken and not text.isascii() and (byte := broken_byte(text)):
            shown = text[:EXCERPT].encode("utf-8", "replace").decode()
            yield UnreadableRow(f"it is not UTF-8 ({byte}); save the file as UTF-8", f"line {number}", shown)
        else:
            yield Row({variable: text}, f"line {number}")
    if not found:
        raise UnreadableFile("The file is empty. Write a task on every line.")


FORMAT = ImportFormat(
    name="TXT",
    title="Plain text",
    description="A task on every line; its text goes into the config's one text variable.",
    extensions=("txt", "text", "md"),
    content_types=("text/plain",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
