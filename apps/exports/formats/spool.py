"""Lines that are needed later: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from types import TracebackType

MEMORY_BYTES = 4 * 1024 * 1024
_LINES_PER_WRITE = 256


class Spool:
    """Keeps lines in their order; they are read when all are written."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed by close()
        self._waiting: list[bytes] = []

    def __enter__(self) -> Spool:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the lines."""
        self.close()

    def append(self, line: bytes) -> None:
        """Keep a line, which holds no line break."""
        self._waiting.append(line)
        if len(self._waiting) == _LINES_PER_WRITE:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._waiting.append(b"")
            self._file.seek(0, io.SEEK_END)
            self._file.write(b"\n".join(self._waiting))
            self._waiting.clear()

    def __iter__(self) -> Iterator[bytes]:
        """Yield each line from the first on, without its end."""
        self._write()
        self._file.seek(0)
        for line in self._file:
            yield line[:-1]

    def close(self) -> None:
        """Forget the lines and give back the disk space."""
        self._file.close()
