"""The frames of a video between the key frames that somebody set, on straight lines from one to the next; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, pairwise
from typing import Any

from apps.labeling.kinds import is_number

Frame = dict[str, Any]

MAX_FRAMES = 200_000
"""So many frames of one region are filled in at most: more than two hours at 25 a second."""

MAX_NUMBER = 10**9
"""Of a frame."""

_MOVING = ("x", "y", "width", "height", "rotation")
_TIME_DIGITS = 2


class TooManyFrames(ValueError):
    """A region has more frames than are filled in."""


def has_key_frames(item: Any) -> bool:
    """Whether a result item is a region that moves through a video."""
    value = item.get("value") if isinstance(item, dict) else None
    sequence = value.get("sequence") if isinstance(value, dict) else None
    return isinstance(sequence, list) and bool(sequence) and all(map(_is_key_frame, sequence))


def _is_key_frame(frame: Any) -> bool:
    number = frame.get("frame") if isinstance(frame, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) <= MAX_NUMBER


def interpolated(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of a region with a frame for each picture in which it can be seen.

    Frames that are filled in have `auto`. Position, size, rotation and time lie between those of the key frames; a key
    frame that is not `enabled` ends what can be seen until the next one. Behind the last key frame, the region stays
    where it is up to `framesCount`, and time goes on to `duration`.

    Args:
        value: of an item that `has_key_frames`.

    Raises:
        TooManyFrames: these were more than `MAX_FRAMES`.
    """
    keys = sorted(value["sequence"], key=_number_of)
    ends = _number(value, "framesCount"), _number(value, "duration")
    spans = list(chain(pairwise(keys), _after(keys[-1], *ends)))
    if sum(after["frame"] - before["frame"] for before, after in spans if _is_seen(before)) > MAX_FRAMES:
        raise TooManyFrames(f"it has more than {MAX_FRAMES:,} frames")
    filled = [frame for before, after in spans if _is_seen(before) for frame in _between(before, after)]
    return {**value, "sequence": sorted([*keys, *filled], key=_number_of)}


def _number_of(frame: Frame) -> int:
    return int(frame["frame"])


def _is_seen(key: Frame) -> bool:
    return bool(key.get("enabled", True))


def _after(last: Frame, count: float, duration: float) -> Iterator[tuple[Frame, Frame]]:
    """Yield the span behind the last key frame, up to and with the video's last frame."""
    if count <= last["frame"]:
        return
    # One behind the end, so that the last frame lies between as all others do.
    steps = float(count - last["frame"])
    end = {**last, "frame": int(count) + 1}
    start = _number(last, "time")
    if duration > start:
        end["time"] = start + (duration - start) * ((steps + 1) / steps)
    yield last, end


def _between(before: Frame, after: Frame) -> Iterator[Frame]:
    steps = after["frame"] - before["frame"]
    names = [
        name for name in (*_MOVING, "time") if is_number(before.get(name)) and is_number(after.get(name))
    ]
    for step in range(1, steps):
        share = step / steps
        frame = {**before, "frame": before["frame"] + step, "auto": True}
        for name in names:
            if before[name] != after[name]:
                frame[name] = float(before[name]) + (float(after[name]) - float(before[name])) * share
        if "time" in names:
            frame["time"] = round(frame["time"], _TIME_DIGITS)
        yield frame


def _number(value: Mapping[str, Any], name: str) -> float:
    number = value.get(name)
    return float(number) if is_number(number) else 0.0
