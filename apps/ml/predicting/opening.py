"""The prediction for one task, asked for when somebody opens it.

The label page asks after the editor stands there, and for the task after that while the person is still at the one
before: nobody ever waits for a model. The request asks all backends at the same time, waits for each as long as its
setting says, and holds no lock and no transaction meanwhile; what comes later than that is lost, and a run fetches it
some time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from apps.core.errors import ProductError
from apps.core.json import dumps
from apps.ml.calling import call_side_by_side
from apps.ml.models import MLBackend
from apps.ml.predicting.asking import Answers
from apps.ml.protocol.answers import Answer
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import BackendError
from apps.ml.protocol.tasks import task_documents
from apps.ml.slots import slot_of_a_person
from apps.ml.versions import note_version
from apps.predictions.models import Prediction
from apps.predictions.storing import NewPrediction, store_predictions
from apps.tasks.models import Task

logger = logging.getLogger(__name__)


def asks_on_open(project_id: int) -> bool:
    """Whether opening a task of a project asks some backend for its prediction."""
    return MLBackend.objects.filter(project_id=project_id, predict_on_open=True).exists()


def predict_opened(task: Task) -> None:
    """Ask the backends that are set up that way for a task's prediction, unless they have given it already.

    A backend that is down or fails is passed over: that is recorded with the backend, and is nothing to tell a
    person who labels.
    """
    backends = list(
        MLBackend.objects.select_related("project")
        .filter(project_id=task.project_id, predict_on_open=True)
        .order_by("pk")
    )
    waiting = _without_prediction(task, backends)
    if not waiting:
        return
    documents = task_documents(waiting[0].project, [task.pk])
    for backend, answers in call_side_by_side(waiting, call="predict", ask=partial(_ask, documents)):
        try:
            if isinstance(answers, BackendError):
                raise answers
            _store(backend, task, answers)
        except ProductError as error:
            logger.info("No prediction for the opened task %s: %s", task.pk, error)


def _without_prediction(task: Task, backends: Iterable[MLBackend]) -> list[MLBackend]:
    known = set(Prediction.objects.filter(task=task).values_list("model_version", flat=True))
    return [
        backend for backend in backends if not backend.model_version or backend.model_version not in known
    ]


def _ask(documents: Sequence[dict[str, Any]], backend: MLBackend, client: BackendClient) -> Answers:
    with slot_of_a_person(backend, seconds=backend.open_seconds):
        return client.predict(documents, seconds=backend.open_seconds)


def _store(backend: MLBackend, task: Task, answers: Answers) -> None:
    predictions = [
        NewPrediction(
            one.task_id, dumps(one.result), one.score,
            note_version(backend=backend, name=one.model_version), one.cluster,
        )
        for one in answers
        if isinstance(one, Answer)
    ]  # fmt: skip
    store_predictions(project_id=task.project_id, predictions=predictions)
