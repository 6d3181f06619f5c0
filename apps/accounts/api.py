"""The caller's own account, and the people they may see."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services
from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.accounts.serializers import ProfileSerializer, user_document
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


class UsersView(APIView):
    """The people whom the caller may see."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return them as a bare list, as clients expect."""
        people = User.objects.for_user(caller(request)).order_by("pk")
        return Response([user_document(person) for person in people])


class UserView(APIView):
    """One person; only their own name can be changed here."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, user_id: int) -> Response:
        """Return a person."""
        return Response(user_document(self._person(request, int(user_id))))

    @extend_schema(request=ProfileSerializer, responses={200: dict})
    def patch(self, request: Request, user_id: int) -> Response:
        """Change one's own name; other people are not found here."""
        if int(user_id) != caller(request).pk:
            raise NotFound("You can change only your own account.")
        form = ProfileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        person = caller(request)
        names = {"first_name": person.first_name, "last_name": person.last_name, **form.validated_data}
        return Response(user_document(services.update_profile(user=person, **names)))

    def _person(self, request: Request, user_id: int) -> User:
        person = User.objects.for_user(caller(request)).filter(pk=user_id).first()
        if person is None:
            raise NotFound(f"There is no user {user_id} whom you may see.")
        return person
