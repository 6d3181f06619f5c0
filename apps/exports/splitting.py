"""Splits of an export into parts such as train, val and test: by a hash, so that a task stays where it is."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from apps.core.errors import ValidationFailed

MAX_PARTS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
_POINTS = 2**32
"""Into how many equal ranges a hash can fall."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an export.

    Attributes:
        name: of its files or folder.
        share: of the tasks, from 0 to 1.
    """

    name: str
    share: float


def read_parts(text: str) -> tuple[Part, ...]:
    """Return the parts of a text such as "train=0.8,val=0.1,test=0.1"; shares may be ratios, too: "train=8,val=2".

    Raises:
        ValidationFailed: it is no such text, a name is given twice, or there are too many.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    names, weights = [], []
    for entry in entries:
        name, _, share = entry.partition("=")
        if not _NAME.fullmatch(name.strip()):
            _wrong(f'"{name[:30]}" cannot name a part: use letters, digits, hyphens and underscores')
        names.append(name.strip())
        weights.append(_weight(share))
    if len(set(map(str.casefold, names))) != len(names):
        _wrong("two parts have one name")
    if len(names) > MAX_PARTS:
        _wrong(f"at most {MAX_PARTS} parts can be made")
    total = sum(weights)
    return tuple(Part(name, weight / total) for name, weight in zip(names, weights, strict=True))


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    return weight if 0 < weight <= 1e9 else _wrong(f'"{text[:20]}" is no share: write a number above 0')


def _wrong(problem: str) -> NoReturn:
    message = f"split looks like train=0.8,val=0.1,test=0.1: {problem}."
    raise ValidationFailed(message, fields={"split": [message]})


def range_of(parts: tuple[Part, ...], name: str) -> tuple[int, int]:
    """Return which hashes belong to a part: from the first number up to, without it, the second."""
    edge, start = 0.0, 0
    for part in parts:
        edge += part.share
        end = _POINTS if part is parts[-1] else round(edge * _POINTS)
        if part.name == name:
            return start, end
        start = end
    raise LookupError(name)


# MD5 gives the same numbers on every server and version, which Postgres' own hashes need not.
HASH = "('x' || substr(md5(%(split_seed)s || ':' || {value}), 1, 8))::bit(32)::bigint"
"""The number that decides, for a text `value`; in SQL with the parameter split_seed."""
