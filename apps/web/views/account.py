"""What people see and change of their own account."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import services
from apps.accounts.avatars import remove_avatar, set_avatar
from apps.accounts.models import Session, User
from apps.accounts.queries import sessions_of
from apps.comments.mails import sends_mail, set_wants_mail, wants_mail
from apps.core.errors import ProductError
from apps.web.access import SignedInRequest
from apps.web.browser_names import browser_name
from apps.web.forms.accounts import AvatarForm, ProfileForm, password_form
from apps.web.forms.page_form import mark_invalid
from apps.web.views.tokens import tokens_context


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session as its person knows it."""

    row: Session
    browser: str
    is_this_one: bool


@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """Show the account and change the name."""
    user = request.user
    form = _profile_form(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = dict(form.cleaned_data)
        wanted = names.pop("mention_mails", None)
        services.update_profile(user=user, **names)
        if wanted is not None:
            set_wants_mail(user=user, wanted=wanted)
        messages.success(request, "Your profile is saved.")
        return redirect("web:account")
    return _page(request, profile_form=form)


def _profile_form(user: User, sent: QueryDict | None = None) -> ProfileForm:
    initial = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "mention_mails": wants_mail(user),
    }
    return ProfileForm(sent, initial=initial, has_mail=sends_mail() and not user.is_guest)


@sensitive_post_parameters()
@require_POST
def change_password(request: SignedInRequest) -> HttpResponse:
    """Change the password; this browser stays signed in, all others are signed out."""
    user = request.user
    form = password_form(user, request.POST)
    if not form.is_valid():
        return _page(request, password_form=form)
    services.set_password(user=user, password=form.cleaned_data["new_password1"], changed_by=user)
    update_session_auth_hash(request, user)  # a new session for this browser: the service ended them all
    messages.success(request, "Your password is changed. Other browsers are signed out.")
    return redirect("web:account")


@require_POST
def change_avatar(request: SignedInRequest) -> HttpResponse:
    """Take a picture of the person."""
    form = AvatarForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            set_avatar(user=request.user, picture=form.cleaned_data["picture"])
        except ProductError as error:
            form.take_errors(error)
        else:
            messages.success(request, "Your picture is saved.")
            return redirect("web:account")
    return _page(request, avatar_form=form)


@require_POST
def delete_avatar(request: SignedInRequest) -> HttpResponse:
    """Go back to initials."""
    remove_avatar(user=request.user)
    messages.success(request, "Your picture is deleted.")
    return redirect("web:account")


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    """Sign every other browser out."""
    ended = services.sign_out_other_sessions(user=request.user, kept=request.session.session_key)
    if ended == 0:
        messages.info(request, "You were signed in nowhere else.")
    else:
        messages.success(
            request, f"{ended} other {'session is' if ended == 1 else 'sessions are'} signed out."
        )
    return redirect("web:account")


def _page(request: SignedInRequest, **checked: BaseForm) -> HttpResponse:
    """Show the page; `checked` is the form that was sent, if one was."""
    user = request.user
    forms: dict[str, BaseForm] = {
        "profile_form": _profile_form(user),
        "password_form": password_form(user),
        "avatar_form": AvatarForm(),
        **checked,
    }
    for form in checked.values():
        mark_invalid(form)
    this_one = request.session.session_key
    shown = [ShownSession(row, browser_name(row.user_agent), row.pk == this_one) for row in sessions_of(user)]
    context = {**forms, **tokens_context(user), "sessions": shown}
    status = 422 if any(form.errors for form in checked.values()) else 200
    return render(request, "web/pages/account.html", context, status=status)
