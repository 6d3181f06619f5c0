"""ASR_MANIFEST: transcribed recordings, a JSON object a line, as speech toolkits train on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive, joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.geometry import MAX_NUMBER
from apps.exports.formats.json_text import dumps
from apps.exports.formats.media_files import find_media
from apps.exports.formats.names import FileNames, file_name_of
from apps.exports.formats.spool import Spool
from apps.exports.formats.tasks import Completion, Task, labeled, results, shown_value
from apps.exports.formats.wave_length import MeasuredSound
from apps.labeling.config import ControlTag, LabelingConfig

SOUNDS = ("Audio", "AudioPlus")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of the recordings under audio/ when they are wanted, and of manifest.json behind them."""
    with Spool() as lines:
        yield from archive(_Manifest(options, lines).members(tasks), options.report)


@dataclass(slots=True)
class _Recording:
    """Where a recording stands, and how long it lasts in seconds, if its file tells."""

    path: str
    seconds: float | None = None


class _Manifest:
    """Writes recordings as they come; the lines about them, which stand behind them, wait on disk."""

    def __init__(self, options: ExportOptions, lines: Spool) -> None:
        self._options, self._lines = options, lines
        self._names = FileNames()
        self._controls = _transcripts(options.config)

    def members(self, tasks: Iterable[str]) -> Iterator[Member]:
        for task, completions in labeled(tasks, self._options):
            self._options.report.exported += 1
            yield from self._task(task, completions)
        yield Member("manifest.json", joined((line + b"\n" for line in self._lines), separator=b""))

    def _task(self, task: Task, completions: list[Completion]) -> Iterator[Member]:
        recordings: dict[str, _Recording] = {}
        for control in self._controls:
            config = self._options.config
            shown = next(config.objects[name] for name in control.to_names if _is_sound(config, name))
            address = shown_value(config, shown, task)
            if not isinstance(address, str) or not address:
                self._options.report.add("there is no recording; its texts are left out", task=task.get("id"))
                continue
            if address not in recordings:
                recordings[address] = _Recording(address)
                yield from self._packed(recordings[address], task)
            for completion in completions:
                for entry in _entries(recordings[address], control, task, completion, self._options):
                    self._lines.append(dumps(entry))

    def _packed(self, recording: _Recording, task: Task) -> Iterator[Member]:
        """Yield the file of a recording, if it is wanted and there is one; then `recording` tells of that file."""
        if self._options.media is None:
            return
        found = find_media(recording.path, task.get("id"), self._options)
        if found is None:
            return
        sound = MeasuredSound(found)
        name = self._names.claim(file_name_of(recording.path), task.get("id"))
        recording.path = f"audio/{name}"
        yield Member(recording.path, sound, stored=True)
        recording.seconds = sound.seconds


def _transcripts(config: LabelingConfig) -> list[ControlTag]:
    return [
        control
        for control in config.controls.values()
        if control.type == "TextArea" and any(_is_sound(config, name) for name in control.to_names)
    ]


def _is_sound(config: LabelingConfig, name: str) -> bool:
    return name in config.objects and config.objects[name].type in SOUNDS


def _entries(
    recording: _Recording, control: ControlTag, task: Task, completion: Completion, options: ExportOptions
) -> Iterator[dict[str, Any]]:
    items = [item for item in results(completion) if isinstance(item.get("value"), dict)]
    lengths = (item["original_length"] for item in items if _is_seconds(item.get("original_length")))
    length = next(lengths, None) if recording.seconds is None else recording.seconds
    for item in items:
        text = _text(item["value"].get("text"))
        if item.get("from_name") != control.name or not text:
            continue
        entry = {"audio_filepath": recording.path, "duration": length, "text": text}
        start, end = item["value"].get("start"), item["value"].get("end")
        if _is_seconds(start) and _is_seconds(end):
            entry |= {"offset": start, "duration": round(end - start, 6)}
        elif length is None:
            options.report.add(
                "the length of a recording is unknown; its duration is null",
                task=task.get("id"), completion=completion.get("id"),
            )  # fmt: skip
        yield entry


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER


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
    holds_media=True,
)
