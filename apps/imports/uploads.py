"""What stores, completes and deletes uploads."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.core.errors import Conflict, NotFound, ProductError, TooLarge, ValidationFailed
from apps.imports.content_types import SNIFFED_BYTES, content_type_of
from apps.imports.file_names import original_name, storage_name
from apps.imports.models import Upload
from apps.projects.models import Project

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BLOCK = 1 << 20
PART = ".part"
"""How the storage names of parts end."""

MAX_PARTS = 10_000


class StorageFull(ProductError):
    """The server has no room for the file; nothing of it is kept."""

    status_code = 507


class OffsetMismatch(Conflict):
    """A part that does not begin where the upload ends; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The next part must begin at byte {offset:,}.")
        self.offset = offset


@contextmanager
def naming_a_full_disk() -> Iterator[None]:
    """Turn a full disk into an error for people.

    Raises:
        StorageFull: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                "The server's disk is full: nothing was stored. Tell the operator, then try again."
            ) from error
        raise


def upload_for(user: User, upload_id: int) -> Upload:
    """Return an upload that `user` may see.

    Raises:
        NotFound: there is none.
    """
    upload: Upload | None = Upload.objects.for_user(user).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound(f"There is no upload {upload_id}, or you may not see it.")
    return upload


def store_upload(
    *, project: Project, name: str, stream: IO[bytes], created_by: User, max_bytes: int | None = None
) -> Upload:
    """Keep a whole file.

    Args:
        stream: read from where it stands to its end; it need not know its size.
        max_bytes: default: `MAX_UPLOAD_BYTES`.

    Raises:
        TooLarge: it has more bytes; nothing is kept.
        ValidationFailed: it has none; nothing is kept.
        StorageFull: there is no room; nothing is kept.
    """
    limited = LimitedStream(stream, settings.MAX_UPLOAD_BYTES if max_bytes is None else max_bytes)
    stored = save_file(storage_name(project.pk, name), limited)
    if limited.count == 0:
        default_storage.delete(stored)
        raise ValidationFailed(f"{original_name(name)} is empty: there is nothing to import.")
    upload = Upload(
        project=project, name=original_name(name), file=stored, size=limited.count, received=limited.count,
        content_type=content_type_of(limited.head), created_by=created_by,
    )  # fmt: skip
    try:
        upload.save(force_insert=True)
    except BaseException:
        default_storage.delete(stored)
        raise
    return upload


def save_file(name: str, stream: IO[bytes] | LimitedStream) -> str:
    """Write a stream into the storage and return the name it got; a stream that fails leaves no file."""
    with naming_a_full_disk():
        try:
            return default_storage.save(name, _ForwardFile(stream))
        except BaseException:
            default_storage.delete(name)
            raise


class LimitedStream:
    """Counts what is read, keeps its beginning, and ends with an error behind `limit` bytes."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.count = 0
        self.head = b""

    def read(self, size: int = _BLOCK) -> bytes:
        """Return the next block; raises TooLarge."""
        block: bytes = self._stream.read(size)
        self.count += len(block)
        if self.count > self._limit:
            raise TooLarge(f"The upload is larger than {self._limit:,} bytes (MAX_UPLOAD_BYTES).")
        if len(self.head) < SNIFFED_BYTES:
            self.head += block[: SNIFFED_BYTES - len(self.head)]
        return block


class _ForwardFile(File):  # type: ignore[type-arg]
    """A stream that only runs forward, as storages take it."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream, name="upload")
        self._stream = stream

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield what is left."""
        while block := self._stream.read(chunk_size or _BLOCK):
            yield block

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> _ForwardFile:
        """There is nothing to rewind."""
        return self

    def close(self) -> None:
        """The stream is the caller's."""


# --- In parts -----------------------------------------------------------------------------------------------


def begin_upload(*, project: Project, name: str, size: int, created_by: User) -> Upload:
    """Announce a file that will come in parts.

    Raises:
        TooLarge: over `MAX_UPLOAD_BYTES`.
        ValidationFailed: a size below one byte.
    """
    if size < 1:
        raise ValidationFailed("The file is empty.", fields={"size": ["Must be at least 1."]})
    if size > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(f"The upload is larger than {settings.MAX_UPLOAD_BYTES:,} bytes (MAX_UPLOAD_BYTES).")
    return Upload.objects.create(project=project, name=original_name(name), size=size, created_by=created_by)


