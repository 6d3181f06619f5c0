"""New projects, and new names of projects."""

from __future__ import annotations

from django import forms

from apps.web.forms.page_form import PageForm

_CONFIG = forms.Textarea(
    attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "off", "class": "font-monospace code-field"}
)


class NewProjectForm(PageForm):
    """What a project starts with; all of it can be changed later."""

    title = forms.CharField(
        label="Name", max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    label_config = forms.CharField(
        label="Labeling config",
        required=False,
        strip=False,
        widget=_CONFIG,
        help_text="XML that says what is shown and what is asked. Choose a template or paste your own.",
    )


class RenameProjectForm(PageForm):
    """Another name for a project."""

    title = forms.CharField(max_length=255)
