"""Takes back what an import brought, except for what people have worked on since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.imports.models import Import
from apps.imports.uploads import discard_uploads
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.tasks.services import delete_batch

UNDO_IMPORT = "import-undo"
BATCH = 2_000

# Somebody has worked on a task when it has an answer that did not come with it, or a draft, or is being labeled now.
# What came with it bears the very time of the task.
_TOUCHED = """
(t.completions_count + t.skips_count > 0 AND EXISTS (
    SELECT 1 FROM completions_completion c
    WHERE c.task_id = t.id AND (c.created_at <> t.created_at OR c.updated_at <> t.created_at)
) OR EXISTS (SELECT 1 FROM tasks_lease l WHERE l.task_id = t.id AND l.expires_at > now())
  OR EXISTS (SELECT 1 FROM completions_draft d WHERE d.task_id = t.id))
"""
_COUNT = f"""
SELECT count(*), count(*) FILTER (WHERE {_TOUCHED}) FROM tasks_task t WHERE t.import_id = %s
"""  # noqa: S608 - both parts stand above
_LOCK = """
SELECT id FROM tasks_task WHERE import_id = %s AND id > %s ORDER BY id LIMIT %s FOR UPDATE
"""
_UNTOUCHED = f"SELECT t.id FROM tasks_task t WHERE t.id = ANY(%s) AND NOT {_TOUCHED}"  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """What undoing an import would do to its tasks."""

    would_go: int
    would_stay: int


def count_undo(row: Import) -> UndoCounts:
    """Return how many tasks would go, and how many would stay because people have worked on them since."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [row.pk])
        total, touched = cursor.fetchone()
    return UndoCounts(would_go=total - touched, would_stay=touched)


@transaction.atomic
def start_undo(*, row: Import, requested_by: User) -> Job:
    """Have an import undone by a worker.

    Raises:
        ValidationFailed: it has not ended yet.
    """
    if row.finished_at is None:
        raise ValidationFailed("This import is still running. Cancel its job instead.")
    return enqueue(
        kind=UNDO_IMPORT, project=row.project, created_by=requested_by, payload={"import": row.pk},
        dedupe_key=f"import-undo:{row.pk}",
    )  # fmt: skip


def undo(*, row: Import, undone_by: User | None, advance: Callable[[int, int], None]) -> int:
    """Delete the tasks that nobody has worked on, and the files that came with the import if none is left.

    Each batch is a transaction of its own, so it can be stopped and started again anywhere.

    Args:
        advance: told the tasks deleted, of how many.

    Returns:
        How many tasks were deleted.
    """
    total, deleted, last = count_undo(row).would_go, 0, 0
    while (batch := _delete_batch(row, last)) is not None:
        count, last = batch
        deleted += count
        advance(deleted, max(total, deleted))
    with transaction.atomic():
        Import.objects.filter(pk=row.pk).update(undone_at=timezone.now())
        if not row.tasks.exists():
            discard_uploads(row.media.all())
        record(
            AuditAction.TASKS_DELETED, actor=undone_by, target=row.project, project_id=row.project_id,
            after={"tasks": deleted, "import": row.pk},
        )  # fmt: skip
    return deleted


@transaction.atomic
def _delete_batch(row: Import, after: int) -> tuple[int, int] | None:
    """Delete what may go of the next tasks; return how many, and the last id looked at; None at the end."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [row.pk, after, BATCH])
        locked = [task_id for (task_id,) in cursor.fetchall()]
        if not locked:
            return None
        # A second statement: it sees what was committed while the first one waited for the locks.
        cursor.execute(_UNTOUCHED, [locked])
        chosen = [task_id for (task_id,) in cursor.fetchall()]
    deleted = delete_batch(project_id=row.project_id, task_ids=chosen) if chosen else 0
    return deleted, locked[-1]
