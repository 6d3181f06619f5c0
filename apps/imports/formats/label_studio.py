"""Label Studio's JSON export: tasks with their data, completions (there called annotations) and predictions."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats import json
from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Source
from apps.imports.formats.json_elements import first_element
from apps.imports.formats.text import decode_head, is_text

EXAMPLE = """[
  {
    "id": 1,
    "data": {"text": "The parcel came a day early."},
    "annotations": [
      {
        "completed_by": "ann@example.com",
        "result": [{"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}]
      }
    ],
    "predictions": []
  }
]
"""


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file's first task has data and answers."""
    if not is_text(head):
        return False
    first = first_element(decode_head(head).lstrip("\ufeff").encode("utf-8", "replace"))
    return (
        isinstance(first, dict)
        and isinstance(first.get("data"), dict)
        and any(isinstance(first.get(key), list) for key in ("annotations", "completions", "predictions"))
    )


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield each task as it is: rows of JSON are of the export's shape already."""
    return json.read(source, options)


FORMAT = ImportFormat(
    name="LABEL_STUDIO",
    title="Label Studio export",
    description="The JSON that this server and Label Studio export: tasks with their completions and predictions.",
    extensions=("json",),
    content_types=("application/json",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
