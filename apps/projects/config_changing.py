"""Saving a labeling config over another one: what it would break is refused, kept or renamed, and a version remains."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.jobs.services import enqueue
from apps.labeling.config import ConfigError
from apps.labeling.validation import validate
from apps.projects.config_impact import ConfigBreaksAnswers, impact_of
from apps.projects.locks import lock_project
from apps.projects.models import ConfigVersion, Project
from apps.projects.renames import Renames

RELABEL = "relabeling"
"""The kind of the job that renames labels and controls in completions; its handler stands with the completions."""

NOTE_MAX_LENGTH = 200


class OnImpact(models.TextChoices):
    """What becomes of answers and tasks that a new config would break."""

    REFUSE = "refuse", "refuse the config"
    KEEP = "keep", "save the config, and keep them as they are"


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A new labeling config, with what its author decided about the answers to the old one.

    Args:
        hint: renames to suggest when it is refused.
    """

    label_config: str
    on_impact: str = OnImpact.REFUSE
    renames: Renames = field(default_factory=Renames)
    note: str = ""
    hint: Renames | None = None


def stored_text(xml: str) -> str:
    """Return a labeling config as it is stored: with the line ends of Unix, whatever a browser sends."""
    return xml.replace("\r\n", "\n")


def check_label_config(xml: str) -> None:
    """Let a usable labeling config pass; an empty one asks nothing, and is usable.

    Raises:
        ValidationFailed: with every problem of the config under the field `label_config`, and as `problems` with
            `message`, `line` and `column` (from 1, or None) among the details.
    """
    if not xml:
        return
    try:
        validate(xml)
    except ConfigError as error:
        problems = [str(problem) for problem in error.problems]
        places = [
            {"message": problem.message, "line": problem.line, "column": problem.column}
            for problem in error.problems
        ]
        raise ValidationFailed(
            f"The labeling config: {problems[0]}",
            fields={"label_config": problems},
            details={"problems": places},
        ) from error


def lock_for_change(project_id: int, change: ConfigChange) -> Project:
    """Lock a project whose config may be changed as `change` says.

    What it breaks is counted before the lock is taken, so that imports need not wait for it.

    Raises:
        NotFound: there is no such project.
        ConfigBreaksAnswers: it breaks something, and `on_impact` refuses.
        ValidationFailed: the config, a rename, the note or `on_impact` is wrong.
    """
    _check_decision(change)
    check_label_config(change.label_config)
    seen = Project.objects.filter(pk=project_id, deleted_at=None).first()
    if seen is not None:
        _refuse_breaking(seen, change)
    project = lock_project(project_id)
    if seen is not None and project.config_version != seen.config_version:
        _refuse_breaking(project, change)
    return project


def _check_decision(change: ConfigChange) -> None:
    if change.on_impact not in OnImpact.values:
        message = f'on_config_impact is one of {", ".join(OnImpact.values)}, not "{change.on_impact}".'
        raise ValidationFailed(message, fields={"on_config_impact": [message]})
    if len(change.note) > NOTE_MAX_LENGTH:
        message = f"A note has up to {NOTE_MAX_LENGTH} characters."
        raise ValidationFailed(message, fields={"config_note": [message]})


def _refuse_breaking(project: Project, change: ConfigChange) -> None:
    if change.label_config == project.label_config and not change.renames:
        return
    if change.on_impact == OnImpact.KEEP and not change.renames:
        return
    impact = impact_of(project, change.label_config, change.renames, hint=change.hint)
    if impact.breaks and change.on_impact == OnImpact.REFUSE:
        raise ConfigBreaksAnswers(impact)


def store_change(project: Project, change: ConfigChange, changed_by: User | None) -> None:
    """Give a locked project, on which the new config is set already, its next version; renames become a job."""
    project.config_version += 1
    project.save(update_fields=["config_version"])
    ConfigVersion.objects.create(
        project=project,
        number=project.config_version,
        label_config=project.label_config,
        renames=change.renames.document() if change.renames else None,
        note=change.note,
        created_by=changed_by,
    )
    if change.renames:
        project.relabeling_job = enqueue(
            kind=RELABEL,
            project=project,
            created_by=changed_by,
            payload={"project": project.pk, "config_version": project.config_version},
        )