def append_part(*, upload_id: int, offset: int, stream: IO[bytes]) -> Upload:
    """Add the part that begins at byte `offset`; the last one makes the file.

    A part is stored before the row is locked, so a slow sender holds nothing up; of two that send the same part
    one wins.

    Raises:
        OffsetMismatch: the part does not begin where the upload ends; it is not kept.
        ValidationFailed: it is empty, or comes after `MAX_PARTS` others; it is not kept.
        TooLarge: it goes over the announced size; it is not kept.
        NotFound: the upload was deleted meanwhile; nothing is kept.
    """
    upload = _present(upload_id)
    if offset != upload.received or upload.is_complete:
        raise OffsetMismatch(upload.received)
    if len(upload.parts) >= MAX_PARTS:
        raise ValidationFailed(
            f"A file comes in at most {MAX_PARTS:,} parts. Begin it anew with larger parts."
        )
    limited = LimitedStream(stream, upload.size - upload.received)
    part = save_file(f"upload/{upload.project_id}/{secrets.token_hex(12)}{PART}", limited)
    try:
        if limited.count == 0:
            raise ValidationFailed("The part is empty. Send the bytes that come next.")
        upload = _add_part(upload_id, offset, part, limited.count)
    except BaseException:
        default_storage.delete(part)
        raise
    return _assemble(upload) if upload.received == upload.size else upload


@transaction.atomic
def _add_part(upload_id: int, offset: int, part: str, size: int) -> Upload:
    upload = _present(upload_id, lock=True)
    if offset != upload.received or upload.is_complete:
        raise OffsetMismatch(upload.received)
    upload.parts = [*upload.parts, part]
    upload.received = offset + size
    upload.save(update_fields=["parts", "received"])
    return upload


def _present(upload_id: int, *, lock: bool = False) -> Upload:
    rows = Upload.objects.select_for_update() if lock else Upload.objects.all()
    upload: Upload | None = rows.filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("This upload was deleted meanwhile. Begin it anew.")
    return upload


def _assemble(upload: Upload) -> Upload:
    """Make the one file of all parts. Killed before its end, the next request for the upload does it again."""
    stream = LimitedStream(_Parts(upload.parts), upload.size)
    try:
        stored = save_file(storage_name(upload.project_id, upload.name), stream)
    except FileNotFoundError:
        # Two requests may make the file at once; the first to end deletes the parts that the other still reads.
        if (made := _present(upload.pk)).is_complete:
            return made
        raise
    try:
        made = _adopt(upload.pk, stored, content_type_of(stream.head))
    except BaseException:
        default_storage.delete(stored)
        raise
    if made.file != stored:
        default_storage.delete(stored)
    return made


@transaction.atomic
def _adopt(upload_id: int, stored: str, content_type: str) -> Upload:
    """Make `stored` the upload's file, unless it has one already."""
    upload = _present(upload_id, lock=True)
    if not upload.is_complete:
        parts, upload.parts = upload.parts, []
        upload.file, upload.content_type = stored, content_type
        upload.save(update_fields=["file", "content_type", "parts"])
        transaction.on_commit(partial(_delete_files, parts))
    return upload


def complete_upload(upload: Upload) -> Upload:
    """Return the upload with its file, which is made now if all parts are there and it was not.

    Raises:
        ValidationFailed: parts are missing.
    """
    if upload.is_complete:
        return upload
    if upload.received < upload.size:
        raise ValidationFailed(
            f"Only {upload.received:,} of {upload.size:,} bytes of {upload.name} have arrived. Send the rest first."
        )
    return _assemble(upload)


class _Parts:
    """Several stored files, read one behind the other."""

    def __init__(self, names: list[str]) -> None:
        self._names = list(names)
        self._current: IO[bytes] | None = None

    def read(self, size: int) -> bytes:
        """Return the next block."""
        while True:
            if self._current is not None:
                if block := self._current.read(size):
                    return block
                self._current.close()
                self._current = None
            if not self._names:
                return b""
            self._current = default_storage.open(self._names.pop(0))


# --- Deleting -----------------------------------------------------------------------------------------------


@transaction.atomic
def delete_uploads(*, project: Project, upload_ids: list[int] | None = None) -> int:
    """Delete uploads of a project (None: all) with their files and return how many there were.

    Raises:
        ValidationFailed: one of them is none of this project; then none is deleted.
    """
    chosen = Upload.objects.filter(project=project)
    if upload_ids is not None:
        chosen = chosen.filter(pk__in=upload_ids)
    present = chosen.select_for_update().order_by("pk").values_list("pk", flat=True)
    if missing := set(upload_ids or ()) - set(present):
        message = f"This project has no upload {min(missing)}."
        raise ValidationFailed(message, fields={"file_upload_ids": [message]})
    return discard_uploads(chosen)


@transaction.atomic
def discard_uploads(chosen: QuerySet[Upload]) -> int:
    """Delete what is still there of the chosen uploads, with their files, and return how many there were."""
    rows = list(chosen.select_for_update().order_by("pk").values_list("pk", "file", "parts"))
    names = [name for _, file, parts in rows for name in (file, *parts) if name]
    Upload.objects.filter(pk__in=[pk for pk, _, _ in rows]).delete()
    transaction.on_commit(partial(_delete_files, names))
    return len(rows)


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
