"""Connecting a model."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.ml.models import MAX_BATCH_SIZE, MAX_CONCURRENCY, AuthMethod, MLBackend
from apps.predictions.queries import model_versions
from apps.projects.models import Project
from apps.web.forms.page_form import PageForm

AUTH_CHOICES = (
    (AuthMethod.NONE, "Without a password"),
    (AuthMethod.BASIC_AUTH, "User name and password"),
    (AuthMethod.HEADER, "A header of its own"),
)
KEPT = "Leave empty to keep the stored one."


def _seconds(label: str, help_text: str, most: int, least: float = 0.1) -> forms.FloatField:
    return forms.FloatField(label=label, help_text=help_text, min_value=least, max_value=most)


def _hours(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=8_760, initial=0)


class BackendForm(PageForm):
    """How a backend is reached and what it is used for; its fields are named as those of `MLBackend` are.

    Args:
        backend: the one that is changed; None for a new one.
    """

    MORE = (
        "health_seconds", "setup_seconds", "predict_seconds", "open_seconds", "train_seconds", "batch_size",
        "concurrency", "extra_params",
    )  # fmt: skip

    url = forms.CharField(
        label="Address",
        max_length=2_000,
        help_text="Where <code>label-studio-ml start</code> says it is listening, without /predict. This server must"
        " be able to reach it.",
        widget=forms.URLInput(attrs={"placeholder": "http://127.0.0.1:9090", "autocomplete": "off"}),
    )
    title = forms.CharField(
        label="Name",
        required=False,
        max_length=255,
        help_text="What people call it, for example “Sentiment classifier”. Empty: its address.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    auth_method = forms.ChoiceField(
        label="Signing in",
        choices=AUTH_CHOICES,
        initial=AuthMethod.NONE,
        help_text="What <code>--basic-auth-user</code> and <code>--basic-auth-pass</code> of the backend say.",
    )
    auth_name = forms.CharField(
        label="User or header name", required=False, max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    auth_secret = forms.CharField(
        label="Password or header value",
        required=False,
        strip=False,
        max_length=4_000,
        help_text="Stored encrypted, and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    is_interactive = forms.BooleanField(
        label="Help while people draw", required=False,
        help_text="The editor asks it for regions as soon as somebody draws one. Only for models made for that.",
    )  # fmt: skip
    predict_on_open = forms.BooleanField(
        label="Predict a task when somebody opens it", required=False,
        help_text="Labeling never waits for it: what comes too late is left out.",
    )  # fmt: skip
    predict_on_import = forms.BooleanField(label="Predict tasks as soon as they are imported", required=False)
    predict_on_new_version = forms.BooleanField(
        label="Predict unlabeled tasks again when there is a new model version", required=False, initial=True,
        help_text="The tasks that are next in the queue come first.",
    )  # fmt: skip
    auto_update = forms.BooleanField(
        label="Show people the newest version", required=False, initial=True,
        help_text="Otherwise you choose the version that is shown, in the table of versions.",
    )  # fmt: skip
    predict_every_hours = _hours(
        "Predict what has no prediction every … hours", "0: only when somebody asks."
    )
    train_after_completions = forms.IntegerField(
        label="Train after every … new completions", min_value=0, max_value=1_000_000, initial=0,
        help_text="0: only when somebody presses Train.",
    )  # fmt: skip
    train_every_hours = _hours("Train every … hours", "If there are new completions. 0: never by the clock.")
    use_ground_truth_only = forms.BooleanField(
        label="Learn from ground truth alone", required=False,
        help_text="Otherwise from every completion that was submitted.",
    )  # fmt: skip
    batch_size = forms.IntegerField(
        label="Tasks in one request", min_value=1, max_value=MAX_BATCH_SIZE,
        help_text="Fewer for models that take long for a task.",
    )  # fmt: skip
    concurrency = forms.IntegerField(
        label="Requests at once", min_value=1, max_value=MAX_CONCURRENCY,
        help_text="As many as the backend has workers.",
    )  # fmt: skip
    health_seconds = _seconds("Health check, seconds", "After which it counts as down.", 60)
    setup_seconds = _seconds("Setup, seconds", "Loading a large model may take longer.", 600)
    predict_seconds = _seconds("Predictions, seconds", "For one request of many tasks.", 3_600)
    open_seconds = _seconds("An opened task, seconds", "For one task that somebody waits for.", 30)
    train_seconds = _seconds(
        "Start of a training, seconds", "The training itself may go on for hours.", 3_600
    )
    extra_params = forms.JSONField(
        label="Extra parameters",
        required=False,
        help_text="JSON that the model's setup gets as it is.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "font-monospace code-field"}),
    )

    def __init__(self, *args: Any, backend: MLBackend | None = None, **kwargs: Any) -> None:
        shown = backend or MLBackend()
        initial = {name: getattr(shown, name) for name in self.base_fields if name != "auth_secret"}
        super().__init__(*args, **{"initial": initial, **kwargs})
        self._is_new = backend is None
        if backend is not None and backend.auth_secret:
            self.fields["auth_secret"].help_text = KEPT

    def settings(self) -> dict[str, Any]:
        """Return what `apps.ml.services` takes; an empty password stays the one that is stored."""
        settings = dict(self.cleaned_data)
        secret = settings.pop("auth_secret")
        if secret or (self._is_new and settings["auth_method"] != AuthMethod.NONE):
            settings["secret"] = secret
        return settings

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that most people never need."""
        return [self[name] for name in self.MORE]


class AutoLabelForm(PageForm):
    """From which score on predictions become completions.

    Args:
        project: whose versions can be chosen.
    """

    USUAL = {"min_score": "0.9", "model_version": ""}

    min_score = forms.FloatField(
        label="Least score",
        required=False,
        help_text="Predictions below it, or without a score, stay for people. Empty: every prediction counts.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    model_version = forms.ChoiceField(label="Model version", required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, name) for name in model_versions(project.pk) if name]
        self.fields["model_version"].choices = [("", "The one that annotators see"), *named]  # type: ignore[attr-defined]
