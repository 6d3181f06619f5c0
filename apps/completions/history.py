"""What is read of a completion's history: every version, newest first, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery

from apps.accounts.models import User
from apps.completions.differences import Differences, differences
from apps.completions.models import Completion, CompletionAction, Revision
from apps.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class History:
    """A completion that `user` may see, or what is left of one that was deleted.

    Args:
        completion: None when it was deleted.
        task_id: the task it answers.
        project_id: of its task.
        completed_by_id: whose it is, or was.
    """

    completion_id: int
    completion: Completion | None
    task_id: int
    project_id: int
    completed_by_id: int | None

    @property
    def present_version(self) -> int | None:
        """The number of the version that the completion has now; None when it was deleted."""
        return self.completion.version if self.completion else None


class ResultCount(Func):
    """How many items a result has, counted where it lies."""

    function = "jsonb_array_length"
    output_field = IntegerField()


def history_for(user: User, completion_id: int) -> History:
    """Return the history of a completion that `user` may see.

    Raises:
        NotFound: there is none.
    """
    completion = _present(user, completion_id).first()
    if completion:
        return History(
            completion_id, completion, completion.task_id, completion.project_id, completion.completed_by_id
        )
    gone = Revision.objects.for_user(user).filter(
        completion_id=completion_id, action=CompletionAction.DELETED
    )
    last = (
        gone.select_related("task").defer("task__data", "task__meta", "result").order_by("-version").first()
    )
    # A completion that was brought back is there: who does not see it does not see its past either.
    if last is None or Completion.objects.filter(pk=completion_id).exists():
        raise NotFound(f"There is no completion {completion_id}, or you may not see it.")
    return History(completion_id, None, last.task_id, last.task.project_id, last.completed_by_id)


def _present(user: User, completion_id: int) -> QuerySet[Any]:
    completions: QuerySet[Any] = Completion.objects.for_user(user).filter(pk=completion_id)
    with_person = completions.select_related("updated_by").defer("result")
    counted: QuerySet[Any] = with_person.annotate(result_count=ResultCount(F("result")))
    return counted


def earlier_versions(history: History) -> QuerySet[Revision]:
    """Return the versions before the present one, newest first, with their people and without their results."""
    revisions = Revision.objects.filter(completion_id=history.completion_id).select_related("changed_by")
    counted: QuerySet[Revision] = revisions.defer("result").annotate(result_count=ResultCount(F("result")))
    return counted.order_by("-version")


def version_of(history: History, number: int) -> Revision | Completion:
    """Return one version with its result: the present one is the completion itself.

    Raises:
        NotFound: there is none of this number.
    """
    if number == history.present_version:
        present: Completion | None = (
            Completion.objects.select_related("updated_by")
            .filter(pk=history.completion_id, version=number)
            .first()
        )
        if present is not None:
            return present
    found = Revision.objects.filter(completion_id=history.completion_id, version=number)
    revision: Revision | None = found.select_related("changed_by").first()
    if revision is None:
        raise NotFound(f"Completion {history.completion_id} has no version {number}.")
    return revision


def earlier_version_of(history: History, number: int) -> Revision | None:
    """Return the version that stood before the one of this number, with its result; None for the first."""
    before = Revision.objects.filter(completion_id=history.completion_id, version__lt=number)
    earlier: Revision | None = before.exclude(action=CompletionAction.DELETED).order_by("-version").first()
    return earlier


def changes_in(history: History, version: Revision | Completion) -> tuple[int, Differences] | None:
    """Return what a version changed in the one before, with the number of that; None for the first."""
    earlier = earlier_version_of(history, version.version)
    return (earlier.version, differences(earlier.result, version.result)) if earlier else None


def deleted_completions(task_id: int, user: User) -> Sequence[Revision]:
    """Return, newest first, the deletions of a task's completions that `user` may see and that nobody took back."""
    later = Revision.objects.filter(completion_id=OuterRef("completion_id")).order_by("-version")
    gone = Revision.objects.for_user(user).filter(task_id=task_id, action=CompletionAction.DELETED)
    last = gone.filter(version=Subquery(later.values("version")[:1]))
    absent = last.exclude(completion_id__in=Completion.objects.filter(task_id=task_id).values("pk"))
    return list(absent.select_related("changed_by", "completed_by").order_by("-changed_at"))
