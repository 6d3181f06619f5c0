"""JSON: a list of tasks, or a single one."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Source
from apps.imports.formats.json_elements import read_elements
from apps.imports.formats.text import decode_head, is_text, utf8_stream

EXAMPLE = """[
  {"text": "The parcel came a day early."},
  {"data": {"text": "It broke at once."}, "meta": {"shop": 7}}
]
"""


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file begins as a JSON list or object does, or is text and named as JSON."""
    named = name.lower().endswith((".json", ".jsonl", ".ndjson"))
    return is_text(head) and (named or decode_head(head).lstrip("\ufeff \t\r\n")[:1] in ("[", "{"))


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield each element of the list, or the one object."""
    stream, offset = utf8_stream(source.stream)
    return read_elements(stream, options.limits, offset)


FORMAT = ImportFormat(
    name="JSON",
    title="JSON",
    description="A list of tasks, each an object with the config's variables or with data, meta, completions and"
    " predictions; or a single task.",
    extensions=("json",),
    content_types=("application/json",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
