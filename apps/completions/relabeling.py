"""Brings existing completions to the names of a later labeling config, in batches, while people go on labeling.

Each version of a config may carry renames. A completion of version v is brought to version t by the renames of
v + 1 … t, one after another, and then is one of version t: so a batch that runs twice, or two jobs at once, change
nothing twice. Completions without a renamed name keep their version.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.checking import checked_result
from apps.completions.events import CompletionsRelabeled
from apps.completions.models import Completion, CompletionAction
from apps.completions.renaming import renamed_result
from apps.completions.revisions import keep_versions
from apps.core.events import publish
from apps.core.json import dumps
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.labeling.config import LabelingConfig
from apps.projects.config_changes import model_of
from apps.projects.config_changing import RELABEL
from apps.projects.config_versions import renames_since
from apps.projects.models import ConfigVersion, Project
from apps.projects.renames import Renames
from apps.tasks.locks import lock_tasks, transactions_writing_tasks

BATCH = 500
"""Tasks whose completions are looked at in one transaction."""

MAX_LABELS_IN_PATH = 200
"""Of a control with more renamed labels, all its completions are looked at: a longer path costs more than it spares."""

PAUSE_SECONDS = 0.05
"""Between two looks at whether older transactions have ended."""

_AFFECTED = """
WITH page AS (
    SELECT id FROM tasks_task WHERE project_id = %(project)s AND id > %(after)s ORDER BY id LIMIT %(batch)s
)
SELECT (SELECT max(id) FROM page), (SELECT count(*) FROM page),
       coalesce(array_agg(c.task_id), '{}'), coalesce(array_agg(c.id), '{}')
FROM page JOIN completions_completion c ON c.task_id = page.id
WHERE c.config_version < %(version)s AND jsonb_path_exists(c.result, %(path)s::jsonpath, %(names)s::jsonb)
"""

_REWRITE = """
UPDATE completions_completion c
SET result = changed.result, warnings = changed.warnings, config_version = %(version)s, updated_at = %(now)s,
    updated_by_id = coalesce(%(person)s, updated_by_id), version = c.version + 1, last_action = %(action)s
FROM unnest(%(ids)s::bigint[], %(results)s::jsonb[], %(warnings)s::jsonb[]) AS changed (id, result, warnings)
WHERE c.id = changed.id
"""


@dataclass(frozen=True)
class Relabeling:
    """What a project's completions are to be brought to.

    Args:
        config_version: the version they are of afterwards.
        steps: the renames that lead there, oldest first, each with the version it leads to.
        person_id: who changed the config, and now changes the completions.
    """

    project_id: int
    config_version: int
    config: LabelingConfig
    steps: list[tuple[int, Renames]] = field(default_factory=list)
    person_id: int | None = None

    @cached_property
    def affected(self) -> tuple[str, dict[str, str]]:
        """A JSON path that finds items with a renamed name of any version, and the names it speaks of."""
        clauses: list[str] = []
        names: dict[str, str] = {}

        def variable(name: str) -> str:
            names[f"n{len(names)}"] = name
            return f"$n{len(names) - 1}"

        for _, step in self.steps:
            clauses += [f"@.from_name == {variable(name)}" for name in step.controls]
            clauses += [f"@.to_name == {variable(name)}" for name in step.objects]
            for control, labels in step.labels.items():
                if len(labels) > MAX_LABELS_IN_PATH:
                    clauses.append(f"@.from_name == {variable(control)}")
                    continue
                # Labels are a list, or a list of paths, under the name of the item's type.
                clauses += [
                    f"@.from_name == {variable(control)} && @.value.*[*][*] == {variable(label)}"
                    for label in labels
                ]
        return "$[*] ? (" + " || ".join(f"({clause})" for clause in clauses or ["1 == 0"]) + ")", names

    def steps_from(self, version: int) -> list[Renames]:
        """Return the renames that a completion of `version` has not seen yet."""
        return [step for number, step in self.steps if number > version]


def relabeling_to(project_id: int, config_version: int, person_id: int | None) -> Relabeling:
    """Return what brings a project's completions to version `config_version` of its labeling config."""
    version = ConfigVersion.objects.get(project_id=project_id, number=config_version)
    steps = [step for step in renames_since(project_id, 0) if step[0] <= config_version]
    return Relabeling(project_id, config_version, model_of(version.label_config), steps, person_id)


