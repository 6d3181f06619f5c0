"""What lies round a task: the one before and after it in its project, and the people it is assigned to."""

from __future__ import annotations

from apps.accounts.models import User
from apps.tasks.models import Assignment, Task

MAX_ASSIGNEES = 20


def neighbours_of(task: Task) -> tuple[int | None, int | None]:
    """Return the ids of the tasks before and after one in its project; None at the ends."""
    ids = Task.objects.filter(project_id=task.project_id).values_list("pk", flat=True)
    before = ids.filter(pk__lt=task.pk).order_by("-pk").first()
    after = ids.filter(pk__gt=task.pk).order_by("pk").first()
    return before, after


def assignees_of(task: Task) -> list[User]:
    """Return the first people that a task is assigned to, by address."""
    rows = Assignment.objects.filter(task=task).select_related("user").order_by("user__email")
    return [row.user for row in rows[:MAX_ASSIGNEES]]
