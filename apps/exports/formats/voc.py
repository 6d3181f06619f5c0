"""Pascal VOC: an XML file for each picture, with boxes in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.media_files import claim_name, media_member
from apps.exports.formats.names import FileNames, stem_of
from apps.exports.formats.pictures import Picture, PictureReader, Region, box_on, complain, needs_on_image
from apps.exports.formats.tasks import Unwritable, labeled

SHAPES = ("RectangleLabels", "PolygonLabels", "EllipseLabels", "Labels")
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive with Annotations/<picture>.xml, and the media under images/ when they are wanted."""
    return archive(_members(tasks, options), options.report)


def _members(tasks: Iterable[str], options: ExportOptions) -> Iterator[Member]:
    reader, names = PictureReader(options, *SHAPES), FileNames()
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        for picture in reader.read(task, completions):
            name = claim_name(names, picture)
            stem = stem_of(name)
            yield Member(f"Annotations/{stem}.xml", _document(picture, name, options))
            yield from media_member(picture.address, f"images/{name}", picture.task, options)


def _document(picture: Picture, name: str, options: ExportOptions) -> bytes:
    root = etree.Element("annotation")
    _fill(root, folder="images", filename=name)
    _fill(etree.SubElement(root, "source"), database="Label Studio", image=picture.address)
    width, height = picture.space
    _fill(etree.SubElement(root, "size"), width=str(width), height=str(height), depth="3")
    if picture.size is None:
        _fill(root, unit="percent")
        options.report.add(
            "the size of a picture is unknown; its coordinates stay in percent, marked by unit",
            task=picture.task,
        )
    _fill(root, segmented="0")
    for region in picture.regions:
        try:
            _add_objects(root, region, picture)
        except Unwritable as problem:
            complain(options.report.add, problem, picture.task, region.completion, region.id)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")


def _add_objects(root: etree._Element, region: Region, picture: Picture) -> None:
    box = box_on(region, picture)
    for label in region.labels:
        entry = etree.SubElement(root, "object")
        _fill(entry, name=label, pose="Unspecified", truncated="0", difficult="0")
        pixels = {
            key: str(round(value)) for key, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        }
        _fill(etree.SubElement(entry, "bndbox"), **pixels)


def _fill(parent: etree._Element, **texts: str) -> None:
    for tag, text in texts.items():
        etree.SubElement(parent, tag).text = text.translate(_FORBIDDEN)


FORMAT = ExportFormat(
    name="VOC",
    title="Pascal VOC",
    description="An XML file for each picture, with a box for each region.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=needs_on_image("RectangleLabels", drawn="Rectangle"),
    holds_media=True,
)
