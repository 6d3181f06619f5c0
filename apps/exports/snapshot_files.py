"""Reads the tasks back out of the file of an export in JSON, one by one."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import default_storage

from apps.core.errors import ValidationFailed
from apps.exports.models import Export

SNAPSHOT_FORMAT = "JSON"
"""The format whose file holds everything, so that it can be converted into any other."""


def tasks_in(row: Export) -> Iterator[str]:
    """Yield each task of a finished export in JSON: its file has one a line, between the brackets of the list.

    Raises:
        ValidationFailed: the file is gone, or has another shape.
    """
    try:
        file = default_storage.open(row.file)
    except FileNotFoundError as error:
        raise ValidationFailed(
            "The file of this export is gone from the storage. Export once more."
        ) from error
    with file:
        for line in file:
            text = line.strip().removesuffix(b",").decode()
            if text in ("[", "]", "[]", ""):
                continue
            if not (text.startswith("{") and text.endswith("}")):
                raise ValidationFailed("The file of this export cannot be read any more. Export once more.")
            yield text
