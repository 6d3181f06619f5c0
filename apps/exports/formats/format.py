"""What an export format is, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from apps.exports.formats.report import Report
from apps.labeling.config import LabelingConfig

MediaReader = Callable[[str], Iterable[bytes] | None]
"""Opens the file behind an address of a task's data; None when there is none to be had."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write tasks.

    Args:
        config: the labeling config that the tasks were labeled with.
        completions: of a task with several that were submitted, the newest, or all. Formats that keep whole tasks
            (JSON, JSONL, the completions directory) and those that write a file a region (brushes) take all anyway.
        tagging: of CoNLL, how tags tell where an entity begins and ends.
        media: where given, archives hold the media files, too.
        report: takes what could not be written; archives hold it as report.json.
        data_keys: where the keys of all the tasks' data can be known before the first task is read: gives them, in the
            order of their first appearance. Asked within the snapshot of which the tasks are.
    """

    config: LabelingConfig = field(default_factory=lambda: LabelingConfig({}, {}))
    completions: Literal["newest", "all"] = "newest"
    tagging: Literal["BIO", "IOBES"] = "BIO"
    media: MediaReader | None = None
    report: Report = field(default_factory=Report)
    data_keys: Callable[[], list[str]] | None = None


def any_config(config: LabelingConfig) -> str | None:
    """Let every labeling config pass."""
    return None


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to write labeled tasks into a file.

    Args:
        name: as clients ask for it, in capitals.
        title: as pages show it.
        description: one sentence on what the file holds.
        extension: of the file, without the dot; `zip` for a format of several files.
        content_type: of the answer.
        write: turns tasks, each a JSON text, into the bytes of the file, piece by piece, in constant memory.
        fits: why tasks of a labeling config cannot be written ("needs RectangleLabels on Image"); None if they can.
        holds_media: the file is an archive into which media files can go.
    """

    name: str
    title: str
    description: str
    extension: str
    content_type: str
    write: Callable[[Iterable[str], ExportOptions], Iterator[bytes]]
    fits: Callable[[LabelingConfig], str | None] = any_config
    holds_media: bool = False
