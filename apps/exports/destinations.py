"""Where a command writes an export: a file, an object of a bucket, standard output. Whole or not at all."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from apps.core.errors import ValidationFailed
from apps.exports.storing import PART

S3 = "s3"


@dataclass(slots=True)
class Destination:
    """Takes the bytes of an export.

    Attributes:
        title: as people know it.
        written: how many bytes it took.
    """

    title: str
    stream: IO[bytes]
    written: int = 0

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.stream.write(piece)
        self.written += len(piece)


@contextmanager
def open_destination(output: str | None) -> Iterator[Destination]:
    """Open where an export goes; what breaks off inside leaves nothing under the name, except on standard output.

    Args:
        output: a path, an address s3://bucket/key, or None or "-" for standard output.

    Raises:
        ValidationFailed: there is no boto3 for S3, or the bucket does not take the file.
    """
    if output is None or output == "-":
        yield Destination("standard output", sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif output.startswith(f"{S3}://"):
        with _object(output) as destination:
            yield destination
    else:
        with _file(Path(output)) as destination:
            yield destination


@contextmanager
def _file(path: Path) -> Iterator[Destination]:
    part = path.with_name(f".{path.name}{PART}")
    try:
        with part.open("wb") as stream:
            yield Destination(str(path), stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _object(address: str) -> Iterator[Destination]:
    """Keep the bytes on disk and send them when they are whole: an upload that is broken off shows no object."""
    parts = urlsplit(address)
    bucket, key = parts.netloc, parts.path.lstrip("/")
    if not bucket or not key:
        raise ValidationFailed(f"{address} names no object: write s3://bucket/key.")
    client, errors = _s3_client()
    with tempfile.TemporaryFile(prefix="export-s3-") as stream:
        yield Destination(address, stream)
        stream.seek(0)
        try:
            client.upload_fileobj(stream, bucket, key)
        except errors as error:
            raise ValidationFailed(f"{address} could not be written: {error}") from error


def _s3_client() -> tuple[Any, tuple[type[Exception], ...]]:
    try:
        # An extra, which most installations do without.
        import boto3
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError as error:
        raise ValidationFailed("S3 needs the extra: pip install 'label-studio-server[s3]'.") from error
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells of each file it found its keys in
    # Region, keys and AWS_ENDPOINT_URL come from where AWS' own tools take them.
    return boto3.client(S3), (Boto3Error, BotoCoreError, ClientError)
