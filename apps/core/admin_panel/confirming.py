"""Bulk actions that say what they will do, ask once, and then do all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.core.errors import ProductError

MAX_ROWS = 500
"""One action takes no more rows: what is larger is a job's work."""
NAMED_ROWS = 10
CONFIRMED = "confirmed"

Act = Callable[..., str]
"""`act(admin, request, rows, **values of the form)` does it and says what was done, again with `{rows}`."""
Action = Callable[[Any, HttpRequest, "QuerySet[Any]"], HttpResponse | None]


def confirmed(*, question: str, button: str, form_class: type[Form] = Form) -> Callable[[Act], Action]:
    """Make a bulk action that first shows a page with `question` and the rows, and acts when its form comes back.

    Args:
        question: what will happen and what is lost; `{rows}` stands for how many rows of which kind.
        button: the verb on the button.
        form_class: asks for what the action needs to know beside the rows.
    """

    def decorate(act: Act) -> Action:
        @wraps(act)
        def action(admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
            rows = list(queryset.order_by("pk")[: MAX_ROWS + 1])
            if len(rows) > MAX_ROWS:
                text = f"Select at most {MAX_ROWS:,} rows at once; nothing was changed."
                admin.message_user(request, text, messages.ERROR)
                return None
            is_answer = CONFIRMED in request.POST
            form = form_class(request.POST if is_answer else None)
            if is_answer and form.is_valid():
                _act(act, admin, request, rows, form.cleaned_data)
                return None
            return _ask(admin, request, rows, form, act.__name__, question, button)

        return action

    return decorate


def _act(act: Act, admin: Any, request: HttpRequest, rows: Sequence[Any], values: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            done = act(admin, request, rows, **values)
    except ProductError as error:
        admin.message_user(request, f"{error.message} Nothing was changed.", messages.ERROR)
    else:
        admin.message_user(request, done.replace("{rows}", _counted(admin, rows)), messages.SUCCESS)


def _counted(admin: Any, rows: Sequence[Any]) -> str:
    names = admin.model._meta
    return f"{len(rows):,} {names.verbose_name if len(rows) == 1 else names.verbose_name_plural}"


def _ask(
    admin: Any,
    request: HttpRequest,
    rows: Sequence[Any],
    form: Form,
    action_name: str,
    question: str,
    button: str,
) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": button,
        "opts": admin.model._meta,
        "question": question.format(rows=_counted(admin, rows)),
        "button": button,
        "form": form,
        "rows": rows,
        "named_rows": rows[:NAMED_ROWS],
        "unnamed_count": max(0, len(rows) - NAMED_ROWS),
        "action_name": action_name,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "confirmed": CONFIRMED,
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)
