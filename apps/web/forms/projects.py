"""New projects, and their settings."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.projects.models import MAX_OVERLAP, Project, Sampling, SkipRule
from apps.web.forms.page_form import PageForm

_CONFIG = forms.Textarea(
    attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "off", "class": "font-monospace code-field"}
)

SAMPLING_CHOICES = (
    (Sampling.SEQUENTIAL, "One after the other, as imported"),
    (Sampling.UNIFORM, "At random"),
    (Sampling.PREDICTION_SCORE_MIN, "Where the model is least sure first"),
    (Sampling.PREDICTION_SCORE_MAX, "Where the model is most sure first"),
)
SKIP_CHOICES = (
    (SkipRule.REQUEUE_FOR_OTHERS, "It goes back to the queue, for other people"),
    (SkipRule.REQUEUE_FOR_ME, "It comes back to the same person later"),
    (SkipRule.IGNORE_SKIPPED, "It counts as done"),
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


class ProjectSettingsForm(PageForm):
    """All settings of a project, in the order of the page."""

    title = forms.CharField(label="Name", max_length=255)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    label_config = forms.CharField(label="Labeling config", required=False, strip=False, widget=_CONFIG)
    instruction = forms.CharField(
        label="Instructions",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What annotators should know. Simple HTML (headings, lists, bold, links) is kept.",
    )
    show_instruction = forms.BooleanField(
        label="Show the instructions before labeling starts", required=False
    )
    sampling = forms.ChoiceField(label="Order of tasks", choices=SAMPLING_CHOICES)
    overlap = forms.IntegerField(
        label="Completions per task",
        min_value=1,
        max_value=MAX_OVERLAP,
        help_text="By how many different people each task is labeled.",
    )
    show_skip_button = forms.BooleanField(label="Tasks may be skipped", required=False)
    skip_rule = forms.ChoiceField(label="When a task is skipped", choices=SKIP_CHOICES)
    allow_empty_completions = forms.BooleanField(label="A completion may be empty", required=False)
    show_predictions = forms.BooleanField(
        label="Show predictions", required=False, help_text="Labeling starts from what the model predicted."
    )

    @classmethod
    def of(cls, project: Project) -> ProjectSettingsForm:
        """Return the form filled with a project's settings."""
        return cls(initial={name: getattr(project, name) for name in cls.base_fields})


class RenameProjectForm(PageForm):
    """Another name for a project."""

    title = forms.CharField(max_length=255)


class DeleteProjectForm(PageForm):
    """Deleting asks for the project's name, so that nobody deletes the wrong one."""

    confirmed_title = forms.CharField(
        label="Name of the project", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, title: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._title = title

    def clean_confirmed_title(self) -> str:
        """Let only the very name pass."""
        typed: str = self.cleaned_data["confirmed_title"]
        if typed.strip() != self._title.strip():
            raise forms.ValidationError(f"This is not the name of the project, “{self._title}”.")
        return typed
