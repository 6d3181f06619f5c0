"""YOLO: an archive or folder with images, a text file of boxes or polygons for each, and the names of the classes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from statistics import fmean

import yaml

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
from apps.imports.formats.limits import MEBIBYTE, Limits
from apps.imports.formats.media import EXAMPLE as PICTURE
from apps.imports.formats.shapes import ShapeControls, Size

MAX_BYTES = 8 * MEBIBYTE
_CLASS_LISTS = ("classes.txt", "obj.names", "classes.names", "coco.names", "voc.names")


def sniff(head: bytes, name: str) -> bool:
    """Return False: one file alone is no YOLO set."""
    return False


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Refuse a single file; raises `UnreadableFile`."""
    raise UnreadableFile(
        "A YOLO set is an archive or folder with images, labels and classes.txt.", source.name
    )


def sniff_container(container: Container) -> bool:
    """Return whether there are names of classes, and a text file named as one of the images."""
    if _class_list(container) is None:
        return False
    images = {PurePosixPath(member.name).stem for member in ImageFiles(container).members}
    return any(
        PurePosixPath(member.name).stem in images for member in container.members if member.suffix == ".txt"
    )


def read_container(container: Container, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each image; one without a text file has no answer, one with an empty file the answer "nothing".

    Raises:
        UnreadableFile: the names of the classes cannot be read, or the config takes no shapes.
    """
    controls = ShapeControls.of(options)
    variable = variable_of(controls.any, options)
    classes = _classes(container, options.limits)
    labels = {_label_path(member.name): member for member in container.members if member.suffix == ".txt"}
    files = ImageFiles(container)
    for image in files.members:
        place = place_in(container, image)
        found = labels.get(_label_path(image.name))
        try:
            shapes, scores = (
                ([], []) if found is None else _shapes(container, found, controls, classes, files.size(image))
            )
        except ValueError as error:
            yield UnreadableRow(str(error), place_in(container, found) if found else place)
            continue
        data = {variable: files.store(image)}
        score = fmean(scores) if scores else None
        yield Row(data if found is None else row_with(data, shapes, options, score=score), place)


def _label_path(name: str) -> str:
    """Return what an image and its text file have in common: the path without `images` or `labels` and the ending."""
    path = PurePosixPath(name)
    return "/".join([part for part in path.parts[:-1] if part not in ("images", "labels")] + [path.stem])


def _class_list(container: Container) -> Member | None:
    by_name = {PurePosixPath(member.name).name: member for member in reversed(container.members)}
    listed = next((by_name[name] for name in _CLASS_LISTS if name in by_name), None)
    return listed or next(
        (member for member in container.members if member.suffix in (".yaml", ".yml")), None
    )


def _classes(container: Container, limits: Limits) -> list[str]:
    member = _class_list(container)
    if member is None:
        raise UnreadableFile("There is no classes.txt with the names of the classes.", container.name)
    place = place_in(container, member)
    text = _text(container, member)
    names = text.splitlines() if member.suffix not in (".yaml", ".yml") else _names_in_yaml(text, place)
    classes = [name.strip() for name in names]
    if len(classes) > limits.class_names:
        raise UnreadableFile(f"There are more than {limits.class_names:,} classes.", place)
    return classes


def _text(container: Container, member: Member) -> str:
    with container.open(member) as stream:
        raw = stream.read(MAX_BYTES + 1)
    place = place_in(container, member)
    if len(raw) > MAX_BYTES:
        raise UnreadableFile(f"It is longer than {MAX_BYTES:,} bytes.", place)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"It is not UTF-8: byte {error.start + 1} cannot be read.", place) from error


def _names_in_yaml(text: str, place: str) -> list[str]:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableFile(f"It is not YAML: {str(error).splitlines()[0]}.", place) from error
    names = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, dict) and set(names) == set(range(len(names))):
        return [str(names[number]) for number in range(len(names))]
    if isinstance(names, list):
        return [str(name) for name in names]
    raise UnreadableFile('It has no list "names" of the classes.', place)


def _shapes(
    container: Container, member: Member, controls: ShapeControls, classes: list[str], size: Size | None
) -> tuple[list[Result], list[float]]:
    results, scores = [], []
    for number, line in enumerate(_text(container, member).splitlines(), 1):
        if not line.strip():
            continue
        try:
            label, numbers = _parsed(line, classes)
            if len(numbers) == 5:
                scores.append(numbers.pop())
            results.append(_shape(controls, number, label, numbers, size))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return results, scores


def _parsed(line: str, classes: list[str]) -> tuple[str, list[float]]:
    first, *rest = line.split()
    if not first.isdecimal() or int(first) >= len(classes):
        raise ValueError(f'the class "{first[:20]}" is not one of the {len(classes)} that are named')
    numbers = [float(part) for part in rest]
    if len(numbers) not in (4, 5) and (len(numbers) < 6 or len(numbers) % 2):
        raise ValueError(f"{len(numbers)} numbers are neither a box (4) nor a polygon (6, 8, 10 …)")
    return classes[int(first)], numbers


def _shape(
    controls: ShapeControls, number: int, label: str, numbers: list[float], size: Size | None
) -> Result:
    percent = [100 * part for part in numbers]
    if len(percent) == 4:
        x, y, width, height = percent
        return controls.box(number, (x - width / 2, y - height / 2), (width, height), label, size)
    return controls.polygon(number, list(zip(percent[0::2], percent[1::2], strict=True)), label, size)


def _example() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("classes.txt", "cat\ndog\n")
        archive.writestr("images/1.png", PICTURE)
        archive.writestr("labels/1.txt", "0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.3 0.1 0.2 0.3\n")
    return file.getvalue()


FORMAT = ImportFormat(
    name="YOLO",
    title="YOLO",
    description="An archive or folder with images, a text file of boxes or polygons for each, and classes.txt.",
    extensions=("zip",),
    content_types=("application/zip",),
    example=_example(),
    sniff=sniff,
    read=read,
    sniff_container=sniff_container,
    read_container=read_container,
)
