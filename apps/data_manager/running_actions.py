"""Runs actions on many tasks: at once when they are few, as a job when they are many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.services import record
from apps.core.errors import NotFound
from apps.data_manager.actions import TaskAction, Work, find_action
from apps.data_manager.actions.action import Report, Tally
from apps.data_manager.actions.option import read_options
from apps.data_manager.listing import count_tasks
from apps.data_manager.models import ActionRun
from apps.data_manager.parameters import read_query, sight_of
from apps.data_manager.task_query import TaskQuery
from apps.exports.services import ExportStream
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.projects.models import Project
from apps.projects.policy import require
from apps.projects.queries import project_for

RUN_ACTION = "task-action"

UNDO_WITHIN = timedelta(days=7)
"""How long a run can be undone; later it is forgotten."""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """What somebody asks to be done, as JSON, so that a job can read it again.

    Attributes:
        document: filters and selected items as the client sent them.
        tab: the data of the saved tab whose filters hold too.
        body: where the action's options stand, among other things.
    """

    action: str
    document: Mapping[str, Any]
    tab: Mapping[str, Any]
    body: Mapping[str, Any]

    def query(self, project: Project, actor: User) -> TaskQuery:
        """Return the tasks that are meant.

        Raises:
            ValidationFailed: a filter or the selection is wrong.
        """
        document = {name: self.document.get(name) for name in ("filters", "selectedItems")}
        filters = {"filters": self.tab.get("filters")}
        return read_query(project, sight_of(actor, project), document, filters)


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """What came of it: it is done, or a job does it, or it is a file.

    Attributes:
        selected: how many tasks were meant; None for a file, which nobody counts before.
        run: the row of the run; None for a file.
    """

    action: TaskAction
    selected: int | None = None
    run: ActionRun | None = None
    job: Job | None = None
    file: ExportStream | None = None


@dataclass(frozen=True, slots=True)
class ActionPreview:
    """What an action would do.

    Attributes:
        is_job: so many that a job would do it.
    """

    action: TaskAction
    selected: int
    is_job: bool


def preview_action(*, project: Project, actor: User, request: ActionRequest) -> ActionPreview:
    """Count the tasks that `request` means, for the question that people confirm; nothing is done.

    Raises:
        NotFound: there is no such action.
        NotAllowed: their role does not allow it.
        ValidationFailed: the filters or the selection are wrong.
    """
    action = find_action(request.action)
    require(project.my_role, action.right)
    selected, _ = count_tasks(request.query(project, actor))
    return ActionPreview(action, selected, selected > action.at_once and action.stream is None)


def start_action(*, project: Project, actor: User, request: ActionRequest) -> ActionOutcome:
    """Do what `request` asks for, or have a worker do it.

    Tasks that come later than this moment are not touched, also when they pass the filters.

    Args:
        project: read for `actor`.

    Raises:
        NotFound: there is no such action.
        NotAllowed: their role does not allow it, or the project is archived.
        ValidationFailed: the filters, the selection or the options are wrong.
    """
    action = find_action(request.action)
    require(project.my_role, action.right)
    options = read_options(action.options, request.body, project)
    action.check(project, options)
    query = request.query(project, actor)
    if action.stream is not None:
        # Nothing is stored of it: the run is the answer itself.
        unsaved = ActionRun(project=project, user=actor, action=action.id, options=options)
        return ActionOutcome(action, file=action.stream(Work(query, actor, options, unsaved)))
    selected, highest = count_tasks(query)
    query = replace(query, up_to=highest)
    if selected <= action.at_once:
        run = _new_run(action, project, actor, options, selected)
        run_and_record(action, Work(query, actor, options, run))
        return ActionOutcome(action, selected, run)
    return _enqueue(action, project, actor, request, options, selected=selected, highest=highest)


def _new_run(
    action: TaskAction, project: Project, actor: User, options: Mapping[str, Any], selected: int
) -> ActionRun:
    return ActionRun.objects.create(
        project=project, user=actor, action=action.id, options=dict(options), selected=selected,
        expires_at=timezone.now() + UNDO_WITHIN,
    )  # fmt: skip


@transaction.atomic
def _enqueue(
    action: TaskAction, project: Project, actor: User, request: ActionRequest, options: Mapping[str, Any], *,
    selected: int, highest: int,
) -> ActionOutcome:  # fmt: skip
    run = _new_run(action, project, actor, options, selected)
    job = enqueue(
        kind=RUN_ACTION, project=project, created_by=actor,
        payload={
            "action": action.id, "document": dict(request.document), "tab": dict(request.tab),
            "options": dict(options), "up_to": highest, "selected": selected, "run": run.pk,
        },
    )  # fmt: skip
    run.job_id = job.pk
    run.save(update_fields=["job_id"])
    return ActionOutcome(action, selected, run, job)


def run_and_record(action: TaskAction, work: Work) -> Tally:
    """Run an action and log it, also when it is broken off in the middle; return what it has done.

    The run's row is brought up to date after each batch, so that a run which is broken off tells what it did, and one
    that is taken up again goes on counting from there.
    """
    run = work.run
    tally = Tally(run.processed, run.left_out, list(run.reasons))

    def report(done: int) -> None:
        _store_tally(run, tally)
        work.report(done)

    try:
        action.run(replace(work, tally=tally, report=report))
    finally:
        _finish(action, work, tally)
    return tally


def _store_tally(run: ActionRun, tally: Tally) -> None:
    run.processed, run.left_out, run.reasons = tally.processed, tally.left_out, tally.reasons
    run.save(update_fields=["processed", "left_out", "reasons"])


@transaction.atomic
def _finish(action: TaskAction, work: Work, tally: Tally) -> None:
    _store_tally(work.run, tally)
    work.run.finished_at = timezone.now()
    work.run.save(update_fields=["finished_at"])
    if tally.processed and action.audit:
        record(
            action.audit, actor=work.actor, target=work.project, project_id=work.project.pk,
            after={"action": action.id, "count": tally.processed, **work.options},
        )  # fmt: skip


def action_again(
    payload: Mapping[str, Any], *, project_id: int, actor: User, report: Report
) -> tuple[TaskAction, Work]:
    """Return what a job is to do, after asking anew whether its person may.

    Raises:
        NotFound: they are no member any more, or there is no such action.
        NotAllowed: their role does not allow it any more.
        ValidationFailed: the filters or options are wrong.
    """
    action = find_action(payload["action"])
    project = project_for(actor, project_id, action.right)
    options = read_options(action.options, payload["options"], project)
    action.check(project, options)
    request = ActionRequest(action.id, payload["document"], payload["tab"], options)
    query = replace(request.query(project, actor), up_to=int(payload["up_to"]))
    run = ActionRun.objects.filter(pk=payload["run"], project=project).first()
    if run is None:
        raise NotFound("This run was forgotten: it waited too long for a worker. Start it again.")
    return action, Work(query, actor, options, run, report=report)
