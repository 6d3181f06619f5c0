"""A segmenter of pictures: each pixel is judged by its colour, its surroundings and the edges near it."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier

from label_studio_ml import LabelStudioMLBase, items_of
from label_studio_ml.brush import decode_mask, encode_mask

FILE = "segmenter.joblib"
LONGEST_SIDE = 128
PIXELS_A_PICTURE = 3000
NOTHING = ""

Floats = NDArray[np.float64]


class ImageSegmenter(LabelStudioMLBase):
    """Paints `<BrushLabels>` on an `<Image>`; the score is the mean probability of the pixels."""

    latest_event_suffices = True

    def setup(self) -> None:
        """Load what the last training made."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence("BrushLabels", "Image")
        self.forest: RandomForestClassifier | None = (
            joblib.load(self.workdir / FILE) if self.workdir else None
        )

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return a mask for each label found in each task; before any training nothing, with the lowest score."""
        return [self._prediction(task) for task in tasks]

    def _prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        if self.forest is None:
            return {"result": [], "score": 0.0}
        picture, (width, height) = self._picture(task)
        chances = self.forest.predict_proba(features_of(picture).reshape(-1, FEATURES))
        labels = self.forest.classes_[chances.argmax(axis=1)].reshape(picture.shape[:2])
        items = [
            self._item(labels == label, str(label), width, height)
            for label in self.forest.classes_
            if label != NOTHING and (labels == label).any()
        ]
        return {"result": items, "score": float(chances.max(axis=1).mean())}

    def _item(self, covered: NDArray[np.bool_], label: str, width: int, height: int) -> dict[str, Any]:
        mask = Image.fromarray(covered).convert("L").resize((width, height), Image.Resampling.NEAREST)
        return {
            "id": f"mask-{label}",
            "from_name": self.from_name,
            "to_name": self.to_name,
            "type": "brushlabels",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {"format": "rle", "rle": encode_mask(mask.tobytes()), "brushlabels": [label]},
        }

    def fit(self, event: str, data: dict[str, Any], **kwargs: Any) -> dict[str, Any] | None:
        """Learn from the masks of all completions, a sample of the pixels of each picture."""
        chance = np.random.default_rng(0)
        features, labels = [], []
        for task in self.labeled_tasks(data):
            picture, _ = self._picture(task)
            wanted = self._labels(task, picture.shape[1], picture.shape[0])
            if wanted is None:
                continue
            chosen = chance.permutation(wanted.size)[:PIXELS_A_PICTURE]
            features.append(features_of(picture).reshape(-1, FEATURES)[chosen])
            labels.append(wanted.ravel()[chosen])
        if not labels or len(set(np.concatenate(labels))) < 2 or self.workdir is None:
            return None
        forest = RandomForestClassifier(
            n_estimators=30, max_depth=14, class_weight="balanced", random_state=0
        )
        forest.fit(np.concatenate(features), np.concatenate(labels))
        joblib.dump(forest, self.workdir / FILE)
        return {
            "pictures": len(labels),
            "labels": [str(label) for label in forest.classes_ if label != NOTHING],
        }

    def _labels(self, task: dict[str, Any], width: int, height: int) -> NDArray[np.object_] | None:
        """Return the label of each pixel; None when nothing is painted."""
        labels = np.full((height, width), NOTHING, dtype=object)
        for item in items_of(task, self.from_name):
            size = item["original_width"], item["original_height"]
            mask = Image.frombytes("L", size, decode_mask(item["value"]["rle"])).resize((width, height))
            labels[np.asarray(mask) > 127] = item["value"]["brushlabels"][0]
        return labels if (labels != NOTHING).any() else None

    def _picture(self, task: dict[str, Any]) -> tuple[Floats, tuple[int, int]]:
        with Image.open(self.get_local_path(task["data"][self.key])) as file:
            picture = file.convert("RGB")
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return np.asarray(picture, dtype=np.float64) / 255, file.size


FEATURES = 10


def features_of(picture: Floats) -> Floats:
    """Return what each pixel is judged by: its colour, two blurs of it, and the strength of the edge there."""
    blurred = [ndimage.gaussian_filter(picture, (width, width, 0)) for width in (1, 3)]
    edges = ndimage.gaussian_gradient_magnitude(picture.mean(axis=2), 1)
    return np.concatenate([picture, *blurred, edges[..., None]], axis=2)
