"""Taking tasks out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.data_manager.models import View
from apps.exports.links import DEFAULT_HOURS, HOURS
from apps.exports.options import ExportSpec, read_spec
from apps.web.forms.page_form import PageForm

OF_A_TAB = "tab"
_TIMES = {1: "one hour", 24: "one day", 168: "one week"}


class ExportForm(PageForm):
    """What goes into an export and how it is written.

    Args:
        views: tabs of the data manager that can be chosen.
        people: whose completions can be chosen.
        shows_video: whether regions may move through a video.
    """

    format = forms.CharField(label="Format")
    tasks = forms.ChoiceField(label="Tasks", widget=forms.RadioSelect)
    view = forms.ChoiceField(label="Tab", required=False)
    completions = forms.ChoiceField(
        label="Where a task has several completions",
        required=False,
        choices=[
            ("", "the default of the format"),
            ("all", "all of them"),
            ("newest", "the newest"),
            ("ground_truth_first", "the ground truth, else the newest"),
            ("accepted", "those that a review accepted"),
            ("consensus", "one that they agree on: the consensus"),
        ],
        help_text="Tables and labels for training take the newest by themselves; JSON takes all.",
    )
    person = forms.ChoiceField(label="Only completions of", required=False)
    skipped = forms.BooleanField(label="Skips go in, too", required=False, initial=True)
    predictions = forms.ChoiceField(
        label="Predictions",
        required=False,
        choices=[("ids", "their ids"), ("full", "the whole of them"), ("none", "none")],
        help_text="In JSON and JSON Lines.",
    )
    identities = forms.ChoiceField(
        label="People are named",
        required=False,
        choices=[
            ("ids", "by id"),
            ("full", "by name and address"),
            ("pseudonyms", "by numbers that mean nothing outside the file"),
        ],
    )
    media_files = forms.BooleanField(
        label="Pack the media files, too",
        required=False,
        help_text="Pictures and recordings, in archives. The file can become large.",
    )
    drafts = forms.BooleanField(
        label="My own drafts go in, too", required=False, help_text="In JSON and JSON Lines."
    )
    history = forms.BooleanField(
        label="Earlier versions of completions go in, too",
        required=False,
        help_text="In JSON and JSON Lines.",
    )
    interpolate = forms.BooleanField(
        label="Fill in the frames between key frames",
        required=False,
        help_text="Of regions that move through a video.",
    )
    split = forms.CharField(
        label="Split into parts",
        required=False,
        max_length=300,
        help_text="For example <code>train=0.8,val=0.1,test=0.1</code>. Each task stays in its part when others come.",
        widget=forms.TextInput(attrs={"placeholder": "not split", "spellcheck": "false"}),
    )
    split_key = forms.CharField(
        label="Keep together what has the same",
        required=False,
        max_length=200,
        help_text="A key of the data, for example <code>patient</code>, so that no value stands in two parts.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    since = forms.CharField(
        label="Only what has changed since",
        required=False,
        max_length=80,
        help_text="A time such as <code>2026-11-30T08:00:00Z</code>, or the cursor of an earlier export.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    title = forms.CharField(
        label="Title", required=False, max_length=200, help_text="To find it again in the list."
    )

    def __init__(
        self,
        *args: Any,
        views: Sequence[View] = (),
        people: Sequence[User] = (),
        shows_video: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not shows_video:
            del self.fields["interpolate"]
        tabs = [(OF_A_TAB, "Those of a tab of the data manager")] if views else []
        self._choose("tasks", [("labeled", "Labeled or skipped tasks"), ("all", "All tasks"), *tabs])
        self._choose("view", [(str(view.pk), str(view)) for view in views])
        self._choose("person", [("", "anybody"), *((str(person.pk), str(person)) for person in people)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def spec(self) -> ExportSpec:
        """Return what is asked for.

        Raises:
            ValidationFailed: naming the option that is wrong.
        """
        chosen = self.cleaned_data
        of_a_tab = chosen["tasks"] == OF_A_TAB
        taken = (
            "format",
            "completions",
            "predictions",
            "identities",
            "drafts",
            "history",
            "interpolate",
            "split",
            "split_key",
            "since",
        )
        return read_spec(
            {name: chosen[name] for name in taken if name in chosen}
            | {
                "tasks": "all" if of_a_tab else chosen["tasks"],
                "view": chosen["view"] if of_a_tab else "",
                "people": chosen["person"],
                "skipped": chosen["skipped"],
                "media": chosen["media_files"],
            }
        )


class LinkForm(PageForm):
    """For how long a link holds."""

    hours = forms.TypedChoiceField(
        label="The link holds for",
        coerce=int,
        initial=DEFAULT_HOURS,
        choices=[(each, _TIMES[each]) for each in HOURS],
    )
