"""What changes people, their tokens and their sign-in links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import (
    ApiToken,
    GlobalRole,
    SignInLink,
    User,
    new_secret,
    normalize_email,
    secret_digest,
)
from apps.core.errors import NotFound, ValidationFailed

SIGN_IN_LINK_LIFETIME = timedelta(hours=24)


@transaction.atomic
def create_user(
    *,
    email: str,
    password: str | None = None,
    role: str = GlobalRole.MEMBER,
    first_name: str = "",
    last_name: str = "",
) -> User:
    """Create a person; without a password they can sign in by a link only.

    Raises:
        ValidationFailed: the address is malformed or taken, the password too weak.
    """
    user = User(email=normalize_email(email), role=role, first_name=first_name, last_name=last_name)
    _check("email", validate_email, user.email)
    if password is not None:
        _check("password", validate_password, password, user)
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        message = "There is an account with this e-mail already."
        raise ValidationFailed(message, fields={"email": [message]}) from error
    return user


def _check(field: str, validator: Callable[..., None], *values: object) -> None:
    try:
        validator(*values)
    except ValidationError as error:
        raise ValidationFailed(" ".join(error.messages), fields={field: error.messages}) from error


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)


@transaction.atomic
def ensure_owner(*, email: str, password: str | None = None) -> User:
    """Return the administrator with this address, made if new; a given password becomes theirs.

    The operator who starts the server chooses the password, so the rules for strong ones do not apply.
    """
    user, created = User.objects.select_for_update().get_or_create(
        email=normalize_email(email), defaults={"role": GlobalRole.ADMINISTRATOR, "password": "!"}
    )
    if created:
        _set_password(user, password)
    elif password is not None and not user.check_password(password):
        user.set_password(password)
    user.role = GlobalRole.ADMINISTRATOR
    user.is_active = True
    user.save()
    return user


@transaction.atomic
def create_sign_in_link(*, user: User) -> str:
    """Return the key of a new one-time link for `user`; earlier unused links stop working."""
    SignInLink.objects.filter(user=user, used_at=None).delete()
    key = new_secret()
    expires_at = timezone.now() + SIGN_IN_LINK_LIFETIME
    SignInLink.objects.create(user=user, digest=secret_digest(key), expires_at=expires_at)
    return key


@transaction.atomic
def use_sign_in_link(*, key: str) -> User:
    """Spend the link with this key and return the person it signs in.

    Raises:
        NotFound: no such link, it was used, has expired, or its person was deactivated.
    """
    now = timezone.now()
    spent = SignInLink.objects.filter(
        digest=secret_digest(key), used_at=None, expires_at__gt=now, user__is_active=True
    ).update(used_at=now)
    if not spent:
        raise NotFound(
            "This sign-in link was used already or has expired. Start the server again for a new one."
        )
    return SignInLink.objects.select_related("user").get(digest=secret_digest(key)).user


def create_api_token(*, user: User, name: str = "API token", expires_at: datetime | None = None) -> str:
    """Return the key of a new API token; it cannot be read again."""
    key = new_secret()
    ApiToken.objects.create(user=user, name=name, digest=secret_digest(key), expires_at=expires_at)
    return key


@transaction.atomic
def update_profile(*, user: User, first_name: str, last_name: str) -> User:
    """Store what a person says of themself."""
    user.first_name = first_name.strip()
    user.last_name = last_name.strip()
    user.save(update_fields=["first_name", "last_name"])
    return user


@transaction.atomic
def reset_api_token(*, user: User) -> str:
    """Revoke every API token of `user` and return the key of a new one."""
    ApiToken.objects.filter(user=user).delete()
    return create_api_token(user=user)
