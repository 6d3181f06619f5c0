"""What the data manager of a project offers: its columns and what the caller may do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.data_manager.columns import COLUMNS, DATA, Column
from apps.data_manager.data_keys import data_columns
from apps.data_manager.operators import operators_of
from apps.data_manager.parameters import project_in
from apps.jobs.models import Job
from apps.projects.policy import Action, allows
from apps.projects.queries import totals_of
from apps.projects.serializers import project_document

PROJECT = OpenApiParameter("project", int, required=True)


def column_document(column: Column, shown_as: str = "") -> dict[str, Any]:
    """Return the COLUMN object of the API.

    Args:
        shown_as: of a key of the data, the tag that shows it.
    """
    return {
        "id": column.key or column.id,
        "name": column.id,
        "title": column.title,
        "type": shown_as or column.type,
        "help": column.help,
        "target": "tasks",
        "parent": DATA.rstrip(".") if column.key else None,
        "visibility_defaults": {"explore": column.is_shown, "labeling": bool(column.key)},
        "project_defined": bool(column.key),
        "operators": operators_of(column),
        "orderable": column.orderable,
        "schema": {"items": column.choices} if column.choices else None,
    }


class ColumnsView(APIView):
    """The columns of a project's data manager."""

    @extend_schema(parameters=[PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """List them: those of every project, then the keys of its data."""
        project = project_in(request, Action.VIEW_PROJECT)
        keys = data_columns(project)
        documents = [column_document(column) for column in COLUMNS]
        for document in documents:
            if document["id"] == "data":
                document["children"] = [column.key for column, _ in keys]
        documents += [column_document(column, shown_as) for column, shown_as in keys]
        return Response({"columns": documents})


class DataManagerProjectView(APIView):
    """The project as its data manager shows it."""

    @extend_schema(parameters=[PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return it with its totals, what the caller may do and whether something is running."""
        project = project_in(request, Action.VIEW_PROJECT)
        totals = totals_of([project.pk])[project.pk]
        return Response(
            {
                **project_document(project, totals),
                "task_count": totals.tasks,
                "annotation_count": totals.completions,
                "can_delete_tasks": allows(project.my_role, Action.CHANGE_TASKS),
                "can_manage_tasks": allows(project.my_role, Action.CHANGE_TASKS),
                "can_manage_annotations": allows(project.my_role, Action.CHANGE_ALL_COMPLETIONS),
                "source_syncing": False,
                "target_syncing": False,
                "jobs_running": Job.objects.active().filter(project_id=project.pk).count(),
            }
        )
