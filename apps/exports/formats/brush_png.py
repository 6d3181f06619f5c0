"""BRUSH_TO_PNG: each painted mask as a grey picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from PIL import Image

from apps.exports.formats.archive import CONTENT_TYPE
from apps.exports.formats.brush_files import write_masks
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.pictures import needs_on_image


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of PNG files: white is painted."""
    return write_masks(tasks, options, "png", picture_file)


def picture_file(mask: bytes, width: int, height: int) -> bytes:
    """Return a mask as a grey PNG."""
    file = io.BytesIO()
    Image.frombytes("L", (width, height), mask).save(file, format="PNG")
    return file.getvalue()


FORMAT = ExportFormat(
    name="BRUSH_TO_PNG",
    title="Brush masks, PNG",
    description="Each painted mask of every completion as a grey picture.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=needs_on_image("BrushLabels", drawn="Brush"),
)
