"""Masks in COCO's run-length encoding, as polygons round their parts."""

from __future__ import annotations

from typing import Any

from apps.imports.formats.shapes import Size

MAX_PIXELS = 64_000_000
MAX_RUNS = 500_000
_LONGEST_RUN_BITS = 60
Point = tuple[float, float]


def outlines(mask: dict[str, Any], size: Size) -> list[list[Point]]:
    """Return a polygon in pixels round each connected part of a mask; holes in a part are filled.

    Args:
        mask: `{"size": [height, width], "counts": …}`, the counts as a list or as COCO's compressed text.

    Raises:
        ValueError: the counts do not fill the image, or the image is too large.
    """
    counts = mask.get("counts")
    runs = _decompressed(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
        raise ValueError("the counts of a mask must be whole numbers")
    if mask.get("size") != [size.height, size.width]:
        raise ValueError("a mask's size is not the image's")
    if size.width * size.height > MAX_PIXELS:
        raise ValueError(f"a mask has more than {MAX_PIXELS:,} pixels")
    if len(runs) > MAX_RUNS:
        raise ValueError(f"a mask has more than {MAX_RUNS:,} runs")
    if sum(runs) != size.width * size.height:
        raise ValueError("the counts of a mask do not fill the image")
    return _traced(_edges(runs, size.height))


def _decompressed(text: str) -> list[int]:
    """Decode COCO's text: 5 bits a character, lowest first, each number from the third on as a difference."""
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            raise ValueError("the counts of a mask hold a character that has no place there")
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            if shift > _LONGEST_RUN_BITS:
                raise ValueError("the counts of a mask hold a number that no image has room for")
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return runs


def _edges(runs: list[int], height: int) -> dict[Point, list[Point]]:
    """Return the border of a mask as directed steps from point to point, the mask on the right hand.

    A mask is written down its columns, so each run is cut into pieces of columns; where two neighbouring columns both
    are mask, there is no border between them.
    """
    columns = _columns(runs, height)
    steps: dict[Point, list[Point]] = {}

    def add(start: Point, end: Point) -> None:
        steps.setdefault(start, []).append(end)

    for x, pieces in columns.items():
        for top, bottom in pieces:
            add((x, top), (x + 1, top))
            add((x + 1, bottom), (x, bottom))
        for top, bottom in _without(pieces, columns.get(x - 1, [])):
            add((x, bottom), (x, top))
        for top, bottom in _without(pieces, columns.get(x + 1, [])):
            add((x + 1, top), (x + 1, bottom))
    return steps


def _columns(runs: list[int], height: int) -> dict[int, list[tuple[int, int]]]:
    columns: dict[int, list[tuple[int, int]]] = {}
    position = 0
    for index, run in enumerate(runs):
        end = position + run
        while index % 2 and position < end:
            x, top = divmod(position, height)
            bottom = min(top + end - position, height)
            columns.setdefault(x, []).append((top, bottom))
            position += bottom - top
        position = end
    return columns


def _without(pieces: list[tuple[int, int]], covered: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of `pieces` when `covered` is taken away; both in ascending order."""
    left = []
    for top, bottom in pieces:
        for start, end in covered:
            if end <= top or start >= bottom:
                continue
            if start > top:
                left.append((top, start))
            top = max(top, end)
        if top < bottom:
            left.append((top, bottom))
    return left


def _traced(steps: dict[Point, list[Point]]) -> list[list[Point]]:
    """Join steps to closed lines that touch no point twice; keep those round the outside, which run clockwise."""
    found = []
    while steps:
        line = [next(iter(steps))]
        at = {line[0]: 0}
        while line[-1] in steps:
            following = _step_from(line[-1], steps)
            if following not in at:
                at[following] = len(line)
                line.append(following)
                continue
            loop = line[at[following] :]
            for point in loop[1:]:
                del at[point]
            del line[at[following] + 1 :]
            if _area(loop) > 0:
                found.append(_straightened(loop))
    return found


def _step_from(here: Point, steps: dict[Point, list[Point]]) -> Point:
    following = steps[here].pop()
    if not steps[here]:
        del steps[here]
    return following


def _area(line: list[Point]) -> float:
    """Return twice the area inside; positive when the line runs clockwise on a screen, whose y points down."""
    return sum(
        x * below - right * y for (x, y), (right, below) in zip(line, line[1:] + line[:1], strict=True)
    )


def _straightened(line: list[Point]) -> list[Point]:
    """Drop the points in the middle of straight pieces."""
    around = zip(line[-1:] + line[:-1], line, line[1:] + line[:1], strict=True)
    return [
        here
        for before, here, after in around
        if (here[0] - before[0]) * (after[1] - here[1]) != (after[0] - here[0]) * (here[1] - before[1])
    ]
