"""What changes projects and their members."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.core.events import publish
from apps.jobs.services import enqueue
from apps.projects.config_changing import (
    ConfigChange,
    OnImpact,
    check_label_config,
    lock_for_change,
    store_change,
    stored_text,
)
from apps.projects.config_versions import version_for, way_back
from apps.projects.events import ProjectCreated
from apps.projects.locks import lock_project
from apps.projects.models import ConfigVersion, Membership, Project
from apps.projects.policy import Role, require_project_creation
from apps.projects.renames import Renames

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
        "handing_out",
        "ground_truth_every",
        "model_version",
        "client_settings",
        "show_completions_to_annotators",
        "strict_results",
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
    settings["label_config"] = stored_text(settings.get("label_config", ""))
    check_label_config(settings["label_config"])
    _apply(project, {"title": title, **settings})
    project.save()
    ConfigVersion.objects.create(
        project=project,
        number=project.config_version,
        label_config=project.label_config,
        created_by=created_by,
    )
    Membership.objects.create(project=project, user=created_by, role=Role.OWNER)
    record(
        AuditAction.PROJECT_CREATED, actor=created_by, target=project, project_id=project.pk,
        after={"title": project.title},
    )  # fmt: skip
    publish(ProjectCreated(project.pk))
    project.my_role = Role.OWNER.value
    return project


@transaction.atomic
def update_project(
    *,
    project_id: int,
    changed_by: User | None = None,
    on_impact: str = OnImpact.REFUSE,
    renames: Renames | None = None,
    config_note: str = "",
    **settings: Any,
) -> Project:
    """Change the given settings of a project; the rest stays.

    A changed queue rule is brought to the tasks by a job. A changed `label_config` becomes a new version; with
    `renames`, a job (`project.relabeling_job` of what is returned) rewrites the existing completions.

    Args:
        on_impact: what becomes of answers and tasks that a new `label_config` would break: `OnImpact.REFUSE` the
            config, or `OnImpact.KEEP` them as they are, with the config version they were made with.
        renames: what of the config only changed its name; what they cover does not break.
        config_note: why the config changed, kept with the version; up to 200 characters.

    Raises:
        ConfigBreaksAnswers: `on_impact` refuses and something would break; its `impact` says what.
        ValidationFailed: a setting is wrong; then none is changed.
    """
    change = None
    if renames or "label_config" in settings:
        change = _config_change(settings, on_impact, renames, config_note)
    return _update(project_id, settings, change, changed_by)


def _config_change(
    settings: dict[str, Any], on_impact: str, renames: Renames | None, note: str
) -> ConfigChange:
    if "label_config" not in settings:
        message = "Send the label_config to which the renames lead."
        raise ValidationFailed(message, fields={"renames": [message]})
    settings["label_config"] = stored_text(settings["label_config"])
    return ConfigChange(settings["label_config"], on_impact, renames or Renames(), note)


def _update(
    project_id: int, settings: dict[str, Any], change: ConfigChange | None, changed_by: User | None
) -> Project:
    project = lock_for_change(project_id, change) if change else lock_project(project_id)
    rules, old_overlap = _queue_rules(project), project.overlap
    before = {name: getattr(project, name) for name in settings.keys() & CHANGEABLE}
    changed = _apply(project, settings)
    project.save(update_fields=[*changed, "updated_at"])
    if change and (change.renames or before["label_config"] != project.label_config):
        store_change(project, change, changed_by)
    _record_change(project, before, changed_by)
    if _queue_rules(project) != rules:
        enqueue(
            kind=APPLY_QUEUE_RULES,
            project=project,
            payload={"project": project.pk, "old_overlap": old_overlap},
        )
    return project


@transaction.atomic
def restore_config_version(
    *,
    project_id: int,
    number: int,
    restored_by: User,
    on_impact: str = OnImpact.REFUSE,
    renames: Renames | None = None,
) -> Project:
    """Make an earlier labeling config the present one again, as a new version.

    When it is refused, the impact suggests the renames that take the names back.

    Args:
        on_impact: as for `update_project`.
        renames: as for `update_project`.

    Raises:
        NotFound: there is no such version, or `restored_by` may not see it.
        ConfigBreaksAnswers: as for `update_project`.
    """
    version = version_for(restored_by, project_id, number)
    change = ConfigChange(
        version.label_config,
        on_impact,
        renames or Renames(),
        f"Version {number} restored",
        hint=way_back(project_id, number),
    )
    return _update(project_id, {"label_config": version.label_config}, change, restored_by)


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
    try:
        project.clean_fields(exclude={field.name for field in project._meta.fields} - settings.keys())
    except ValidationError as error:
        raise ValidationFailed("Validation error", fields=error.message_dict) from error
    return list(settings)


@transaction.atomic
def reserve_inner_ids(*, project_id: int, count: int) -> int:
    """Return the first of `count` new task numbers of a project; a failed import leaves a gap.

    Called outside the import's own transaction, so that imports into one project do not wait for each other.
    """
    project = lock_project(project_id)
    first = project.last_inner_id + 1
    Project.objects.filter(pk=project_id).update(last_inner_id=first + count - 1)
    return first
