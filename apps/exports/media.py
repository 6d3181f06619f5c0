"""Reads the media files that tasks show, for archives: uploads, local files, and what stands at addresses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage

from apps.core.errors import NotFound, ProductError
from apps.core.outgoing import Limits, fetch
from apps.imports.models import Upload
from apps.imports.serving import open_local_file
from apps.projects.models import Project

BLOCK = 1 << 18
_SECONDS = 60.0
_UPLOADS, _LOCAL = "/data/upload/", "/data/local-files/"


class ProjectMedia:
    """Opens the files behind addresses in the data of one project's tasks.

    Only what a member of the project could open in the browser is opened: its own uploads, local files below the
    folders of the operator, and addresses that the guarded client may ask.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def __call__(self, address: str) -> Iterator[bytes] | None:
        """Return the file's bytes piece by piece; None when there is none to be had."""
        try:
            file = self._open(address)
        except (ProductError, OSError, ValueError):
            return None
        return None if file is None else _pieces(file)

    def _open(self, address: str) -> IO[bytes] | None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and not self._is_own(address):
            return _fetched(address)
        if parts.path.startswith(_UPLOADS):
            return self._upload(unquote(parts.path).removeprefix("/data/"))
        if parts.path.startswith(_LOCAL):
            return open_local_file((parse_qs(parts.query).get("d") or [""])[0])
        return None

    def _is_own(self, address: str) -> bool:
        return bool(settings.EXTERNAL_URL) and address.startswith(f"{settings.EXTERNAL_URL}/data/")

    def _upload(self, stored: str) -> IO[bytes]:
        upload = Upload.objects.filter(project=self._project, file=stored).first()
        if upload is None:
            raise NotFound("There is no such upload in this project.")
        opened: IO[bytes] = default_storage.open(upload.file)
        return opened


def _fetched(url: str) -> IO[bytes]:
    """Return what stands at an address, as a whole: an archive cannot take back the half of a file."""
    limits = Limits(seconds=_SECONDS, max_bytes=settings.MAX_UPLOAD_BYTES)
    file = tempfile.TemporaryFile(prefix="export-media-")  # noqa: SIM115 - closed by who reads it
    try:
        with fetch(url, limits=limits) as response:
            file.writelines(response.blocks())
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, BLOCK), b"")
