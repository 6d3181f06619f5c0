"""The text of a labeling config as a tree of elements, each with its place; hostile text is refused at once.

Expat is driven directly because it says line and column of each tag, and because a document type, a level too deep
or a tag too many can be refused the moment it appears, before anything is built from it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from apps.labeling.problems import ConfigError, Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 100
"""Of one tag."""

_ATTRIBUTE = re.compile(r"""\s([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_ENCODING = re.compile(r"(utf|iso8859|cp|koi8|ascii|gb|big5|euc|shift_jis|mac)[\w-]*", re.ASCII)
"""How Python names encodings of plain text; others unpack or translate, and some are slow."""
_NO_DOCTYPE = "A labeling config may not hold a <!DOCTYPE> or entities. Remove them."
_ADVICE = {
    expat.errors.XML_ERROR_NO_ELEMENTS: "It holds no tag, or a tag that was opened is never closed",
    expat.errors.XML_ERROR_INVALID_TOKEN: (
        "A character is out of place: attribute values stand in quotes, and & and < are written &amp; and &lt;"
    ),
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "A tag or comment that starts here does not end",
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: (
        "Only &amp; &lt; &gt; &quot; and &apos; are known: write other characters as they are"
    ),
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "Something follows after the outermost tag: put all of it inside",
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "The tag has the same attribute twice",
    expat.errors.XML_ERROR_MISPLACED_XML_PI: "Something stands before <?xml … ?>: remove it, or the declaration",
}


@dataclass(slots=True)
class Element:
    """A tag of the config with what stands inside; line and column, from 1, are those of its `<`."""

    tag: str
    attributes: dict[str, str]
    line: int
    column: int
    offset: int
    source: Source
    children: list[Element] = field(default_factory=list)
    text: str = ""
    has_content: bool = False

    def get(self, name: str) -> str | None:
        """Return an attribute by its name in any case, as the editor reads it."""
        value = self.attributes.get(name)
        if value is not None:
            return value
        lower = name.lower()
        return next((text for key, text in self.attributes.items() if key.lower() == lower), None)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()

    def problem(self, message: str, attribute: str | None = None) -> Problem:
        """Return a problem at this tag, or at one of its attributes."""
        if attribute is not None and (place := self.source.place_of_attribute(self.offset, attribute)):
            return Problem(message, *place)
        return Problem(message, self.line, self.column)


@dataclass(slots=True)
class Source:
    """The bytes that places are counted in."""

    encoded: bytes

    def place_of_attribute(self, offset: int, attribute: str) -> tuple[int, int] | None:
        """Return line and column of an attribute of the tag at `offset`, named in any case."""
        window = self.encoded[offset : offset + 100_000].decode("utf-8", "ignore")
        for match in _ATTRIBUTE.finditer(window):
            if match[1].lower() == attribute.lower():
                return self._place(offset + len(window[: match.start(1)].encode()))
        return None

    def _place(self, offset: int) -> tuple[int, int]:
        start = self.encoded.rfind(b"\n", 0, offset) + 1
        return self.encoded.count(b"\n", 0, offset) + 1, len(self.encoded[start:offset].decode()) + 1


def parse_xml(xml: str | bytes) -> Element:
    """Return the outermost element of a labeling config.

    Args:
        xml: text, or bytes in UTF-8, in UTF-16 or UTF-32 with a byte order mark, or in the encoding they declare.

    Raises:
        ConfigError: empty, too large, too deep, unreadable, not well-formed, or with a document type.
    """
    if len(xml) > MAX_BYTES:
        _refuse(f"The labeling config is larger than {MAX_BYTES:,} bytes.")
    text = xml if isinstance(xml, str) else _decode(xml)
    if not text.strip():
        _refuse("The labeling config is empty. Paste XML that starts with <View>.")
    encoded = _encode(text)
    if encoded.count(b"<") > MAX_ELEMENTS:
        _refuse_too_many_tags(encoded)
    return _Builder(encoded).build()


def _refuse(message: str, line: int = 1, column: int = 1) -> NoReturn:
    raise ConfigError([Problem(message, line, column)])


def _decode(raw: bytes) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if raw.startswith(mark)), "")
    if not encoding:
        declared = _DECLARED_ENCODING.match(raw[:200].lstrip())
        encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        if not _TEXT_ENCODING.fullmatch(codecs.lookup(encoding).name):
            raise LookupError(encoding)
        return raw.decode(encoding)
    except LookupError:
        _refuse(f'The labeling config says that it is in "{encoding}", which nobody knows. Save it as UTF-8.')
    except UnicodeError:
        _refuse(f"The labeling config cannot be read as {encoding.upper()}. Save it as UTF-8.")


