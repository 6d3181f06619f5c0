"""Entries of the audit log as documents and as lines of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from apps.audit.models import Entry, EntryQuerySet

CSV_COLUMNS = (
    "at",
    "actor",
    "action",
    "project",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "address",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts so for a formula; it gets an apostrophe in front."""


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry as the API shows it."""
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": entry.actor_name,
        "action": entry.action,
        "project": entry.project_id,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "target_name": entry.target_name,
        "before": entry.before,
        "after": entry.after,
        "address": entry.address,
    }


def csv_lines(entries: EntryQuerySet) -> Iterator[str]:
    """Yield the log as CSV, with cells that a spreadsheet would run as formulas neutralised by an apostrophe."""
    yield ",".join(CSV_COLUMNS) + "\r\n"
    for entry in entries.iterator(chunk_size=1_000):
        document = entry_document(entry)
        line = io.StringIO()
        csv.writer(line).writerow([_cell(document[name]) for name in CSV_COLUMNS])
        yield line.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
