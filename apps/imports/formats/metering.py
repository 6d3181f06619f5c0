"""Counts what comes out of compressed files, and stops it at the declared limits."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import IO, TypeVar

from apps.imports.formats.format import OverLimit, UnreadableFile
from apps.imports.formats.limits import Limits

COPY_BYTES = 1 << 20
T = TypeVar("T")


def check_expansion(name: str, compressed: int, uncompressed: int, limits: Limits) -> None:
    """Refuse what grows too much.

    Args:
        compressed, uncompressed: sizes in bytes, declared or counted so far.

    Raises:
        OverLimit: larger than allowed, or compressed so tightly that it can only be a trap.
    """
    if uncompressed > limits.uncompressed_bytes:
        raise OverLimit(f"More than {limits.uncompressed_bytes:,} bytes come out of it.", name)
    if uncompressed > limits.ratio_from_bytes and uncompressed > limits.ratio * max(compressed, 1):
        raise OverLimit(f"It grows more than {limits.ratio} times when it is unpacked.", name)


class Metered(io.RawIOBase):
    """A decompressing stream that keeps to the limits, and says so when the compressed data is broken.

    Args:
        stream: can be wound back to its start.
        name: for messages.
        compressed: its size in bytes before decompression.
        broken: what the decompressor raises for broken data.
    """

    def __init__(
        self,
        stream: IO[bytes],
        name: str,
        compressed: int,
        limits: Limits,
        broken: tuple[type[Exception], ...],
    ) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._compressed = compressed
        self._limits = limits
        self._broken = broken

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: going back is slow, but possible."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, decompressing anew or on as needed."""
        return self._guarded(lambda: self._stream.seek(offset, whence))

    def tell(self) -> int:
        """Return the position in the uncompressed data."""
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with the next uncompressed bytes."""
        piece = self._guarded(lambda: self._stream.read(len(buffer)))
        buffer[: len(piece)] = piece
        check_expansion(self._name, self._compressed, self._stream.tell(), self._limits)
        return len(piece)

    def _guarded(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except self._broken as error:
            raise UnreadableFile(
                f"The compressed data is broken or cut off ({error}).", self._name
            ) from error


def metered(
    stream: IO[bytes], name: str, compressed: int, limits: Limits, broken: tuple[type[Exception], ...]
) -> IO[bytes]:
    """Return a buffered `Metered` stream."""
    return io.BufferedReader(Metered(stream, name, compressed, limits, broken), 128 * 1024)


def copied(stream: IO[bytes]) -> IO[bytes]:
    """Return a copy on disk, for readers that jump about; the caller closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while chunk := stream.read(COPY_BYTES):
        file.write(chunk)
    file.seek(0)
    return file
