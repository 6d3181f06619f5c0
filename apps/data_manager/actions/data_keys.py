"""The action that gives a key of the tasks' data another name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.core.errors import ValidationFailed
from apps.data_manager.actions import action as batches
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Option
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.models import ActionRun
from apps.labeling import config as labeling
from apps.projects.models import Project
from apps.projects.policy import Action as Right
from apps.tasks.data_keys import rename_data_key

HAS_BOTH = "The task has both keys."


def _change_key(work: Work) -> None:
    old, new = work.options["old_key"], work.options["new_key"]
    for ids in batches_of_ids(work.query, batches.BULK):
        with transaction.atomic():
            renamed, refused = rename_data_key(
                project_id=work.project.pk, task_ids=ids, old=old, new=new, renamed_by=work.actor
            )
            if renamed:
                work.keep(tasks=renamed, old=old, new=new)
        work.tally.processed += len(renamed)
        if refused:
            work.tally.leave_out(HAS_BOTH, refused)
        work.report(work.tally.processed)


def _change_key_back(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    _require_unused(run.project, step["new"])
    renamed, _ = rename_data_key(
        project_id=run.project_id, task_ids=step["tasks"], old=step["new"], new=step["old"], renamed_by=actor
    )
    return len(renamed)


def _check_keys(project: Project, options: Mapping[str, Any]) -> None:
    old, new = options["old_key"], options["new_key"]
    if old == new:
        message = "The new key is the old one."
        raise ValidationFailed(message, fields={"new_key": [message]})
    _require_unused(project, old)


def _require_unused(project: Project, key: str) -> None:
    """Let a key go that the labeling config does not show.

    Raises:
        ValidationFailed: it shows it: the tasks could not be labeled any more.
    """
    shown = labeling.parse(project.label_config).variables.get(key)
    if shown is not None:
        message = (
            f'The labeling config shows "${key}" in <{shown.type}>: without this key the tasks could not be labeled. '
            "Change the config first."
        )
        raise ValidationFailed(message, fields={"old_key": [message]})


CHANGE_DATA_KEY = TaskAction(
    "change_data_key", "Rename a data key", 97, Right.CHANGE_TASKS,
    "Rename a key in the data of the selected tasks? Tasks that have the new key already are left as they are.",
    "tasks changed", AuditAction.TASKS_CHANGED, _change_key, check=_check_keys, undo=_change_key_back,
    options=(
        Option("old_key", "Key", "text", "As it stands in the tasks' data now; only keys of the first level."),
        Option("new_key", "New name", "text", "What it is to be called."),
    ),
)  # fmt: skip
