"""The answers to a task as its pages show them: a page of them, and of each result only as much as is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Func, IntegerField, JSONField, QuerySet, Value

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.completions.queries import completions_of
from apps.core.errors import NotFound
from apps.core.ids import id_in
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.tasks.models import Task
from apps.web.result_items import ResultLine, result_lines

PER_PAGE = 10
MAX_LINES = 40
"""Items of a result that are told; the others are counted."""

MAX_PREDICTIONS = 50


class _FirstItems(Func):
    """The first items of a result, cut off where it lies: results may have many megabytes."""

    function = "jsonb_path_query_array"
    output_field = JSONField()

    def __init__(self, result: F) -> None:
        super().__init__(
            result, Value(f"$[0 to {MAX_LINES - 1}]"), template="%(function)s(%(expressions)s::jsonpath)"
        )


class _Count(Func):
    """How many items a result has."""

    function = "jsonb_array_length"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A completion or prediction with its result told in lines.

    Args:
        count: how many items it has; `lines` tells the first of them.
        may_change: whether the person who looks may change or delete it.
        may_review: whether they may accept or reject it.
    """

    row: Any
    lines: list[ResultLine]
    count: int
    may_change: bool = False
    may_review: bool = False

    @property
    def more(self) -> int:
        """How many items are not told."""
        return max(0, self.count - MAX_LINES)


def page_of_completions(task: Task, project: Project, user: User, number: str | None) -> Page[Completion]:
    """Return a page of a task's completions that `user` may see, each as a `ShownAnswer`."""
    rows = _cut(completions_of(task, user).select_related("reviewed_by"))
    page: Page[Any] = Paginator(rows, PER_PAGE).get_page(number)
    role = project.my_role if project.archived_at is None else None
    changes_all, changes_own = (
        allows(role, action) for action in (Action.CHANGE_ALL_COMPLETIONS, Action.LABEL)
    )
    reviews, reviews_own = (allows(role, action) for action in (Action.REVIEW, Action.REVIEW_OWN))

    def shown(row: Any) -> ShownAnswer:
        own = row.completed_by_id == user.pk
        may_review = reviews and (reviews_own or not own) and not row.was_cancelled
        return _shown(row, may_change=changes_all or (changes_own and own), may_review=may_review)

    page.object_list = [shown(row) for row in page]
    return page


def shown_predictions(task: Task, user: User) -> list[ShownAnswer]:
    """Return the newest predictions of a task."""
    rows = _cut(Prediction.objects.for_user(user).filter(task=task)).order_by("-pk")
    return [_shown(row) for row in rows[:MAX_PREDICTIONS]]


def _cut(rows: QuerySet[Any]) -> QuerySet[Any]:
    cut: QuerySet[Any] = rows.defer("result").annotate(
        first_items=_FirstItems(F("result")), item_count=_Count(F("result"))
    )
    return cut


def _shown(row: Any, *, may_change: bool = False, may_review: bool = False) -> ShownAnswer:
    return ShownAnswer(row, result_lines(row.first_items), row.item_count, may_change, may_review)


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that can be compared: `key` names it in addresses, `label` for people."""

    key: str
    label: str


MAX_CHOICES = 200


def comparable_answers(task: Task, user: User, *, with_predictions: bool) -> list[Choice]:
    """Return the answers of a task that can be compared, the first `MAX_CHOICES` of each kind."""
    completions = completions_of(task, user).only("pk", "completed_by", "was_cancelled", "task_id")
    predictions = Prediction.objects.for_user(user).filter(task=task).only("pk", "model_version", "task_id")
    return [
        *(Choice(f"c{row.pk}", _label(row)) for row in completions[:MAX_CHOICES]),
        *(
            Choice(f"p{row.pk}", f"Prediction {row.model_version or row.pk}")
            for row in predictions.order_by("-pk")[: MAX_CHOICES if with_predictions else 0]
        ),
    ]


def _label(completion: Completion) -> str:
    person = completion.completed_by or "Somebody"
    return f"{person}, completion {completion.pk}{' (skipped)' if completion.was_cancelled else ''}"


def result_of(task: Task, user: User, key: str) -> list[Any]:
    """Return the whole result of the answer that `key` names.

    Raises:
        NotFound: the task has none of this name, or the person may not see it.
    """
    rows = {"c": Completion.objects.for_user(user), "p": Prediction.objects.for_user(user)}.get(key[:1])
    number = id_in(key[1:])
    if rows is not None and number is not None:
        found = rows.filter(task=task, pk=number).values_list("result", flat=True).first()
        if found is not None:
            return list(found)
    raise NotFound(
        "There is no such completion or prediction of this task to compare, or you may not see it."
    )
