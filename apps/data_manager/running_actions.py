"""Runs actions on many tasks: at once when they are few, as a job when they are many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.accounts.models import User
from apps.audit.services import record
from apps.data_manager.actions import TaskAction, Work, find_action
from apps.data_manager.listing import TaskQuery, count_tasks
from apps.data_manager.parameters import read_query, sight_of
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.projects.models import Project
from apps.projects.policy import require
from apps.projects.queries import project_for

RUN_ACTION = "task-action"


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """What somebody asks to be done, as JSON, so that a job can read it again.

    Attributes:
        document: filters and selected items as the client sent them.
        tab: the data of the saved tab whose filters hold too.
        options: what else the action needs, such as the overlap.
    """

    action: str
    document: Mapping[str, Any]
    tab: Mapping[str, Any]
    options: Mapping[str, Any]

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
    """What came of it: either it is done, or a job does it.

    Attributes:
        selected: how many tasks were meant.
        processed: how many things the action dealt with.
    """

    action: TaskAction
    selected: int
    processed: int = 0
    job: Job | None = None


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
    action.check(project, request.options)
    query = request.query(project, actor)
    selected, highest = count_tasks(query)
    query = replace(query, up_to=highest)
    if selected <= action.at_once:
        processed = run_and_record(action, Work(query, actor, request.options))
        return ActionOutcome(action, selected, processed)
    job = enqueue(
        kind=RUN_ACTION, project=project, created_by=actor,
        payload={
            "action": action.id, "document": dict(request.document), "tab": dict(request.tab),
            "options": dict(request.options), "up_to": highest, "selected": selected,
        },
    )  # fmt: skip
    return ActionOutcome(action, selected, job=job)


def run_and_record(action: TaskAction, work: Work) -> int:
    """Run an action and log it, also when it is broken off in the middle; return how many things it dealt with."""
    done = 0

    def report(count: int) -> None:
        nonlocal done
        done = count
        work.report(count)

    try:
        done = action.run(replace(work, report=report))
    finally:
        if done:
            record(
                action.audit, actor=work.actor, target=work.project, project_id=work.project.pk,
                after={"action": action.id, "count": done, **work.options},
            )  # fmt: skip
    return done


def action_again(payload: Mapping[str, Any], *, project_id: int, actor: User) -> tuple[TaskAction, TaskQuery]:
    """Return what a job is to do, after asking anew whether its person may.

    Raises:
        NotFound: they are no member any more, or there is no such action.
        NotAllowed: their role does not allow it any more.
        ValidationFailed: the filters or options are wrong.
    """
    action = find_action(payload["action"])
    project = project_for(actor, project_id, action.right)
    action.check(project, payload["options"])
    request = ActionRequest(action.id, payload["document"], payload["tab"], payload["options"])
    return action, replace(request.query(project, actor), up_to=int(payload["up_to"]))
