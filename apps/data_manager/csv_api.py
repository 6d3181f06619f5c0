"""A view as CSV over REST."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.core.negotiation import AnyAccepted
from apps.data_manager.action_api import file_response
from apps.data_manager.csv_export import csv_of, shown_columns
from apps.data_manager.parameters import listed_query, project_in, tab_in
from apps.projects.policy import Action

MAX_COLUMNS = 100


class CsvView(APIView):
    """The tasks of a view as a file."""

    content_negotiation_class = AnyAccepted

    @extend_schema(
        parameters=[
            OpenApiParameter("project", int, required=True),
            OpenApiParameter(
                "view", int, description="A saved tab: its filters, order and columns are taken."
            ),
            OpenApiParameter("query", str, description="JSON: {filters, ordering, selectedItems}."),
            OpenApiParameter("ordering", str),
            OpenApiParameter(
                "columns", str, description="Names separated by commas, or one in each of several."
            ),
        ],
        responses={(200, "text/csv"): bytes},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every task that passes the filters, in their order, with the columns of the view."""
        project = project_in(request, Action.EXPORT)
        tab = tab_in(request, project)
        columns = shown_columns(project, _names(request, tab.get("columns")))
        query = listed_query(request, project, tab)
        file = csv_of(query, columns)
        record(
            AuditAction.PROJECT_EXPORTED, actor=caller(request), target=project, project_id=project.pk,
            after={"format": "CSV of a view", "columns": [column.id for column in columns]},
        )  # fmt: skip
        return file_response(file)


def _names(request: Request, of_tab: object) -> list[str]:
    given = request.query_params.getlist("columns")
    # One alone may be a list; several are names, in which commas can stand.
    names = [name.strip() for name in (given[0].split(",") if len(given) == 1 else given) if name.strip()]
    if not names and isinstance(of_tab, list):
        names = [name for name in of_tab if isinstance(name, str)]
    if len(names) > MAX_COLUMNS:
        message = f"At most {MAX_COLUMNS} columns can be written."
        raise ValidationFailed(message, fields={"columns": [message]})
    return names
