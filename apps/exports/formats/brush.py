"""Masks of the brush, for formats that write them."""

from __future__ import annotations

from typing import Any

from apps.exports.formats.tasks import Unwritable
from apps.labeling import masks


def mask_of(rle: Any, width: int, height: int) -> bytes:
    """Return the alpha of each pixel of a mask, row by row.

    Raises:
        Unwritable: it is none, or not one of a picture of this size.
    """
    try:
        return masks.mask_of(rle, width, height)
    except masks.UnreadableMask as error:
        raise Unwritable(str(error)) from error
