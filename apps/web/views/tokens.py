"""A person's own API tokens; a key is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.accounts.queries import token_of, tokens_of
from apps.accounts.services import create_api_token, revoke_api_token
from apps.web.access import SignedInRequest
from apps.web.forms.accounts import NewTokenForm
from apps.web.forms.page_form import mark_invalid


@sensitive_variables("key")
@require_POST
def create_token(request: SignedInRequest) -> HttpResponse:
    """Make a token and show its key, this once."""
    form = NewTokenForm(request.POST)
    if not form.is_valid():
        mark_invalid(form)
        return render(request, "web/parts/tokens.html", tokens_context(request.user, form), status=422)
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=days) if days else None
    key = create_api_token(user=request.user, name=form.cleaned_data["name"], expires_at=expires_at)
    return render(request, "web/parts/tokens.html", {**tokens_context(request.user), "key": key})


@require_http_methods(["GET", "POST"])
def revoke_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Ask, then make a token useless."""
    token = token_of(request.user, token_id)
    if request.method == "GET":
        base = "web/dialog_part.html" if request.htmx else "web/dialog_page.html"
        return render(request, "web/dialogs/revoke_token.html", {"token": token, "dialog_base": base})
    revoke_api_token(token=token, revoked_by=request.user)
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("web:account")


def tokens_context(user: User, form: NewTokenForm | None = None) -> dict[str, Any]:
    """Return what the card of tokens shows."""
    return {"tokens": tokens_of(user), "token_form": form or NewTokenForm(), "now": timezone.now()}
