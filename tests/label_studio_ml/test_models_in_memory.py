"""Which instance answers, when it is made again, and how many threads it serves at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest

from label_studio_ml import LabelStudioMLBase
from label_studio_ml.errors import ModelFailed
from label_studio_ml.serving.registry import ModelRegistry
from label_studio_ml.state import State
from label_studio_ml.store import StoredValues
from label_studio_ml.training.fitting import takes_completions
from tests.label_studio_ml.conftest import CHOICES, LABELS


class Meeting(LabelStudioMLBase):
    """Counts how many calls of `predict` are under way at once."""

    inside: ClassVar[int] = 0
    most: ClassVar[int] = 0
    lock: ClassVar[threading.Lock] = threading.Lock()
    meeting: ClassVar[threading.Barrier | None] = None

    def predict(self, tasks: list[dict[str, Any]], context: Any = None, **kwargs: Any) -> Any:
        cls = type(self)
        with cls.lock:
            cls.inside += 1
            cls.most = max(cls.most, cls.inside)
        if self.meeting:
            self.meeting.wait(60)
        with cls.lock:
            cls.inside -= 1
        return []


class Sociable(Meeting):
    max_concurrent_predictions = 3
    meeting = threading.Barrier(3)


@pytest.fixture
def state(tmp_path):
    return State(tmp_path)


def registry_of(model_class: type[LabelStudioMLBase], state: State, max_models: int = 8) -> ModelRegistry:
    return ModelRegistry(model_class, state, {}, max_models)


@pytest.mark.parametrize(("model_class", "most"), [(Meeting, 1), (Sociable, 3)], ids=["one", "three"])
def test_as_many_predictions_run_at_once_as_the_model_allows(state, model_class, most):
    model_class.most = 0
    registry = registry_of(model_class, state)
    loaded = registry.model_of("p", "")
    with ThreadPoolExecutor(9) as threads:
        list(threads.map(lambda _: registry.predict(loaded, [], None, {}), range(9)))
    assert model_class.most == most


def test_one_instance_serves_a_project_until_its_config_or_its_training_is_another(state):
    registry = registry_of(Meeting, state)
    first = registry.model_of("p", CHOICES).model
    assert registry.model_of("p", CHOICES).model is first
    second = registry.model_of("p", LABELS).model
    assert second is not first
    StoredValues(state, "p").set("generation", 1)
    third = registry.model_of("p", LABELS).model
    assert third is not second
    assert registry.model_of("q", LABELS).model is not third


def test_many_threads_get_one_and_the_same_new_instance(state):
    registry = registry_of(Meeting, state)
    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(lambda _: registry.model_of("p", CHOICES).model, range(8)))
    assert len({id(model) for model in models}) == 1


def test_the_projects_used_least_lately_are_dropped_from_memory(state):
    registry = registry_of(Meeting, state, max_models=2)
    first = registry.model_of("1", "").model
    second = registry.model_of("2", "").model
    registry.model_of("1", "")
    registry.model_of("3", "")
    assert registry.model_of("1", "").model is first
    assert registry.model_of("2", "").model is not second


class Unwilling(LabelStudioMLBase):
    def setup(self) -> None:
        raise KeyError("weights")


def test_a_model_that_cannot_be_made_says_for_which_project(state):
    with pytest.raises(ModelFailed, match="Unwilling could not be made for project p: KeyError: 'weights'"):
        registry_of(Unwilling, state).model_of("p", "")


class Narrow(LabelStudioMLBase):
    """Takes exactly what it names."""

    def __init__(self, label_config: str) -> None:
        super().__init__(label_config=label_config)

    def predict(self, tasks: list[dict[str, Any]]) -> Any:  # type: ignore[override]
        return [{"result": []} for _ in tasks]


def test_a_model_is_given_only_what_it_takes(state):
    registry = ModelRegistry(Narrow, state, {"threshold": 1}, 8)
    loaded = registry.model_of("p", CHOICES)
    assert registry.predict(loaded, [{}], {"result": []}, {"login": ""}) == [{"result": []}]
    assert loaded.model.label_config == CHOICES


class FlaskEra(LabelStudioMLBase):
    def fit(self, completions: Any, workdir: str | None = None, **kwargs: Any) -> Any:
        """Learn nothing."""


class InBetween(LabelStudioMLBase):
    def fit(self, tasks: Any, event: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Learn nothing."""


class Today(LabelStudioMLBase):
    def fit(self, event: str, data: Any, **kwargs: Any) -> Any:
        """Learn nothing."""


class Anything(LabelStudioMLBase):
    def fit(self, **kwargs: Any) -> Any:
        """Learn nothing."""


@pytest.mark.parametrize(
    ("model_class", "expected"), [(FlaskEra, True), (InBetween, True), (Today, False), (Anything, False)]
)
def test_the_form_of_fit_is_told_by_its_first_argument(model_class, expected):
    assert takes_completions(model_class) is expected
