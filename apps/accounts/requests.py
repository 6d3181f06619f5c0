"""Who sends a request, as our own type."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from apps.accounts.models import User


def caller(request: Request | HttpRequest) -> User:
    """Return the signed-in person who sends `request`.

    Raises:
        NotAuthenticated: nobody is signed in; views that let nobody else through never see this.
    """
    if not isinstance(request.user, User):
        raise NotAuthenticated()
    return request.user
