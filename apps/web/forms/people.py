"""Members, invitations, joining, and what administrators do to accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from apps.accounts.models import GlobalRole, User
from apps.projects.invitations import DEFAULT_LIFETIME, MAX_LIFETIME
from apps.projects.models import Invitation
from apps.projects.policy import Role
from apps.web.forms.page_form import PageForm

MAX_USES = 1_000


def role_choices(roles: list[Role]) -> list[tuple[str, str]]:
    """Return roles as choices, from least to most: the careful one comes first."""
    return [(role.value, str(role.label)) for role in reversed(roles)]


class AddMemberForm(PageForm):
    """Somebody who has an account, and the role they get."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "add", "initial": {"role": Role.ANNOTATOR}, **kwargs})
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]


class _InvitationForm(PageForm):
    """For how long, how often and for whom an invitation is."""

    days = forms.IntegerField(
        label="Days", min_value=1, max_value=MAX_LIFETIME.days, initial=DEFAULT_LIFETIME.days
    )
    max_uses = forms.IntegerField(label="Uses", min_value=1, max_value=MAX_USES, initial=1)
    email = forms.EmailField(
        label="Only for this e-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Left empty, whoever has the link may join.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "invite", **kwargs})

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        fields = dict(self.cleaned_data)
        lifetime = timedelta(days=fields.pop("days"))
        return {**fields, "lifetime": lifetime}


class ProjectInvitationForm(_InvitationForm):
    """An invitation to a project."""

    role = forms.ChoiceField()
    field_order = ("role", "days", "max_uses", "email")

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"role": Role.ANNOTATOR}, **kwargs})
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]


class InstanceInvitationForm(_InvitationForm):
    """An invitation to an account without any project."""

    global_role = forms.ChoiceField(
        label="Role", choices=list(reversed(GlobalRole.choices)), initial=GlobalRole.MEMBER
    )
    field_order = ("global_role", "days", "max_uses", "email")


class SignUpForm(PageForm):
    """A new account for somebody invited."""

    first_name = forms.CharField(
        max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, and nothing that is easy to guess.",
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"email": invitation.email}, **kwargs})
        if invitation.email:
            self.fields["email"].disabled = True


class EraseForm(PageForm):
    """Erasing asks for the address, so that nobody erases the wrong person."""

    confirmed_email = forms.CharField(
        label="Their e-mail", widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"})
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_confirmed_email(self) -> str:
        """Let only the very address pass."""
        typed: str = self.cleaned_data["confirmed_email"]
        if typed.strip().lower() != self._person.email:
            raise forms.ValidationError(f"This is not their address, {self._person.email}.")
        return typed
