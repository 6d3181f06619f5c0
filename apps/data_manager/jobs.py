"""Background work on a project's tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.data_manager.key_indexes import BUILD_INDEX, build_index, drop_unused_indexes
from apps.data_manager.places import COUNT_PLACES, count_places, often_changed_indexes
from apps.data_manager.queue_rules import apply_queue_rules
from apps.data_manager.running_actions import RUN_ACTION, action_again, run_and_record
from apps.data_manager.undoing_actions import UNDO_ACTION, forget_expired_runs, run_for, undo
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.projects.services import APPLY_QUEUE_RULES


@job_kind(APPLY_QUEUE_RULES, title="Update the queue")
def apply_rules(job: RunningJob) -> dict[str, Any]:
    """Bring the tasks in step with the project's overlap, skip rule and model version."""
    project = Project.objects.get(pk=job.payload["project"])
    total = totals_of([project.pk])[project.pk].tasks
    read = changed = 0
    for read, changed in apply_queue_rules(project, old_overlap=int(job.payload["old_overlap"])):
        job.advance(read, total=max(total, read), message=f"Checked {read:,} tasks, changed {changed:,}")
    return {"tasks": read, "changed": changed}


@job_kind(RUN_ACTION, title="Change many tasks")
def run_action(job: RunningJob) -> dict[str, Any]:
    """Run an action of the data manager on the tasks that were meant; what is done already is not done twice."""
    actor, project_id = _person_of(job)
    selected = int(job.payload["selected"])

    def report(done: int) -> None:
        job.check_cancelled()
        job.advance(
            done, total=max(selected, done), message=f"{action.title}: {done:,} of {selected:,} tasks"
        )

    action, work = action_again(job.payload, project_id=project_id, actor=actor, report=report)
    job.advance(0, total=selected, message=action.title)
    tally = run_and_record(action, work)
    return {
        "action": action.id, "run": work.run.pk, "selected_items": selected,
        "processed_items": tally.processed, "left_out": tally.left_out, "reasons": tally.reasons,
    }  # fmt: skip


@job_kind(UNDO_ACTION, title="Undo a change of many tasks")
def undo_action(job: RunningJob) -> dict[str, Any]:
    """Take a run back step by step; a step that is taken back is gone, so it may be begun again."""
    actor, _ = _person_of(job)
    run = run_for(actor, int(job.payload["run"]))

    def report(done: int) -> None:
        job.check_cancelled()
        job.advance(done, total=max(run.processed, done), message=f"Taken back: {done:,}")

    return {"run": run.pk, "processed_items": undo(run=run, actor=actor, report=report)}


@job_kind("task-action-clean-up", title="Forget old changes of many tasks", every=timedelta(days=1))
def forget_runs(_job: RunningJob) -> dict[str, Any]:
    """Delete what it takes to undo runs whose time is over."""
    return {"forgotten": forget_expired_runs()}


def _person_of(job: RunningJob) -> tuple[User, int]:
    actor = User.objects.filter(pk=job.created_by_id or 0, is_active=True).first()
    if actor is None or job.project_id is None:
        raise ValidationFailed("The person who started this has no account any more.")
    return actor, job.project_id


@job_kind(BUILD_INDEX, title="Index a key of the tasks' data")
def index_data_key(job: RunningJob) -> dict[str, Any]:
    """Take every task into the index of a key; rows that are there already stay, so it may be begun again."""
    total = totals_of([job.project_id])[job.project_id].tasks if job.project_id else 0

    def report(read: int) -> None:
        job.check_cancelled()
        job.advance(read, total=max(total, read), message=f"Read {read:,} tasks")

    return {"tasks": build_index(int(job.payload["index"]), report)}


@job_kind(COUNT_PLACES, title="Count the places of an ordered key")
def count_places_of_key(job: RunningJob) -> dict[str, Any]:
    """Count the entries of an index of a key again, from which pages deep in its order are found."""
    count_places(int(job.payload["index"]))
    return {}


@job_kind("data-key-clean-up", title="Drop unused indexes of data keys", every=timedelta(days=1))
def drop_indexes(_job: RunningJob) -> dict[str, Any]:
    """Drop indexes that nobody has used for a month, and count the places of those that changed much."""
    dropped, changed = drop_unused_indexes(), often_changed_indexes()
    for index in changed:
        count_places(index)
    return {"dropped": dropped, "counted": len(changed)}
