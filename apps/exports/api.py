"""Exports over REST that are streamed at once, and the formats there are."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.negotiation import AnyAccepted
from apps.exports.formats import CATALOGUE
from apps.exports.options import COMPLETIONS, IDENTITIES, PREDICTIONS, STATES, TAGGINGS, TASKS, read_spec
from apps.exports.services import ExportStream, export_project
from apps.labeling.config import parse
from apps.projects.policy import Action
from apps.projects.queries import project_for

PARAMETERS = [
    OpenApiParameter(
        "export_type", str, description="A format of export/formats; also exportType or format."
    ),
    OpenApiParameter("download_all_tasks", bool, description="The same as tasks=all."),
    OpenApiParameter(
        "download_resources", bool, description="Media files too, where the format can hold them."
    ),
    OpenApiParameter(
        "media", bool, description="Media files too; refused where the format cannot hold them."
    ),
    OpenApiParameter("tagging", str, enum=TAGGINGS),
    OpenApiParameter("tasks", str, enum=TASKS),
    OpenApiParameter("view", int, description="A saved tab of the data manager: its filters hold."),
    OpenApiParameter("filters", str, description="JSON: filters as the data manager takes them."),
    OpenApiParameter("selectedItems", str, description="JSON: a selection of the data manager."),
    OpenApiParameter("ids", str, description="Ids of tasks: 1,2 or one in each of several."),
    OpenApiParameter("finished", str, enum=STATES[1:]),
    OpenApiParameter("annotated", str, enum=STATES[1:]),
    OpenApiParameter("skipped_tasks", str, enum=STATES[1:]),
    OpenApiParameter("completions", str, enum=COMPLETIONS[1:]),
    OpenApiParameter("usual", bool),
    OpenApiParameter("ground_truths", bool),
    OpenApiParameter("skipped", bool),
    OpenApiParameter("people", str, description="Only completions of these people: ids."),
    OpenApiParameter("predictions", str, enum=PREDICTIONS),
    OpenApiParameter("drafts", bool, description="The caller's own drafts."),
    OpenApiParameter("history", bool, description="Completions with their earlier versions."),
    OpenApiParameter(
        "interpolate", bool, description="Regions in videos with the frames between key frames."
    ),
    OpenApiParameter("identities", str, enum=IDENTITIES),
    OpenApiParameter("since", str, description="A cursor of an earlier export, or a time."),
    OpenApiParameter("split", str, description="train=0.8,val=0.1,test=0.1"),
    OpenApiParameter("split_key", str, description="A key of the data; tasks of one value stay together."),
    OpenApiParameter("split_seed", str),
]


def given_options(query: QueryDict) -> dict[str, Any]:
    """Return the options of an address: texts, and lists where one is given several times."""
    return {name: values[0] if len(values) == 1 else values for name, values in query.lists()}


def stream_response(export: ExportStream) -> StreamingHttpResponse:
    """Return the answer that streams an export under its name."""
    response = StreamingHttpResponse(export.pieces, content_type=export.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export.filename}"'
    response["filename"] = export.filename
    if export.next_cursor:
        response["Next-Cursor"] = export.next_cursor
    return response


class ExportView(APIView):
    """Labeled tasks as a file."""

    content_negotiation_class = AnyAccepted
    other_parameters: frozenset[str] = frozenset()

    @extend_schema(parameters=PARAMETERS, responses={(200, "application/json"): bytes})
    def get(self, request: Request, project_id: str) -> StreamingHttpResponse:
        """Stream the export; by default the tasks that somebody answered, as JSON.

        The header Next-Cursor is what a later call gives as `since`, to get what has changed.
        """
        project = project_for(caller(request), int(project_id), Action.EXPORT)
        spec = read_spec(given_options(request.query_params), besides=self.other_parameters)
        return stream_response(export_project(project=project, exported_by=caller(request), spec=spec))


class ExportFormatsView(APIView):
    """The formats there are."""

    @extend_schema(responses={200: list[dict[str, Any]]})
    def get(self, request: Request, project_id: str) -> Response:
        """List them: whether each fits the project's labeling config, and else why not."""
        project = project_for(caller(request), int(project_id), Action.EXPORT)
        config = parse(project.label_config)
        reasons = {entry.name: entry.fits(config) for entry in CATALOGUE.values()}
        return Response(
            [
                {
                    "name": entry.name, "title": entry.title, "description": entry.description, "link": "",
                    "fits": reasons[entry.name] is None, "reason": reasons[entry.name] or "",
                    "extension": entry.extension, "holds_media": entry.holds_media,
                }
                for entry in CATALOGUE.values()
            ]
        )  # fmt: skip
