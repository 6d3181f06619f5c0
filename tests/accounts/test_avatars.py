"""Pictures of people: what is taken, and what is kept of it."""

from __future__ import annotations

import io
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.avatars import MAX_BYTES, SIDE, encode_avatar, remove_avatar, set_avatar
from apps.accounts.services import erase_user
from apps.core.errors import ValidationFailed
from tests.factories import make_avatar, make_picture, make_user


def png_that_claims(width: int, height: int) -> bytes:
    """Return the head of a PNG of this size, with hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_known_format_becomes_a_square_png(format: str) -> None:
    encoded = encode_avatar(io.BytesIO(make_picture(700, 200, format=format)))

    with Image.open(io.BytesIO(encoded)) as image:
        assert (image.format, image.size) == ("PNG", (SIDE, SIDE))


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    Image.new("RGB", (50, 50)).save(file, format="JPEG", exif=exif, comment=b"secret", icc_profile=b"profile")

    with Image.open(io.BytesIO(encode_avatar(file))) as image:
        assert image.info == {}
        assert not image.getexif()


def test_a_picture_stands_upright_as_its_camera_said() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture = Image.new("RGB", (64, 64), "red")
    picture.paste("blue", (0, 0, 64, 32))
    file = io.BytesIO()
    picture.save(file, format="PNG", exif=exif)

    with Image.open(io.BytesIO(encode_avatar(file))) as image:
        assert image.getpixel((128, 10)) == (255, 0, 0, 255)


@pytest.mark.parametrize("size", [(6_000, 6_000), (20_000, 20_000), (2**31 - 1, 1)])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(ValidationFailed):
        encode_avatar(io.BytesIO(png_that_claims(*size)))


@pytest.mark.parametrize("file", [b"", b"hello", b"<svg/>", b"GIF89a", make_picture()[:60]])
def test_what_is_no_whole_picture_is_refused(file: bytes) -> None:
    with pytest.raises(ValidationFailed):
        encode_avatar(io.BytesIO(file))


def test_a_format_that_people_do_not_upload_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        encode_avatar(io.BytesIO(make_picture(format="TIFF")))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_damaged_picture_is_refused_or_taken_and_never_a_failure(format: str) -> None:
    chance = random.Random(format)
    whole = make_picture(64, 64, format=format)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(ValidationFailed):
            encode_avatar(io.BytesIO(bytes(damaged)))


def test_a_file_that_is_too_large_is_refused(db: None) -> None:
    picture = SimpleUploadedFile("me.png", make_picture() + b"0" * MAX_BYTES)

    with pytest.raises(ValidationFailed, match="5 MB"):
        set_avatar(user=make_user(), picture=picture)


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_when_the_picture_does() -> None:
    person, boss = make_user(), make_user(role="administrator")
    names = []
    for forget in (
        lambda: make_avatar(person),
        lambda: remove_avatar(user=person),
        lambda: erase_user(user_id=person.pk, erased_by=boss),
    ):
        make_avatar(person)
        names.append(person.avatar.name or "")
        forget()
        assert not default_storage.exists(names[-1])

    person.refresh_from_db()
    assert not person.avatar
    assert Path(names[0]).parent.name == "avatars"