def _encode(text: str) -> bytes:
    try:
        encoded = text.removeprefix("\ufeff").encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        _refuse(
            "The labeling config holds half a character.",
            line,
            error.start - text.rfind("\n", 0, error.start),
        )
    if len(encoded) > MAX_BYTES:
        _refuse(f"The labeling config is larger than {MAX_BYTES:,} bytes.")
    return encoded


def _refuse_too_many_tags(encoded: bytes) -> None:
    """Count the tags before an element is built for each; what else is wrong is told by the builder."""
    parser, left = expat.ParserCreate("utf-8"), MAX_ELEMENTS

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            _refuse(
                f"The labeling config has more than {MAX_ELEMENTS:,} tags.",
                parser.CurrentLineNumber,
                parser.CurrentColumnNumber + 1,
            )

    parser.StartElementHandler = count
    parser.StartDoctypeDeclHandler = lambda *_: _refuse(
        _NO_DOCTYPE, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
    )
    with suppress(expat.ExpatError):
        parser.Parse(encoded, True)


class _Builder:
    """Builds the tree while expat reads, and stops it at the first thing that must not be there."""

    def __init__(self, encoded: bytes) -> None:
        self._source = Source(encoded)
        self._open: list[Element] = []
        self._root: Element | None = None
        self._parser = expat.ParserCreate("utf-8")  # whatever the text declares: it was decoded already
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.CommentHandler = self._comment
        self._parser.StartDoctypeDeclHandler = self._doctype

    def build(self) -> Element:
        try:
            self._parser.Parse(self._source.encoded, True)
        except expat.ExpatError as error:
            self._refuse_syntax(error)
        if self._root is None:
            _refuse("The labeling config holds no tag.")
        return self._root

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._stop(f"The labeling config is nested deeper than {MAX_DEPTH} levels.")
        if len(attributes) > MAX_ATTRIBUTES:
            self._stop(f"<{tag[:40]}> has more than {MAX_ATTRIBUTES} attributes.")
        parser = self._parser
        element = Element(
            tag, attributes, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, parser.CurrentByteIndex,
            self._source,
        )  # fmt: skip
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text
        self._open[-1].has_content = True

    def _comment(self, text: str) -> None:
        if self._open:
            self._open[-1].has_content = True

    def _doctype(self, name: str, *_: object) -> None:
        self._stop(_NO_DOCTYPE)

    def _stop(self, message: str) -> NoReturn:
        _refuse(message, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _refuse_syntax(self, error: expat.ExpatError) -> NoReturn:
        reason = expat.errors.messages[error.code]
        if reason == expat.errors.XML_ERROR_TAG_MISMATCH and self._open:
            still_open = self._open[-1]
            advice = f"<{still_open.tag[:40]}> of line {still_open.line} is not closed before this tag"
        else:
            advice = _ADVICE.get(reason, reason.capitalize())
        raise ConfigError(
            [Problem(f"The labeling config is not XML: {advice}.", error.lineno, error.offset + 1)]
        ) from error


def serialize(element: Element, indent: int = 0) -> str:
    """Return an element as XML, one tag a line, two spaces a level; parsing it again yields the same tree."""
    margin = "  " * indent
    attributes = "".join(
        f" {name}={quoteattr(value, _CONTROL)}" for name, value in element.attributes.items()
    )
    head = f"{margin}<{element.tag}{attributes}"
    text = element.text.strip()
    if element.children:
        inner = "".join(serialize(child, indent + 1) for child in element.children)
        own = f"{'  ' * (indent + 1)}{escape(text)}\n" if text else ""
        return f"{head}>\n{own}{inner}{margin}</{element.tag}>\n"
    return f"{head}>{escape(text)}</{element.tag}>\n" if text else f"{head}/>\n"


# Raw, these would come back from an attribute as spaces.
_CONTROL = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
