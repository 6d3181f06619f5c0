"""Takes runs of actions back, step by step, as long as they are kept."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import Conflict, NotFound
from apps.data_manager.actions import TaskAction, find_action
from apps.data_manager.models import ActionRun, UndoStep
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.projects.queries import project_for

UNDO_ACTION = "task-action-undo"
SHOWN_RUNS = 50


def runs_of(project: Project, user: User) -> list[ActionRun]:
    """Return the latest runs of a project's actions that `user` sees, newest first."""
    seen = ActionRun.objects.for_user(user).filter(project=project).select_related("user", "undone_by")
    return list(seen.order_by("-pk")[:SHOWN_RUNS])


def run_for(user: User, run_id: int) -> ActionRun:
    """Return a run that `user` may see, with its project.

    Raises:
        NotFound: there is none (any more).
    """
    run: ActionRun | None = (
        ActionRun.objects.for_user(user).filter(pk=run_id, expires_at__gt=timezone.now()).first()
    )
    if run is None:
        raise NotFound(f"There is no run {run_id} of an action, or it can no longer be undone.")
    run.project = project_for(user, run.project_id, Action.VIEW_PROJECT)
    return run


def can_be_undone(run: ActionRun) -> bool:
    """Whether a run has something to take back, and nobody has begun to."""
    return (
        find_action(run.action).undo is not None
        and run.processed > 0
        and run.finished_at is not None
        and run.undone_at is None
        and run.expires_at > timezone.now()
    )


@transaction.atomic
def start_undo(*, run: ActionRun, actor: User) -> Job | None:
    """Begin to take a run back: return the job that does it, or None when it is to be done now by `undo`.

    Args:
        run: read for `actor`.

    Raises:
        NotAllowed: they may not run the action itself.
        Conflict: it is not finished, was undone before, or cannot be undone.
    """
    action = find_action(run.action)
    require(run.project.my_role, action.right)
    locked = ActionRun.objects.select_for_update().get(pk=run.pk)
    if action.undo is None:
        raise Conflict(f'"{action.title}" cannot be undone.')
    if locked.finished_at is None:
        raise Conflict("This is not finished yet. Cancel its job first, or wait.")
    if locked.undone_at is not None and not locked.steps.exists():
        raise Conflict("This was undone already.")
    locked.undone_at, locked.undone_by = timezone.now(), actor
    locked.save(update_fields=["undone_at", "undone_by"])
    if locked.processed <= action.at_once:
        return None
    return enqueue(
        kind=UNDO_ACTION, project=run.project, created_by=actor, payload={"run": run.pk},
        dedupe_key=f"undo-action-{run.pk}",
    )  # fmt: skip


def undo(*, run: ActionRun, actor: User, report: Callable[[int], None] = lambda _done: None) -> int:
    """Take back every step of a run that is left, the latest first; return how many things that were.

    Each step is its own transaction and is gone with it, so that this may be broken off and begun again. What somebody
    has changed since is left as it is.

    Args:
        report: is told after each step how much was taken back.

    Raises:
        NotAllowed: they may not run the action, or the project is archived.
        ValidationFailed: what would come back does not fit the project any more.
    """
    action = find_action(run.action)
    require(run.project.my_role, action.right)
    undone = 0
    try:
        while (taken := _undo_last_step(action, run, actor)) is not None:
            undone += taken
            report(undone)
    finally:
        if undone:
            record(
                AuditAction.TASKS_CHANGED, actor=actor, target=run.project, project_id=run.project_id,
                after={"action": action.id, "undone_run": run.pk, "count": undone},
            )  # fmt: skip
    return undone


@transaction.atomic
def _undo_last_step(action: TaskAction, run: ActionRun, actor: User) -> int | None:
    step = UndoStep.objects.select_for_update().filter(run=run).order_by("-pk").first()
    if step is None or action.undo is None:
        return None
    undone = action.undo(run, step.data, actor)
    step.delete()
    return undone


def forget_expired_runs() -> int:
    """Delete runs that can no longer be undone; return how many."""
    expired = ActionRun.objects.filter(expires_at__lt=timezone.now())
    count = expired.count()
    expired.delete()
    return count
