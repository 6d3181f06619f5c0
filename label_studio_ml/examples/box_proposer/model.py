"""Proposes boxes around whatever stands out from the background of a picture; it learns nothing and needs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from label_studio_ml import LabelStudioMLBase

LONGEST_SIDE = 400
MOST_BOXES = 20

Floats = NDArray[np.float64]


class BoxProposer(LabelStudioMLBase):
    """Draws `<RectangleLabels>` with the first label, or a plain `<Rectangle>`.

    `--with smallest=0.01` leaves out what covers less than that part of the picture.
    """

    max_concurrent_predictions = 4

    def setup(self) -> None:
        """Find out what is drawn."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence(
            ("RectangleLabels", "Rectangle"), "Image"
        )
        self.smallest = float(self.params.get("smallest", 0.005))
        self.set("model_version", f"boxes-1-{self.smallest:g}")

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the boxes of each task, the largest first; the score is how far they stand out on the average."""
        return [self._prediction(task) for task in tasks]

    def _prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        with Image.open(self.get_local_path(task["data"][self.key])) as file:
            width, height = file.size
            picture = file.convert("RGB")
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            distances = from_background(np.asarray(picture, dtype=np.float64) / 255)
        items = [
            {
                "id": f"box-{number}",
                "from_name": self.from_name,
                "to_name": self.to_name,
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "score": score,
                **self._drawn(box),
            }
            for number, (box, score) in enumerate(boxes_of(distances, self.smallest), start=1)
        ]
        return {"result": items, "score": float(np.mean([item["score"] for item in items])) if items else 0.0}

    def _drawn(self, box: dict[str, float]) -> dict[str, Any]:
        control = self.label_interface.controls[self.from_name]
        label = next(iter(control.labels), None)
        labels = {control.result_type: [label]} if label and control.type == "RectangleLabels" else {}
        return {"type": control.result_type, "value": {**box, "rotation": 0, **labels}}


def from_background(picture: Floats) -> Floats:
    """Return how far each pixel's colour is from that of the picture's edge, from 0 to 1."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    distances = np.linalg.norm(picture - np.median(edge, axis=0), axis=2) / np.sqrt(3)
    smooth: Floats = ndimage.gaussian_filter(distances, 1)
    return smooth


def threshold_of(distances: Floats) -> float:
    """Return the distance that parts background and objects best: the variance between the two is largest there."""
    counts, edges = np.histogram(distances, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    sums = np.cumsum(counts * middles)
    mean_below = sums[:-1] / np.maximum(below[:-1], 1)
    mean_above = (sums[-1] - sums[:-1]) / np.maximum(above[1:], 1)
    variance = below[:-1] * above[1:] * (mean_below - mean_above) ** 2
    return float(edges[1:-1][variance.argmax()])


def boxes_of(distances: Floats, smallest: float) -> list[tuple[dict[str, float], float]]:
    """Return the boxes around what stands out, in percent of the picture, each with how far it does.

    Args:
        distances: from the background, of each pixel.
        smallest: the part of the picture that a box must cover.
    """
    height, width = distances.shape
    if distances.max() < 0.05:
        return []
    regions, _ = ndimage.label(distances > threshold_of(distances))
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(regions), start=1):
        area = (rows.stop - rows.start) * (columns.stop - columns.start)
        if area < smallest * width * height:
            continue
        box = {
            "x": 100 * columns.start / width,
            "y": 100 * rows.start / height,
            "width": 100 * (columns.stop - columns.start) / width,
            "height": 100 * (rows.stop - rows.start) / height,
        }
        inside = distances[rows, columns][regions[rows, columns] == number]
        found.append((area, box, float(min(1.0, inside.mean()))))
    found.sort(key=lambda entry: entry[0], reverse=True)
    return [(box, score) for _, box, score in found[:MOST_BOXES]]
