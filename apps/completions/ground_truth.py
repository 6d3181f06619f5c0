"""Marks many completions as ground truth, or takes the marks away: a few statements a batch, however many there are."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.events import CompletionChanged
from apps.completions.models import Completion, CompletionAction
from apps.completions.revisions import keep_versions
from apps.core.events import publish
from apps.core.prepared import Prepared
from apps.projects import tallies
from apps.projects.archiving import require_labeling
from apps.projects.models import Project
from apps.tasks.locks import lock_tasks

_RECOUNT = Prepared(
    "recount_ground_truths",
    f"""
    WITH counted AS (
        UPDATE tasks_task t SET updated_at = now(), updated_by_id = %(person)s::bigint, ground_truths_count = (
            SELECT count(*) FROM completions_completion c WHERE c.task_id = t.id AND c.ground_truth
        )
        WHERE t.id = ANY (%(tasks)s::bigint[])
    )
    {tallies.ADD}
    """,  # noqa: S608 - its parts are constants
)


@transaction.atomic
def mark_latest(*, project: Project, task_ids: Collection[int], marked_by: User) -> list[int]:
    """Mark the latest completion of each task as ground truth; return those that were not marked, in their order.

    Raises:
        NotAllowed: the project is archived.
    """
    lock_tasks(task_ids)
    submitted = Completion.objects.filter(project=project, task_id__in=task_ids, was_cancelled=False)
    latest = submitted.order_by("task_id", "-updated_at", "-pk").distinct("task_id")
    return _mark(project, latest.values_list("pk", flat=True), marked_by, ground_truth=True)


@transaction.atomic
def take_marks_away(*, project: Project, task_ids: Collection[int], marked_by: User) -> list[int]:
    """Take the marks from all completions of some tasks; return those that had one, in their order.

    Raises:
        NotAllowed: the project is archived.
    """
    lock_tasks(task_ids)
    marked = Completion.objects.filter(project=project, task_id__in=task_ids, ground_truth=True)
    return _mark(project, marked.values_list("pk", flat=True), marked_by, ground_truth=False)


@transaction.atomic
def set_marks(
    *, project: Project, completion_ids: Collection[int], marked_by: User, ground_truth: bool
) -> list[int]:
    """Give some completions a mark, or take it from them; return those that change, in their order.

    Raises:
        NotAllowed: the project is archived.
    """
    chosen = Completion.objects.filter(project=project, pk__in=completion_ids)
    lock_tasks(list(chosen.values_list("task_id", flat=True)))
    return _mark(project, completion_ids, marked_by, ground_truth=ground_truth)


def _mark(
    project: Project, completion_ids: Collection[int], person: User, *, ground_truth: bool
) -> list[int]:
    """Make the next version of those completions that are not so already; their tasks are locked."""
    require_labeling(Project.objects.only("archived_at").get(pk=project.pk))
    other = Completion.objects.filter(
        project=project, pk__in=list(completion_ids), ground_truth=not ground_truth
    )
    rows = list(other.order_by("task_id", "pk").values_list("pk", "task_id"))
    if not rows:
        return []
    ids = [pk for pk, _ in rows]
    keep_versions(ids)
    action = CompletionAction.GROUND_TRUTH_SET if ground_truth else CompletionAction.GROUND_TRUTH_UNSET
    Completion.objects.filter(pk__in=ids).update(
        ground_truth=ground_truth, version=F("version") + 1, last_action=action, updated_by=person,
        updated_at=timezone.now(),
    )  # fmt: skip
    change = len(ids) if ground_truth else -len(ids)
    totals = tallies.added(project.pk, ground_truths=change)
    _RECOUNT.rows(tasks=sorted({task_id for _, task_id in rows}), person=person.pk, **totals)
    for pk, task_id in rows:
        publish(CompletionChanged(pk, task_id, project.pk, "updated"))
    return ids
