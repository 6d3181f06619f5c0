"""How long a recording lasts, told by the head of its WAV file while the file passes by."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Iterator

MAX_HEAD = 1 << 20
"""Bytes; what stands before the sound is shorter, save in odd files, whose length stays unknown."""

_LARGEST = 2**31 - 2**16
"""Bytes of sound; programs that write while they record claim the largest number there is, or nearly that."""


class MeasuredSound:
    """The bytes of a recording, piece by piece.

    Attributes:
        seconds: how long it lasts; None before its head was read, and for anything but WAV with uncompressed sound.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.seconds: float | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they are."""
        head: bytes | None = b""
        for piece in self._pieces:
            if head is not None:
                head += piece[:MAX_HEAD]
                self.seconds = seconds_of(head)
                if self.seconds is not None or len(head) >= MAX_HEAD:
                    head = None
            yield piece


def seconds_of(head: bytes) -> float | None:
    """Return how long the recording lasts that begins so; None when it is no such WAV file, or more is needed."""
    try:
        with wave.open(io.BytesIO(head)) as sound:
            frames, rate = sound.getnframes(), sound.getframerate()
            size = frames * sound.getsampwidth() * sound.getnchannels()
    except (wave.Error, EOFError):
        return None
    return round(frames / rate, 6) if rate and 0 < size < _LARGEST else None
