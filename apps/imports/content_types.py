"""What kind of file bytes are: by their content, never by a name or by what a client says.

Only the types listed here are ever sent to a browser; whatever else there is is plain text or a stream of bytes.
"""

from __future__ import annotations

import re

SNIFFED_BYTES = 4096

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
HTML = "text/html; charset=utf-8"
SVG = "image/svg+xml"
XML = "application/xml"
PDF = "application/pdf"

ACTIVE = frozenset({HTML, SVG, XML, PDF})
"""Types that can hold scripts: served in a sandbox and as attachments."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"RIFF....AVI ", "video/x-msvideo"),
    (rb"BM.{4}\0\0\0\0", "image/bmp"),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "image/tiff"),
    (rb"FORM....AIF[FC]", "audio/aiff"),
    (rb"....ftyp(?:avif|avis)", "image/avif"),
    (rb"....ftyp(?:heic|heix|mif1)", "image/heic"),
    (rb"....ftypM4[AB] ", "audio/mp4"),
    (rb"....ftypqt  ", "video/quicktime"),
    (rb"....ftyp", "video/mp4"),
    (rb"OggS.{24,}?(?:theora|OVP80)", "video/ogg"),
    (rb"OggS", "audio/ogg"),
    (rb"fLaC", "audio/flac"),
    (rb"\x1aE\xdf\xa3.{0,64}?webm", "video/webm"),
    (rb"\x1aE\xdf\xa3", "video/x-matroska"),
    (rb"ID3", "audio/mpeg"),
    (rb"\xff[\xf1\xf9]", "audio/aac"),
    (rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfd]", "audio/mpeg"),
    (rb"\.snd", "audio/basic"),
    (rb"%PDF-", PDF),
    (rb"PK\x03\x04|PK\x05\x06", "application/zip"),
    (rb"\x1f\x8b", "application/gzip"),
    (rb"\x28\xb5\x2f\xfd", "application/zstd"),
    (rb"PAR1", "application/vnd.apache.parquet"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _SIGNATURES)
# Atomic: a comment ends at its first -->. Else a file of many comments would be tried in every way of joining them.
_LEADING = rb"(?:\xef\xbb\xbf)?(?>\s|<!--.*?-->|<\?.*?\?>)*+"
_SVG = re.compile(_LEADING + rb"(?:<!doctype svg.*?>\s*)?<svg[\s>]", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(
    _LEADING
    + rb"<(?:!doctype html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|img|form)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[\s]", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def content_type_of(head: bytes) -> str:
    """Return the content type of a file by its first `SNIFFED_BYTES`."""
    for pattern, kind in _PATTERNS:
        if pattern.match(head):
            return kind
    for pattern, kind in ((_SVG, SVG), (_HTML, HTML), (_XML, XML)):
        if pattern.match(head):
            return kind
    return TEXT if _is_text(head) else BYTES


def _is_text(head: bytes) -> bool:
    if _CONTROL.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.end >= len(head) - 3  # a character that the cut goes through
    return True
