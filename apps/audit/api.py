"""The audit log over REST, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.audit.actions import AuditAction
from apps.audit.models import Entry, EntryQuerySet
from apps.core.errors import ValidationFailed
from apps.core.pagination import PageNumberPagination

CSV_COLUMNS = (
    "at",
    "actor",
    "action",
    "project",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "address",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts so for a formula; it gets an apostrophe in front."""


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry as the API shows it."""
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": entry.actor_name,
        "action": entry.action,
        "project": entry.project_id,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "target_name": entry.target_name,
        "before": entry.before,
        "after": entry.after,
        "address": entry.address,
    }


def filtered_entries(entries: EntryQuerySet, filters: dict[str, str]) -> EntryQuerySet:
    """Return the entries that match `project`, `actor`, `action`, `since` and `until`, newest first.

    Raises:
        ValidationFailed: a filter cannot be read.
    """
    if project := filters.get("project"):
        if not project.isdecimal() or len(project) > 18:
            raise ValidationFailed("project must be a number.", fields={"project": ["Not a number."]})
        entries = entries.filter(project_id=int(project))
    if actor := filters.get("actor", "").replace("\x00", ""):
        entries = entries.filter(actor_name__icontains=actor)
    if action := filters.get("action"):
        if action not in AuditAction.values:
            raise ValidationFailed(
                f"There is no action of that name: use {', '.join(AuditAction.values)}.",
                fields={"action": ["Unknown."]},
            )
        entries = entries.filter(action=action)
    if since := filters.get("since"):
        entries = entries.filter(at__gte=_moment(since, "since"))
    if until := filters.get("until"):
        entries = entries.filter(at__lt=_moment(until, "until"))
    return entries.newest_first()


def _moment(text: str, name: str) -> datetime:
    try:
        moment = parse_datetime(text)
        date = parse_date(text) if moment is None else None
    except ValueError:
        moment = date = None
    if date is not None:
        moment = datetime(date.year, date.month, date.day, tzinfo=UTC)
    if moment is None:
        raise ValidationFailed(f"{name} must be a date or time, as 2026-11-23.", fields={name: ["No date."]})
    return make_aware(moment, UTC) if is_naive(moment) else moment


def csv_lines(entries: EntryQuerySet) -> Iterator[str]:
    """Yield the log as CSV, with cells that a spreadsheet would run as formulas neutralised by an apostrophe."""
    yield ",".join(CSV_COLUMNS) + "\r\n"
    for entry in entries.iterator(chunk_size=1_000):
        document = entry_document(entry)
        line = io.StringIO()
        csv.writer(line).writerow([_cell(document[name]) for name in CSV_COLUMNS])
        yield line.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class AuditView(APIView):
    """What was done in the projects the caller manages; everything, for administrators."""

    @extend_schema(
        parameters=[
            OpenApiParameter(name, str)
            for name in ("project", "actor", "action", "since", "until", "page", "as")
        ],
        responses={200: dict},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List entries, newest first; `as=csv` streams all that match."""
        entries = filtered_entries(Entry.objects.for_user(request.user), request.query_params.dict())
        if request.query_params.get("as") == "csv":
            response = StreamingHttpResponse(csv_lines(entries), content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
            return response
        pager = PageNumberPagination()
        page = pager.paginate_queryset(entries, request, view=self) or []
        return pager.get_paginated_response([entry_document(entry) for entry in page])
