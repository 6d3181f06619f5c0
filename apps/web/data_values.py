"""How the values of a task's data are shown outside the editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from apps.labeling.config import LabelingConfig

SHORT = 120
MEDIA = {"Image": "image", "Audio": "audio", "AudioPlus": "audio", "Video": "video"}
"""The tags that show files, and what shows such a file outside the editor."""


@dataclass(frozen=True, slots=True)
class DataValue:
    """One key of a task's data: `kind` is image, audio, video, text or json."""

    key: str
    kind: str
    value: Any
    shown_by: str | None

    @property
    def is_link(self) -> bool:
        """Whether a text is the address of another page and nothing else."""
        text = self.value if self.kind == "text" and isinstance(self.value, str) else ""
        return (
            text.startswith(("http://", "https://"))
            and len(text) <= 2_000
            and not any(map(str.isspace, text))
        )


def data_values(data: dict[str, Any], config: LabelingConfig) -> list[DataValue]:
    """Return the values of a task, those that the labeling config shows first."""
    shown = config.variables
    keys = sorted(data, key=lambda key: key not in shown)
    return [_value(key, data[key], shown[key].type if key in shown else None) for key in keys]


def _value(key: str, value: Any, tag: str | None) -> DataValue:
    if isinstance(value, bool | int | float):
        return DataValue(key, "text", value, tag)
    kind = MEDIA.get(tag or "", "text") if isinstance(value, str) else "json"
    if kind in MEDIA.values() and not is_address(value):
        kind = "text"
    return DataValue(key, kind, value, tag)


def is_address(value: str) -> bool:
    """Whether a media tag may load `value`: an address of a web server or a path on this one."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") or (not parts.scheme and value.startswith("/"))


def text_keys(config: LabelingConfig) -> list[str]:
    """Return the keys that the config shows as text."""
    return [key for key, tag in config.variables.items() if tag.type in ("Text", "HyperText", "Header")]


def shorten(value: Any) -> str:
    """Return `value` in one line of at most `SHORT` characters."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    line = " ".join(text[: 4 * SHORT].split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
