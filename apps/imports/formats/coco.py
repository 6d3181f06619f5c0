"""COCO: images with boxes, polygons and masks, in one JSON document; alone or in an archive with its images.

The document may be larger than memory and may list its parts in any order, so the annotations are put into a file on
disk first, by image.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import ijson
import orjson

from apps.imports.formats.answers import Result, row_with, variable_of
from apps.imports.formats.container import Container, Member, place_in
from apps.imports.formats.format import (
    HEAD_BYTES,
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.image_set import ImageFiles
from apps.imports.formats.masks import outlines
from apps.imports.formats.shapes import ShapeControls, Size, checked_size
from apps.imports.formats.text import decode_head, is_text

EXAMPLE = """{
  "images": [{"id": 1, "file_name": "https://example.com/cat.jpg", "width": 200, "height": 100}],
  "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [20, 10, 100, 50]}],
  "categories": [{"id": 3, "name": "cat"}]
}
"""

_LIST = re.compile(r'"(?:images|annotations)"\s*:\s*\[\s*\{[^{}]*"(?:file_name|image_id|category_id)"\s*:')
Address = Callable[[str], str]


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is a JSON object with a list of images or annotations as COCO has them."""
    if not is_text(head):
        return False
    text = decode_head(head).lstrip("\ufeff \t\r\n")
    return text[:1] == "{" and _LIST.search(text) is not None


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each image, with the address that the file gives for it."""
    return _read(source.stream, options, source.name, None)


def sniff_container(container: Container) -> bool:
    """Return whether one of the JSON files is in COCO's format."""
    return next(_documents(container), None) is not None


