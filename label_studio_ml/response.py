"""What `predict` may return besides plain dictionaries, as scripts of today's ML backends have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class PredictionValue:
    """The prediction of one task.

    Attributes:
        result: result items as the editor makes them.
        score: how sure the model is; by it tasks are ordered. None says nothing.
        model_version: what made it; the model's present version where it is None.
        cluster: a number shared by tasks that are alike.
    """

    result: list[Any] = field(default_factory=list)
    score: float | None = None
    model_version: str | None = None
    cluster: int | None = None

    def serialize(self) -> dict[str, Any]:
        """Return it as a dictionary, without what is None."""
        items = [item.serialize() if hasattr(item, "serialize") else item for item in self.result]
        rest = {"score": self.score, "model_version": self.model_version, "cluster": self.cluster}
        return {"result": items, **{key: value for key, value in rest.items() if value is not None}}


@dataclass
class ModelResponse:
    """The predictions of all tasks of a request, in their order."""

    predictions: list[Any] = field(default_factory=list)
    model_version: str | None = None

    def has_model_version(self) -> bool:
        """Whether the version is said for all predictions."""
        return bool(self.model_version)

    def set_version(self, version: str) -> None:
        """Say the version for all predictions that do not say one."""
        self.model_version = version
