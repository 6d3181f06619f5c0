"""A file for each painted mask, for NumPy arrays and PNG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apps.exports.formats.archive import Member, archive
from apps.exports.formats.brush import mask_of
from apps.exports.formats.format import ExportOptions
from apps.exports.formats.names import safe_name
from apps.exports.formats.pictures import Picture, PictureReader, Region, complain
from apps.exports.formats.tasks import Task, Unwritable, decoded

Encode = Callable[[bytes, int, int], bytes]


def write_masks(
    tasks: Iterable[str], options: ExportOptions, extension: str, encode: Encode
) -> Iterator[bytes]:
    """Yield an archive of `task-<id>-completion-<id>-<control>-<labels>-<number>` files.

    Args:
        encode: turns a mask, its width and its height into a file.
    """
    return archive(_members(tasks, options, extension, encode), options.report)


def _members(
    tasks: Iterable[str], options: ExportOptions, extension: str, encode: Encode
) -> Iterator[Member]:
    reader = PictureReader(options, "BrushLabels", "Labels")
    for task in decoded(tasks):
        completions = [entry for entry in task.get("annotations") or () if not entry.get("was_cancelled")]
        options.report.exported += bool(completions)
        for completion in completions:
            number = 0
            for picture in reader.read(task, [completion]):
                for region in picture.regions:
                    try:
                        content = _encoded(region, picture, encode)
                    except Unwritable as problem:
                        complain(options.report.add, problem, task.get("id"), completion.get("id"), region.id)
                        continue
                    yield Member(f"{_name(task, region, number)}.{extension}", content)
                    number += 1


def _encoded(region: Region, picture: Picture, encode: Encode) -> bytes:
    if region.shape != "brush":
        raise Unwritable("a region that is not painted")
    if picture.size is None:
        raise Unwritable("a mask on a picture of unknown size")
    return encode(mask_of(region.value.get("rle"), *picture.size), *picture.size)


def _name(task: Task, region: Region, number: int) -> str:
    parts: list[Any] = ["task", task.get("id"), "completion", region.completion, region.control]
    labels = "-".join(region.labels)[:60]
    return safe_name("-".join(map(str, [*parts, labels]))) + f"-{number}"
