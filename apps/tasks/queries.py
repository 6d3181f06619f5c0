"""What is read of tasks: pages of them, and why a person gets none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min
from django.db.models.expressions import OrderBy
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.projects.archiving import ARCHIVED
from apps.projects.models import Project
from apps.projects.queries import Totals
from apps.tasks.models import Lease, Task

ORDERINGS = (
    "id",
    "inner_id",
    "created_at",
    "updated_at",
    "completed_at",
    "is_labeled",
    "completions_count",
    "skips_count",
    "predictions_count",
    "prediction_score",
)
"""The columns a page of tasks may be ordered by, each with an optional leading minus."""


def task_for(user: User, task_id: int) -> Task:
    """Return a task that `user` may see, with its project.

    Raises:
        NotFound: there is none.
    """
    task: Task | None = Task.objects.for_user(user).select_related("project").filter(pk=task_id).first()
    if task is None:
        raise NotFound(f"There is no task {task_id}, or you are not a member of its project.")
    return task


def page_of_tasks(
    project: Project, *, page: int, page_size: int, total: int, ordering: str = "id"
) -> Sequence[Task]:
    """Return page number `page` (from 1) of a project's tasks.

    The ids are found in an index first, so that a deep page steps over index entries and not over rows; a page in
    the second half is counted from the end.

    Args:
        total: how many tasks the project has, from its totals.
        ordering: one of `ORDERINGS`; anything else orders by id.
    """
    name, descending = ordering.removeprefix("-"), ordering.startswith("-")
    if name not in ORDERINGS:
        name, descending = "id", False
    start = (page - 1) * page_size
    size = min(page_size, total - start)
    if size <= 0:
        return []
    backwards = start + size > total // 2 and total - start - size >= 0
    offset = total - start - size if backwards else start
    keys = _ordered_by(name, descending=descending != backwards)
    ids = Task.objects.filter(project=project).order_by(*keys).values_list("pk", flat=True)
    page_ids = list(ids[offset : offset + size])
    found = {task.pk: task for task in Task.objects.filter(pk__in=page_ids)}
    rows = [found[pk] for pk in page_ids if pk in found]
    return rows[::-1] if backwards else rows


def _ordered_by(name: str, *, descending: bool) -> list[OrderBy]:
    keys = [F(key) for key in (("pk",) if name == "id" else (name, "pk"))]
    return [key.desc() if descending else key.asc() for key in keys]


@dataclass(frozen=True, slots=True)
class EmptyQueue:
    """Why a person gets no task now."""

    reason: str
    message: str
    free_at: datetime | None = None


def why_no_task(project: Project, user: User, totals: Totals) -> EmptyQueue:
    """Say why there is no next task of `project` for `user`."""
    if project.archived_at is not None:
        return EmptyQueue("archived", ARCHIVED)
    if totals.tasks == 0:
        return EmptyQueue("no-tasks", "This project has no tasks yet.")
    if totals.tasks_left == 0:
        return EmptyQueue("all-labeled", f"All {totals.tasks:,} tasks are labeled.")
    leases = Lease.objects.filter(project=project, expires_at__gte=timezone.now()).exclude(user=user)
    free_at = leases.aggregate(first=Min("expires_at"))["first"]
    if free_at is not None:
        message = f"{totals.tasks_left:,} tasks are left; other people are working on those you could take."
        return EmptyQueue("all-leased", message, free_at)
    return EmptyQueue(
        "all-answered", f"You have answered every task; {totals.tasks_left:,} wait for other people."
    )
