"""Files that are written in parts: joined, they are what one writer writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from apps.exports.formats import CATALOGUE, ExportOptions
from apps.exports.joining import SEAMS, body_of, joined
from apps.labeling.config import parse

TEXTS = """<View><Labels name="label" toName="text"><Label value="PER"/></Labels><Text name="text" value="$text"/>
<Choices name="mood" toName="text"><Choice value="good"/></Choices></View>"""
SOUNDS = """<View><Labels name="label" toName="sound"><Label value="A"/></Labels>
<Audio name="sound" value="$sound"/></View>"""


def task(number: int, *, answered: bool = True, sound: bool = False) -> str:
    name, value = ("sound", {"start": 1, "end": 2.5}) if sound else ("text", {"start": 0, "end": 3})
    item = {"id": "r", "from_name": "label", "to_name": name, "type": "labels",
            "value": {**value, "labels": ["A" if sound else "PER"]}}  # fmt: skip
    answer = {
        "id": 10 * number,
        "result": [item],
        "was_cancelled": False,
        "created_at": "2026-01-01T10:00:00Z",
    }
    data = {"sound": "/a.wav"} if sound else {"text": f"Ada, the {number}th 😀,\nlived."}
    return json.dumps({"id": number, "data": data, "annotations": [answer] if answered else []})


def cut(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`."""
    content = b"".join(pieces)
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("name", sorted(SEAMS))
@pytest.mark.parametrize("size", [1, 3, 1 << 20], ids=["byte by byte", "three bytes", "at once"])
@pytest.mark.parametrize(
    "answered",
    [
        [[True, True], [True], [True, True]],
        [[False], [True], [False], [True, False]],
        [[False], [False]],
        [[True]],
    ],
    ids=["all", "parts without answers", "no answers", "one part"],
)
def test_joined_parts_are_what_one_writer_writes(name: str, size: int, answered: list[list[bool]]) -> None:
    sound = name == "TIMELINE"
    options = ExportOptions(config=parse(SOUNDS if sound else TEXTS))
    numbers = iter(range(1, 100))
    parts = [[task(next(numbers), answered=one, sound=sound) for one in part] for part in answered]

    def written(tasks: Any) -> Iterator[bytes]:
        return CATALOGUE[name].write(tasks, options)

    bodies = [body_of(cut(written(part), size), SEAMS[name]) for part in parts]
    assert b"".join(joined(bodies, SEAMS[name])) == b"".join(written(chain.from_iterable(parts)))


def test_a_file_of_no_tasks_joins_to_a_file_of_no_tasks() -> None:
    for name, seam in SEAMS.items():
        written = list(CATALOGUE[name].write([], ExportOptions(config=parse(TEXTS))))
        assert b"".join(joined([body_of(written, seam)], seam)) == b"".join(written), name


def test_a_part_that_begins_or_ends_otherwise_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with"):
        list(body_of([b'{"id": 1}, {"id": 2}'], SEAMS["JSON"]))
    with pytest.raises(ValueError, match="ends with"):
        list(body_of([b'[\n{"id": 1}, {"id": 2}'], SEAMS["JSON"]))
