"""The documents of the Flask-era API, where they differ from today's."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.labeling.config import parse
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import Totals


def classic_project_document(project: Project, totals: Totals) -> dict[str, Any]:
    """Return a project as Label Studio 0.9 showed it, plus its id.

    `config` holds settings only, never a password; `completion_count` counts tasks that have completions.
    """
    config = parse(project.label_config)
    may_change = allows(project.my_role, Action.CHANGE_TASKS)
    return {
        "id": project.pk,
        "project_name": str(project),
        "task_count": totals.tasks,
        "completion_count": totals.tasks_with_completions,
        "config": {
            "title": str(project),
            "description": project.description,
            "instruction": project.instruction,
            "sampling": project.sampling,
            "label_config_updated": bool(project.label_config),
            "allow_delete_completions": allows(project.my_role, Action.CHANGE_ALL_COMPLETIONS),
        },
        "instruction": project.instruction,
        "can_manage_tasks": may_change,
        "can_manage_completions": allows(project.my_role, Action.CHANGE_ALL_COMPLETIONS),
        "can_delete_tasks": may_change,
        "data_types": config.data_types,
        "label_config_line": " ".join(project.label_config.split()),
        "config_has_control_tags": bool(config.controls),
        "multi_session_mode": settings.MULTI_SESSION,
    }
