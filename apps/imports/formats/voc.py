"""Pascal VOC: an XML file with boxes for each image; alone or in an archive with the images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from lxml import etree

from apps.imports.formats.answers import Result, row_with, variable_of
from apps.imports.formats.container import Container, Member, place_in
from apps.imports.formats.format import (
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.image_set import ImageFiles
from apps.imports.formats.limits import MEBIBYTE
from apps.imports.formats.shapes import ShapeControls, Size, checked_size
from apps.imports.formats.text import decode_head, is_text

EXAMPLE = """<annotation>
  <filename>https://example.com/cat.jpg</filename>
  <size><width>200</width><height>100</height><depth>3</depth></size>
  <object>
    <name>cat</name>
    <bndbox><xmin>20</xmin><ymin>10</ymin><xmax>120</xmax><ymax>60</ymax></bndbox>
  </object>
</annotation>
"""
MAX_BYTES = 8 * MEBIBYTE


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is XML whose first element is an annotation of an image."""
    if not is_text(head):
        return False
    text = decode_head(head)
    start = text.find("<annotation")
    return start >= 0 and "<filename" in text and text[:start].lstrip("\ufeff \t\r\n")[:2] in ("", "<?", "<!")


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield the task of one XML file, with the image's address as the file names it."""
    return _read(source.stream, options, source.name, None)


def sniff_container(container: Container) -> bool:
    """Return whether there are XML files, the first of which is an annotation of an image."""
    first = next(_documents(container), None)
    if first is None:
        return False
    with container.open(first) as stream:
        return sniff(stream.read(4096), first.name)


def read_container(container: Container, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each XML file, with the address of its image in the archive."""
    files = ImageFiles(container)
    for member in _documents(container):
        place = place_in(container, member)
        try:
            with container.open(member) as stream:
                yield from _read(stream, options, place, files)
        except _BadDocument as error:
            yield UnreadableRow(error.reason.rstrip("."), place)


class _BadDocument(UnreadableFile):
    """One XML file of many cannot be read."""


def _documents(container: Container) -> Iterator[Member]:
    return (member for member in container.members if member.suffix == ".xml")


def _read(stream: IO[bytes], options: ReadOptions, name: str, files: ImageFiles | None) -> Iterator[Item]:
    controls = ShapeControls.of(options)
    variable = variable_of(controls.any, options)
    root = _parsed(stream, name)
    try:
        size = checked_size(root.findtext("size/width"), root.findtext("size/height"))
        shapes = list(_shapes(root, controls, size))
        yield Row(row_with({variable: _address(root, files)}, shapes, options), name)
    except ValueError as error:
        yield UnreadableRow(str(error), name)


def _parsed(stream: IO[bytes], name: str) -> etree._Element:
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise _BadDocument(f"The XML is longer than {MAX_BYTES:,} bytes.", name)
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise _BadDocument("The XML holds a DTD or entities, which are not read.", name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _BadDocument(f"It is not XML: {error.msg}.", name) from error


def _address(root: etree._Element, files: ImageFiles | None) -> str:
    name = (root.findtext("filename") or "").strip()
    if not name:
        raise ValueError("there is no filename")
    path = (root.findtext("path") or "").strip()
    stored = files.address(name) if files else None
    return stored or (path if path.startswith(("http://", "https://")) else name)


def _shapes(root: etree._Element, controls: ShapeControls, size: Size) -> Iterator[Result]:
    for number, found in enumerate(root.iterfind("object"), 1):
        label = (found.findtext("name") or "").strip()
        if not label:
            raise ValueError(f"object {number} has no name")
        left, top, right, bottom = (_number(found, f"bndbox/{side}", number) for side in _SIDES)
        corner = (100 * left / size.width, 100 * top / size.height)
        extent = (100 * (right - left) / size.width, 100 * (bottom - top) / size.height)
        yield controls.box(number, corner, extent, label, size)


_SIDES = ("xmin", "ymin", "xmax", "ymax")


def _number(found: etree._Element, path: str, number: int) -> float:
    text = found.findtext(path)
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(f"object {number} has no number in {path}") from None


FORMAT = ImportFormat(
    name="VOC",
    title="Pascal VOC",
    description="An XML file with boxes for each image; alone, or in an archive with the images.",
    extensions=("xml",),
    content_types=("application/xml", "text/xml"),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
    sniff_container=sniff_container,
    read_container=read_container,
)
