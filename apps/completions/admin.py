"""Completions in the admin panel, to look at and to hand over: what they say is changed where one sees it."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.accounts.requests import caller
from apps.completions.handing_over import hand_over_completions
from apps.completions.models import Completion
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.projects.admin_totals import total_from_tallies
from apps.projects.membership import person_by_email


class NewPersonForm(forms.Form):
    """Asks who is to stand behind completions."""

    email = forms.EmailField(
        label="E-mail of the new person", help_text="Of a member who labels in these projects."
    )


@admin.register(Completion)
class CompletionAdmin(ScopedAdmin[Completion]):
    """Completions, newest first."""

    list_display = (
        "id",
        "task_id",
        "project",
        "completed_by",
        "was_cancelled",
        "ground_truth",
        "review",
        "lead_time",
        "created_at",
    )
    list_select_related = ("project", "completed_by")
    list_filter = ("was_cancelled", "ground_truth", "review", ProjectFilter)
    list_defer = ("result",)
    search_fields = ("^completed_by__email",)
    search_help_text = "Completion id, or beginning of an e-mail"
    finds_by_id = True
    sortable_by = ("id",)
    ordering = ("-id",)
    fields = (
        "id", "task", "project", "completed_by", "updated_by", "was_cancelled", "ground_truth", "review",
        "reviewed_by", "reviewed_at", "lead_time", "result_json", "client_id", "parent_prediction",
        "parent_completion", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("result_json",)
    actions = ("hand_over",)

    def known_total(self, request: HttpRequest) -> int | None:
        """How many completions and skips the projects have."""
        return total_from_tallies(request, lambda totals: totals.completions + totals.skips)

    @admin.display(description="result")
    def result_json(self, completion: Completion) -> SafeString:
        """Exactly what the editor serialized."""
        return formatted_json(completion.result)

    @admin.action(description="Reassign…")
    @confirmed(
        question="Put another name to {rows}? What they say and all counts stay.",
        button="Reassign completions",
        form_class=NewPersonForm,
    )
    def hand_over(self, request: HttpRequest, completions: Sequence[Completion], email: str) -> str:
        """Give completions to another member."""
        person = person_by_email(email)
        ids = [completion.pk for completion in completions]
        hand_over_completions(completion_ids=ids, to=person, handed_over_by=caller(request))
        return f"Reassigned {{rows}} to {person}."
