"""The API of jobs: list, read, cancel, retry. A job that the caller may not see does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.jobs.models import Job, JobQuerySet
from apps.jobs.queries import with_waiting_reasons
from apps.jobs.serializers import JobFilterSerializer, JobSerializer
from apps.jobs.services import cancel, retry

if TYPE_CHECKING:
    from apps.accounts.models import User


def _person(request: Request) -> User:
    """Return the caller; the permission let nobody else through."""
    return cast("User", request.user)


class JobViewSet(GenericViewSet[Job]):
    """Background jobs: imports, exports, prediction runs: whatever takes longer than a request may."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> JobQuerySet:
        """Only the jobs that the caller may see."""
        return Job.objects.for_user(self.request.user)

    @extend_schema(parameters=[JobFilterSerializer], responses=JobSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List jobs, newest first."""
        page = self.paginate_queryset(self._filtered(request))
        return self.get_paginated_response(
            self.get_serializer(with_waiting_reasons(page or []), many=True).data
        )

    @extend_schema(responses=JobSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one job; poll this for its progress."""
        return self._answer(self.get_object())

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel a queued job at once, or ask a running one to stop."""
        return self._answer(cancel(job=self.get_object(), cancelled_by=_person(request)))

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Queue a failed or cancelled job again."""
        return self._answer(retry(job=self.get_object(), retried_by=_person(request)))

    def _answer(self, job: Job) -> Response:
        return Response(self.get_serializer(with_waiting_reasons([job])[0]).data)

    def _filtered(self, request: Request) -> JobQuerySet:
        parameters = JobFilterSerializer(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        wanted: dict[str, Any] = parameters.validated_data
        return self.get_queryset().matching(
            project_id=wanted.get("project"),
            status=wanted.get("status"),
            kind=wanted.get("kind"),
        )
