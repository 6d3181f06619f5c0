"""The audit log over REST, as JSON or CSV."""

from __future__ import annotations

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.audit.documents import csv_lines, entry_document
from apps.audit.models import Entry
from apps.audit.queries import filtered_entries
from apps.core.pagination import PageNumberPagination


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