def read_container(container: Container, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each image of each COCO document, with the address of its file in the archive."""
    files = ImageFiles(container)
    for member in _documents(container):
        place = place_in(container, member)
        with container.open(member) as stream:
            for item in _read(stream, options, place, files):
                yield item._replace(place=f"{place} › {item.place}")


def _documents(container: Container) -> Iterator[Member]:
    for member in container.members:
        if member.suffix == ".json":
            with container.open(member) as stream:
                head = stream.read(HEAD_BYTES)
            if sniff(head, member.name):
                yield member


def _read(stream: IO[bytes], options: ReadOptions, name: str, files: ImageFiles | None) -> Iterator[Item]:
    controls = ShapeControls.of(options)
    variable = variable_of(controls.any, options)
    with _annotations(stream, name) as annotations_of:
        labels = _labels(stream, name, options)
        for number, image in enumerate(_listed(stream, "images.item", name), 1):
            place = f"image {number}"
            try:
                size = checked_size(image.get("width"), image.get("height"))
                shapes = _shapes(annotations_of(image.get("id")), controls, labels, size)
                data = {variable: _address(image, files)}
                yield Row(row_with(data, shapes, options), place)
            except (ValueError, TypeError, AttributeError) as error:
                yield UnreadableRow(_problem(error), place, _excerpt(image))


def _problem(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else f"it is not as COCO has it ({error})"


def _excerpt(image: Any) -> str:
    return orjson.dumps(image, default=str).decode()[:200]


def _address(image: dict[str, Any], files: ImageFiles | None) -> str:
    name = image.get("file_name")
    if files is not None and isinstance(name, str) and (stored := files.address(name)) is not None:
        return stored
    found = image.get("coco_url") or name or image.get("flickr_url")
    if not isinstance(found, str):
        raise ValueError("the image has no file_name")
    return found


def _labels(stream: IO[bytes], name: str, options: ReadOptions) -> dict[Any, str]:
    labels: dict[Any, str] = {}
    for category in _listed(stream, "categories.item", name):
        if not isinstance(category, dict) or not isinstance(category.get("name"), str):
            raise UnreadableFile("A category has no name.", name)
        labels[_key(category.get("id"))] = category["name"]
        if len(labels) > options.limits.class_names:
            raise UnreadableFile(f"There are more than {options.limits.class_names:,} categories.", name)
    return labels


def _listed(stream: IO[bytes], path: str, name: str) -> Iterator[Any]:
    """Yield the elements of one list of the document.

    Raises:
        UnreadableFile: broken or cut off; the message says how.
    """
    stream.seek(0)
    if stream.read(3) != b"\xef\xbb\xbf":
        stream.seek(0)
    try:
        yield from ijson.items(stream, path, use_float=True)
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        reason = (str(error).splitlines() or ["it is cut off"])[0].strip()
        raise UnreadableFile(f"The JSON is broken or cut off ({reason[:100]}).", name) from error


@contextmanager
def _annotations(stream: IO[bytes], name: str) -> Iterator[Callable[[Any], Iterator[Any]]]:
    """Put the annotations on disk, and give a function that returns those of an image."""
    with (
        tempfile.TemporaryDirectory(prefix="coco-") as folder,
        closing(sqlite3.connect(Path(folder, "annotations.db"), isolation_level=None)) as database,
    ):
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE annotation (image TEXT, content BLOB)")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO annotation VALUES (?, ?)",
            (
                (_key(found.get("image_id")), orjson.dumps(found))
                for found in _listed(stream, "annotations.item", name)
                if isinstance(found, dict)
            ),
        )
        database.execute("CREATE INDEX by_image ON annotation (image)")
        database.execute("COMMIT")

        def annotations_of(image: Any) -> Iterator[Any]:
            rows = database.execute(
                "SELECT content FROM annotation WHERE image = ? ORDER BY rowid", [_key(image)]
            )
            return (orjson.loads(content) for (content,) in rows)

        yield annotations_of


def _key(identifier: Any) -> str:
    return str(identifier)


def _shapes(
    annotations: Iterator[Any], controls: ShapeControls, labels: dict[Any, str], size: Size
) -> Iterator[Result]:
    number = 0
    for annotation in annotations:
        label = labels.get(_key(annotation.get("category_id")))
        if label is None:
            raise ValueError(f"an annotation has the unknown category {annotation.get('category_id')}")
        for points in _polygons(annotation, size) if controls.polygons else ():
            number += 1
            percent = [(100 * x / size.width, 100 * y / size.height) for x, y in points]
            yield controls.polygon(number, percent, label, size)
        if controls.polygons and annotation.get("segmentation"):
            continue
        number += 1
        yield _box(annotation, controls, number, label, size)


def _polygons(annotation: dict[str, Any], size: Size) -> Iterator[list[tuple[float, float]]]:
    found = annotation.get("segmentation")
    if isinstance(found, dict):
        yield from outlines(found, size)
        return
    for numbers in found or ():
        if len(numbers) < 6 or len(numbers) % 2:
            raise ValueError("a polygon has fewer than three points, or half a point")
        yield list(zip(numbers[0::2], numbers[1::2], strict=True))


def _box(annotation: dict[str, Any], controls: ShapeControls, number: int, label: str, size: Size) -> Result:
    box = annotation.get("bbox")
    if not box:
        points = [point for polygon in _polygons(annotation, size) for point in polygon]
        if not points:
            raise ValueError("an annotation has neither a bbox nor a segmentation")
        left, top = min(x for x, _ in points), min(y for _, y in points)
        box = [left, top, max(x for x, _ in points) - left, max(y for _, y in points) - top]
    if len(box) != 4:
        raise ValueError("a bbox must be four numbers: x, y, width, height")
    left, top, width, height = (float(part) for part in box)
    corner = (100 * left / size.width, 100 * top / size.height)
    return controls.box(number, corner, (100 * width / size.width, 100 * height / size.height), label, size)


FORMAT = ImportFormat(
    name="COCO",
    title="COCO",
    description="Images with boxes, polygons and masks in one JSON document; alone, or with its images in an archive.",
    extensions=("json",),
    content_types=("application/json",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
    sniff_container=sniff_container,
    read_container=read_container,
)
