"""The caller's own account, and the people they may see."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services
from apps.accounts.models import User
from apps.accounts.policy import require_administrator
from apps.accounts.queries import person_for, person_with_avatar, token_of, tokens_of
from apps.accounts.requests import caller
from apps.accounts.serializers import (
    NewTokenSerializer,
    NewUserSerializer,
    ProfileSerializer,
    token_document,
    user_document,
)
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import NotFound


class WhoAmIView(APIView):
    """The account behind this call."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return the caller."""
        return Response({**user_document(caller(request)), "permissions": []})


class ResetTokenView(APIView):
    """A new API token in place of all others; it is shown in this answer only."""

    @extend_schema(request=None, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Revoke the caller's API tokens and return a new one."""
        key = services.reset_api_token(user=caller(request))
        return Response({"token": key}, status=status.HTTP_201_CREATED)


class TokensView(APIView):
    """The caller's API tokens."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """List them, without their keys."""
        return Response([token_document(token) for token in tokens_of(caller(request))])

    @extend_schema(request=NewTokenSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Make one; its key is in this answer only."""
        form = NewTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        key = services.create_api_token(user=caller(request), **form.validated_data)
        return Response({"token": key}, status=status.HTTP_201_CREATED)


class TokenView(APIView):
    """One of the caller's API tokens."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: str) -> Response:
        """Revoke it."""
        token = token_of(caller(request), int(token_id))
        services.revoke_api_token(token=token, revoked_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UsersView(APIView):
    """The people whom the caller may see."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return them as a bare list, as clients expect."""
        people = User.objects.for_user(caller(request)).order_by("pk")
        return Response([user_document(person) for person in people])

    @extend_schema(request=NewUserSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Make an account; for administrators."""
        require_administrator(caller(request))
        form = NewUserSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.create_user(created_by=caller(request), **form.validated_data)
        return Response(user_document(user), status=status.HTTP_201_CREATED)


class UserView(APIView):
    """One person."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, user_id: str) -> Response:
        """Return a person."""
        return Response(user_document(person_for(caller(request), int(user_id))))

    @extend_schema(request=ProfileSerializer, responses={200: dict})
    def patch(self, request: Request, user_id: str) -> Response:
        """Change one's own name; an administrator also changes others' roles and whether they get in."""
        person = person_for(caller(request), int(user_id))
        require_echoed_ids(request.data, id=person.pk)
        form = ProfileSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        fields = dict(form.validated_data)
        if person != caller(request) or fields.keys() & {"role", "is_active"}:
            require_administrator(caller(request))
        if "role" in fields:
            services.set_global_role(user_id=person.pk, role=fields["role"], changed_by=caller(request))
        if "is_active" in fields:
            self._set_active(person, fields["is_active"], caller(request))
        person.refresh_from_db()
        if names := {name: fields[name] for name in ("first_name", "last_name") if name in fields}:
            present = {"first_name": person.first_name, "last_name": person.last_name}
            services.update_profile(user=person, changed_by=caller(request), **{**present, **names})
        return Response(user_document(person))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: str) -> Response:
        """Erase a person's data; their completions stay under a pseudonym. For administrators."""
        person = person_for(caller(request), int(user_id))
        require_administrator(caller(request))
        services.erase_user(user_id=person.pk, erased_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _set_active(self, person: User, active: bool, changed_by: User) -> None:
        if active and not person.is_active:
            services.reactivate_user(user_id=person.pk, reactivated_by=changed_by)
        elif not active and person.is_active:
            services.deactivate_user(user_id=person.pk, deactivated_by=changed_by)


class AvatarView(APIView):
    """The picture of a person."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return it; its address changes with it, so that browsers may keep it."""
        person = person_with_avatar(caller(request), name)
        try:
            with person.avatar.open() as file:
                response = HttpResponse(file.read(), content_type="image/png")
        except FileNotFoundError as error:
            raise NotFound("The file of this picture is gone. Upload it again.") from error
        response["Cache-Control"] = "private, max-age=31536000, immutable"
        response["X-Content-Type-Options"] = "nosniff"
        return response
