"""Labeled pictures: which regions of a completion lie on which picture of a task, and how large it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps.exports.formats.format import ExportOptions
from apps.exports.formats.geometry import Box, Outline, cut, is_rotated, outline, upright_box
from apps.exports.formats.tasks import Completion, Task, Unwritable, results, shown_value
from apps.labeling.config import LabelingConfig
from apps.labeling.regions import shape_of
from apps.labeling.tags import registry

MAX_SIDE = 10**9
"""Pixels; a picture that claims more has no size that is known."""
PERCENT = (100, 100)
"""The size that stands for an unknown one: pixels of such a picture are percents, and are marked so."""


class Region(NamedTuple):
    """A labeled region: its place and labels as the editor has them, and the names of control and region."""

    shape: str
    value: dict[str, Any]
    labels: tuple[str, ...]
    control: str
    id: Any
    parent: Any
    completion: Any


@dataclass(slots=True)
class Picture:
    """A picture of a task with the regions on it.

    Attributes:
        address: as the task's data has it.
        size: width and height in pixels; None when nothing tells it.
    """

    task: Any
    address: str
    size: tuple[int, int] | None = None
    regions: list[Region] = field(default_factory=list)

    @property
    def space(self) -> tuple[int, int]:
        """The width and height that coordinates are written for: pixels, or percents where the size is unknown."""
        return self.size or PERCENT


def labels_on_images(config: LabelingConfig, *types: str) -> list[str]:
    """Return the labels that controls of `types` put on images, in the config's order, each once."""
    found: dict[str, None] = {}
    for control in config.controls.values():
        if control.type in types and any(_is_image(config, name) for name in control.to_names):
            found |= dict.fromkeys(control.options)
    return list(found)


def needs_on_image(*types: str, drawn: str | None = None) -> Callable[[LabelingConfig], str | None]:
    """Return a test that lets configs pass that have one of these controls on an image.

    Args:
        drawn: a tag that draws without labels, which passes where Labels on the same image give them.
    """

    def fits(config: LabelingConfig) -> str | None:
        if _targets(config, types) or (drawn and _targets(config, (drawn,)) & _targets(config, ("Labels",))):
            return None
        return f"needs {' or '.join(types)} on Image"

    return fits


def _targets(config: LabelingConfig, types: tuple[str, ...]) -> set[str]:
    """Return the images that controls of `types` are about."""
    return {
        name
        for control in config.controls.values()
        if control.type in types
        for name in control.to_names
        if _is_image(config, name)
    }


def _is_image(config: LabelingConfig, name: str) -> bool:
    return name in config.objects and config.objects[name].type == "Image"


class PictureReader:
    """Finds the labeled pictures of tasks; what belongs to none goes into the report."""

    def __init__(self, options: ExportOptions, *types: str) -> None:
        config = options.config
        self._config, self._report = config, options.report
        self._keys = {
            name: registry()[control.type].value
            for name, control in config.controls.items()
            if control.type in types and any(_is_image(config, shown) for shown in control.to_names)
        }
        about = {shown for name in self._keys for shown in config.controls[name].to_names}
        self._shown = [
            shown for name, shown in config.objects.items() if name in about and shown.type == "Image"
        ]

    def read(self, task: Task, completions: list[Completion]) -> Iterator[Picture]:
        """Yield each picture of a task with the regions of `completions`."""
        pictures: dict[tuple[str, int], Picture] = {}
        for shown in self._shown:
            value = shown_value(self._config, shown, task)
            addresses = value if isinstance(value, list) else [value]
            for index, address in enumerate(addresses):
                if isinstance(address, str) and address:
                    pictures[shown.name, index] = Picture(task.get("id"), address)
                else:
                    self._report.add(
                        f'there is no picture for <Image name="{shown.name}">; it is left out',
                        task=task.get("id"),
                    )
        for completion in completions:
            self._place(completion, pictures, task)
        yield from pictures.values()

    def _place(self, completion: Completion, pictures: dict[tuple[str, int], Picture], task: Task) -> None:
        for item in results(completion):
            key = self._keys.get(item.get("from_name") or "")
            index = item.get("item_index") or 0
            picture = pictures.get((item.get("to_name") or "", index if isinstance(index, int) else 0))
            if picture is None:
                continue
            picture.size = picture.size or _size(item)
            if key is None:
                continue
            region = _region(item, key, completion.get("id"))
            if isinstance(region, str):
                complain(self._report.add, region, task.get("id"), completion.get("id"), item.get("id"))
            else:
                picture.regions.append(region)


def outline_on(region: Region, picture: Picture) -> Outline:
    """Return the outline of a region in the picture's space, cut at its edges.

    Raises:
        Unwritable: it has none there.
    """
    _require_proportions(region, picture)
    return cut(outline(region.value, *picture.space), *picture.space)


def box_on(region: Region, picture: Picture) -> Box:
    """Return the box around a region in the picture's space, cut at its edges.

    Raises:
        Unwritable: it has none there.
    """
    if region.shape == "rectangle" and not region.value.get("rotation"):
        return upright_box(region.value, *picture.space)
    return outline_on(region, picture).box


def _require_proportions(region: Region, picture: Picture) -> None:
    if picture.size is None and is_rotated(region.value):
        raise Unwritable("a turned shape on a picture of unknown size")


def _size(item: dict[str, Any]) -> tuple[int, int] | None:
    width, height = item.get("original_width"), item.get("original_height")
    if not (isinstance(width, int | float) and isinstance(height, int | float)):
        return None
    return (int(width), int(height)) if min(width, height) >= 1 and max(width, height) <= MAX_SIDE else None


def _region(item: dict[str, Any], key: str, completion: Any) -> Region | str:
    """Return a region, or what is wrong with it."""
    value = item.get("value")
    shape = shape_of(value) if isinstance(value, dict) else None
    if shape is None or not isinstance(value, dict):
        return "a region that marks no place on its picture"
    given = value.get(key)
    labels = tuple([label for label in given if isinstance(label, str)]) if isinstance(given, list) else ()
    if not labels:
        return "a region without a label"
    return Region(
        shape, value, labels, item.get("from_name") or "", item.get("id"), item.get("parentID"), completion
    )


def complain(
    add: Callable[..., None], problem: str | Unwritable, task: Any, completion: Any, region: Any
) -> None:
    """Report a region that is left out."""
    add(f"{problem}: it is left out", task=task, completion=completion, region=region)
