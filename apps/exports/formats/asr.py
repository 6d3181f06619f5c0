"""ASR_MANIFEST: transcribed recordings, a JSON object a line, as speech toolkits train on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive, joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.media_files import media_member
from apps.exports.formats.names import FileNames, file_name_of
from apps.exports.formats.spool import Spool
from apps.exports.formats.tasks import Completion, Task, dumps, labeled, results, shown_value
from apps.labeling.config import ControlTag, LabelingConfig

SOUNDS = ("Audio", "AudioPlus")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of manifest.json, and of the recordings under audio/ when they are wanted."""
    with Spool() as media:
        yield from archive(_members(tasks, options, media), options.report)


def _members(tasks: Iterable[str], options: ExportOptions, media: Spool) -> Iterator[Member]:
    yield Member("manifest.json", joined(_lines(tasks, options, media), separator=b""))
    for line in media:
        address, name, task = orjson.loads(line)
        yield from media_member(address, name, task, options)


def _lines(tasks: Iterable[str], options: ExportOptions, media: Spool) -> Iterator[bytes]:
    controls, names = _transcripts(options.config), FileNames()
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        claimed: dict[str, str] = {}
        for completion in completions:
            for control in controls:
                shown = options.config.objects[control.to_names[0]]
                address = shown_value(options.config, shown, task)
                if not isinstance(address, str) or not address:
                    options.report.add("there is no recording; its texts are left out", task=task.get("id"))
                    continue
                path = address
                if options.media is not None:
                    if address not in claimed:
                        claimed[address] = f"audio/{names.claim(file_name_of(address), task.get('id'))}"
                        media.append(dumps([address, claimed[address], task.get("id")]))
                    path = claimed[address]
                yield from _entries(path, control, task, completion, options)


def _transcripts(config: LabelingConfig) -> list[ControlTag]:
    return [
        control
        for control in config.controls.values()
        if control.type == "TextArea"
        and any(name in config.objects and config.objects[name].type in SOUNDS for name in control.to_names)
    ]


def _entries(
    path: str, control: ControlTag, task: Task, completion: Completion, options: ExportOptions
) -> Iterator[bytes]:
    items = [item for item in results(completion) if isinstance(item.get("value"), dict)]
    length = next(
        (item["original_length"] for item in items if _is_seconds(item.get("original_length"))), None
    )
    for item in items:
        text = _text(item["value"].get("text"))
        if item.get("from_name") != control.name or not text:
            continue
        entry = {"audio_filepath": path, "duration": length, "text": text}
        start, end = item["value"].get("start"), item["value"].get("end")
        if _is_seconds(start) and _is_seconds(end):
            entry |= {"offset": start, "duration": round(end - start, 6)}
        elif length is None:
            options.report.add(
                "the length of a recording is unknown; its duration is null",
                task=task.get("id"), completion=completion.get("id"),
            )  # fmt: skip
        yield dumps(entry) + b"\n"


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    """Return what was typed; several entries of one question are joined."""
    parts = value if isinstance(value, list) else [value]
    return " ".join(part for part in parts if isinstance(part, str)).strip()


def fits(config: LabelingConfig) -> str | None:
    """Let configs pass that ask for texts about recordings."""
    return None if _transcripts(config) else "needs TextArea on Audio or AudioPlus"


FORMAT = ExportFormat(
    name="ASR_MANIFEST",
    title="Speech manifest",
    description="Recordings with what is said in them, a line each, as speech toolkits train on them.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=fits,
)
