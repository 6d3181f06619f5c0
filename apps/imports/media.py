"""Keeps the media files that come inside an import (images of an archive, say) until the import is decided."""

from __future__ import annotations

import tempfile
from typing import IO, Self

import orjson
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from apps.core.copy_format import columns
from apps.imports.content_types import content_type_of
from apps.imports.file_names import original_name, storage_name
from apps.imports.uploads import LimitedStream, naming_a_full_disk, save_file

UPLOAD_COLUMNS = (
    "project_id", "name", "file", "size", "received", "parts", "content_type", "created_by_id", "brought_by_id",
    "created_at",
)  # fmt: skip


class MediaStore:
    """Stores media files at once and their rows with the import's tasks.

    The names are counted up from the import's own random key: an import that is done again after a crash writes
    the same files again, and leaves none behind. A context manager that deletes the files unless `keep` was called.

    Args:
        key: of the import.
        max_bytes: of one file.
    """

    def __init__(
        self, *, project_id: int, import_id: int | None, created_by_id: int, key: str, max_bytes: int
    ) -> None:
        self._project_id = project_id
        self._import_id = import_id
        self._created_by_id = created_by_id
        self._key = key
        self._max_bytes = max_bytes
        self._count = 0
        self._kept = False
        self._now = timezone.now().isoformat()

    def __enter__(self) -> Self:
        self._names = tempfile.TemporaryFile(prefix="media-")
        self._rows = tempfile.TemporaryFile(prefix="media-rows-")
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._kept:
            self._delete_all()
        self._names.close()
        self._rows.close()

    def store(self, name: str, stream: IO[bytes]) -> str:
        """Keep one file and return the address for the task.

        Raises:
            TooLarge: it is larger than an upload may be.
            StorageFull: there is no room.
        """
        self._count += 1
        wanted = storage_name(self._project_id, name, key=f"{self._key}{self._count:x}")
        default_storage.delete(wanted)  # of an earlier attempt
        limited = LimitedStream(stream, self._max_bytes)
        stored = save_file(wanted, limited)
        with naming_a_full_disk():
            self._names.write(orjson.dumps(stored) + b"\n")
            self._rows.write(
                columns(
                    self._project_id, original_name(name), stored, limited.count, limited.count, b"[]",
                    content_type_of(limited.head), self._created_by_id, self._import_id, self._now,
                )
                + b"\n"
            )  # fmt: skip
        return f"/data/{stored}"

    def copy_rows(self) -> None:
        """Store the rows of all files, within the caller's transaction."""
        if not self._count:
            return
        self._rows.seek(0)
        with connection.cursor() as cursor:
            names = ", ".join(UPLOAD_COLUMNS)
            cursor.cursor.copy_expert(f"COPY imports_upload ({names}) FROM STDIN", self._rows)

    def keep(self) -> None:
        """Leave the files in place: the import is committed."""
        self._kept = True

    def _delete_all(self) -> None:
        self._names.seek(0)
        for name in self._names:
            default_storage.delete(orjson.loads(name))
