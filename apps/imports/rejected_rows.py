"""The bad rows of an import: the first for the answer, all of them for a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import IO, Any, Self

from django.core.files.base import File
from django.core.files.storage import default_storage

from apps.core.json import dumps

MAX_LISTED = 1_000
"""How many bad rows an answer lists."""


class RejectedRows:
    """Collects bad rows in a temporary file of JSON lines `{number, place, problems, row}`.

    A context manager that deletes the file; `store` keeps it.
    """

    def __init__(self) -> None:
        self.count = 0
        self.listed: list[str] = []
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, number: int, place: str, problems: list[str], row: Any) -> None:
        """Remember a bad row.

        Args:
            number: of the row, over all files, from 1.
            place: where it stood.
            row: its value, or as much of its text as could be read.
        """
        self.count += 1
        if self.count <= MAX_LISTED:
            self.listed.append(f"{place[:1].upper()}{place[1:]}: {'; '.join(problems)}")
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="rejected-")  # noqa: SIM115 - closed by __exit__
        line = {"number": number, "place": place, "problems": problems, "row": row}
        self._file.write(_encoded(line) + b"\n")

    def store(self, name: str) -> str:
        """Keep the file under `name` in the storage and return the name it got; empty without bad rows."""
        if self._file is None:
            return ""
        self._file.seek(0)
        return default_storage.save(name, File(self._file))


def _encoded(line: dict[str, Any]) -> bytes:
    try:
        return dumps(line)
    except UnicodeEncodeError:  # half a surrogate pair: it is kept as an escape
        return json.dumps(line).encode()
    except RecursionError:  # nested beyond writing, which is why it is bad
        return dumps({**line, "row": None})


def as_lines(name: str) -> Iterator[bytes]:
    """Yield a stored report as it is, in blocks."""
    with default_storage.open(name) as stream:
        yield from stream.chunks()


def as_tasks(name: str) -> Iterator[bytes]:
    """Yield the rows of a stored report as a JSON list, to be mended and imported again."""
    with default_storage.open(name) as stream:
        before = b"[\n"
        for line in stream:
            yield before + json.dumps(json.loads(line)["row"]).encode()
            before = b",\n"
    yield b"\n]\n"
