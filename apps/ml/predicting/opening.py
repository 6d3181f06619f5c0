"""The prediction for one task, asked for when somebody opens it.

The label page asks after the editor stands there, and for the task after that while the person is still at the one
before: nobody ever waits for a model. The request waits for the backend as long as the backend's setting says and
holds no lock and no transaction meanwhile; what comes later than that is lost, and a run fetches it some time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from apps.core.errors import ProductError
from apps.core.json import dumps
from apps.ml.calling import calling
from apps.ml.models import MLBackend
from apps.ml.protocol.answers import Answer
from apps.ml.protocol.tasks import task_documents
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
    for backend in _without_prediction(task, backends):
        try:
            _ask(backend, task)
        except ProductError as error:
            logger.info("No prediction for the opened task %s: %s", task.pk, error)


def _without_prediction(task: Task, backends: Iterable[MLBackend]) -> list[MLBackend]:
    known = set(Prediction.objects.filter(task=task).values_list("model_version", flat=True))
    return [
        backend for backend in backends if not backend.model_version or backend.model_version not in known
    ]


def _ask(backend: MLBackend, task: Task) -> None:
    documents = task_documents(backend.project, [task.pk])
    with calling(backend, call="predict") as client:
        answers = client.predict(documents, seconds=backend.open_seconds)
    good = [answer for answer in answers if isinstance(answer, Answer)]
    predictions = [
        NewPrediction(
            one.task_id, dumps(one.result), one.score,
            note_version(backend=backend, name=one.model_version), one.cluster,
        )
        for one in good
    ]  # fmt: skip
    store_predictions(project_id=task.project_id, predictions=predictions)
