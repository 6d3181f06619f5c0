"""The charts of a project over REST."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import ValidationFailed
from apps.core.formula_cells import neutralized
from apps.core.negotiation import AnyAccepted
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.statistics.charts import Chart, Statistics, Table, chart_named, charts_in
from apps.statistics.freshness import Freshness, bring_up_to_date
from apps.statistics.queries import beginning_of
from apps.statistics.ranges import Period, read_range, zone_named

_RANGE_PARAMETERS = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; today when left out."),
    OpenApiParameter("range", str, description='Instead of `from`: so many days, or "all".'),
    OpenApiParameter("by", str, enum=list(Period), description="Longer ranges than 92 days are by week."),
    OpenApiParameter("time_zone", str, description="Whose days are meant, such as Europe/Berlin; UTC if left out."),
    OpenApiParameter("format", str, enum=["json", "csv"], description="`Accept: text/csv` does the same."),
]  # fmt: skip


class ChartsView(APIView):
    """The charts of a project."""

    @extend_schema(responses={200: list[dict[str, Any]]})
    def get(self, request: Request, project_id: str) -> Response:
        """List those that the caller may see."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        return Response(
            [
                {"chart": chart, "url": f"/api/projects/{project.pk}/statistics/{chart}/"}
                for chart in charts_in(project)
            ]
        )


class ChartView(APIView):
    """The numbers of one chart."""

    content_negotiation_class = AnyAccepted

    @extend_schema(parameters=_RANGE_PARAMETERS, responses={200: dict})
    def get(self, request: Request, project_id: str, chart_name: str) -> HttpResponseBase:
        """Return them as columns and rows, or as CSV.

        `exact` says whether everything is counted; if not, `as_of` says up to which moment. Who may not see other
        people's completions gets their own numbers, and the progress of all.
        """
        user = caller(request)
        project = project_for(user, int(project_id), Action.VIEW_PROJECT)
        chart = chart_named(chart_name)
        as_csv = wants_csv(request)
        zone = zone_named(request.query_params.get("time_zone") or "UTC")
        if zone is None:
            message = "time_zone must be a name of the IANA database, such as Europe/Berlin."
            raise ValidationFailed(message, fields={"time_zone": [message]})
        began = beginning_of(project.pk)
        days = read_range(
            request.query_params, zone=zone, beginning=began.astimezone(zone).date() if began else None
        )
        freshness = bring_up_to_date(project.pk)
        statistics = Statistics(project=project, viewer=user, days=days)
        table = statistics.table(chart)
        if as_csv:
            return csv_response(table, name=f"project-{project.pk}-{chart}")
        return Response(_document(chart, statistics, table, freshness))


def wants_csv(request: Request) -> bool:
    """Whether a request asks for CSV, by `?format=` or else by its `Accept` header.

    Raises:
        ValidationFailed: it asks for another format.
    """
    wanted = request.query_params.get("format")
    if wanted is None:
        return request.headers.get("Accept", "").split(",")[0].split(";")[0].strip() == "text/csv"
    if wanted not in ("json", "csv"):
        message = "format must be json or csv."
        raise ValidationFailed(message, fields={"format": [message]})
    return wanted == "csv"


def csv_response(table: Table, *, name: str) -> StreamingHttpResponse:
    """Return a table as a CSV file, sent row by row, in which no cell is a formula."""
    response = StreamingHttpResponse(_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class _Line:
    """A file for the CSV writer that hands each line on."""

    def write(self, line: str) -> str:
        """Return what is to be written."""
        return line


def _lines(table: Table) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in (table.columns, *table.rows):
        yield writer.writerow([neutralized("" if cell is None else str(cell)) for cell in row])


def _document(chart: Chart, statistics: Statistics, table: Table, freshness: Freshness) -> dict[str, Any]:
    days = statistics.days
    as_of: datetime | None = freshness.as_of
    return {
        "chart": chart,
        "project": statistics.subject.project_id,
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "by": days.by,
        "time_zone": days.zone.key,
        "own_only": not statistics.sees_everybody and chart is not Chart.PROGRESS,
        "exact": freshness.exact,
        "as_of": as_of.isoformat() if as_of else None,
        "columns": table.columns,
        "rows": table.rows,
    }
