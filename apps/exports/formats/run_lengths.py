"""COCO's run-length encoding of masks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAINTED = re.compile(rb"\x01+")
_TO_BITS = bytes([0] + [1] * 255)


@dataclass(frozen=True, slots=True)
class RunLengths:
    """A mask in COCO's encoding: how many pixels are off, on, off, …, down the columns.

    Attributes:
        counts: the runs as COCO's text.
        area: how many pixels are on.
        bounds: left, top, width and height of what is on, in pixels.
    """

    counts: str
    area: int
    bounds: tuple[int, int, int, int]


def encode(mask: bytes, width: int, height: int) -> RunLengths:
    """Return a mask, given row by row with anything but 0 for on, in COCO's encoding."""
    bits = mask.translate(_TO_BITS)
    columns = b"".join(bits[x::width] for x in range(width))
    runs: list[int] = []
    end, area = 0, 0
    top, bottom = height, 0
    found = [match.span() for match in _PAINTED.finditer(columns)]
    for start, stop in found:
        runs += [start - end, stop - start]
        area += stop - start
        end = stop
        above, below = (
            (start % height, (stop - 1) % height + 1) if _in_one(start, stop, height) else (0, height)
        )
        top, bottom = min(top, above), max(bottom, below)
    if end < len(columns) or not runs:
        runs.append(len(columns) - end)
    if not found:
        return RunLengths(compressed(runs), 0, (0, 0, 0, 0))
    left, right = found[0][0] // height, (found[-1][1] - 1) // height + 1
    return RunLengths(compressed(runs), area, (left, top, right - left, bottom - top))


def _in_one(start: int, stop: int, height: int) -> bool:
    """Whether a run stays in one column."""
    return start // height == (stop - 1) // height


def compressed(runs: list[int]) -> str:
    """Return runs as COCO's text: from the third on as difference to the one before the last, 5 bits a character."""
    text = bytearray()
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            bits = value & 0x1F
            value >>= 5
            more = value != (-1 if bits & 0x10 else 0)
            text.append((bits | 0x20 if more else bits) + 48)
            if not more:
                break
    return text.decode("ascii")
