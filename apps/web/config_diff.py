"""What changed between two texts, line by line, for reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
"""Unchanged lines shown round a change."""

MAX_LINES = 5_000
"""Longer texts are not compared line by line: that takes time in the square of their length."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: `same`, `added`, `removed`, or `gap` for unchanged lines that are left out.

    Args:
        before: its number in the earlier text, if it stands there.
        after: its number in the later text, if it stands there.
    """

    kind: str
    text: str
    before: int | None = None
    after: int | None = None

    @property
    def sign(self) -> str:
        """The mark before the line."""
        return {"added": "+", "removed": "-"}.get(self.kind, "")


def diff_lines(before: str, after: str) -> list[DiffLine]:
    """Return the lines of two texts with what was removed and added; an empty list when nothing was."""
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MAX_LINES:
        return [*_removed(old, 0, len(old)), *_added(new, 0, len(new))]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    lines: list[DiffLine] = []
    previous = (0, 0)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        lines += _gap(group[0][1] - previous[0])
        for operation, old_start, old_end, new_start, new_end in group:
            if operation == "equal":
                lines += _same(old, old_start, old_end, new_start - old_start)
            else:
                lines += _removed(old, old_start, old_end)
                lines += _added(new, new_start, new_end)
        previous = (group[-1][2], group[-1][4])
    return [*lines, *_gap(len(old) - previous[0])]


def _gap(count: int) -> Iterator[DiffLine]:
    if count > 0:
        yield DiffLine("gap", f"{count:,} unchanged line{'' if count == 1 else 's'}")


def _same(lines: list[str], start: int, end: int, shift: int) -> Iterator[DiffLine]:
    for index in range(start, end):
        yield DiffLine("same", lines[index], index + 1, index + shift + 1)


def _removed(lines: list[str], start: int, end: int) -> Iterator[DiffLine]:
    for index in range(start, end):
        yield DiffLine("removed", lines[index], before=index + 1)


def _added(lines: list[str], start: int, end: int) -> Iterator[DiffLine]:
    for index in range(start, end):
        yield DiffLine("added", lines[index], after=index + 1)
