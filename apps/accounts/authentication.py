"""Who makes an API call: a token's person or the instance's basic-auth account."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import cached_property
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from apps.accounts.models import ApiToken, GlobalRole, User, secret_digest
from apps.accounts.token_failures import count_failure, refuse_guessing, remember_right_key
from apps.core.compiled_queries import CompiledJoin, CompiledQuery, text

LAST_USED_PRECISION = timedelta(minutes=1)


@cache
def _valid_token() -> CompiledQuery[ApiToken]:
    """Return the query of every request of a program: a token that lets in now, with its person."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
    tokens = ApiToken.objects.select_related("user").defer(
        "digest", "created_at", "expires_at", "user__password"
    )
    return CompiledQuery("api_token", tokens.filter(lasting, digest=text("digest"), user__is_active=True))


class ReadWithToken:
    """What a view reads first for each request; those with an API token read it in the round trip that reads the token.

    Views have one for each method that does so, in the attribute `read_with_token`. They find it by `found_with_token`.

    Args:
        name: what it reads, as for `Prepared`.
        query: returns the query as members see it, with the number `user`; administrators, who see more, read it anew.
        numbers: names of its other numbers, by the names that they have in the view's address.
    """

    def __init__(self, name: str, query: Callable[[], CompiledQuery[Any]], **numbers: str) -> None:
        self._name, self._query, self._numbers = name, query, numbers

    def is_for(self, address: Mapping[str, str]) -> bool:
        """Whether an address has the numbers: a view may stand at another one, too, and find them out by itself."""
        return self._numbers.keys() <= address.keys()

    def read(self, digest: str, address: Mapping[str, str]) -> tuple[ApiToken | None, Any | None]:
        """Return the token with a digest, and what is found for its person and the numbers in the view's address."""
        given = {parameter: int(address[name]) for name, parameter in self._numbers.items()}
        return self._joined.read(digest=digest, **given)

    @cached_property
    def _joined(self) -> CompiledJoin[ApiToken]:
        return CompiledJoin(f"api_token_and_{self._name}", _valid_token(), self._query(), user="user_id")


def found_with_token(request: Request) -> Any | None:
    """Return what the view reads first, if it was read with the token and the person sees it."""
    return getattr(request, "_found_with_token", None)


class ApiTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token KEY` (what label-studio-sdk sends) or `Bearer KEY`."""

    schemes = ("token", "bearer")

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the key's person.

        Raises:
            AuthenticationFailed: the key is unknown, expired, or its person was deactivated.
        """
        words = request.META.get("HTTP_AUTHORIZATION", "").split()
        if not words or words[0].lower() not in self.schemes:
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed("The Authorization header is malformed: send `Token KEY`.")
        return self._person_of(words[1], request)

    def _person_of(self, key: str, request: Request) -> tuple[User, ApiToken]:
        digest = secret_digest(key)
        refuse_guessing(digest)
        token = _read_token(digest, request)
        if token is None:
            count_failure()
            raise exceptions.AuthenticationFailed("The API token is unknown, expired or revoked.")
        remember_right_key(digest)
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > LAST_USED_PRECISION:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Make a missing key a 401, with this challenge."""
        return "Token"


def _read_token(digest: str, request: Request) -> ApiToken | None:
    view = request.parser_context.get("view")
    reading: ReadWithToken | None = getattr(view, "read_with_token", {}).get(request.method)
    if view is None or reading is None or not reading.is_for(view.kwargs):
        return _valid_token().first(digest=digest)
    token, found = reading.read(digest, view.kwargs)
    if token is not None and not token.user.is_administrator:
        request._found_with_token = found  # type: ignore[attr-defined]  # for `found_with_token`
    return token


class InstanceBasicAuthentication(authentication.BaseAuthentication):
    """HTTP Basic for the whole instance, when the operator set a name and a password."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the instance's owner for the right name and password.

        Raises:
            AuthenticationFailed: basic credentials were sent and are wrong.
        """
        credentials = basic_credentials(request.META.get("HTTP_AUTHORIZATION", ""))
        if credentials is None or not settings.BASIC_AUTH_PASSWORD:
            return None
        owner = instance_owner(*credentials)
        if owner is None:
            raise exceptions.AuthenticationFailed("The user name or the password is wrong.")
        if request.method not in SAFE_METHODS and _comes_from_another_site(request):
            raise exceptions.PermissionDenied("A page of another site may not write here.")
        return owner, None


def _comes_from_another_site(request: Request) -> bool:
    """Whether a browser sent this for another site's page: it adds basic credentials there by itself, as cookies.

    Programs send neither header.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of an `Authorization: Basic …` header; None when it is another kind or malformed."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def instance_owner(name: str, password: str) -> User | None:
    """Return the account that basic auth acts as, if name and password are the instance's own."""
    right_name = constant_time_compare(name, settings.BASIC_AUTH_USERNAME)
    right_password = constant_time_compare(password, settings.BASIC_AUTH_PASSWORD)
    if not (right_name and right_password and settings.BASIC_AUTH_PASSWORD):
        return None
    administrators = User.objects.filter(role=GlobalRole.ADMINISTRATOR, is_active=True)
    return administrators.order_by("date_joined", "pk").first()
