"""Columns of Hugging Face data sets: what their declared features make of stored values."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import IO, Any

import msgspec

from apps.imports.formats.arrow_rows import json_value

Store = Callable[[str, IO[bytes]], str]
Find = Callable[[str], str | None]

_SCHEMA_KEY = b"huggingface"


def features_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """Return the features that a table's schema declares; none when it declares none that can be read."""
    try:
        declared = msgspec.json.decode((metadata or {}).get(_SCHEMA_KEY, b"{}"))
        features = declared["info"]["features"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def value_of(value: Any, feature: Any, *, store: Store, find: Find, name: str) -> Any:
    """Return a stored value as it is to stand in a task: class numbers as names, media as addresses.

    Args:
        feature: as `dataset_info.json` declares it; None when it does not.
        store: stores a media file and returns its address.
        find: returns the address of a media file by its path in the data set, or None.
        name: what to call a media file that has no name of its own.

    Raises:
        ValueError: it cannot be written as JSON, or is no class of the feature's.
    """
    if value is None:
        return None

    def part_of(part: Any, inner: Any, called: str) -> Any:
        return value_of(part, inner, store=store, find=find, name=called)

    if isinstance(feature, list):
        feature = {"_type": "List", "feature": feature[0] if feature else None}
    kind = feature.get("_type") if isinstance(feature, dict) else None
    if kind == "ClassLabel":
        return _class_name(value, feature)
    if kind in ("Image", "Audio", "Video"):
        return _media(value, store, find, name)
    if kind in ("Sequence", "List", "LargeList"):
        inner = feature.get("feature")
        if isinstance(value, dict) and isinstance(
            inner, dict
        ):  # a sequence of objects is stored as lists by key
            return {key: part_of(part, [inner.get(key)], name) for key, part in value.items()}
        if isinstance(value, list):
            return [part_of(part, inner, f"{name}-{number}") for number, part in enumerate(value)]
    if kind is None and isinstance(feature, dict) and isinstance(value, dict):
        return {key: part_of(part, feature.get(key), name) for key, part in value.items()}
    return json_value(value)


def _class_name(value: Any, feature: Mapping[str, Any]) -> Any:
    names = feature.get("names")
    if not isinstance(names, list) or not isinstance(value, int):
        return json_value(value)
    if value == -1:  # how a split without answers marks them
        return None
    if not 0 <= value < len(names):
        raise ValueError(f"{value} is not the number of one of the {len(names)} classes")
    return str(names[value])


def _media(value: Any, store: Store, find: Find, name: str) -> Any:
    if isinstance(value, str):
        return find(value) or value
    if not isinstance(value, dict):
        return json_value(value)
    path, content = value.get("path"), value.get("bytes")
    if isinstance(content, bytes):
        return store(
            PurePosixPath(path).name if isinstance(path, str) and path else name, io.BytesIO(content)
        )
    if isinstance(path, str):
        return find(path) or path
    return None
