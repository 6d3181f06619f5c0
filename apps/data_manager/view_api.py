"""Saved tabs over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.echoed_ids import require_echoed_ids
from apps.core.json_fields import StorableJSONField
from apps.data_manager import tabs
from apps.data_manager.models import View
from apps.data_manager.parameters import project_in
from apps.projects.policy import Action

PROJECT = OpenApiParameter("project", int, required=True)


class ViewSerializer(serializers.Serializer[View]):
    """What a client may send of a tab."""

    data = StorableJSONField(required=False)  # type: ignore[assignment]  # a field of that name
    is_shared = serializers.BooleanField(required=False, allow_null=True)


class ViewOrderSerializer(serializers.Serializer[None]):
    """An order of tabs."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**63 - 1), max_length=tabs.MAX_VIEWS
    )


def view_document(view: View) -> dict[str, Any]:
    """Return the VIEW object of the API."""
    data = {"filters": {"conjunction": "and", "items": []}, "ordering": [], **view.data}
    return {
        "id": view.pk,
        "project": view.project_id,
        "user": view.user_id,
        "order": view.order,
        "is_shared": view.is_shared,
        "data": data,
    }


class ViewsView(APIView):
    """The tabs of a project that the caller sees."""

    @extend_schema(parameters=[PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """List them in their order."""
        project = project_in(request, Action.VIEW_PROJECT)
        return Response([view_document(view) for view in tabs.views_of(project, caller(request))])

    @extend_schema(parameters=[PROJECT], request=ViewSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Save a new one: shared, if the caller's role allows it, unless `is_shared` says otherwise."""
        project = project_in(request, Action.VIEW_PROJECT)
        require_echoed_ids(request.data, project=project.pk, user=caller(request).pk)
        form = ViewSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = {"data": {}, **form.validated_data}
        view = tabs.create_view(project=project, created_by=caller(request), **fields)
        return Response(view_document(view), status=status.HTTP_201_CREATED)


class ViewView(APIView):
    """One tab."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, view_id: str) -> Response:
        """Return it."""
        return Response(view_document(tabs.view_for(caller(request), int(view_id))))

    @extend_schema(request=ViewSerializer, responses={200: dict})
    def patch(self, request: Request, view_id: str) -> Response:
        """Change the parts of its data that are sent."""
        return self._change(request, view_id, replace=False)

    @extend_schema(request=ViewSerializer, responses={200: dict})
    def put(self, request: Request, view_id: str) -> Response:
        """Replace its data."""
        return self._change(request, view_id, replace=True)

    def _change(self, request: Request, view_id: str, *, replace: bool) -> Response:
        view = tabs.view_for(caller(request), int(view_id))
        require_echoed_ids(request.data, id=view.pk, project=view.project_id, user=view.user_id)
        form = ViewSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = tabs.update_view(
            view=view, changed_by=caller(request), replace=replace, **form.validated_data
        )
        return Response(view_document(changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, view_id: str) -> Response:
        """Delete it."""
        tabs.delete_view(view=tabs.view_for(caller(request), int(view_id)), deleted_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ViewOrderView(APIView):
    """The order of tabs."""

    @extend_schema(parameters=[PROJECT], request=ViewOrderSerializer, responses={200: None})
    def post(self, request: Request) -> Response:
        """Put the named tabs first, in the order they are named."""
        project = project_in(request, Action.VIEW_PROJECT)
        form = ViewOrderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        tabs.order_views(project=project, ordered_by=caller(request), view_ids=form.validated_data["ids"])
        return Response(status=status.HTTP_200_OK)


class ViewResetView(APIView):
    """All tabs."""

    @extend_schema(parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete every tab that the caller may change."""
        tabs.reset_views(project=project_in(request, Action.VIEW_PROJECT), reset_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
