"""Text in whatever encoding it comes: which one it is, and its lines as a stream."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import IO

import charset_normalizer

from apps.imports.formats.format import HEAD_BYTES, UnreadableFile
from apps.imports.formats.limits import Limits

CHUNK = 256 * 1024
PLAIN_TEXT_NAMES = (".txt", ".text", ".md", ".log")
"""How names end of files whose commas and tabs are part of the text."""

_BYTE_ORDER_MARKS = (  # the four-byte ones first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text that begins with `head`.

    A byte-order mark decides; then zeros in every other place (UTF-16 without a mark); then whether it is UTF-8.
    UTF-8 with a few broken bytes stays UTF-8, so that they are reported: text is taken for an older encoding only
    when more bytes are broken than letters beyond ASCII are whole.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    if (unmarked := _unmarked_utf16(head)) is not None:
        return unmarked
    text = head.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    whole = sum(character > "\x7f" for character in text) - broken
    if broken == 0 or whole > broken or _is_cut_letter(head):
        return "utf-8"
    return _older_encoding(head)


def _unmarked_utf16(head: bytes) -> str | None:
    even, odd = head[0::2], head[1::2]
    if len(odd) < 2 or b"\0" not in head:
        return None
    if odd.count(0) * 2 > len(odd) and even.count(0) * 8 < len(even):
        return "utf-16-le"
    if even.count(0) * 2 > len(even) and odd.count(0) * 8 < len(odd):
        return "utf-16-be"
    return None


def _is_cut_letter(head: bytes) -> bool:
    """Return whether all of `head` is UTF-8 but for a letter that its end cuts in two."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return len(head) >= HEAD_BYTES


def _older_encoding(head: bytes) -> str:
    best = charset_normalizer.from_bytes(head).best()
    return best.encoding if best is not None else "utf-8"


def is_text(head: bytes) -> bool:
    """Return whether a file that begins with `head` can be text at all."""
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS) or _unmarked_utf16(head):
        return True
    return not head.translate(None, bytes(set(range(256)) - set(_CONTROL_BYTES))).replace(b"\0", b"", 8)


def decode_head(head: bytes, encoding: str | None = None) -> str:
    """Return the beginning of a text, for a look at it; what cannot be read is left out."""
    return head.decode(encoding or encoding_of(head), "ignore")


class TextLines:
    """The lines of a text, with their ends, one at a time.

    Bytes that are no text in the encoding come as half surrogates (PEP 383) and set `broken`, so that the rows
    they stand in can be named: see `broken_byte`.

    Args:
        stream: at its start.
        encoding: found out when None.

    Raises:
        UnreadableFile: while lines are taken: a line over the limit, or bytes that even PEP 383 cannot carry.
    """

    def __init__(self, stream: IO[bytes], encoding: str | None, limits: Limits) -> None:
        self.broken = False
        self.number = 0
        self._stream = stream
        self._limits = limits
        head = stream.read(HEAD_BYTES)
        stream.seek(0)
        self.encoding = _known(encoding) if encoding else encoding_of(head)
        start = decode_head(head, self.encoding)
        self._end = "\r" if "\r" in start and "\n" not in start else "\n"

    def __iter__(self) -> Iterator[str]:
        pending = ""
        for piece in self._pieces():
            lines = (pending + piece).split(self._end)
            pending = lines.pop()
            for line in lines:
                self.number += 1
                yield line + "\n"
            if len(pending) > self._limits.row_bytes:
                raise UnreadableFile(
                    f"The line is longer than {self._limits.row_bytes:,} bytes.", f"line {self.number + 1}"
                )
        if pending:
            self.number += 1
            yield pending

    def _pieces(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        done = 0
        while True:
            chunk = self._stream.read(CHUNK)
            state = decoder.getstate()
            try:
                piece = decoder.decode(chunk, not chunk)
            except UnicodeDecodeError:
                self.broken = True
                lenient = codecs.getincrementaldecoder(self.encoding)("surrogateescape")
                lenient.setstate(state)
                decoder = lenient
                piece = self._decode_leniently(decoder, chunk, done)
            yield piece
            done += len(chunk)
            if not chunk:
                return

    def _decode_leniently(self, decoder: codecs.IncrementalDecoder, chunk: bytes, done: int) -> str:
        try:
            return decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                f"The text is not {self.encoding.upper()}: {error.reason}. Save it as UTF-8 and try again.",
                f"after line {self.number}, near byte {done + error.start:,}",
            ) from error


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableFile(f'There is no encoding named "{encoding[:40]}". Try utf-8 or cp1252.') from error


def broken_byte(text: str) -> str | None:
    """Return words for the first byte of a `TextLines` line that is no text, or None."""
    for index, character in enumerate(text):
        if "\udc80" <= character <= "\udcff":
            position = len(text[:index].encode("utf-8", "surrogateescape")) + 1
            return f"byte {position} of it, 0x{ord(character) - 0xDC00:02X}"
        if "\ud800" <= character <= "\udfff":
            return f"half of a surrogate pair at character {index + 1}"
    return None


def utf8_stream(stream: IO[bytes]) -> tuple[IO[bytes], int]:
    """Return a stream of UTF-8 without a byte-order mark, and how many bytes of the file come before it.

    JSON comes as UTF-8, UTF-16 or UTF-32 and as nothing else (RFC 8259, RFC 4627).
    """
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    mark = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if mark == "utf-8-sig":
        stream.seek(3)
        return stream, 3
    encoding = mark or _unmarked_utf16(head)
    if encoding is None:
        return stream, 0
    return io.BufferedReader(_Transcoded(stream, encoding), CHUNK), 0


class _Transcoded(io.RawIOBase):
    """A UTF-16 or UTF-32 stream, read as UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""
        self._done = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes of UTF-8."""
        while not self._ready:
            chunk = self._stream.read(CHUNK)
            try:
                self._ready = self._decoder.decode(chunk, not chunk).encode()
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"The text is not {self._encoding.upper()}: {error.reason}. Save it as UTF-8 and try again.",
                    f"near byte {self._done + error.start:,}",
                ) from error
            self._done += len(chunk)
            if not chunk:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
