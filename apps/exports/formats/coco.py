"""COCO and BRUSH_TO_COCO: one file for all pictures, with boxes, polygons, keypoints, and masks as run lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import orjson

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive, joined
from apps.exports.formats.brush import mask_of
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.geometry import number, rounded
from apps.exports.formats.json_text import dumps
from apps.exports.formats.media_files import claim_name, media_member
from apps.exports.formats.names import FileNames
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
from apps.exports.formats.run_lengths import encode
from apps.exports.formats.spool import Spool
from apps.exports.formats.tasks import Unwritable, labeled

SHAPES = ("RectangleLabels", "PolygonLabels", "EllipseLabels", "BrushLabels", "Labels")
PAINTED = ("BrushLabels", "Labels")
VISIBLE = 2


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of result.json, and of the media under images/ when they are wanted."""
    return _archive(tasks, options, SHAPES, ("KeyPointLabels",))


def write_masks(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the same with nothing but what is painted, of every completion."""
    return _archive(tasks, replace(options, completions="all"), PAINTED, ())


def _archive(
    tasks: Iterable[str], options: ExportOptions, shapes: tuple[str, ...], points: tuple[str, ...]
) -> Iterator[bytes]:
    with Spool() as annotations, Spool() as media:
        document = _Document(options, annotations, media, shapes, points)
        yield from archive(document.members(tasks), options.report)


class _Document:
    """Writes pictures as they come; annotations, which stand behind them, wait on disk.

    Args:
        shapes, points: the controls whose regions are written; without points, only what is painted is.
    """

    def __init__(
        self,
        options: ExportOptions,
        annotations: Spool,
        media: Spool,
        shapes: tuple[str, ...],
        points: tuple[str, ...],
    ) -> None:
        self._options, self._annotations, self._media = options, annotations, media
        self._only_painted = not points
        self._reader = PictureReader(options, *shapes, *points)
        self._names = FileNames()
        self._points = labels_on_images(options.config, *points)
        labels = dict.fromkeys([*labels_on_images(options.config, *shapes), *self._points])
        self._categories = {label: index for index, label in enumerate(labels)}
        self._images = self._count = 0

    def members(self, tasks: Iterable[str]) -> Iterator[Member]:
        yield Member("result.json", self._pieces(tasks))
        for line in self._media:
            address, name, task = orjson.loads(line)
            yield from media_member(address, f"images/{name}", task, self._options)

    def _pieces(self, tasks: Iterable[str]) -> Iterator[bytes]:
        now = datetime.now(UTC)
        info = {
            "year": now.year,
            "version": "1.0",
            "contributor": "Label Studio",
            "date_created": now.isoformat(),
        }
        yield b'{"info": ' + dumps(info) + b',\n"images": [\n'
        yield from joined(self._pictures(tasks))
        yield b'\n],\n"annotations": [\n'
        yield from joined(self._annotations)
        categories = [self._category(label, index) for label, index in self._categories.items()]
        yield b'\n],\n"categories": ' + dumps(categories) + b"}\n"

    def _category(self, label: str, index: int) -> dict[str, Any]:
        category: dict[str, Any] = {"id": index, "name": label, "supercategory": ""}
        return category | ({"keypoints": self._points, "skeleton": []} if self._points else {})

    def _pictures(self, tasks: Iterable[str]) -> Iterator[bytes]:
        for task, completions in labeled(tasks, self._options):
            self._options.report.exported += 1
            for picture in self._reader.read(task, completions):
                yield self._picture(picture)

    def _picture(self, picture: Picture) -> bytes:
        name = claim_name(self._names, picture)
        width, height = picture.space
        entry = {"id": self._images, "width": width, "height": height, "file_name": name,
                 "coco_url": picture.address, "task_id": picture.task}  # fmt: skip
        if picture.size is None:
            entry["unit"] = "percent"
            self._options.report.add(
                "the size of a picture is unknown; its coordinates stay in percent, marked by unit",
                task=picture.task,
            )
        if self._options.media is not None:
            self._media.append(dumps([picture.address, name, picture.task]))
        self._annotate(picture)
        self._images += 1
        return dumps(entry)

    def _annotate(self, picture: Picture) -> None:
        children = _keypoints_by_owner(picture.regions) if self._points else {}
        inside = {id(point) for points in children.values() for point in points}
        for region in picture.regions:
            if id(region) in inside:
                continue
            try:
                geometry = self._geometry(region, picture)
                if region.shape != "keypoint" and region.id in children:
                    geometry |= self._keypoints(children[region.id], picture)
            except Unwritable as problem:
                complain(self._options.report.add, problem, picture.task, region.completion, region.id)
                continue
            for label in region.labels:
                self._append(label, geometry)

    def _append(self, label: str, geometry: dict[str, Any]) -> None:
        category = self._categories.setdefault(label, len(self._categories))
        entry = {
            "id": self._count,
            "image_id": self._images,
            "category_id": category,
            "ignore": 0,
            "iscrowd": 0,
        }
        self._annotations.append(orjson.dumps(entry | geometry))
        self._count += 1

    def _geometry(self, region: Region, picture: Picture) -> dict[str, Any]:
        if region.shape == "brush":
            return _mask(region, picture)
        if self._only_painted:
            raise Unwritable("a region that is not painted")
        if region.shape == "keypoint":
            return {"segmentation": [], "area": 0, **self._keypoints([region], picture, boxed=True)}
        if region.shape == "rectangle" and not region.value.get("rotation"):
            left, top, right, bottom = box_on(region, picture)
            width, height = right - left, bottom - top
            *box, area = rounded((left, top, width, height, width * height))
            return {"segmentation": [], "bbox": box, "area": area}
        points, inside, (left, top, right, bottom) = outline_on(region, picture)
        *box, area = rounded((left, top, right - left, bottom - top, inside))
        return {"segmentation": [rounded(chain.from_iterable(points))], "bbox": box, "area": area}

    def _keypoints(self, regions: list[Region], picture: Picture, *, boxed: bool = False) -> dict[str, Any]:
        width, height = picture.space
        places = [0.0] * (3 * len(self._points))
        seen: set[int] = set()
        for region in regions:
            point = number(region.value, "x") * width / 100, number(region.value, "y") * height / 100
            for label in region.labels:
                if label not in self._points:
                    raise Unwritable(
                        f'a keypoint whose label "{label[:80]}" the labeling config does not have'
                    )
                place = self._points.index(label)
                places[3 * place : 3 * place + 3] = [*rounded(point), VISIBLE]
                seen.add(place)
        found: dict[str, Any] = {"keypoints": places, "num_keypoints": len(seen)}
        return found | ({"bbox": [*rounded(point), 0, 0]} if boxed else {})


def _mask(region: Region, picture: Picture) -> dict[str, Any]:
    if picture.size is None:
        raise Unwritable("a mask on a picture of unknown size")
    width, height = picture.size
    runs = encode(mask_of(region.value.get("rle"), width, height), width, height)
    if not runs.area:
        raise Unwritable("a mask on which nothing is painted")
    return {
        "segmentation": {"size": [height, width], "counts": runs.counts},
        "bbox": list(runs.bounds),
        "area": runs.area,
    }


def _keypoints_by_owner(regions: list[Region]) -> dict[Any, list[Region]]:
    """Return the keypoints that belong to another shape, by its id."""
    points = [region for region in regions if region.shape == "keypoint" and region.parent is not None]
    if not points:
        return {}
    owners = {region.id for region in regions if region.shape != "keypoint"}
    children: dict[Any, list[Region]] = {}
    for point in points:
        if point.parent in owners:
            children.setdefault(point.parent, []).append(point)
    return children


FORMAT = ExportFormat(
    name="COCO",
    title="COCO",
    description="One file for all pictures: boxes, polygons, ellipses, keypoints, and masks as run lengths.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=needs_on_image(*SHAPES, "KeyPointLabels"),
    holds_media=True,
)
MASKS = ExportFormat(
    name="BRUSH_TO_COCO",
    title="Brush masks, COCO",
    description="One file for all pictures, with each painted mask of every completion as COCO's run lengths.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write_masks,
    fits=needs_on_image("BrushLabels", drawn="Brush"),
    holds_media=True,
)
