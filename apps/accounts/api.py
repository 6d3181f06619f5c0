"""The caller's own account, and the people they may see."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services
from apps.accounts.models import ApiToken, User
from apps.accounts.requests import caller
from apps.accounts.serializers import (
    NewTokenSerializer,
    NewUserSerializer,
    ProfileSerializer,
    token_document,
    user_document,
)
from apps.core.errors import NotAllowed, NotFound


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
        tokens = ApiToken.objects.filter(user=caller(request)).order_by("pk")
        return Response([token_document(token) for token in tokens])

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
        token = ApiToken.objects.filter(user=caller(request), pk=int(token_id)).first()
        if token is None:
            raise NotFound(f"You have no API token {token_id}.")
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
        return Response(user_document(self._person(request, user_id)))

    @extend_schema(request=ProfileSerializer, responses={200: dict})
    def patch(self, request: Request, user_id: str) -> Response:
        """Change one's own name; an administrator also changes others' roles and whether they get in."""
        person = self._person(request, user_id)
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
            services.update_profile(user=person, **{**present, **names})
        return Response(user_document(person))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: str) -> Response:
        """Erase a person's data; their completions stay under a pseudonym. For administrators."""
        person = self._person(request, user_id)
        require_administrator(caller(request))
        services.erase_user(user_id=person.pk, erased_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _set_active(self, person: User, active: bool, changed_by: User) -> None:
        if active and not person.is_active:
            services.reactivate_user(user_id=person.pk, reactivated_by=changed_by)
        elif not active and person.is_active:
            services.deactivate_user(user_id=person.pk, deactivated_by=changed_by)

    def _person(self, request: Request, user_id: str) -> User:
        person: User | None = User.objects.for_user(caller(request)).filter(pk=int(user_id)).first()
        if person is None:
            raise NotFound(f"There is no user {user_id} whom you may see.")
        return person


def require_administrator(user: User) -> None:
    """Let an administrator go on.

    Raises:
        NotAllowed: it is somebody else.
    """
    if not user.is_administrator:
        raise NotAllowed("Only administrators may do this.")
