"""Masks as the editor paints them: run-length encoded RGBA pixels, of which the alpha channel is the mask."""

from __future__ import annotations

from typing import Any

MAX_PIXELS = 64_000_000


class UnreadableMask(ValueError):
    """What stands for a mask is none; the message says what it is instead."""


def mask_of(rle: Any, width: int, height: int) -> bytes:
    """Return the alpha of each pixel of a mask, row by row.

    The encoding is that of the package @thi.ng/rle-pack: 32 bits with the number of values, 5 with the bits of a value
    less one, four times 4 with the bits of a run's length less one; then runs: whether one value repeats, which of the
    four sizes its length has, the length less one, the value or values.

    Raises:
        UnreadableMask: no such encoding, or its pixels are not those of a picture of this size.
    """
    if width * height > MAX_PIXELS:
        raise UnreadableMask(f"a mask of more than {MAX_PIXELS:,} pixels")
    try:
        bits = _Bits(bytes(iter(rle)))  # of a number, bytes() would make so many zeros
    except (TypeError, ValueError) as error:
        raise UnreadableMask("a mask that is no list of bytes") from error
    count = bits.take(32)
    if count != width * height * 4:
        raise UnreadableMask(f"a mask of {count // 4:,} pixels on a picture of {width} × {height}")
    if bits.take(5) != 7:
        raise UnreadableMask("a mask whose values have not 8 bits")
    sizes = [bits.take(4) + 1 for _ in range(4)]
    pieces: list[bytes] = []
    position = 0
    while position < count:
        repeats, size = bits.take(1), sizes[bits.take(2)]
        length = bits.take(size) + 1
        end = position + length
        if end > count or bits.is_over:
            raise UnreadableMask("a mask whose runs do not fill the picture")
        if repeats:
            pieces.append(bytes((bits.take(8),)) * (end // 4 - position // 4))
        else:
            pieces.append(bits.take_bytes(length)[3 - position % 4 :: 4])
        position = end
    return b"".join(pieces)


class _Bits:
    """Reads numbers of any number of bits, the highest bit first; past the end come zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def is_over(self) -> bool:
        return self._position > 8 * len(self._data)

    def take(self, count: int) -> int:
        """Return the next number of at most 32 bits."""
        first, inside = divmod(self._position, 8)
        window = int.from_bytes(self._data[first : first + 5].ljust(5, b"\0"), "big")
        self._position += count
        return (window >> (40 - inside - count)) & ((1 << count) - 1)

    def take_bytes(self, count: int) -> bytes:
        """Return the next `count` numbers of 8 bits."""
        first, inside = divmod(self._position, 8)
        window = self._data[first : first + count + 1].ljust(count + 1, b"\0")
        self._position += 8 * count
        if not inside:
            return window[:count]
        return ((int.from_bytes(window, "big") >> (8 - inside)) & ((1 << 8 * count) - 1)).to_bytes(
            count, "big"
        )
