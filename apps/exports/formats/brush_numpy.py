"""BRUSH_TO_NUMPY: each painted mask as an array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.archive import CONTENT_TYPE
from apps.exports.formats.brush_files import write_masks
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.pictures import needs_on_image

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of .npy files: height × width, uint8, 0 to 255."""
    return write_masks(tasks, options, "npy", array_file)


def array_file(mask: bytes, width: int, height: int) -> bytes:
    """Return a mask as a file of NumPy's format 1.0."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({height}, {width}), }}"
    filled = len(_MAGIC) + 2 + len(header) + 1
    header += " " * (-filled % _ALIGNMENT) + "\n"
    return _MAGIC + len(header).to_bytes(2, "little") + header.encode("ascii") + mask


FORMAT = ExportFormat(
    name="BRUSH_TO_NUMPY",
    title="Brush masks, NumPy",
    description="Each painted mask of every completion as an array of 0 to 255 (.npy).",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=needs_on_image("BrushLabels", drawn="Brush"),
)
