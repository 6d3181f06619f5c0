"""COMPLETIONS: a file for each task, as the Flask era kept them in its completions directory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.tasks import Completion, decoded

_KEPT = ("id", "result", "lead_time")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive with completions/<task id>.json for each task that was labeled or skipped."""
    return archive(_members(tasks, options), options.report)


def _members(tasks: Iterable[str], options: ExportOptions) -> Iterator[Member]:
    for task in decoded(tasks):
        if not task.get("annotations"):
            continue
        options.report.exported += 1
        document = {
            "id": task["id"],
            "data": task.get("data"),
            "completions": [_completion(entry) for entry in task["annotations"]],
        }
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
        yield Member(f"completions/{int(task['id'])}.json", text.encode())


def _completion(entry: Completion) -> dict[str, Any]:
    found = {key: entry.get(key) for key in _KEPT}
    if entry.get("created_at"):
        found["created_at"] = int(datetime.fromisoformat(entry["created_at"]).timestamp())
    if entry.get("was_cancelled"):
        found["was_cancelled"] = True
    if entry.get("ground_truth"):
        found["honeypot"] = True
    return found


FORMAT = ExportFormat(
    name="COMPLETIONS",
    title="Completions directory",
    description="A JSON file for each task with all its completions, as Label Studio before 1.0 kept them.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
)
