"""What a request brings to import: a JSON body, files, a URL, or uploads that arrived before."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apps.accounts.models import User
from apps.core.errors import ProductError, TooLarge, ValidationFailed
from apps.core.json import loads
from apps.core.outgoing import Limits, OutgoingResponse, fetch
from apps.imports.file_names import original_name
from apps.imports.models import Upload
from apps.imports.uploads import discard_uploads, naming_a_full_disk, store_upload
from apps.labeling import config as labeling
from apps.projects.models import Project

SPOOL_IN_MEMORY = 8 << 20
"""Bodies up to this size are kept in memory while they are read."""

URL_SECONDS = 600.0
_BLOCK = 1 << 20
_MAX_URL_DOCUMENT = 8192
_NAMES_BY_TYPE = {
    "application/json": "tasks.json",
    "application/x-ndjson": "tasks.jsonl",
    "application/jsonl": "tasks.jsonl",
    "text/csv": "tasks.csv",
    "text/tab-separated-values": "tasks.tsv",
    "text/plain": "tasks.txt",
}


class UnreadParser(BaseParser):
    """Leaves a body on the wire, for the view to read as a stream."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the stream itself."""
        return stream


class JSONOnly(DefaultContentNegotiation):
    """Answers in JSON: `?format=` is the format of the file here, and not that of the answer."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or "application/json"


PARSERS = (MultiPartParser, FormParser, UnreadParser)


def is_form(request: Request) -> bool:
    """Whether the request is a form with fields and files, and no bare body."""
    return (request.content_type or "").split(";")[0] in (
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    )


def given_options(request: Request) -> dict[str, Any]:
    """Return the options in the query and, where there is one, in the form."""
    data: Any = request.data if is_form(request) else {}
    form: Mapping[str, Any] = data
    options = {
        **request.query_params.dict(),
        **{name: form[name] for name in form if isinstance(form[name], str)},
    }
    if isinstance(options.get("columns"), str):
        options["columns"] = loads(options["columns"], what="columns")
    return options


def body_name(request: Request) -> str:
    """Return the name of the file that a bare body is."""
    kind = (request.content_type or "").split(";")[0].strip().lower()
    given = request.query_params.get("filename")
    return original_name(given) if given else _NAMES_BY_TYPE.get(kind, "tasks.json")


def declared_length(request: Request) -> int | None:
    """Return how long the body says it is; None when it does not say."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    return int(declared) if declared.isdecimal() else None


def body_of(request: Request) -> IO[bytes]:
    """Return what is left of the body; a request without one has an empty one."""
    stream: Any = request.stream
    return io.BytesIO() if stream is None else stream


@contextmanager
def spooled_body(request: Request) -> Iterator[IO[bytes]]:
    """Give a bare body as a seekable stream.

    Raises:
        TooLarge: it goes over MAX_UPLOAD_BYTES.
        StorageFull: the disk for temporary files is full.
    """
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY) as spool:
        size, stream = 0, body_of(request)
        while chunk := stream.read(_BLOCK):
            size += len(chunk)
            if size > settings.MAX_UPLOAD_BYTES:
                raise TooLarge(
                    f"The upload is larger than {settings.MAX_UPLOAD_BYTES:,} bytes (MAX_UPLOAD_BYTES)."
                )
            with naming_a_full_disk():
                spool.write(chunk)
        spool.seek(0)
        yield spool


def url_in(body: IO[bytes], project: Project) -> str | None:
    """Return the URL of a body that is `{"url": "https://…"}` and no task of a project that shows `$url`."""
    head = body.read(_MAX_URL_DOCUMENT + 1)
    body.seek(0)
    if len(head) > _MAX_URL_DOCUMENT or not head.lstrip().startswith(b"{"):
        return None
    try:
        document = loads(head)
    except ProductError:
        return None  # the import says what is wrong with it
    if not isinstance(document, dict) or list(document) != ["url"] or not isinstance(document["url"], str):
        return None
    return None if "url" in labeling.parse(project.label_config).variables else document["url"]


def store_form(request: Request, project: Project, user: User) -> list[Upload]:
    """Store every file of a form, and what its field `url` names: all of them, or none.

    Raises:
        ValidationFailed: there is neither.
    """
    uploads: list[Upload] = []
    try:
        for upload in _stored(request, project, user):
            uploads.append(upload)  # noqa: PERF402 - what was stored before one fails is needed
    except BaseException:
        discard_uploads(Upload.objects.filter(pk__in=[upload.pk for upload in uploads]))
        raise
    if not uploads:
        raise ValidationFailed("There is no file to import. Send at least one, or the field url.")
    return uploads


def _stored(request: Request, project: Project, user: User) -> Iterator[Upload]:
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            yield store_upload(project=project, name=file.name or "file", stream=file.file, created_by=user)
    form: Any = request.data
    url = form.get("url")
    if url and isinstance(url, str):  # a file may bear the name, too
        yield store_from_url(project=project, url=url, user=user)


def store_body(request: Request, project: Project, user: User) -> Upload:
    """Store a bare body as it comes."""
    return store_upload(project=project, name=body_name(request), stream=body_of(request), created_by=user)


def store_from_url(*, project: Project, url: str, user: User) -> Upload:
    """Store what a URL gives.

    Raises:
        OutgoingRefused: the address is none that this server reads from; nothing was sent.
        OutgoingFailed: it cannot be read.
        TooLarge: it has more than MAX_UPLOAD_BYTES.
    """
    limits = Limits(seconds=URL_SECONDS, max_bytes=settings.MAX_UPLOAD_BYTES)
    with fetch(url, limits=limits) as response:
        stream: Any = _Blocks(response)
        return store_upload(project=project, name=_name_of(response.url), stream=stream, created_by=user)


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return PurePosixPath(unquote(parts.path)).name or parts.hostname or "file"


class _Blocks:
    """An answer's body as something to read from."""

    def __init__(self, response: OutgoingResponse) -> None:
        self._blocks = response.blocks()

    def read(self, size: int) -> bytes:
        """Return the next block, of any size up to `size`; empty at the end."""
        return next(self._blocks, b"")
