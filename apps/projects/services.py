"""What changes projects and their members."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.jobs.services import enqueue
from apps.labeling.config import ConfigError
from apps.labeling.validation import validate
from apps.projects.locks import lock_project
from apps.projects.models import Membership, Project
from apps.projects.policy import Role, require_project_creation

CHANGEABLE = frozenset(
    {
        "title",
        "description",
        "color",
        "label_config",
        "instruction",
        "show_instruction",
        "show_skip_button",
        "allow_empty_completions",
        "show_predictions",
        "overlap",
        "sampling",
        "skip_rule",
        "model_version",
        "client_settings",
    }
)
"""The settings a caller may give on creation and change later."""

APPLY_QUEUE_RULES = "queue-rules"
"""The kind of the job that follows when `QUEUE_RULES` change; its handler stands with the tasks' answers."""

QUEUE_RULES = ("overlap", "skip_rule", "model_version")
"""The settings that decide which tasks are done and in which order the others come."""


@transaction.atomic
def create_project(*, created_by: User, title: str, **settings: Any) -> Project:
    """Create a project whose owner is `created_by`.

    Args:
        settings: any of `CHANGEABLE`.

    Raises:
        NotAllowed: this person may not create projects.
        ValidationFailed: a setting is wrong; a labeling config comes with all its problems.
    """
    require_project_creation(created_by)
    project = Project(created_by=created_by)
    _apply(project, {"title": title, **settings})
    project.save()
    Membership.objects.create(project=project, user=created_by, role=Role.OWNER)
    record(
        AuditAction.PROJECT_CREATED, actor=created_by, target=project, project_id=project.pk,
        after={"title": project.title},
    )  # fmt: skip
    project.my_role = Role.OWNER.value
    return project


@transaction.atomic
def update_project(*, project_id: int, changed_by: User | None = None, **settings: Any) -> Project:
    """Change the given settings of a project; the rest stays.

    A changed queue rule is brought to the tasks by a job.

    Raises:
        ValidationFailed: a setting is wrong; then none is changed.
    """
    project = lock_project(project_id)
    rules, old_overlap = _queue_rules(project), project.overlap
    before = {name: getattr(project, name) for name in settings.keys() & CHANGEABLE}
    changed = _apply(project, settings)
    project.save(update_fields=[*changed, "updated_at"])
    _record_change(project, before, changed_by)
    if _queue_rules(project) != rules:
        enqueue(
            kind=APPLY_QUEUE_RULES,
            project=project,
            payload={"project": project.pk, "old_overlap": old_overlap},
        )
    return project


def _record_change(project: Project, before: dict[str, Any], changed_by: User | None) -> None:
    after = {name: getattr(project, name) for name in before if getattr(project, name) != before[name]}
    if after:
        record(
            AuditAction.PROJECT_CHANGED, actor=changed_by, target=project, project_id=project.pk,
            before={name: before[name] for name in after}, after=after,
        )  # fmt: skip


def _queue_rules(project: Project) -> list[Any]:
    return [getattr(project, name) for name in QUEUE_RULES]


def _apply(project: Project, settings: dict[str, Any]) -> list[str]:
    if unknown := settings.keys() - CHANGEABLE:
        raise ValidationFailed(f"A project has no setting named {', '.join(sorted(unknown))}.")
    for name, value in settings.items():
        setattr(project, name, value)
    if settings.get("label_config"):
        check_label_config(settings["label_config"])
    try:
        project.clean_fields(exclude={field.name for field in project._meta.fields} - settings.keys())
    except ValidationError as error:
        raise ValidationFailed("Validation error", fields=error.message_dict) from error
    return list(settings)


def check_label_config(xml: str) -> None:
    """Let a usable labeling config pass.

    Raises:
        ValidationFailed: with every problem of the config under the field `label_config`.
    """
    try:
        validate(xml)
    except ConfigError as error:
        problems = [str(problem) for problem in error.problems]
        raise ValidationFailed(
            f"The labeling config: {problems[0]}", fields={"label_config": problems}
        ) from error


@transaction.atomic
def reserve_inner_ids(*, project_id: int, count: int) -> int:
    """Return the first of `count` new task numbers of a project; a failed import leaves a gap.

    Called outside the import's own transaction, so that imports into one project do not wait for each other.
    """
    project = lock_project(project_id)
    first = project.last_inner_id + 1
    Project.objects.filter(pk=project_id).update(last_inner_id=first + count - 1)
    return first
