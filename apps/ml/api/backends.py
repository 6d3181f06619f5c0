"""ML backends over REST: connect, list, change, remove, try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import ValidationFailed
from apps.core.ids import id_in
from apps.ml import services
from apps.ml.calling import calling
from apps.ml.checking import Findings, check_backend
from apps.ml.models import BackendFailure, MLBackend
from apps.ml.protocol.errors import BackendError
from apps.ml.queries import backend_for, backends_of, visible_backends
from apps.ml.serializers import (
    BackendSerializer,
    NewBackendSerializer,
    backend_document,
    failure_document,
    on_the_wire,
)
from apps.projects.policy import Action
from apps.projects.queries import project_for


class BackendsView(APIView):
    """The ML backends of a project."""

    @extend_schema(parameters=[OpenApiParameter("project", int)], responses={200: dict})
    def get(self, request: Request) -> Response:
        """List those of `project`, or of all projects whose models the caller may see, as a bare list."""
        given = request.query_params.get("project")
        if given is None:
            backends = visible_backends(caller(request))
        else:
            project_id = id_in(given)
            if project_id is None:
                raise ValidationFailed("project must be a number.")
            backends = backends_of(project_for(caller(request), project_id, Action.VIEW_MODELS))
        return Response([backend_document(backend) for backend in backends])

    @extend_schema(request=NewBackendSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Connect one, if it is well; with `store_anyway` also if it is not."""
        project, settings = _new_backend(request)
        with _told_by_wire_names():
            backend = services.connect_backend(project=project, connected_by=caller(request), **settings)
        return Response(backend_document(backend), status=status.HTTP_201_CREATED)


class BackendView(APIView):
    """One ML backend."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, backend_id: str) -> Response:
        """Return it as the last check found it."""
        return Response(backend_document(backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)))

    @extend_schema(request=BackendSerializer, responses={200: dict})
    def patch(self, request: Request, backend_id: str) -> Response:
        """Change the given settings; what is about how it is reached, only if it is well there."""
        backend, settings = _changes(request, backend_id)
        with _told_by_wire_names():
            changed = services.change_backend(backend=backend, changed_by=caller(request), **settings)
        return Response(backend_document(changed))

    put = patch

    @extend_schema(responses={204: None})
    def delete(self, request: Request, backend_id: str) -> Response:
        """Remove it with its runs and trainings; its predictions stay."""
        backend = backend_for(caller(request), int(backend_id), Action.CHANGE_MODELS)
        services.remove_backend(backend=backend, removed_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class NewBackendTestView(APIView):
    """Tries a connection that is not stored."""

    @extend_schema(request=NewBackendSerializer, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Return what the backend says of itself; nothing is stored."""
        project, settings = _new_backend(request)
        settings.pop("store_anyway", None)
        with _told_by_wire_names():
            findings = services.try_connection(project=project, **settings)
        return Response(_findings_document(findings))


class BackendTestView(APIView):
    """Tries a connection that is stored, as it is or with changes."""

    @extend_schema(request=BackendSerializer, responses={200: dict})
    def post(self, request: Request, backend_id: str) -> Response:
        """Return what the backend says of itself, asked at once; with changes in the body nothing is stored."""
        backend, changes = _changes(request, backend_id)
        changes.pop("store_anyway", None)
        with _told_by_wire_names():
            if changes:
                return Response(_findings_document(services.try_changes(backend=backend, changes=changes)))
            try:
                return Response(_findings_document(check_backend(backend, insist=True)))
            except BackendError as error:
                raise services.not_connected(error) from error


class VersionsView(APIView):
    """The versions of a backend's model."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, backend_id: str) -> Response:
        """Ask the backend for them, the newest first."""
        backend = backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)
        try:
            with calling(backend, call="versions") as client:
                return Response({"versions": client.versions()})
        except BackendError as error:
            raise services.not_connected(error) from error


class FailuresView(APIView):
    """What went wrong with a backend."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, backend_id: str) -> Response:
        """List the newest failures with the requests that led to them, at most 20, the newest first."""
        backend = backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)
        failures = BackendFailure.objects.filter(backend=backend).order_by("-pk")
        return Response([failure_document(failure) for failure in failures])


def _new_backend(request: Request) -> tuple[Any, dict[str, Any]]:
    form = NewBackendSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    project = project_for(caller(request), form.validated_data["project"], Action.CHANGE_MODELS)
    return project, form.settings()


def _changes(request: Request, backend_id: str) -> tuple[MLBackend, dict[str, Any]]:
    backend = backend_for(caller(request), int(backend_id), Action.CHANGE_MODELS)
    require_echoed_ids(request.data, id=backend.pk, project=backend.project_id)
    form = BackendSerializer(data=request.data, partial=True)
    form.is_valid(raise_exception=True)
    return backend, form.settings()


def _findings_document(findings: Findings) -> dict[str, Any]:
    return {
        "model_class": findings.model_class or None,
        "model_version": findings.model_version or None,
        "protocol": findings.protocol,
        "latency_ms": findings.latency_ms,
    }


@contextmanager
def _told_by_wire_names() -> Iterator[None]:
    try:
        yield
    except ValidationFailed as error:
        error.fields = on_the_wire(error.fields)
        raise
