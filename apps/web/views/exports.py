"""Taking completions out of a project."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.exports.api import given_options, stream_response
from apps.exports.formats import CATALOGUE
from apps.exports.options import read_spec
from apps.exports.services import export_project
from apps.labeling.config import parse
from apps.projects.policy import Action
from apps.projects.queries import totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.navigation import tabs_of


@require_GET
def export(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the formats that fit, why others do not, and how much each choice would bring."""
    project = open_project(request, project_id, Action.EXPORT)
    config = parse(project.label_config)
    reasons = [(entry, entry.fits(config)) for entry in CATALOGUE.values()]
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "export",
        "formats": [entry for entry, reason in reasons if reason is None],
        "unfit_formats": [(entry, reason) for entry, reason in reasons if reason is not None],
        "totals": totals_of([project.pk])[project.pk],
    }
    return render(request, "web/pages/export.html", context)


@require_GET
def export_file(request: SignedInRequest, project_id: int) -> StreamingHttpResponse:
    """Stream an export as a download."""
    project = open_project(request, project_id, Action.EXPORT)
    spec = read_spec(given_options(request.GET), besides=frozenset({"csrfmiddlewaretoken"}))
    return stream_response(export_project(project=project, exported_by=request.user, spec=spec))
