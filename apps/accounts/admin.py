"""People and API tokens in the admin panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts.models import ApiToken, User
from apps.accounts.requests import caller
from apps.accounts.services import (
    deactivate_user,
    reactivate_user,
    revoke_api_token,
    set_global_role,
    update_profile,
)
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.scoped import ScopedAdmin


@admin.register(User)
class UserAdmin(ScopedAdmin[User]):
    """People; only administrators change them, and only through the services, which keep one administrator."""

    project_path = ""
    is_audited = True
    list_display = ("email", "first_name", "last_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "first_name", "last_name")
    search_help_text = "Name or e-mail"
    ordering = ("email",)
    fields = (
        "email",
        "first_name",
        "last_name",
        "role",
        "is_active",
        "date_joined",
        "last_login",
        "erased_at",
    )
    readonly_fields = ("email", "date_joined", "last_login", "erased_at")
    actions = ("deactivate", "reactivate")

    def rows_for(self, user: Any) -> QuerySet[User]:
        """Members of the projects that `user` manages; everybody for administrators."""
        people = User.objects.for_user(user)
        if user.is_administrator:
            return people
        members = User.objects.filter(memberships__project__in=user.managed_project_ids)
        return people.filter(pk__in=members.values("pk"))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody raises their own rights here."""
        return self.has_administer_permission(request)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """Store what was changed, each part by its service."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if "role" in values:
            set_global_role(user_id=obj.pk, role=values["role"], changed_by=caller(request))
        if "is_active" in values:
            self._set_active(obj, active=values["is_active"], changed_by=caller(request))
        if values.keys() & {"first_name", "last_name"}:
            update_profile(
                user=obj, first_name=obj.first_name, last_name=obj.last_name, changed_by=caller(request)
            )

    def _set_active(self, person: User, *, active: bool, changed_by: User) -> None:
        if active:
            reactivate_user(user_id=person.pk, reactivated_by=changed_by)
        else:
            deactivate_user(user_id=person.pk, deactivated_by=changed_by)

    @admin.action(description="Deactivate…", permissions=["administer"])
    @confirmed(
        question="Lock out {rows}? Sessions and tokens end at once.",
        button="Deactivate people",
    )
    def deactivate(self, request: HttpRequest, people: Sequence[User]) -> str:
        """Lock people out."""
        for person in people:
            self._set_active(person, active=False, changed_by=caller(request))
        return "Deactivated {rows}."

    @admin.action(description="Reactivate…", permissions=["administer"])
    @confirmed(question="Let in {rows} again?", button="Reactivate people")
    def reactivate(self, request: HttpRequest, people: Sequence[User]) -> str:
        """Let people in again."""
        for person in people:
            self._set_active(person, active=True, changed_by=caller(request))
        return "Reactivated {rows}."


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin[ApiToken]):
    """API tokens: one's own, and everybody's for administrators. Neither keys nor digests are shown."""

    project_path = ""
    is_audited = True
    list_display = ("name", "user", "created_at", "last_used_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    search_help_text = "Name of the token, or e-mail"
    fields = ("name", "user", "created_at", "last_used_at", "expires_at")
    actions = ("revoke",)

    def rows_for(self, user: Any) -> QuerySet[ApiToken]:
        """Return the tokens whose end `user` may decide."""
        tokens: QuerySet[ApiToken] = ApiToken.objects.all()
        return tokens if user.is_administrator else tokens.filter(user=user)

    @admin.action(description="Revoke…")
    @confirmed(
        question="Revoke {rows}? Programs that use it stop working at once.",
        button="Revoke tokens",
    )
    def revoke(self, request: HttpRequest, tokens: Sequence[ApiToken]) -> str:
        """Make tokens useless."""
        for token in tokens:
            revoke_api_token(token=token, revoked_by=caller(request))
        return "Revoked {rows}."
