"""The models in memory: one a project and process, made anew when what they stand on has changed."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from label_studio_ml.errors import MLBackendError, ModelFailed
from label_studio_ml.loading import accepted, build_model
from label_studio_ml.model import LabelStudioMLBase
from label_studio_ml.project import Project
from label_studio_ml.state import State

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model, what it was made from, and how many may use it at once."""

    model: LabelStudioMLBase
    label_config: str
    generation: int
    slots: threading.BoundedSemaphore


class ModelRegistry:
    """Gives each project its model."""

    def __init__(
        self, model_class: type[LabelStudioMLBase], state: State, params: dict[str, Any], max_models: int
    ) -> None:
        """Begin without models.

        Args:
            model_class: what the script defines.
            state: of the model directory.
            params: of every model.
            max_models: those used least lately are dropped beyond it.
        """
        self.model_class = model_class
        self._state = state
        self._params = params
        self._max_models = max_models
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: dict[str, threading.Lock] = {}

    def model_of(self, key: str, label_config: str | None = None) -> LoadedModel:
        """Return the model of a project; made when there is none yet, or its config or training is another.

        Args:
            key: the project.
            label_config: None takes the one that is stored.

        Raises:
            ModelFailed: the model could not be made.
        """
        project = Project(self._state, key)
        config = project.label_config if label_config is None else label_config
        generation = project.stored.get("generation") or 0
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            found = self._models.get(key)
            if found is None or (found.label_config, found.generation) != (config, generation):
                found = self._made(project, config, generation)
        with self._lock:
            self._models[key] = found
            self._models.move_to_end(key)
            while len(self._models) > self._max_models:
                self._models.popitem(last=False)
        return found

    def _made(self, project: Project, label_config: str, generation: int) -> LoadedModel:
        model = calling(
            f"{self.model_class.__name__} could not be made for project {project.key}",
            lambda: build_model(self.model_class, project, label_config, self._params),
        )
        slots = threading.BoundedSemaphore(max(1, model.max_concurrent_predictions))
        return LoadedModel(model, label_config, generation, slots)

    def predict(
        self, loaded: LoadedModel, tasks: list[dict[str, Any]], context: Any, params: dict[str, Any]
    ) -> Any:
        """Return what the model's `predict` returns.

        Raises:
            ModelFailed: it raised.
        """
        keywords = accepted(loaded.model.predict, {**params, "context": context})
        with loaded.slots:
            return calling("predict failed", lambda: loaded.model.predict(tasks, **keywords))

    def drop(self, key: str) -> None:
        """Forget the model of a project."""
        with self._lock:
            self._models.pop(key, None)


def calling(what: str, call: Callable[[], T]) -> T:
    """Return what a model's own code returns; whatever it raises is logged with its traceback and told in a line.

    Raises:
        ModelFailed: it raised.
        MLBackendError: it raised one of ours, which says what is wrong by itself.
    """
    try:
        return call()
    except MLBackendError:
        logger.warning("%s", what, exc_info=True)
        raise
    except Exception as error:
        logger.exception("%s", what)
        raise ModelFailed(f"{what}: {type(error).__name__}: {error}"[:2000]) from error
