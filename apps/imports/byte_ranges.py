"""Answers with a file, or with the part of it that a player seeks (RFC 9110, range requests)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_BLOCK = 1 << 18


def file_response(
    request: HttpRequest, stream: IO[bytes], *, size: int, content_type: str, etag: str
) -> HttpResponseBase:
    """Return 200 with all of a file, 206 with the range asked for, 304 when it is known, or 416.

    Several ranges in one request are answered with the whole file, as the standard allows.

    Args:
        stream: seekable; closed with the answer.
        etag: quoted.
    """
    if "*" in (known := parse_etags(request.headers.get("If-None-Match", ""))) or etag in known:
        stream.close()
        return _with_headers(HttpResponse(status=304), etag)
    asked = request.headers.get("Range", "")
    if_range = request.headers.get("If-Range")
    if not asked or (if_range is not None and if_range != etag):
        return _with_headers(_streamed(request, stream, 0, size, size, content_type, 200), etag)
    found = _RANGE.fullmatch(asked.strip())
    if found is None or (found[1] == "" and found[2] == ""):
        return _with_headers(_streamed(request, stream, 0, size, size, content_type, 200), etag)
    start, end = _bounds(found[1], found[2], size)
    if start >= end:
        stream.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return _with_headers(response, etag)
    return _with_headers(_streamed(request, stream, start, end, size, content_type, 206), etag)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the range as [start, end)."""
    if not first:  # the last so many bytes
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _streamed(
    request: HttpRequest, stream: IO[bytes], start: int, end: int, size: int, content_type: str, status: int
) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        stream.close()
        response = HttpResponse(status=status, content_type=content_type)
    else:
        response = StreamingHttpResponse(_part(stream, start, end), status=status, content_type=content_type)
    response["Content-Length"] = str(end - start)
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _part(stream: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        left = end - start
        while left and (block := stream.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _with_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response
