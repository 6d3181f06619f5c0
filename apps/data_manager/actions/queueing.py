"""The action that changes how many people are to label the tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.data_manager.actions import action as batches
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Option
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.models import ActionRun
from apps.projects.models import MAX_OVERLAP, Project
from apps.projects.policy import Action as Right
from apps.tasks.models import Task
from apps.tasks.services import set_overlap


def _set_overlap(work: Work) -> None:
    overlap = work.options["overlap"]
    for ids in batches_of_ids(work.query, batches.BULK):
        with transaction.atomic():
            before = _overlaps_before(work.project, ids, overlap)
            work.tally.processed += set_overlap(project_id=work.project.pk, task_ids=ids, overlap=overlap)
            if before:
                work.keep(overlaps=before, overlap=overlap)
        work.report(work.tally.processed)


def _overlaps_before(project: Project, task_ids: Sequence[int], overlap: int) -> dict[int, list[int]]:
    """Return the tasks that have another overlap, locked, by the one they have."""
    changing = Task.objects.select_for_update(no_key=True).filter(project=project, pk__in=task_ids)
    found: dict[int, list[int]] = defaultdict(list)
    for pk, before in changing.exclude(overlap=overlap).order_by("pk").values_list("pk", "overlap"):
        found[before].append(pk)
    return dict(found)


def _set_overlap_back(run: ActionRun, step: Mapping[str, Any], _actor: User) -> int:
    changed = 0
    for before, ids in step["overlaps"].items():
        still = Task.objects.filter(project_id=run.project_id, pk__in=ids, overlap=step["overlap"])
        changed += set_overlap(
            project_id=run.project_id, task_ids=list(still.values_list("pk", flat=True)), overlap=int(before)
        )
    return changed


SET_OVERLAP = TaskAction(
    "set_overlap", "Set overlap", 95, Right.CHANGE_TASKS,
    "Change how many people's completions the selected tasks need? Tasks that have enough count as labeled at once; "
    "others go back to the queue.", "tasks changed",
    AuditAction.TASKS_CHANGED, _set_overlap, undo=_set_overlap_back,
    options=(
        Option("overlap", "People per task", "number", "Each task is labeled by so many different people.",
               least=1, most=MAX_OVERLAP),
    ),
)  # fmt: skip
