"""Files below /data/: uploads for the members of their project, and local files if the operator gave roots."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import NotFound
from apps.imports.byte_ranges import file_response
from apps.imports.content_types import ACTIVE, HTML, SNIFFED_BYTES, TEXT, XML, content_type_of
from apps.imports.models import Upload

_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
_DAY = 24 * 3600
# Scripts of a page or document can only run when a browser is told that it is one.
_SERVED_AS = {HTML: TEXT, XML: TEXT}


class UploadedFileView(APIView):
    """An uploaded file."""

    @extend_schema(exclude=True)
    def get(self, request: Request, project_id: str, name: str) -> HttpResponseBase:
        """Send it to a member of its project; 401 without a sign-in, 404 for everybody else."""
        stored = f"upload/{int(project_id)}/{name}"
        upload: Upload | None = Upload.objects.for_user(caller(request)).filter(file=stored).first()
        if upload is None:
            raise NotFound("There is no such file, or you are not a member of its project.")
        try:
            stream = default_storage.open(upload.file)
        except FileNotFoundError as error:
            raise NotFound("This file is gone from the storage. Upload it again.") from error
        response = file_response(
            request._request,
            stream,
            size=upload.size,
            content_type=_served_type(upload.content_type),
            etag=f'"{hashlib.sha256(upload.file.encode()).hexdigest()[:32]}"',
        )
        # Its name is its own for ever; "private": it is for members only.
        return _harmless(response, upload.content_type, upload.name, f"private, max-age={_DAY}, immutable")

    head = get


class LocalFileView(APIView):
    """A file on the server's disk, below the roots that the operator gave."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        """Send the file `?d=path`, relative to a root or absolute; 404 for everything else."""
        caller(request)
        wanted = request.query_params.get("d", "")
        stream = open_local_file(wanted)
        about = os.fstat(stream.fileno())
        kind = content_type_of(stream.read(SNIFFED_BYTES))
        etag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
        response = file_response(
            request._request, stream, size=about.st_size, content_type=_served_type(kind), etag=etag
        )
        return _harmless(response, kind, Path(wanted).name, "private, no-cache")

    head = get


def open_local_file(wanted: str) -> IO[bytes]:
    """Open a regular file below one of LOCAL_FILES_ROOTS.

    Each folder on the way is opened from the one before and without following links, so that no link, and no
    exchange of a folder by a link at the last moment, leads out.

    Raises:
        NotFound: there is none, or it lies outside, or no roots are given.
    """
    refusal = NotFound("There is no such file below the folders that this server serves local files from.")
    if not wanted or "\x00" in wanted:
        raise refusal
    for root in map(Path, settings.LOCAL_FILES_ROOTS):
        try:
            relative = Path(wanted).relative_to(root) if Path(wanted).is_absolute() else Path(wanted)
        except ValueError:
            continue
        if ".." in relative.parts or not relative.parts:
            continue
        try:
            return _open_below(root, relative.parts)
        except OSError:
            continue
    raise refusal


def _open_below(root: Path, parts: tuple[str, ...]) -> IO[bytes]:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(parts[-1])
    return os.fdopen(file, "rb")


def _served_type(kind: str) -> str:
    return _SERVED_AS.get(kind, kind)


def _harmless(response: HttpResponseBase, kind: str, name: str, caching: str) -> HttpResponseBase:
    """Add what keeps a browser from running what is inside the file."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = caching
    place = "attachment" if kind in ACTIVE else "inline"
    response["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(name, safe='')}"
    return response
