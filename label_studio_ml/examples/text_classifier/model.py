"""A text classifier that learns in seconds: words and pairs of words, weighed, under a logistic regression."""

from __future__ import annotations

from typing import Any

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from label_studio_ml import LabelStudioMLBase, majority_choice

FILE = "classifier.joblib"


class TextClassifier(LabelStudioMLBase):
    """Chooses one `<Choice>` for a `<Text>`; the score is the probability of the choice."""

    latest_event_suffices = True

    def setup(self) -> None:
        """Load what the last training made."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence(
            "Choices", ("Text", "HyperText")
        )
        self.classifier: Pipeline | None = joblib.load(self.workdir / FILE) if self.workdir else None

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the likeliest choice of each task; before any training nothing, with the lowest score."""
        if self.classifier is None or not tasks:
            return [{"result": [], "score": 0.0} for _ in tasks]
        chances = self.classifier.predict_proba([self._text(task) for task in tasks])
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
            (self._text(task), choice)
            for task in self.labeled_tasks(data)
            if (choice := majority_choice(task, self.from_name))
        ]
        labels = sorted({choice for _, choice in pairs})
        if len(labels) < 2 or self.workdir is None:
            return None
        classifier = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            LogisticRegression(C=10, max_iter=1000, class_weight="balanced"),
        )
        classifier.fit([text for text, _ in pairs], [choice for _, choice in pairs])
        joblib.dump(classifier, self.workdir / FILE)
        return {"tasks": len(pairs), "labels": labels}

    def _text(self, task: dict[str, Any]) -> str:
        return str(task["data"].get(self.key, ""))
