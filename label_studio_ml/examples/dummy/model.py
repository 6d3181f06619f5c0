"""A model that always gives the first label: to see that a connection works."""

from __future__ import annotations

from typing import Any

from label_studio_ml import LabelStudioMLBase, ModelResponse
from label_studio_ml.samples import sample_result


class DummyModel(LabelStudioMLBase):
    """Answers every control that it knows, without looking at the task."""

    def setup(self) -> None:
        """Name the version."""
        self.set("model_version", "dummy-1")

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> ModelResponse:
        """Return the same answer for every task, with a score of one half."""
        predictions = [{"result": sample_result(self.label_interface, task), "score": 0.5} for task in tasks]
        return ModelResponse(predictions=predictions)
