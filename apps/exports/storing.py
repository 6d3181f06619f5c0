"""Writes the file of an export that is kept: beside the storage first, into it when it is whole."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.core.errors import NotFound
from apps.exports.models import Export
from apps.exports.writing import Writer
from apps.imports.uploads import naming_a_full_disk

FOLDER = "export"
"""Of the storage; below it each project has one of its own."""

PARTS = "parts"
PART = ".part"

Finish = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage that no row knows of yet."""

    name: str
    size: int
    md5: str


def parts_folder() -> Path:
    """Return where files are written before they go into the storage."""
    return Path(settings.EXPORT_ROOT) / PARTS


def store_pieces(pieces: Iterable[bytes], *, project_id: int, filename: str) -> StoredFile:
    """Write a file as a whole and put it into the default storage; what breaks off on the way leaves nothing there.

    Raises:
        StorageFull: there is no room.
    """
    key = secrets.token_hex(12)
    with naming_a_full_disk(), _part(key) as (file, path):
        digest, size = hashlib.md5(usedforsecurity=False), 0
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        name = default_storage.save(f"{FOLDER}/{project_id}/{key}-{filename}", _Movable(file, path))
    return StoredFile(name, size, digest.hexdigest())


class _Movable(File):  # type: ignore[type-arg]
    """A file on this machine's disk, which a storage on the same disk moves rather than copies."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(file, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Return where it is; Django's storages ask."""
        return str(self._path)


@contextmanager
def _part(key: str) -> Any:
    folder = parts_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key}{PART}"
    try:
        with path.open("w+b") as file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def publish(
    *, export_id: int, stored: StoredFile, writer: Writer, finish: Finish = lambda _result: None
) -> Export:
    """Let a file that is whole be downloaded: one commit, which is also the job's end.

    Args:
        finish: ends the job, within the transaction; what it raises leaves the export without the file.

    Raises:
        NotFound: the export was deleted meanwhile.
    """
    try:
        with transaction.atomic():
            row: Export | None = Export.objects.select_for_update().filter(pk=export_id).first()
            if row is None:
                raise NotFound("This export was deleted while it was being made.")
            _fill(row, stored, writer)
            finish({"export": row.pk, "task_count": row.task_count, "size": row.size,
                    "problem_count": row.problem_count, "next_cursor": row.next_cursor})  # fmt: skip
    except BaseException:
        default_storage.delete(stored.name)
        raise
    return row


def _fill(row: Export, stored: StoredFile, writer: Writer) -> None:
    now = timezone.now()
    row.file, row.size, row.md5 = stored.name, stored.size, stored.md5
    row.task_count, row.problem_count = writer.read, writer.report.problems
    row.error, row.finished_at, row.expires_at = "", now, now + settings.EXPORT_KEEP
    row.save(
        update_fields=[
            "file", "size", "md5", "task_count", "problem_count", "error", "finished_at", "expires_at",
        ]
    )  # fmt: skip
