"""Guests: people of a browser in which nobody signed in, until they claim the account as their own."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from redis.exceptions import RedisError

from apps.accounts.models import User, normalize_email, secret_digest
from apps.accounts.services import save_credentials
from apps.audit.actions import AuditAction
from apps.audit.origin import valid_address
from apps.audit.services import record
from apps.core.errors import Conflict, TooManyRequests, ValidationFailed

logger = logging.getLogger(__name__)

GUEST_DOMAIN = "guest.invalid"
"""No mail ever goes there (RFC 2606)."""

GUEST_FIRST_NAME = "Guest"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('visit ' || name, 0)) FROM unnest(%s::text[]) AS name"
WINDOW_SECONDS = 3600
VISIT_SECONDS = 120
"""How long a first visit lasts."""


@transaction.atomic
def admit_guest(*, visit: str, others: Collection[str] = ()) -> User:
    """Return the guest of a browser's first visit, made if new; requests of one visit meet in one guest.

    Args:
        visit: a long random text that only this browser has been given, a moment ago.
        others: further ones that it holds: each of several tabs that opened at once was given one.

    Raises:
        TooManyRequests: very many guests came from this address lately.
    """
    names = [_name_of(text) for text in (visit, *others)]
    _lock(names)
    guest = _guest_of(names)
    if guest is None:
        _count_guest()
        guest = User.objects.create(
            email=_email_of(names[0]), is_guest=True, first_name=GUEST_FIRST_NAME,
            last_name=names[0][:4].upper(), password="!",  # noqa: S106 - no password has this hash
        )  # fmt: skip
        record(AuditAction.USER_CREATED, actor=None, target=guest, after={"role": guest.role, "guest": True})
    _remember(names, guest)
    return guest


def _name_of(visit: str) -> str:
    return secret_digest(visit)[:20]


def _email_of(name: str) -> str:
    return f"guest-{name}@{GUEST_DOMAIN}"


def _lock(names: list[str]) -> None:
    """Let requests that hold a visit in common wait for each other, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(names)])


def _guest_of(names: list[str]) -> User | None:
    """Return the guest who was admitted for one of these visits, or for one that was held together with it."""
    try:
        known = list(cache.get_many([f"visit:{name}" for name in names]).values())
    except RedisError:
        logger.warning("Redis does not answer: tabs that open at once may become two guests")
        known = []
    mine = Q(email__in=[_email_of(name) for name in names]) | Q(pk__in=known)
    guest: User | None = User.objects.filter(mine, is_guest=True).order_by("pk").first()
    return guest


def _remember(names: list[str], guest: User) -> None:
    with suppress(RedisError):  # it was said above
        cache.set_many({f"visit:{name}": guest.pk for name in names}, timeout=VISIT_SECONDS)


def _count_guest() -> None:
    """Count a new guest of the client's address; while Redis is away, nobody is turned away."""
    counter = f"guests:{valid_address()}"
    try:
        cache.add(counter, 0, timeout=WINDOW_SECONDS)
        count = cache.incr(counter)
    except ValueError:  # the counter ran out between the two calls: a new hour begins
        return
    except RedisError:
        logger.warning("Redis does not answer: guests are not counted")
        return
    if count > settings.GUESTS_PER_HOUR:
        raise TooManyRequests(
            "Very many people came from your address in the last hour. Sign in, or come back later."
        )


@transaction.atomic
def claim_account(*, user: User, email: str, password: str) -> User:
    """Make a guest a person who signs in with an e-mail address and a password; all they did stays theirs.

    Raises:
        Conflict: they are no guest (any more).
        ValidationFailed: the address is malformed or taken, the password too weak.
    """
    guest = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not guest.is_guest or not guest.is_active:
        raise Conflict("This account is claimed already. Sign in with its e-mail and password.")
    before = guest.email
    guest.email, guest.is_guest = normalize_email(email), False
    if guest.email.endswith(f"@{GUEST_DOMAIN}"):
        message = "Give an address of your own."
        raise ValidationFailed(message, fields={"email": [message]})
    if guest.first_name == GUEST_FIRST_NAME:
        guest.first_name = guest.last_name = ""
    save_credentials(guest, password)
    record(
        AuditAction.USER_CHANGED, actor=guest, target=guest,
        before={"email": before, "guest": True}, after={"email": guest.email, "guest": False},
    )  # fmt: skip
    return guest


def idle_guests(*, idle_for: timedelta) -> QuerySet[User]:
    """Return the guests who did nothing for this long, in the browser or over the API."""
    since = timezone.now() - idle_for
    active = Q(last_login__gte=since) | Q(date_joined__gte=since)
    used = Q(sessions__last_seen__gte=since) | Q(api_tokens__last_used_at__gte=since)
    here = User.objects.filter(is_guest=True).filter(active | used)
    return User.objects.filter(is_guest=True).exclude(pk__in=here.values("pk")).order_by("pk")
