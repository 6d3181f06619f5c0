"""How comments name people: `@[user:12]` as stored, `@Ana Torres` or `@ana@example.com` as typed and shown; pure.

What is stored holds no name, so people are shown under the name they have today, and an erased person under their
pseudonym.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_STORED = re.compile(r"@\[user:([1-9][0-9]{0,17})\]")
# An address in the middle of a text ("write to ana@example.com") mentions nobody.
_TYPED = re.compile(r"(?<![\w@.+-])@(?=\w)")
_CLOSING = ".,;:!?)]}'\"…"
MAX_NAME = 310
"""The longest a name can be: first name, space, last name; addresses are shorter."""
MAX_TYPED = 100
"""Mentions of one text that are looked up."""
MAX_WORDS = 8
"""Words of a name that is looked up."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: plain, or the person it names."""

    text: str
    user_id: int | None = None


def mentioned_ids(stored: str) -> list[int]:
    """Return the ids of the people that a stored text names, each once, in order."""
    return list(dict.fromkeys(int(match[1]) for match in _STORED.finditer(stored)))


def parts_of(stored: str) -> Iterator[Part]:
    """Yield the pieces of a stored text in order."""
    position = 0
    for match in _STORED.finditer(stored):
        if match.start() > position:
            yield Part(stored[position : match.start()])
        yield Part(match[0], int(match[1]))
        position = match.end()
    if position < len(stored):
        yield Part(stored[position:])


def with_names(stored: str, name_of: Mapping[int, str]) -> str:
    """Return a stored text as people type it; people without a name stay as they are stored."""
    pieces = ((part.text, name_of.get(part.user_id or 0)) for part in parts_of(stored))
    return "".join(f"@{name}" if name else text for text, name in pieces)


def can_be_typed(name: str) -> bool:
    """Whether a name that is typed after an `@` is found again."""
    return with_ids(f"@{name}", {name.lower(): 1}) == "@[user:1]"


def names_typed(text: str) -> set[str]:
    """Return everything after an `@` that could be a name or an address, in lower case."""
    return {name.lower() for start in _typed_places(text) for name in _candidates(text, start)}


def with_ids(text: str, id_of: Mapping[str, int]) -> str:
    """Return a typed text as it is stored: the longest name that is known, after each `@`, becomes the person.

    Args:
        id_of: the people, by names and addresses in lower case.
    """
    pieces: list[str] = []
    position = 0
    for start in _typed_places(text):
        found = next((name for name in _candidates(text, start) if name.lower() in id_of), None)
        if found is not None and start > position:
            pieces += [text[position : start - 1], f"@[user:{id_of[found.lower()]}]"]
            position = start + len(found)
    return "".join([*pieces, text[position:]])


def _typed_places(text: str) -> list[int]:
    """Return where names begin: after each `@` that stands at the begin of a word."""
    return [match.end() for match in _TYPED.finditer(text)][:MAX_TYPED]


def _candidates(text: str, start: int) -> Sequence[str]:
    """Return the names that may stand at `start`, longest first, with and without closing punctuation."""
    line = text[start : start + MAX_NAME].split("\n", 1)[0]
    ends = [match.end() for match in re.finditer(r"\S+", line)][:MAX_WORDS]
    found: list[str] = []
    for end in reversed(ends):
        name = line[:end]
        while name:
            found.append(name)
            if name[-1] not in _CLOSING:
                break
            name = name[:-1]
    return found
