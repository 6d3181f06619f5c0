"""Runs of actions as people read them: what came of each, and whether it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.models import User
from apps.data_manager.actions import find_action
from apps.data_manager.models import ActionRun
from apps.data_manager.undoing_actions import can_be_undone
from apps.jobs.models import Job
from apps.jobs.queries import with_waiting_reasons

_COLORS = {
    "done": "green",
    "running": "blue",
    "being undone": "blue",
    "undone": "secondary",
    "stopped": "red",
}


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run, with the job that does it where one does.

    Attributes:
        state: done, running, stopped, being undone, undone or partly undone.
        told: what came of it, as a sentence.
    """

    run: ActionRun
    job: Job | None
    title: str
    state: str
    told: str
    may_undo: bool

    @property
    def is_moving(self) -> bool:
        """Whether something still happens."""
        return self.state in ("running", "being undone")

    @property
    def color(self) -> str:
        """The colour of its state."""
        return _COLORS[self.state]


def shown_run(run: ActionRun, user: User) -> ShownRun:
    """Return a run that `user` may see as the page shows it."""
    action = find_action(run.action)
    job = Job.objects.for_user(user).filter(pk=run.job_id).first() if run.job_id else None
    if job is not None and job.is_active:
        job = with_waiting_reasons([job])[0]
    state = _state(run, job)
    done = action.done_with(run.processed)
    told = f"{done}, and taken back." if state == "undone" else f"{done}."
    return ShownRun(run, job, action.title, state, told, _may_undo(run, state))


def _may_undo(run: ActionRun, state: str) -> bool:
    return state == "partly undone" or (state in ("done", "stopped") and can_be_undone(run))


def _state(run: ActionRun, job: Job | None) -> str:
    if run.undone_at is not None:
        if not run.steps.exists():
            return "undone"
        is_running = Job.objects.active().filter(dedupe_key=f"undo-action-{run.pk}").exists()
        return "being undone" if is_running else "partly undone"
    if job is not None and job.is_active:
        return "running"
    return "done" if run.finished_at is not None else "stopped"
