"""The audit log: everything for administrators, their projects' part for those who manage some."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.audit.documents import csv_lines
from apps.audit.models import Entry, EntryQuerySet
from apps.audit.queries import filtered_entries, require_reading_log
from apps.core.errors import ValidationFailed
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest
from apps.web.audit_changes import shown_entry
from apps.web.forms.audit import AuditFilterForm
from apps.web.forms.page_form import mark_invalid

PAGE_SIZE = 50
MAX_LISTED_PROJECTS = 200


@require_GET
def audit(request: SignedInRequest) -> HttpResponse:
    """Show entries, newest first; `before` is the id below which an older page begins."""
    form = _filters(request)
    entries: list[Entry] = []
    if form.is_valid():
        entries = list(_older_than(request, _matching(request, form))[: PAGE_SIZE + 1])
    mark_invalid(form)
    shown = entries[:PAGE_SIZE]
    context = {
        "form": form,
        "entries": [shown_entry(entry) for entry in shown],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "is_older": "before" in request.GET,
        "next_before": shown[-1].pk if len(entries) > PAGE_SIZE else None,
    }
    return render(request, "web/pages/audit.html", context, status=422 if form.errors else 200)


@require_GET
def audit_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Stream all entries that match as a download.

    Raises:
        ValidationFailed: a filter cannot be read.
    """
    form = _filters(request)
    if not form.is_valid():
        raise ValidationFailed("A filter of this download cannot be read. Go back and choose it again.")
    response = StreamingHttpResponse(
        csv_lines(_matching(request, form)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return response


def _filters(request: SignedInRequest) -> AuditFilterForm:
    require_reading_log(request.user)
    managed = Project.objects.for_user(request.user).where_allowed(Action.VIEW_JOBS).order_by("title", "pk")
    return AuditFilterForm(request.GET, projects=list(managed[:MAX_LISTED_PROJECTS]))


def _matching(request: SignedInRequest, form: AuditFilterForm) -> EntryQuerySet:
    return filtered_entries(Entry.objects.for_user(request.user), form.filters())


def _older_than(request: SignedInRequest, entries: EntryQuerySet) -> EntryQuerySet:
    before = request.GET.get("before", "")
    known = before.isascii() and before.isdecimal() and len(before) <= 18
    return entries.filter(pk__lt=int(before)) if known else entries
