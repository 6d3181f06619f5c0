"""Pictures of people: an upload is decoded within limits and written anew, as a small PNG without metadata."""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from PIL import Image, ImageOps

from apps.accounts.models import User, new_secret
from apps.core.errors import ValidationFailed

SIDE = 256
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

# What Pillow raises for files that are no pictures, are cut off, or would fill the memory.
_UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def encode_avatar(picture: IO[bytes]) -> bytes:
    """Return a picture as a square PNG of `SIDE` pixels; nothing of the original file is kept but its pixels.

    Raises:
        ValidationFailed: it is no picture of a known format, or has too many pixels.
    """
    try:
        with Image.open(picture, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _refusal(f"It has more than {MAX_PIXELS // 1_000_000} million pixels. Make it smaller.")
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at about the size we need
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except _UNREADABLE as error:
        raise _refusal("It cannot be read as a PNG, JPEG, WebP or GIF picture.") from error
    square = ImageOps.fit(upright, (SIDE, SIDE))
    # A picture made of bare pixels carries no colour profile, comment or place.
    bare = Image.frombytes("RGBA", square.size, square.tobytes())
    encoded = io.BytesIO()
    bare.save(encoded, format="PNG", optimize=True)
    return encoded.getvalue()


def set_avatar(*, user: User, picture: UploadedFile[bytes]) -> None:
    """Give a person this picture.

    Raises:
        ValidationFailed: it is too large, or no picture.
    """
    if (picture.size or 0) > MAX_BYTES:
        raise _refusal(f"It is larger than {MAX_BYTES // 1024 // 1024} MB.")
    encoded = encode_avatar(picture)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        forget_avatar_file(locked)
        locked.avatar.save(f"{new_secret()}.png", ContentFile(encoded), save=False)
        locked.save(update_fields=["avatar"])


@transaction.atomic
def remove_avatar(*, user: User) -> None:
    """Take a person's picture away; their initials are shown instead."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    forget_avatar_file(locked)
    locked.avatar = ""
    locked.save(update_fields=["avatar"])


def forget_avatar_file(user: User) -> None:
    """Delete the file of a person's picture when the caller's transaction is committed."""
    if user.avatar.name:
        transaction.on_commit(partial(default_storage.delete, user.avatar.name))


def _refusal(reason: str) -> ValidationFailed:
    return ValidationFailed(f"The picture is not taken: {reason}", fields={"picture": [reason]})
