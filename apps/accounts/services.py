"""What changes people, their tokens and their sign-in links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.avatars import forget_avatar_file
from apps.accounts.departures import prepare_departure
from apps.accounts.models import (
    ApiToken,
    GlobalRole,
    Session,
    SignInLink,
    User,
    new_secret,
    normalize_email,
    secret_digest,
)
from apps.audit.actions import AuditAction
from apps.audit.services import forget_person, record
from apps.core.errors import Conflict, NotFound, ValidationFailed

SIGN_IN_LINK_LIFETIME = timedelta(hours=24)


@transaction.atomic
def create_user(
    *,
    email: str,
    password: str | None = None,
    role: str = GlobalRole.MEMBER,
    first_name: str = "",
    last_name: str = "",
    created_by: User | None = None,
) -> User:
    """Create a person; without a password they can sign in by a link only.

    Raises:
        ValidationFailed: the address is malformed or taken, the password too weak.
    """
    user = User(email=normalize_email(email), role=role, first_name=first_name, last_name=last_name)
    save_credentials(user, password)
    record(AuditAction.USER_CREATED, actor=created_by, target=user, after={"role": role})
    return user


def save_credentials(user: User, password: str | None) -> None:
    """Store a person with their e-mail address and password, if both are good and the address is free.

    Raises:
        ValidationFailed: the address is malformed or taken, the password too weak.
    """
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
    user.is_guest = False
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


@transaction.atomic
def create_api_token(*, user: User, name: str = "API token", expires_at: datetime | None = None) -> str:
    """Return the key of a new API token; it cannot be read again.

    Raises:
        ValidationFailed: it would expire in the past.
    """
    if expires_at is not None and expires_at <= timezone.now():
        message = "Choose a moment in the future."
        raise ValidationFailed(f"The token would expire at once. {message}", fields={"expires_at": [message]})
    key = new_secret()
    name = name.strip()[:100] or "API token"
    token = ApiToken.objects.create(user=user, name=name, digest=secret_digest(key), expires_at=expires_at)
    record(AuditAction.TOKEN_CREATED, actor=user, target=token, target_name=name)
    return key


@transaction.atomic
def revoke_api_token(*, token: ApiToken, revoked_by: User | None) -> None:
    """Make an API token useless."""
    record(AuditAction.TOKEN_REVOKED, actor=revoked_by, target=token, target_name=token.name)
    token.delete()


@transaction.atomic
def reset_api_token(*, user: User) -> str:
    """Revoke every API token of `user` and return the key of a new one."""
    for token in ApiToken.objects.select_for_update().filter(user=user).order_by("pk"):
        revoke_api_token(token=token, revoked_by=user)
    return create_api_token(user=user)


@transaction.atomic
def sign_out_other_sessions(*, user: User, kept: str | None) -> int:
    """End every session of `user` but the one with the key `kept`; return how many there were."""
    ended, _ = Session.objects.filter(user=user).exclude(pk=kept or "").delete()
    record(AuditAction.SESSIONS_ENDED, actor=user, target=user, after={"ended": ended})
    return ended


@transaction.atomic
def update_profile(*, user: User, first_name: str, last_name: str, changed_by: User | None = None) -> User:
    """Store how a person is called; the log tells which names changed, and never the names themselves.

    Args:
        changed_by: who does it; default: the person themself.
    """
    names = {"first_name": first_name.strip(), "last_name": last_name.strip()}
    before = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changed = sorted(name for name, value in names.items() if getattr(before, name) != value)
    user.first_name, user.last_name = names["first_name"], names["last_name"]
    user.save(update_fields=list(names))
    if changed:
        record(AuditAction.USER_CHANGED, actor=changed_by or user, target=user, after={"changed": changed})
    return user


def remember_project(*, user: User, project_id: int | None) -> None:
    """Keep which project a person opened last."""
    if user.last_project_id != project_id:
        user.last_project_id = project_id
        user.save(update_fields=["last_project_id"])


@transaction.atomic
def set_password(*, user: User, password: str, changed_by: User | None) -> None:
    """Give a person a new password and end all their sessions; the caller renews its own.

    Raises:
        ValidationFailed: it is too weak.
    """
    _check("password", validate_password, password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()
    record(AuditAction.PASSWORD_CHANGED, actor=changed_by, target=user)


@transaction.atomic
def forget_password(*, user: User, forgotten_by: User | None) -> None:
    """Make a person's password useless and end all their sessions: they sign in by a link and choose a new one."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()
    record(AuditAction.PASSWORD_FORGOTTEN, actor=forgotten_by, target=user)


