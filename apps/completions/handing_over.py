"""Giving a person's completions to another member, who is then the one who made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.completions.events import CompletionChanged
from apps.completions.models import Completion, CompletionAction
from apps.completions.revisions import keep_versions
from apps.core.errors import Conflict, ValidationFailed
from apps.core.events import publish
from apps.projects.policy import Action, allows, require
from apps.projects.queries import role_in
from apps.tasks.assigning import refresh_assignments
from apps.tasks.locks import lock_tasks


@transaction.atomic
def hand_over_completions(*, completion_ids: Collection[int], to: User, handed_over_by: User) -> int:
    """Make `to` the person behind the given completions; return how many change hands.

    No counter moves: a task is answered by as many people as before. So all answers of one person to a task go
    together, to somebody who has not answered it.

    Raises:
        NotFound: `handed_over_by` is no member of a project of theirs.
        NotAllowed: their role there does not let them change other people's completions.
        ValidationFailed: `to` does not label in one of the projects.
        Conflict: it would change how many people have answered a task; nothing is changed.
    """
    found = Completion.objects.filter(pk__in=completion_ids)
    task_ids = sorted(set(found.values_list("task_id", flat=True)))
    lock_tasks(task_ids)
    moved = [row for row in found.defer("result").order_by("pk") if row.completed_by_id != to.pk]
    for project_id in sorted({row.project_id for row in moved}):
        require(role_in(handed_over_by, project_id), Action.CHANGE_ALL_COMPLETIONS)
        _require_labeler(to, project_id)
    _keep_counts(moved, to)
    ids = [row.pk for row in moved]
    keep_versions(ids)
    Completion.objects.filter(pk__in=ids).update(
        completed_by=to, updated_by=handed_over_by, updated_at=timezone.now(), version=F("version") + 1,
        last_action=CompletionAction.HANDED_OVER,
    )  # fmt: skip
    refresh_assignments({row.task_id for row in moved})
    _record(moved, to, handed_over_by)
    for row in moved:
        publish(CompletionChanged(row.pk, row.task_id, row.project_id, "updated"))
    return len(moved)


def _require_labeler(person: User, project_id: int) -> None:
    membership = person.memberships.filter(project_id=project_id).first()
    if not person.is_active or membership is None or not allows(membership.role, Action.LABEL):
        raise ValidationFailed(
            f"{person} does not label in project {project_id}. Add them as an annotator first."
        )


def _keep_counts(moved: Iterable[Completion], to: User) -> None:
    """Refuse what would make one person of two, or two of one, behind the answers to a task."""
    going: dict[int, list[Completion]] = defaultdict(list)
    for row in moved:
        going[row.task_id].append(row)
    answers: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    rows = Completion.objects.filter(task_id__in=going).values_list("task_id", "pk", "completed_by_id")
    for task_id, pk, person_id in rows:
        answers[task_id].append((pk, person_id))
    for task_id, taken in going.items():
        people = {row.completed_by_id for row in taken}
        ids = {row.pk for row in taken}
        if len(people) > 1 or (None in people and len(ids) > 1):
            raise Conflict(f"Task {task_id} has answers of several people among these: choose those of one.")
        if any(person_id == to.pk for _, person_id in answers[task_id]):
            raise Conflict(f"{to} has answered task {task_id} already.")
        if None not in people and any(person in people and pk not in ids for pk, person in answers[task_id]):
            raise Conflict(f"Choose all answers to task {task_id} by the same person, or none.")


def _record(moved: Iterable[Completion], to: User, handed_over_by: User) -> None:
    of_project: dict[int, list[Completion]] = defaultdict(list)
    for row in moved:
        of_project[row.project_id].append(row)
    for project_id, rows in of_project.items():
        record(
            AuditAction.COMPLETIONS_HANDED_OVER, actor=handed_over_by, target=to, project_id=project_id,
            before={"completed_by": {str(row.pk): row.completed_by_id for row in rows}},
            after={"completed_by": to.pk, "completions": len(rows)},
        )  # fmt: skip
