"""YOLO: a text file for each picture, with the numbers of classes and shapes as parts of its width and height."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import yaml

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.geometry import Point, outline
from apps.exports.formats.media_files import claim_name, media_member
from apps.exports.formats.names import FileNames, stem_of
from apps.exports.formats.pictures import (
    Picture,
    PictureReader,
    Region,
    box_on,
    complain,
    labels_on_images,
    needs_on_image,
    outline_on,
)
from apps.exports.formats.tasks import Unwritable, labeled

SHAPES = ("RectangleLabels", "PolygonLabels", "EllipseLabels", "Labels")
Numbers = Callable[[Region, Picture], list[float]]
_LINE_BREAKS = re.compile(r"\s+")


def write(tasks: Iterable[str], options: ExportOptions, numbers: Numbers) -> Iterator[bytes]:
    """Yield an archive of labels/<picture>.txt, classes.txt and data.yaml, and of images/ when media are wanted.

    Args:
        numbers: what to write of a region, in parts of the picture's width and height.
    """
    return archive(_members(tasks, options, numbers), options.report)


def _members(tasks: Iterable[str], options: ExportOptions, numbers: Numbers) -> Iterator[Member]:
    reader, names = PictureReader(options, *SHAPES), FileNames()
    classes = {label: index for index, label in enumerate(labels_on_images(options.config, *SHAPES))}
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        for picture in reader.read(task, completions):
            name = claim_name(names, picture)
            lines = _lines(picture, classes, numbers, options)
            yield Member(f"labels/{stem_of(name)}.txt", "".join(lines).encode())
            yield from media_member(picture.address, f"images/{name}", picture.task, options)
    listed = [_LINE_BREAKS.sub(" ", label) for label in classes]
    yield Member("classes.txt", "".join(f"{label}\n" for label in listed).encode())
    about = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(listed))}
    yield Member("data.yaml", yaml.safe_dump(about, sort_keys=False, allow_unicode=True).encode())


def _lines(
    picture: Picture, classes: dict[str, int], numbers: Numbers, options: ExportOptions
) -> Iterator[str]:
    for region in picture.regions:
        try:
            found = numbers(region, picture)
        except Unwritable as problem:
            complain(options.report.add, problem, picture.task, region.completion, region.id)
            continue
        tail = " ".join([f"{min(max(value, 0.0), 1.0):.6f}" for value in found])
        for label in region.labels:
            yield f"{classes.setdefault(label, len(classes))} {tail}\n"


def _box(region: Region, picture: Picture) -> list[float]:
    width, height = picture.space
    left, top, right, bottom = box_on(region, picture)
    return [
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        (right - left) / width,
        (bottom - top) / height,
    ]


def _oriented_box(region: Region, picture: Picture) -> list[float]:
    """Return the corners of a box; those outside of the picture are moved to its edge by whoever writes them."""
    whole = outline_on(region, picture)  # refuses what lies outside
    if region.shape == "rectangle":
        return _flat(outline(region.value, *picture.space).points, picture)
    left, top, right, bottom = whole.box
    return _flat([(left, top), (right, top), (right, bottom), (left, bottom)], picture)


def _polygon(region: Region, picture: Picture) -> list[float]:
    return _flat(outline_on(region, picture).points, picture)


def _flat(points: list[Point], picture: Picture) -> list[float]:
    width, height = picture.space
    return [part for x, y in points for part in (x / width, y / height)]


def _format(name: str, title: str, description: str, numbers: Numbers) -> ExportFormat:
    return ExportFormat(
        name=name,
        title=title,
        description=description,
        extension="zip",
        content_type=CONTENT_TYPE,
        write=partial(write, numbers=numbers),
        fits=needs_on_image(*SHAPES),
        holds_media=True,
    )


FORMAT = _format("YOLO", "YOLO", "A text file for each picture, with a box for each region.", _box)
ORIENTED = _format(
    "YOLO_OBB",
    "YOLO, turned boxes",
    "A text file for each picture, with the four corners of a box for each region.",
    _oriented_box,
)
SEGMENTS = _format(
    "YOLO_SEG", "YOLO, segments", "A text file for each picture, with a polygon for each region.", _polygon
)
