"""Signing in, and what people change about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm

from apps.accounts.models import User
from apps.web.forms.page_form import PageForm, dress

if TYPE_CHECKING:
    _SetPasswordForm = SetPasswordForm[User]
else:
    _SetPasswordForm = SetPasswordForm  # generic in its type stubs only


class SignInForm(AuthenticationForm):
    """E-mail and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "There is no account with this e-mail and password. Check both and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        for field in self.fields.values():
            dress(field)


class ProfileForm(PageForm):
    """A person's name, and what they are told by e-mail.

    Args:
        has_mail: whether the server sends them any.
    """

    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    mention_mails = forms.BooleanField(
        label="E-mail me when somebody mentions me",
        required=False,
        help_text="One e-mail for all mentions that you have not read after ten minutes.",
    )

    def __init__(self, *args: Any, has_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_mail:
            del self.fields["mention_mails"]


class AvatarForm(PageForm):
    """A picture of a person."""

    picture = forms.FileField(
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text="PNG, JPEG, WebP or GIF, up to 5 MB. It is cut to a square.",
    )


class NewTokenForm(PageForm):
    """What an API token is for, and how long it works."""

    name = forms.CharField(
        max_length=100, widget=forms.TextInput(attrs={"placeholder": "Nightly export", "autocomplete": "off"})
    )
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        initial=365,
        choices=((0, "Ever"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "token", **kwargs})


class NewPasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        for field in self.fields.values():
            dress(field)


class FirstPasswordForm(_SetPasswordForm):
    """A password for somebody who signed in by links only: there is no old one to ask for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            dress(field)


def password_form(user: User, data: Any = None) -> NewPasswordForm | FirstPasswordForm:
    """Return the form with which this person changes their password, or sets the first one."""
    return NewPasswordForm(user, data) if user.has_usable_password() else FirstPasswordForm(user, data)
