"""What a model makes of a region while somebody draws: asked at once, waited for briefly, never in anybody's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.core.errors import ProductError
from apps.ml.calling import calling
from apps.ml.models import MLBackend
from apps.ml.protocol.answers import BadAnswer
from apps.ml.protocol.tasks import task_documents
from apps.ml.slots import slot_of_a_person
from apps.ml.versions import name_in_project

LONGEST_SECONDS = 20.0
"""Who draws does not wait for longer, whatever the backend's own limit is."""

NOT_INTERACTIVE = "Model is not set to be used for interactive preannotations"
"""Word for word what clients of the API know."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the model answers: regions, or why there are none.

    Attributes:
        data: `{model_version, score, result}`; None when something went wrong.
        errors: what did, for people.
    """

    data: dict[str, Any] | None = None
    errors: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return what the API answers."""
        return {"errors": list(self.errors)} if self.data is None else {"data": self.data}


def interactive_backend(project_id: int) -> int | None:
    """Return the id of the backend that is asked while people draw in a project: its first interactive one."""
    interactive = MLBackend.objects.filter(project_id=project_id, is_interactive=True)
    return interactive.order_by("pk").values_list("pk", flat=True).first()


def suggest(
    *, backend: MLBackend, task_id: int, context: dict[str, Any] | None, drafts: list[dict[str, Any]]
) -> Suggestion:
    """Ask an interactive backend what it makes of what a person has drawn.

    Args:
        task_id: of the backend's project.
        context: the regions just drawn under `result`, and whatever else the label page sends.
        drafts: the person's own unsubmitted work on the task, as documents.

    Returns:
        Its first answer, or what was wrong; a backend that fails is no error of this request.
    """
    if not backend.is_interactive:
        return Suggestion(errors=(NOT_INTERACTIVE,))
    tasks = [{**task, "drafts": drafts} for task in task_documents(backend.project, [task_id])]
    seconds = min(backend.predict_seconds, LONGEST_SECONDS)
    try:
        with calling(backend, call="predict") as client, slot_of_a_person(backend, seconds=seconds):
            answers = client.predict(tasks, context=context or {}, seconds=seconds)
    except ProductError as error:
        return Suggestion(errors=(error.message,))
    if not answers:
        return Suggestion(errors=(f"Task {task_id} is gone.",))
    (answer,) = answers
    if isinstance(answer, BadAnswer):
        return Suggestion(errors=(answer.message,))
    version = name_in_project(backend, answer.model_version)
    return Suggestion({"model_version": version, "score": answer.score, "result": answer.result})
