"""Guests: people of a browser in which nobody signed in, until they claim the account as their own."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
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
WINDOW_SECONDS = 3600


@transaction.atomic
def admit_guest(*, visit: str) -> User:
    """Return the guest of a browser's first visit, made if new; requests of one visit meet in one guest.

    Args:
        visit: a long random text that only this browser has been given, a moment ago.

    Raises:
        TooManyRequests: very many guests came from this address lately.
    """
    name = secret_digest(visit)[:20]
    email = f"guest-{name}@{GUEST_DOMAIN}"
    present = User.objects.filter(email=email).first()
    if present is not None:
        return present
    _count_guest()
    guest, made = User.objects.get_or_create(
        email=email,
        defaults={
            "is_guest": True, "first_name": GUEST_FIRST_NAME, "last_name": name[:4].upper(), "password": "!",
        },
    )  # fmt: skip
    if made:
        record(AuditAction.USER_CREATED, actor=None, target=guest, after={"role": guest.role, "guest": True})
    return guest


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
