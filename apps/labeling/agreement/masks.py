"""What is painted on pictures: how much of it is the same, pixel by pixel (intersection over union, Dice)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageChops

from apps.labeling.agreement.counting import Counts, LabelNames, mean, ratio
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.agreement.spans import region_labels
from apps.labeling.config import ControlTag
from apps.labeling.masks import UnreadableMask, mask_of

_PAINTED = 255
_TO_PAINTED = bytes([0] + [_PAINTED] * 255)


class MaskComparison:
    """Compares what a model and people paint; of a label, all strokes in a task are one mask."""

    kind = "masks"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._names = LabelNames()
        self._pixels: dict[str, Counts] = defaultdict(Counts)
        self._tasks: Counter[str] = Counter()

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return the mean of the intersection over union of its labels."""
        predicted, answered = self._masks(sides.predicted), self._masks(sides.answered)
        found = []
        for label in sorted(predicted.keys() | answered.keys()):
            counts = _counted(predicted.get(label), answered.get(label))
            self._pixels[label].add(counts.matched, counts.predicted, counts.answered)
            self._tasks[label] += label in answered
            found.append(_iou(counts))
        return mean(found)

    def document(self) -> dict[str, Any]:
        """Return intersection over union of all pixels of each label, and its mean over the labels."""
        labels = sorted(self._pixels, key=lambda name: (-self._tasks[name], name))
        rows = [
            {
                "label": label,
                "iou": _iou(self._pixels[label]),
                **self._pixels[label].document(),
                "tasks": self._tasks[label],
            }
            for label in labels
        ]
        return {
            "mean_iou": mean(row["iou"] for row in rows),
            "mean_dice": mean(row["f1"] for row in rows),
            "labels": rows,
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The mean intersection over union of the labels."""
        return "mIoU", mean(_iou(counts) for counts in self._pixels.values())

    def _masks(self, items: Sequence[Item]) -> dict[str, Image.Image]:
        found: dict[str, Image.Image] = {}
        for item in items:
            if (mask := _read_mask(item)) is None:
                continue
            for label in map(self._names, region_labels(self._control, item)):
                known = found.get(label)
                found[label] = mask if known is None else ImageChops.lighter(known, _of_size(mask, known))
        return found


def _read_mask(item: Item) -> Image.Image | None:
    """Return what an item paints; None where it cannot be read."""
    size = item.get("original_width"), item.get("original_height")
    width, height = (number if type(number) is int and number > 0 else 0 for number in size)
    if not width or not height or "rle" not in item["value"]:
        return None
    try:
        mask = mask_of(item["value"]["rle"], width, height)
    except UnreadableMask:
        return None
    return Image.frombytes("L", (width, height), mask.translate(_TO_PAINTED))


def _of_size(mask: Image.Image, other: Image.Image) -> Image.Image:
    """Return a mask as large as another one: models may look at smaller pictures."""
    return mask if mask.size == other.size else mask.resize(other.size, Image.Resampling.NEAREST)


def _counted(predicted: Image.Image | None, answered: Image.Image | None) -> Counts:
    """Return how many pixels are painted by both, by the model and by people; in those of the answer's picture."""
    if predicted is None or answered is None:
        return Counts(0, _painted(predicted), _painted(answered))
    predicted = _of_size(predicted, answered)
    common = _painted(ImageChops.darker(predicted, answered))
    return Counts(common, _painted(predicted), _painted(answered))


def _painted(mask: Image.Image | None) -> int:
    return 0 if mask is None else mask.histogram()[_PAINTED]


def _iou(counts: Counts) -> float | None:
    return ratio(counts.matched, counts.predicted + counts.answered - counts.matched)
