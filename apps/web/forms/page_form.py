"""What all forms of the pages have in common: Tabler's classes, and errors that come from a service."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.errors import ProductError

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


class PageForm(forms.Form):
    """A form in the look of the pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)

    def take_errors(self, error: ProductError) -> None:
        """Show what a service refused beside the fields it names."""
        for name, messages in error.fields.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)
        if not error.fields:
            self.add_error(None, error.message)


def dress(field: forms.Field) -> None:
    """Give a field's widget the class that the style sheet expects."""
    widget = field.widget
    css_class = next(name for kind, name in _CLASSES if isinstance(widget, kind))
    present = str(widget.attrs.get("class", ""))
    widget.attrs["class"] = f"{css_class} {present}".strip()


def mark_invalid(form: forms.BaseForm) -> None:
    """Let the style sheet see which fields of a checked form are wrong."""
    for name in form.errors:
        if name in form.fields:
            attrs = form.fields[name].widget.attrs
            attrs["class"] = f"{attrs.get('class', '')} is-invalid".strip()
