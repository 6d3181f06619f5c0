"""What the audit log is filtered by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from apps.audit.actions import AuditAction
from apps.projects.models import Project
from apps.web.forms.page_form import PageForm

_LAST_DAY = MaxValueValidator(date(9000, 1, 1), "Choose an earlier day.")


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, validators=[_LAST_DAY], widget=forms.DateInput(attrs={"type": "date"})
    )


class AuditFilterForm(PageForm):
    """Project, person, action and days; all optional."""

    project = forms.ChoiceField(required=False)
    actor = forms.CharField(
        label="Person",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": "Part of an e-mail", "autocomplete": "off"}),
    )
    action = forms.ChoiceField(required=False, choices=[("", "Every action"), *AuditAction.choices])
    since = _day("From")
    until = _day("To")

    def __init__(self, *args: Any, projects: list[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(project.pk), str(project)) for project in projects]
        wanted = str(self.data.get("project", ""))
        if wanted.isdecimal() and len(wanted) <= 18 and wanted not in dict(choices):
            choices.append((wanted, f"Project {wanted}"))  # a deleted one, or one of too many to list
        self.fields["project"].choices = [("", "Every project"), *choices]  # type: ignore[attr-defined]

    def filters(self) -> dict[str, str]:
        """Return what `filtered_entries` takes; the last day counts in full."""
        cleaned = self.cleaned_data
        until = cleaned.get("until")
        return {
            "project": cleaned.get("project", ""),
            "actor": cleaned.get("actor", ""),
            "action": cleaned.get("action", ""),
            "since": cleaned["since"].isoformat() if cleaned.get("since") else "",
            "until": (until + timedelta(days=1)).isoformat() if until else "",
        }