@transaction.atomic
def set_global_role(*, user_id: int, role: str, changed_by: User | None) -> User:
    """Give a person another global role.

    Raises:
        ValidationFailed: there is no such role.
        Conflict: they are the last administrator, or a guest, who becomes none.
    """
    if role not in GlobalRole.values:
        raise ValidationFailed(f'There is no role "{role}". Choose one of {", ".join(GlobalRole.values)}.')
    user = _lock_person(user_id)
    before = user.role
    if role != GlobalRole.ADMINISTRATOR:
        _keep_an_administrator(user)
    elif user.is_guest:
        raise Conflict("A guest cannot become an administrator before they have an account of their own.")
    user.role = role
    user.save(update_fields=["role"])
    if role != before:
        record(
            AuditAction.USER_CHANGED, actor=changed_by, target=user,
            before={"role": before}, after={"role": role},
        )  # fmt: skip
    return user


@transaction.atomic
def deactivate_user(*, user_id: int, deactivated_by: User) -> None:
    """Lock a person out: their sessions and links end at once, their tokens stop working.

    A project that they alone own gets another owner.

    Raises:
        Conflict: they are the last administrator.
    """
    user = _lock_person(user_id)
    _keep_an_administrator(user)
    prepare_departure(person=user, ended_by=deactivated_by)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _end_access(user)
    record(AuditAction.USER_DEACTIVATED, actor=deactivated_by, target=user)


@transaction.atomic
def reactivate_user(*, user_id: int, reactivated_by: User) -> None:
    """Let a deactivated person in again.

    Raises:
        Conflict: their personal data were erased.
    """
    user = _lock_person(user_id)
    if user.erased_at is not None:
        raise Conflict("This account was erased and cannot come back. Invite the person anew.")
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(AuditAction.USER_REACTIVATED, actor=reactivated_by, target=user)


@transaction.atomic
def erase_user(*, user_id: int, erased_by: User | None) -> User:
    """Remove a person's data for ever; their completions stay under a pseudonym that never changes.

    A project that they alone own gets another owner.

    Raises:
        Conflict: they are the last administrator.
    """
    user = _lock_person(user_id)
    _keep_an_administrator(user)
    prepare_departure(person=user, ended_by=erased_by, erased=True)
    earlier_name = user.email
    user.email = f"person-{user.pk}@erased.invalid"
    user.first_name, user.last_name, user.phone = "Person", str(user.pk), ""
    forget_avatar_file(user)
    user.avatar = ""
    user.role = GlobalRole.MEMBER
    user.is_guest = False
    user.is_active = False
    user.erased_at = user.erased_at or timezone.now()
    user.set_unusable_password()
    user.save()
    _end_access(user)
    ApiToken.objects.filter(user=user).delete()
    forget_person(user, earlier_name=earlier_name)
    record(AuditAction.USER_ERASED, actor=erased_by, target=user)
    return user


def _lock_person(user_id: int) -> User:
    """Lock a person, together with all administrators, so that two of them cannot go at once.

    Raises:
        NotFound: there is no such person.
    """
    wanted = Q(pk=user_id) | Q(role=GlobalRole.ADMINISTRATOR)
    locked = User.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")
    user = next((person for person in locked if person.pk == user_id), None)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    return user


def _keep_an_administrator(user: User) -> None:
    others = User.objects.filter(role=GlobalRole.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if user.is_administrator and user.is_active and not others.exists():
        raise Conflict("The instance needs an administrator. Make somebody else one first.")


def _end_access(user: User) -> None:
    Session.objects.filter(user=user).delete()
    SignInLink.objects.filter(user=user).delete()
