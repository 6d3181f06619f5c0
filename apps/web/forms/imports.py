"""Bringing tasks in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.imports.options import BY_DATA, BY_EXTERNAL_ID, ImportOptions, OnError
from apps.labeling.config import LabelingConfig
from apps.web.forms.page_form import PageForm

_RESERVED = (BY_DATA, BY_EXTERNAL_ID)
MAX_TEXT = 20_000_000
"""Characters that can be pasted."""


class ManyFilesInput(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several uploaded files as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the list of files; empty when none was chosen."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(one, initial) for one in given if one]


class SourcesForm(PageForm):
    """Where tasks come from: files, pasted text, an address, or a sample. Works without scripts."""

    file = ManyFilesField(
        label="Files", required=False, allow_empty_file=True, widget=ManyFilesInput(attrs={"multiple": True})
    )
    text = forms.CharField(
        label="Tasks as text",
        required=False,
        max_length=MAX_TEXT,
        strip=False,
        help_text="JSON, JSON Lines, CSV, TSV, or one text a line: the format is detected.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "font-monospace code-field"}),
    )
    url = forms.CharField(
        label="Address of a file",
        required=False,
        max_length=2000,
        help_text="The server fetches it: it must be reachable from there, and be on no private network.",
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/tasks.csv"}),
    )
    sample = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Let exactly one of them pass."""
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in ("file", "text", "url", "sample") if cleaned.get(name)]
        if len(given) != 1 and not self.errors:
            raise forms.ValidationError("Choose files, paste text or name an address: one of the three.")
        return cleaned


class ImportOptionsForm(PageForm):
    """How files that were uploaded are imported.

    Args:
        columns: the keys that the tasks will have.
        config: the project's.
    """

    on_error = forms.ChoiceField(
        label="When rows are bad",
        choices=[
            (OnError.ABORT.value, "Import nothing, and list them"),
            (OnError.SKIP.value, "Import the good ones, and give the bad ones back as a file"),
        ],
        initial=OnError.ABORT.value,
        widget=forms.RadioSelect,
    )
    answers_as = forms.ChoiceField(
        label="Labels in the files become",
        required=False,  # asked only where there may be some
        choices=[("predictions", "predictions, for people to check"), ("completions", "completions")],
        initial="predictions",
        widget=forms.RadioSelect,
    )
    model_version = forms.CharField(
        label="Model version of the predictions",
        required=False,
        max_length=240,
        help_text="What made them, for example <code>detector-3</code>.",
    )
    control = forms.ChoiceField(
        label="They answer", required=False, help_text="The question of the labeling config they belong to."
    )
    dedupe = forms.ChoiceField(
        label="Leave out what is here already",
        required=False,
        help_text="Compared with all tasks of the project, and within the files.",
    )
    external_id_key = forms.ChoiceField(
        label="External id",
        required=False,
        help_text="The column that holds your own id of each task. Exports bring it back.",
    )
    preannotated_from_fields = forms.CharField(
        label="Columns that hold predictions",
        required=False,
        max_length=255,
        help_text="Their names, separated by commas. Each holds a list of result items.",
    )

    def __init__(
        self, *args: Any, columns: Sequence[str] = (), config: LabelingConfig | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        keys = [(column, f"with the same “{column}”") for column in columns if column not in _RESERVED]
        self._choose("dedupe", [("", "No: import everything"), (BY_DATA, "with the same data"),
                                (BY_EXTERNAL_ID, "with the same external id"), *keys])  # fmt: skip
        self._choose("external_id_key", [("", "None"), *((column, column) for column in columns)])
        controls = config.controls if config else {}
        self._choose(
            "control",
            [
                ("", "the first that fits"),
                *((name, f"{name} ({tag.type})") for name, tag in controls.items()),
            ],
        )

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def options(self, files: dict[str, ImportOptions]) -> ImportOptions:
        """Return the options of the import.

        Args:
            files: how each file is read.

        Raises:
            ValidationFailed: naming the option that is wrong.
        """
        as_given = {name: own.as_json() for name, own in files.items()}
        return ImportOptions.read({**self.cleaned_data, "files": as_given})
