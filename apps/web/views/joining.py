"""The page of an invitation: join as who one is, or sign up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.errors import NotFound, ProductError
from apps.projects.invitations import accept_invitation, find_invitation, sign_up
from apps.projects.models import Invitation
from apps.projects.policy import Action, allows
from apps.projects.queries import role_in
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.people import SignUpForm
from apps.web.multisession import BACKEND, guest_entry


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Show what an invitation is for; make an account for somebody who signs up by it."""
    try:
        invitation = find_invitation(key)
    except NotFound as error:
        return render(request, "web/pages/invitation_over.html", {"reason": error.message}, status=404)
    if isinstance(request.user, User):
        if request.method == "POST":  # they signed in elsewhere while the form was open
            return redirect("web:join", key)
        return _page(request, key, invitation)
    if entry := guest_entry(request):
        return entry
    form = SignUpForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_up(key=key, **form.cleaned_data)
        except ProductError as error:
            form.take_errors(error)
        else:
            login(request, user, backend=BACKEND)
            return _enter(request, invitation, user)
    return _page(request, key, invitation, form)


@never_cache
@require_POST
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """Make the signed-in person what the invitation says."""
    if not isinstance(request.user, User):
        return redirect("web:join", key)
    try:
        invitation = find_invitation(key)
        accept_invitation(key=key, user=request.user)
    except NotFound as error:
        return render(request, "web/pages/invitation_over.html", {"reason": error.message}, status=404)
    return _enter(request, invitation, request.user)


def _enter(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    """Go to what the person now belongs to; whoever only labels there starts at once."""
    if invitation.project_id is None:
        messages.success(request, "Your account is ready.")
        return redirect("web:projects")
    messages.success(request, f"You joined “{invitation.project}”.")
    role = role_in(user, invitation.project_id)
    labels_only = allows(role, Action.LABEL) and not allows(role, Action.VIEW_ALL_COMPLETIONS)
    return redirect("web:label" if labels_only else "web:overview", invitation.project_id)


def _page(
    request: HttpRequest, key: str, invitation: Invitation, form: SignUpForm | None = None
) -> HttpResponse:
    """Show the card: with `form` for somebody who is not signed in, else with what the person may do."""
    here = reverse("web:join", args=[key])
    context: dict[str, Any] = {
        "invitation": invitation,
        "key": key,
        "form": form,
        "sign_in_address": f"{reverse('web:sign-in')}?{urlencode({'next': here})}",
    }
    if form is not None:
        mark_invalid(form)
    elif isinstance(request.user, User):
        project_id, email = invitation.project_id, invitation.email
        context["own_role"] = role_in(request.user, project_id) if project_id else None
        context["is_for_other"] = email not in ("", request.user.email)
    status = 422 if form is not None and form.errors else 200
    return render(request, "web/pages/join.html", context, status=status)
