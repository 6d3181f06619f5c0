"""The settings of a project, one form a page."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.projects.models import (
    MAX_GROUND_TRUTH_EVERY,
    MAX_OVERLAP,
    HandingOut,
    Project,
    Sampling,
    SkipRule,
)
from apps.web.colors import PALETTE
from apps.web.forms.page_form import PageForm

SAMPLING_CHOICES = (
    (Sampling.SEQUENTIAL, "One after the other, as imported"),
    (Sampling.UNIFORM, "At random"),
    (Sampling.PREDICTION_SCORE_MIN, "Where the model is least sure first"),
    (Sampling.PREDICTION_SCORE_MAX, "Where the model is most sure first"),
)
HANDING_OUT_CHOICES = (
    (HandingOut.OPEN_QUEUE, "Any task of the project"),
    (HandingOut.ASSIGNED_ONLY, "Only tasks assigned to them"),
    (HandingOut.ASSIGNED_FIRST, "Tasks assigned to them, then the others"),
)
SKIP_CHOICES = (
    (SkipRule.REQUEUE_FOR_OTHERS, "It goes back to the queue, for other people"),
    (SkipRule.REQUEUE_FOR_ME, "It comes back to the same person later"),
    (SkipRule.IGNORE_SKIPPED, "It counts as done"),
)
ANY_VERSION = "Any version"


class SettingsForm(PageForm):
    """A part of a project's settings; its fields are named as the settings are."""

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        initial = {name: getattr(project, name) for name in self.base_fields}
        super().__init__(*args, **{"initial": initial, **kwargs})


class GeneralForm(SettingsForm):
    """How people recognise the project."""

    title = forms.CharField(
        label="Name",
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Shown in lists, in the project switcher and at the top of each page of the project.",
    )
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the data is and what it is for. Every member reads it on the overview.",
    )
    color = forms.ChoiceField(
        label="Colour",
        required=False,
        widget=forms.RadioSelect,
        help_text="A mark beside the name, to tell projects apart at a glance.",
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, project=project, **kwargs)
        choices = [("", "None"), *PALETTE.items()]
        if project.color not in dict(choices):
            choices.append((project.color, f"{project.color}, set through the API"))
        self.fields["color"].choices = choices  # type: ignore[attr-defined]


class LabelingForm(SettingsForm):
    """What is shown and asked."""

    label_config = forms.CharField(
        label="Labeling config",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 16,
                "spellcheck": "false",
                "autocapitalize": "off",
                "class": "font-monospace code-field",
            }
        ),
        help_text="XML that says what is shown and what is asked.",
    )


class InstructionsForm(SettingsForm):
    """What annotators read."""

    instruction = forms.CharField(
        label="Instructions",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "font-monospace code-field"}),
        help_text="Markdown or HTML. What could act, such as scripts and forms, is left out when it is shown.",
    )
    show_instruction = forms.BooleanField(
        label="Show before labeling",
        required=False,
        help_text="Annotators see the instructions when they open the label page, once in each browser tab. "
        "They can open them from the bar at any time either way.",
    )


class TaskOrderForm(SettingsForm):
    """Which task comes next, how often each is labeled, and what annotators may do with it."""

    sampling = forms.ChoiceField(
        label="Order of tasks",
        choices=SAMPLING_CHOICES,
        help_text="The order in which annotators get the tasks. The last two read the scores of predictions; "
        "tasks without one come last.",
    )
    handing_out = forms.ChoiceField(
        label="Which tasks people get",
        choices=HANDING_OUT_CHOICES,
        help_text="Tasks are assigned in the list of tasks, or over the API. With the second choice, people who have "
        "done what is assigned to them get nothing more. With the third, a task keeps a place for each person it is "
        "assigned to, and the places left are for everybody.",
    )
    ground_truth_every = forms.IntegerField(
        label="Every n-th task with ground truth",
        min_value=0,
        max_value=MAX_GROUND_TRUTH_EVERY,
        help_text="To see how well people answer, they get a labeled task whose right answer is known in between, "
        "without being told: with 10, each tenth task. 0 for never. Their answers to those come on top of the "
        "completions a task needs.",
    )
    overlap = forms.IntegerField(
        label="Completions per task",
        min_value=1,
        max_value=MAX_OVERLAP,
        help_text="By how many different people each task is labeled. With 2 or more, agreement can be measured. "
        "A task whose overlap was set on its own keeps it.",
    )
    show_skip_button = forms.BooleanField(
        label="Tasks may be skipped",
        required=False,
        help_text="Annotators get a Skip button for tasks they cannot answer.",
    )
    skip_rule = forms.ChoiceField(
        label="When a task is skipped",
        choices=SKIP_CHOICES,
        help_text="What becomes of the task. Skips are counted apart from completions in any case.",
    )
    allow_empty_completions = forms.BooleanField(
        label="A completion may be empty",
        required=False,
        help_text="Switch it on when “there is nothing here” is an answer, as in pictures without the object.",
    )
    strict_results = forms.BooleanField(
        label="Refuse completions that do not fit the labeling config",
        required=False,
        help_text="Such as labels the config does not have, or boxes outside the picture. Switched off, they are "
        "stored with warnings, so that no work is lost.",
    )
    show_completions_to_annotators = forms.BooleanField(
        label="Annotators see each other's completions",
        required=False,
        help_text="On a task's page, and over the API. While labeling nobody sees the answers of others in any case. "
        "Switched off, annotators see only their own; reviewers and managers always see all.",
    )
    show_predictions = forms.BooleanField(
        label="Show predictions to annotators",
        required=False,
        help_text="Labeling starts from what the model predicted. Switch it off for answers that the model "
        "did not influence.",
    )
    model_version = forms.ChoiceField(
        label="Model version",
        required=False,
        help_text="Whose predictions annotators see, and whose scores order the tasks.",
    )

    def __init__(self, *args: Any, project: Project, versions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, project=project, **kwargs)
        choices = [("", ANY_VERSION), *((version, version) for version in versions if version)]
        if project.model_version not in dict(choices):
            choices.append((project.model_version, f"{project.model_version} (no predictions yet)"))
        self.fields["model_version"].choices = choices  # type: ignore[attr-defined]


class DeleteProjectForm(PageForm):
    """Deleting asks for the project's name, so that nobody deletes the wrong one."""

    confirmed_title = forms.CharField(
        label="Name of the project",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Type it as it stands at the top of this page.",
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
