"""A guest's account of their own."""

from __future__ import annotations

from django import forms

from apps.web.forms.page_form import PageForm


class ClaimForm(PageForm):
    """With what a guest signs in from now on."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, and nothing that is easy to guess.",
    )
