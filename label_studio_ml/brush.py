"""Masks of the brush: the run-length code in which the editor keeps them.

A mask is coded as a picture of four bytes a pixel, row by row. The code is a stream of bits: the number of bytes (32
bits), the size of a byte less one (5), four sizes of run lengths less one (4 each), then runs: one bit that says
whether one byte repeats, two bits that choose a size, the length less one in that size, and the byte or bytes.
"""

from __future__ import annotations

from itertools import groupby

_CHANNELS = 4
_SIZES = (3, 4, 8, 16)
_BYTE = 8
_HEADER = 32 + 5 + 4 * len(_SIZES)


def encode_mask(mask: bytes) -> list[int]:
    """Return the code of a mask.

    Args:
        mask: a byte a pixel, row by row; every pixel that is not 0 is covered.
    """
    bits = [f"{len(mask) * _CHANNELS:032b}", f"{_BYTE - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    for covered, pixels in groupby(mask, key=bool):
        left = sum(1 for _ in pixels) * _CHANNELS
        while left:
            index, size = next(
                ((index, size) for index, size in enumerate(_SIZES) if left <= 1 << size),
                (len(_SIZES) - 1, _SIZES[-1]),
            )
            length = min(left, 1 << size)
            bits.append(f"1{index:02b}{length - 1:0{size}b}{255 if covered else 0:08b}")
            left -= length
    stream = "".join(bits)
    stream += "0" * (-len(stream) % _BYTE)
    return list(int(stream, 2).to_bytes(len(stream) // _BYTE, "big"))


def decode_mask(code: list[int]) -> bytes:
    """Return the mask of a code: a byte a pixel, row by row, from 0 to 255 for how far it is covered.

    Raises:
        ValueError: the code breaks off, or says more pixels than it has.
    """
    stream = "".join(f"{byte:08b}" for byte in code)
    if len(stream) < _HEADER:
        raise ValueError("The code of a mask breaks off in its header.")
    wanted, word = int(stream[:32], 2), int(stream[32:37], 2) + 1
    sizes = [int(stream[place : place + 4], 2) + 1 for place in range(37, _HEADER, 4)]
    found = bytearray()
    place = _HEADER
    while len(found) < wanted:
        repeats = stream[place : place + 1] == "1"
        size = sizes[int(stream[place + 1 : place + 3] or "0", 2)]
        count = int(stream[place + 3 : place + 3 + size] or "0", 2) + 1
        place += 3 + size
        end = place + (word if repeats else word * count)
        if end > len(stream):
            raise ValueError("The code of a mask breaks off.")
        if repeats:
            found += bytes([int(stream[place:end], 2)]) * count
        else:
            found += bytes(int(stream[at : at + word], 2) for at in range(place, end, word))
        place = end
    return bytes(found[_CHANNELS - 1 : wanted : _CHANNELS])
