"""People, the API tokens their programs use, and one-time sign-in links."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

# The project roles that open the admin panel; a test compares them with the policy, which stands a floor above.
MANAGING_ROLES = ("owner", "manager")


class GlobalRole(models.TextChoices):
    """What a person may do outside of any project."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    MEMBER = "member"


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person who signs in with `username`, an e-mail address.

        Raises:
            User.DoesNotExist: nobody does.
        """
        return self.get(email=normalize_email(username or ""))

    def for_user(self, user: User) -> models.QuerySet[User]:
        """People whom `user` may see: everybody for administrators, else those who share a project, and oneself."""
        if user.is_administrator:
            return self.all()
        together = models.Q(memberships__project__memberships__user=user)
        return self.filter(together | models.Q(pk=user.pk)).distinct()


class User(AbstractBaseUser):
    """A person (or an instance-wide account) who signs in with an e-mail address."""

    email = models.EmailField(max_length=254, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    avatar = models.FileField(upload_to="avatars", blank=True)
    role = models.CharField(max_length=16, choices=GlobalRole.choices, default=GlobalRole.MEMBER)
    is_active = models.BooleanField(default=True)
    is_guest = models.BooleanField(
        default=False,
        editable=False,
        help_text="Made for a browser that nobody signed in; may become an account.",
    )
    erased_at = models.DateTimeField(null=True, editable=False)
    last_project_id = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="The project opened last; no foreign key, since this room knows no projects.",
    )
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(is_guest=False) | ~models.Q(role="administrator"),
                name="user_guest_is_no_administrator",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        """Bring the address to the form in which it is unique."""
        self.email = normalize_email(self.email)

    @property
    def username(self) -> str:
        """The name under which clients of the API know this person."""
        return self.email

    @property
    def full_name(self) -> str:
        """First and last name, as far as given."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def display_name(self) -> str:
        """How pages call this person."""
        return self.full_name or self.email

    @property
    def initials(self) -> str:
        """Two letters for a round badge."""
        if self.first_name and self.last_name:
            return f"{self.first_name[0]}{self.last_name[0]}".upper()
        return self.display_name[:2].upper()

    @property
    def avatar_address(self) -> str | None:
        """Where this person's picture is served; None when they have none."""
        return f"/api/{self.avatar.name}" if self.avatar.name else None

    @property
    def is_administrator(self) -> bool:
        """Whether this person runs the whole instance."""
        return self.role == GlobalRole.ADMINISTRATOR

    @property
    def may_create_projects(self) -> bool:
        """Whether new projects are allowed: by the global role, or to everybody in multisession mode."""
        return self.role in (GlobalRole.ADMINISTRATOR, GlobalRole.MANAGER) or bool(settings.MULTI_SESSION)

    @cached_property
    def managed_project_ids(self) -> frozenset[int]:
        """The projects this person owns or manages; read once in the life of the instance."""
        managed = models.Q(role__in=MANAGING_ROLES, project__deleted_at=None)
        memberships: models.Manager[Any] = self.memberships
        return frozenset(memberships.filter(managed).values_list("project_id", flat=True))

    @property
    def is_staff(self) -> bool:
        """Whether the admin panel lets this person in: administrators, and whoever manages a project, no guests."""
        return (
            self.is_active and not self.is_guest and (self.is_administrator or bool(self.managed_project_ids))
        )

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django admin's question: administrators may do all.

        The panel's own classes ask the policy instead, so one that forgets to shows nothing to managers.
        """
        return self.is_active and self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        """Django admin's question, as `has_perm`."""
        return self.is_active and self.is_administrator


def normalize_email(email: str) -> str:
    """Return the one spelling of an address that is stored: trimmed, lower case."""
    return email.strip().lower()


def new_secret() -> str:
    """Return 160 random bits as 40 hexadecimal digits, the key form that clients of the API expect."""
    return secrets.token_hex(20)


def secret_digest(secret: str) -> str:
    """Return the SHA-256 that is stored in place of a random key; keys of 160 bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """A key with which a program acts as a person; only its digest is stored, so it is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, default="API token")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


class Session(AbstractBaseSession):
    """A browser session, with whose it is."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return the store that reads and writes these rows."""
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class SignInLink(models.Model):
    """A link that signs one person in once, as `label-studio start` prints it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Sign-in link of {self.user_id}"
