"""The media of tasks as files: downloaded once, from the labeling server or wherever their address points."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import urllib3
from PIL import Image

from label_studio_ml.errors import ServerUnreachable
from label_studio_ml.server_api import ServerAddress

MAX_FILE_BYTES = 512 << 20
MAX_REDIRECTS = 5
_CHUNK = 1 << 16

_pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60))


def local_path(url: str, *, folder: Path, address: ServerAddress) -> str:
    """Return the path of a file with what `url` points at; it is downloaded when it is not in `folder` yet.

    Args:
        url: `http(s)://…`, `data:…`, or a path on the labeling server such as `/data/upload/1/cat.png`.
        folder: where downloads are kept.
        address: the labeling server; its token is sent to no other host.

    Raises:
        ServerUnreachable: it could not be had.
    """
    if url.startswith("data:"):
        return str(_kept(folder, url, _decoded(url)))
    full = url if urlsplit(url).scheme else urljoin(address.hostname.rstrip("/") + "/", url.lstrip("/"))
    if urlsplit(full).scheme not in ("http", "https"):
        raise ServerUnreachable(
            f"{url[:200]} is no address of a file: it must begin with http, https, data or /."
        )
    target = _place(folder, full)
    return str(target) if target.exists() else str(_download(full, target, address))


def _place(folder: Path, url: str) -> Path:
    name = Path(urlsplit(url).path).name[-80:] if not url.startswith("data:") else "data"
    return folder / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}__{name or 'file'}"


def _decoded(url: str) -> bytes:
    head, _, payload = url.partition(",")
    try:
        return (
            base64.b64decode(payload, validate=True)
            if head.endswith(";base64")
            else unquote_to_bytes(payload)
        )
    except binascii.Error as error:
        raise ServerUnreachable(f"A data: address holds no Base64: {error}") from error


def _kept(folder: Path, url: str, content: bytes) -> Path:
    target = _place(folder, url)
    if not target.exists():
        with _replacing(target) as descriptor:
            os.write(descriptor, content)
    return target


@contextmanager
def _replacing(target: Path) -> Iterator[int]:
    """Yield the descriptor of a file that takes its place whole or not at all: two processes may download the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent)
    try:
        yield descriptor
    except BaseException:
        Path(name).unlink()
        raise
    finally:
        os.close(descriptor)
    Path(name).replace(target)


def _download(url: str, target: Path, address: ServerAddress) -> Path:
    reply = _opened(url, address)
    try:
        with _replacing(target) as descriptor:
            size = 0
            for part in reply.stream(_CHUNK):
                size += len(part)
                if size > MAX_FILE_BYTES:
                    raise ServerUnreachable(f"{url} is larger than {MAX_FILE_BYTES} bytes.")
                os.write(descriptor, part)
    except urllib3.exceptions.HTTPError as error:
        raise ServerUnreachable(f"{url} broke off: {error}") from error
    finally:
        reply.release_conn()
    return target


def _opened(url: str, address: ServerAddress) -> urllib3.BaseHTTPResponse:
    for _ in range(MAX_REDIRECTS):
        headers = {}
        if address.token and address.owns(url):
            headers["Authorization"] = f"Token {address.token}"
        try:
            reply = _pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise ServerUnreachable(f"{url} cannot be reached: {error}") from error
        if reply.status == 200:
            return reply
        location = reply.headers.get("Location")
        reply.release_conn()
        if not 300 <= reply.status < 400 or not location:
            raise ServerUnreachable(f"{url} answered {reply.status}.")
        url = urljoin(url, location)
        if urlsplit(url).scheme not in ("http", "https"):
            raise ServerUnreachable(f"A redirect to {url[:200]} is not followed.")
    raise ServerUnreachable(f"{url} redirects more than {MAX_REDIRECTS} times.")


def get_image_size(path: str) -> tuple[int, int]:
    """Return the width and the height of a picture, in pixels."""
    with Image.open(path) as image:
        return image.size
