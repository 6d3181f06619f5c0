"""Signing in, and what people change about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from apps.web.forms.page_form import PageForm, dress


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
    """A person's name."""

    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)


class NewPasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        for field in self.fields.values():
            dress(field)
