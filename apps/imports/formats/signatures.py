"""What a media file is, by its first bytes and not by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.imports.formats.text import decode_head, is_text


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of media (`image`, `audio`, `video`, `html`, `pdf`), its content type and its usual extension."""

    kind: str
    content_type: str
    extension: str


_STARTS = (
    (b"\x89PNG\r\n\x1a\n", MediaType("image", "image/png", "png")),
    (b"\xff\xd8\xff", MediaType("image", "image/jpeg", "jpg")),
    (b"GIF87a", MediaType("image", "image/gif", "gif")),
    (b"GIF89a", MediaType("image", "image/gif", "gif")),
    (b"II*\0", MediaType("image", "image/tiff", "tif")),
    (b"MM\0*", MediaType("image", "image/tiff", "tif")),
    (b"BM", MediaType("image", "image/bmp", "bmp")),
    (b"ID3", MediaType("audio", "audio/mpeg", "mp3")),
    (b"fLaC", MediaType("audio", "audio/flac", "flac")),
    (b".snd", MediaType("audio", "audio/basic", "au")),
    (b"#!AMR", MediaType("audio", "audio/amr", "amr")),
    (b"\x1aE\xdf\xa3", MediaType("video", "video/webm", "webm")),
    (b"FLV\x01", MediaType("video", "video/x-flv", "flv")),
    (b"\0\0\x01\xba", MediaType("video", "video/mpeg", "mpg")),
    (b"\0\0\x01\xb3", MediaType("video", "video/mpeg", "mpg")),
    (b"%PDF-", MediaType("pdf", "application/pdf", "pdf")),
)
_CONTAINERS = {  # (first four bytes, bytes 8 to 12): RIFF and IFF say there what they hold
    (b"RIFF", b"WAVE"): MediaType("audio", "audio/wav", "wav"),
    (b"RIFF", b"WEBP"): MediaType("image", "image/webp", "webp"),
    (b"RIFF", b"AVI "): MediaType("video", "video/x-msvideo", "avi"),
    (b"FORM", b"AIFF"): MediaType("audio", "audio/aiff", "aiff"),
    (b"FORM", b"AIFC"): MediaType("audio", "audio/aiff", "aiff"),
}
_BRANDS = (  # of ISO base media files, at byte 8
    ((b"avif", b"avis"), MediaType("image", "image/avif", "avif")),
    ((b"heic", b"heix", b"mif1", b"msf1"), MediaType("image", "image/heic", "heic")),
    ((b"M4A ", b"M4B "), MediaType("audio", "audio/mp4", "m4a")),
    ((b"qt  ",), MediaType("video", "video/quicktime", "mov")),
)
_MP4 = MediaType("video", "video/mp4", "mp4")
_OGG_AUDIO = MediaType("audio", "audio/ogg", "ogg")
_OGG_VIDEO = MediaType("video", "video/ogg", "ogv")
_MP3 = MediaType("audio", "audio/mpeg", "mp3")
_AAC = MediaType("audio", "audio/aac", "aac")
_SVG = MediaType("image", "image/svg+xml", "svg")
_HTML = MediaType("html", "text/html", "html")

# Atomic: a comment ends at its first -->. Else a file of many comments would be tried in every way of joining them.
_SVG_START = re.compile(
    r"^(?><\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*+<svg[\s>]", re.DOTALL | re.IGNORECASE
)
_HTML_START = re.compile(
    r"^(?><\?xml[^>]*>|<!--.*?-->|\s)*+<(?:!doctype html|html|head|body|div|p|h[1-6]|span|table|article|section|ul|ol)"
    r"[\s>]",
    re.DOTALL | re.IGNORECASE,
)


def media_type(head: bytes, name: str) -> MediaType | None:
    """Return what a file that begins with `head` holds; None when it is no media file that can be shown.

    The name decides only whether text that begins with a tag is a web page.
    """
    found = next((kind for start, kind in _STARTS if head.startswith(start)), None)
    if found is not None:
        return None if found.extension == "bmp" and not _is_bitmap(head) else found
    if (found := _CONTAINERS.get((head[:4], head[8:12]))) is not None:
        return found
    if head[4:8] == b"ftyp":
        return next((kind for brands, kind in _BRANDS if head[8:12] in brands), _MP4)
    if head.startswith(b"OggS"):
        return _OGG_VIDEO if b"theora" in head[:512] else _OGG_AUDIO
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mpeg_audio(head)
    return _markup(head, name) if is_text(head) else None


def _is_bitmap(head: bytes) -> bool:
    """Return whether the header's size field (12 to 124) is one that bitmaps have: `BM` alone begins texts, too."""
    return len(head) > 18 and head[6:10] == b"\0\0\0\0" and head[14] in (12, 40, 52, 56, 64, 108, 124)


def _mpeg_audio(head: bytes) -> MediaType | None:
    """Tell a frame of layers II and III, whose header has no forbidden value; layer I begins as UTF-16's mark does."""
    if head[1] & 0x06 == 0:  # no layer: AAC in ADTS frames
        return _AAC if head[1] & 0xF6 == 0xF0 else None
    valid = (
        head[1] & 0x06 != 0x06
        and head[1] & 0x18 != 0x08
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )
    return _MP3 if valid else None


def _markup(head: bytes, name: str) -> MediaType | None:
    start = decode_head(head[:4096]).lstrip("\ufeff")
    if _SVG_START.match(start):
        return _SVG
    named = name.lower().endswith((".html", ".htm", ".xhtml"))
    return _HTML if named or _HTML_START.match(start) else None
