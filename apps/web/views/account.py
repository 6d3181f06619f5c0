"""What people see and change of their own account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.services import update_profile
from apps.web.access import SignedInRequest
from apps.web.forms.accounts import NewPasswordForm, ProfileForm
from apps.web.forms.page_form import mark_invalid


@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """Show the account and change the name."""
    user = request.user
    form = ProfileForm(
        request.POST or None, initial={"first_name": user.first_name, "last_name": user.last_name}
    )
    if request.method == "POST" and form.is_valid():
        update_profile(user=user, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("web:account")
    return _page(request, form, NewPasswordForm(user))


@sensitive_post_parameters()
@require_POST
def change_password(request: SignedInRequest) -> HttpResponse:
    """Change the password; this browser stays signed in, all others are signed out."""
    user = request.user
    form = NewPasswordForm(user, request.POST)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed. Other browsers are signed out.")
        return redirect("web:account")
    profile = ProfileForm(initial={"first_name": user.first_name, "last_name": user.last_name})
    return _page(request, profile, form)


def _page(request: SignedInRequest, profile: ProfileForm, password: NewPasswordForm) -> HttpResponse:
    mark_invalid(profile)
    mark_invalid(password)
    status = 422 if profile.errors or password.errors else 200
    context = {"profile_form": profile, "password_form": password}
    return render(request, "web/pages/account.html", context, status=status)
