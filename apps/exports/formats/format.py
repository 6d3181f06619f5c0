"""What an export format is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to write labeled tasks into a file.

    Args:
        name: as clients ask for it, in capitals.
        title: as pages show it.
        description: one sentence on what the file holds.
        extension: of the file, without the dot.
        content_type: of the answer.
        write: turns tasks, each a JSON text, into the bytes of the file, piece by piece.
    """

    name: str
    title: str
    description: str
    extension: str
    content_type: str
    write: Callable[[Iterable[str]], Iterator[bytes]]
