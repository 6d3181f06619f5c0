"""What is read of people, their tokens and their sessions."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.models import ApiToken, Session, User
from apps.core.errors import NotFound

AVATAR_NAME = re.compile(r"[0-9a-f]{40}\.png")


def people_matching(user: User, text: str) -> QuerySet[User]:
    """Return the people whom `user` may see and whose name or address holds `text`, by address."""
    text = text.replace("\x00", "").strip()
    named = Q(first_name__icontains=text) | Q(last_name__icontains=text) | Q(email__icontains=text)
    people = User.objects.for_user(user).order_by("email")
    return people.filter(named) if text else people


def person_for(user: User, person_id: int) -> User:
    """Return a person whom `user` may see.

    Raises:
        NotFound: there is none.
    """
    person: User | None = User.objects.for_user(user).filter(pk=person_id).first()
    if person is None:
        raise NotFound(f"There is no user {person_id} whom you may see.")
    return person


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return a person's own API tokens, oldest first."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user=user).order_by("pk")
    return tokens


def token_of(user: User, token_id: int) -> ApiToken:
    """Return one of a person's own API tokens.

    Raises:
        NotFound: they have no such token.
    """
    token = tokens_of(user).filter(pk=token_id).first()
    if token is None:
        raise NotFound(f"You have no API token {token_id}.")
    return token


def sessions_of(user: User) -> QuerySet[Session]:
    """Return the sessions in which a person is signed in now, the last used one first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_seen", "pk")


def person_with_avatar(user: User, name: str) -> User:
    """Return the person, visible to `user`, whose picture is the file `name`.

    Raises:
        NotFound: nobody's is.
    """
    people = User.objects.for_user(user) if AVATAR_NAME.fullmatch(name) else User.objects.none()
    person: User | None = people.filter(avatar=f"avatars/{name}").first()
    if person is None:
        raise NotFound("There is no such picture.")
    return person
