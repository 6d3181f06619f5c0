"""Numbers with their nouns, as sentences for people have them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return `number` with its noun: "1 task", "1,200 tasks"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
