"""A classifier of pictures by their colours and edges; it learns from a few dozen."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from label_studio_ml import LabelStudioMLBase, majority_choice

FILE = "classifier.joblib"
SIZE = (64, 64)
COLOUR_STEPS = 4
DIRECTIONS = 8
CELLS = 4

Floats = NDArray[np.float64]


class ImageClassifier(LabelStudioMLBase):
    """Chooses one `<Choice>` for an `<Image>`; the score is the probability of the choice."""

    latest_event_suffices = True

    def setup(self) -> None:
        """Load what the last training made."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence("Choices", "Image")
        self.classifier: Pipeline | None = joblib.load(self.workdir / FILE) if self.workdir else None

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the likeliest choice of each task; before any training nothing, with the lowest score."""
        if self.classifier is None or not tasks:
            return [{"result": [], "score": 0.0} for _ in tasks]
        chances = self.classifier.predict_proba(np.stack([self._features(task) for task in tasks]))
        return [
            self._prediction(str(self.classifier.classes_[row.argmax()]), float(row.max())) for row in chances
        ]

    def _prediction(self, choice: str, score: float) -> dict[str, Any]:
        item = {
            "from_name": self.from_name,
            "to_name": self.to_name,
            "type": "choices",
            "value": {"choices": [choice]},
        }
        return {"result": [item], "score": score}

    def fit(self, event: str, data: dict[str, Any], **kwargs: Any) -> dict[str, Any] | None:
        """Learn from all completions; with fewer than two different choices there is nothing to tell apart."""
        pairs = [
            (self._features(task), choice)
            for task in self.labeled_tasks(data)
            if (choice := majority_choice(task, self.from_name))
        ]
        labels = sorted({choice for _, choice in pairs})
        if len(labels) < 2 or self.workdir is None:
            return None
        classifier = make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced")
        )
        classifier.fit(np.stack([features for features, _ in pairs]), [choice for _, choice in pairs])
        joblib.dump(classifier, self.workdir / FILE)
        return {"tasks": len(pairs), "labels": labels}

    def _features(self, task: dict[str, Any]) -> Floats:
        with Image.open(self.get_local_path(task["data"][self.key])) as picture:
            return features_of(np.asarray(picture.convert("RGB").resize(SIZE), dtype=np.float64) / 255)


def features_of(picture: Floats) -> Floats:
    """Return how often each colour occurs in a picture, and in which directions the edges of its parts run."""
    colours, _ = np.histogramdd(picture.reshape(-1, 3), bins=COLOUR_STEPS, range=[(0, 1)] * 3)
    down, across = np.gradient(picture.mean(axis=2))
    strength, direction = np.hypot(down, across), np.arctan2(down, across)
    edges = []
    for rows in np.array_split(np.arange(SIZE[1]), CELLS):
        for columns in np.array_split(np.arange(SIZE[0]), CELLS):
            part = np.ix_(rows, columns)
            found, _ = np.histogram(
                direction[part], bins=DIRECTIONS, range=(-np.pi, np.pi), weights=strength[part]
            )
            edges.append(found / (np.linalg.norm(found) + 1e-6))
    return np.concatenate([colours.ravel() / colours.sum(), *edges])
