"""Bringing tasks in."""

from __future__ import annotations

import io
from typing import IO, Any

from django import forms

from apps.web.forms.page_form import PageForm


class ImportForm(PageForm):
    """A JSON file, or pasted JSON."""

    file = forms.FileField(
        label="JSON file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    text = forms.CharField(
        label="Or paste JSON",
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "class": "font-monospace code-field",
                "placeholder": '[{"text": "…"}]',
            }
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Let exactly one of the two pass."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("file")) == bool(cleaned.get("text")) and not self.errors:
            raise forms.ValidationError("Choose a file or paste JSON: one of the two.")
        return cleaned

    def stream(self) -> IO[bytes]:
        """Return the chosen or pasted JSON as a seekable stream."""
        uploaded = self.cleaned_data.get("file")
        if uploaded:
            stream: IO[bytes] = uploaded.file
            return stream
        return io.BytesIO(self.cleaned_data["text"].encode("utf-8", "surrogatepass"))