def relabel(relabeling: Relabeling) -> Generator[tuple[int, int], None, None]:
    """Rewrite what has a renamed name; yield after each batch how many tasks were read and completions changed.

    Each batch is one transaction and may be the last: a later call goes on where it is needed.
    """
    after, read, changed = 0, 0, 0
    while batch := _relabel_batch(relabeling, after):
        after, batch_read, batch_changed = batch
        read, changed = read + batch_read, changed + batch_changed
        yield read, changed


@transaction.atomic
def _relabel_batch(relabeling: Relabeling, after: int) -> tuple[int, int, int] | None:
    path, names = relabeling.affected
    parameters: dict[str, Any] = {
        "project": relabeling.project_id, "after": after, "batch": BATCH, "version": relabeling.config_version,
        "path": path, "names": json.dumps(names),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_AFFECTED, parameters)
        last_id, read, task_ids, completion_ids = cursor.fetchone()
    if not read:
        return None
    changed = _rewrite(relabeling, task_ids, completion_ids) if completion_ids else 0
    return int(last_id), int(read), changed


def _rewrite(relabeling: Relabeling, task_ids: list[int], completion_ids: list[int]) -> int:
    data = {task.pk: task.data for task in lock_tasks(task_ids)}
    found = Completion.objects.select_for_update(no_key=True).filter(
        pk__in=completion_ids, config_version__lt=relabeling.config_version
    )
    ids, results, warnings = [], [], []
    for completion in found.order_by("pk"):
        result = renamed_result(completion.result, relabeling.steps_from(completion.config_version))
        if result == completion.result:
            continue
        checked = checked_result(
            relabeling.config, result, data[completion.task_id], was_cancelled=completion.was_cancelled
        )
        ids.append(completion.pk)
        results.append(dumps(checked.result).decode())
        warnings.append(dumps(checked.warnings).decode())
    if ids:
        parameters: dict[str, Any] = {
            "version": relabeling.config_version, "person": relabeling.person_id, "now": timezone.now(),
            "ids": ids, "results": results, "warnings": warnings, "action": CompletionAction.RELABELED.value,
        }  # fmt: skip
        keep_versions(ids)
        with connection.cursor() as cursor:
            cursor.execute(_REWRITE, parameters)
        publish(CompletionsRelabeled(relabeling.project_id, tuple(ids)))
    return len(ids)


def wait_for_earlier_writers(check_cancelled: Callable[[], None]) -> None:
    """Wait until every transaction has ended that may still store a completion of an earlier config version.

    A submit that read the project just before its config changed commits in a few milliseconds; were it missed,
    its completion would keep the old names for ever.

    Args:
        check_cancelled: called between two looks; raises to stop waiting.
    """
    earlier = transactions_writing_tasks()
    while earlier & transactions_writing_tasks():
        check_cancelled()
        time.sleep(PAUSE_SECONDS)


def follow_renames(*, project: Project, config_version: int, imported_by: User | None) -> Job | None:
    """Have a job bring completions that were just stored as of `config_version` to names given since then.

    An import calls it in the transaction of its COPY, after it: the config it was checked against may be an earlier
    one by then. Returns the job, or None when no name changed, which is the rule.
    """
    later = renames_since(project.pk, config_version)
    if not later:
        return None
    return enqueue(
        kind=RELABEL,
        project=project,
        created_by=imported_by,
        payload={"project": project.pk, "config_version": later[-1][0]},
    )
