"""Taking tasks out of a project: the page, what a choice would bring, the exports that were made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from apps.core.errors import ProductError
from apps.data_manager.tabs import views_of
from apps.exports.api import given_options, stream_response
from apps.exports.estimating import estimate
from apps.exports.formats import CATALOGUE
from apps.exports.keeping import create_export, delete_export, export_for
from apps.exports.links import make_link
from apps.exports.models import Export
from apps.exports.options import read_spec
from apps.exports.services import export_project, prepare_export
from apps.exports.snapshot_api import download
from apps.jobs.queries import with_waiting_reasons
from apps.labeling.config import parse
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import members_of, totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.export_history import shown_exports
from apps.web.forms.exports import OF_A_TAB, ExportForm, LinkForm
from apps.web.forms.page_form import mark_invalid
from apps.web.navigation import tabs_of

EXPORTS_CHANGED = "exports:changed"
"""The event that tells the page to read its list of exports again."""

PAGE_SIZE = 10
_FIELDS = {"export_type": "format", "media": "media_files", "people": "person"}


@require_GET
def export(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the formats that fit, why others do not, what can be chosen, and the exports that were made."""
    project = open_project(request, project_id, Action.EXPORT)
    return _page(request, project, _form(request, project, None))


@require_GET
def export_file(request: SignedInRequest, project_id: int) -> StreamingHttpResponse:
    """Stream an export as a download; nothing of it is kept."""
    project = open_project(request, project_id, Action.EXPORT)
    spec = read_spec(given_options(request.GET))
    return stream_response(export_project(project=project, exported_by=request.user, spec=spec))


@require_GET
def export_estimate(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Say how many tasks the form means, and about how large the file would be."""
    project = open_project(request, project_id, Action.EXPORT)
    form = _form(request, project, request.GET)
    context: dict[str, Any] = {"project": project}
    try:
        if form.is_valid():
            writer = prepare_export(project=project, user=request.user, spec=form.spec())
            context |= {"estimate": estimate(writer), "media": writer.spec.media}
    except ProductError as error:
        context["problem"] = error.message
    return render(request, "web/parts/export_estimate.html", context)


@require_POST
def start_export(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Export as the form says: answers with the export's card, or with what is wrong."""
    project = open_project(request, project_id, Action.EXPORT)
    form = _form(request, project, request.POST)
    if form.is_valid():
        try:
            row = create_export(
                project=project, created_by=request.user, spec=form.spec(), title=form.cleaned_data["title"]
            )
        except ProductError as error:
            _take_errors(form, error)
        else:
            return _answer(request, project, export_for(request.user, project, row.pk), is_new=True)
    mark_invalid(form)
    if request.htmx:
        return render(request, "web/parts/export_refused.html", {"form": form})
    return _page(request, project, form, status=422)


@require_GET
def export_card(request: SignedInRequest, project_id: int, export_id: int) -> HttpResponse:
    """Show one export: to htmx as a card that asks for itself again while it is made."""
    project = open_project(request, project_id, Action.EXPORT)
    return _answer(request, project, export_for(request.user, project, export_id))


@require_GET
def export_download(request: SignedInRequest, project_id: int, export_id: int) -> HttpResponseBase:
    """Send the file of an export."""
    project = open_project(request, project_id, Action.EXPORT)
    row = export_for(request.user, project, export_id)
    return download(request, row, project=project, user=request.user, format_name=row.format)


@require_http_methods(["GET", "POST"])
def remove_export(request: SignedInRequest, project_id: int, export_id: int) -> HttpResponse:
    """Ask, then delete an export with its file, or stop it."""
    project = open_project(request, project_id, Action.EXPORT)
    row = export_for(request.user, project, export_id)
    if request.method == "GET":
        base = "web/dialog_part.html" if request.htmx else "web/dialog_page.html"
        context = {
            "project": project, "row": row, "conversions": row.conversions.count(), "dialog_base": base,
        }  # fmt: skip
        return render(request, "web/dialogs/delete_export.html", context)
    name = str(row)
    delete_export(row=row, deleted_by=request.user)
    messages.success(request, f"{name} is deleted.")
    return redirect("web:export", project.pk)


@require_http_methods(["GET", "POST"])
def link_to_export(request: SignedInRequest, project_id: int, export_id: int) -> HttpResponse:
    """Ask for how long, then show a link to the file for people without an account."""
    project = open_project(request, project_id, Action.EXPORT)
    row = export_for(request.user, project, export_id)
    form = LinkForm(request.POST or None)
    context: dict[str, Any] = {"project": project, "row": row, "form": form}
    if request.method == "POST" and form.is_valid():
        link = make_link(row=row, made_by=request.user, hours=form.cleaned_data["hours"])
        context |= {"link": request.build_absolute_uri(link.path), "expires_at": link.expires_at}
    context["dialog_base"] = "web/dialog_part.html" if request.htmx else "web/dialog_page.html"
    return render(request, "web/dialogs/link_to_export.html", context)


def _form(request: SignedInRequest, project: Project, data: Any) -> ExportForm:
    views = views_of(project, request.user)
    asked = request.GET.get("view", "")
    of_a_tab = asked if any(str(view.pk) == asked for view in views) else ""
    initial = {"tasks": OF_A_TAB if of_a_tab else "labeled", "view": of_a_tab}
    people = [member.user for member in members_of(project)]
    shown = parse(project.label_config).objects.values()
    shows_video = any(tag.type == "Video" for tag in shown)
    return ExportForm(data, views=views, people=people, shows_video=shows_video, initial=initial)


def _take_errors(form: ExportForm, error: ProductError) -> None:
    """Show what is wrong beside the field that people know it by."""
    for name, texts in error.fields.items():
        known = _FIELDS.get(name, name)
        for text in texts:
            form.add_error(known if known in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)


def _answer(request: SignedInRequest, project: Project, row: Export, *, is_new: bool = False) -> HttpResponse:
    """Return an export's card to htmx, the page to everybody else."""
    if not request.htmx:
        return redirect("web:export", project.pk)
    with_waiting_reasons(filter(None, [row.job]))
    [shown] = shown_exports([row])
    answer = render(request, "web/parts/export_card.html", {"project": project, "shown": shown, "row": row})
    return answer if row.is_active and not is_new else trigger_client_event(answer, EXPORTS_CHANGED)


def _page(request: SignedInRequest, project: Project, form: ExportForm, status: int = 200) -> HttpResponse:
    config = parse(project.label_config)
    reasons = [(entry, entry.fits(config)) for entry in CATALOGUE.values()]
    rows = Export.objects.for_user(request.user).snapshots().filter(project=project)
    page = Paginator(rows.select_related("job", "created_by").order_by("-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    exports = shown_exports(page.object_list)
    underway = [one for one in exports if one.row.is_active and one.row.created_by_id == request.user.pk]
    with_waiting_reasons([one.row.job for one in underway if one.row.job is not None])
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "export",
        "form": form,
        "chosen_format": form["format"].value() or "JSON",
        "formats": [(entry, entry.holds_media) for entry, reason in reasons if reason is None],
        "unfit_formats": [(entry, reason) for entry, reason in reasons if reason is not None],
        "totals": totals_of([project.pk])[project.pk],
        "page": page,
        "exports": exports,
        "underway": underway,
    }
    return render(request, "web/pages/export.html", context, status=status)
