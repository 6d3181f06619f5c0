"""The form of a saved tab, and how forms of the data manager show what was refused."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.errors import ProductError
from apps.data_manager.tabs import MAX_TITLE
from apps.web.forms.page_form import PageForm


def tell(form: PageForm, error: ProductError) -> None:
    """Show what a service refused: beside the fields of the form that it names, else as a whole sentence above them."""
    if set(error.fields) & set(form.fields):
        form.take_errors(error)
    else:
        form.add_error(None, error.message)


class TabForm(PageForm):
    """What a tab is called, and who sees it."""

    title = forms.CharField(label="Name", max_length=MAX_TITLE)
    is_shared = forms.BooleanField(
        label="Everybody in the project sees it", required=False, help_text="Otherwise you alone do."
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]
