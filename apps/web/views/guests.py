"""Guests: the way in, claiming the account, and the administrators' list of those who stayed away."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.guests import admit_guest, claim_account
from apps.accounts.models import User
from apps.accounts.policy import require_administrator
from apps.core.errors import NotFound, ProductError
from apps.projects.guests import kept_guests, remove_guest
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.web.access import SignedInRequest
from apps.web.forms.guests import ClaimForm
from apps.web.forms.page_form import mark_invalid
from apps.web.multisession import end_visit, sign_in, visits_of, welcome

PAGE_SIZE = 50


@never_cache
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """Admit the guest of a first visit and go to the page they came for."""
    target = _target(request)
    if request.user.is_authenticated:
        return redirect(target)
    visits = visits_of(request)
    if not settings.GUESTS_ALLOWED:
        return redirect("web:sign-in")
    if not visits:
        return render(request, "web/pages/no_cookies.html", {"target": target}, status=400)
    guest = admit_guest(visit=visits[0], others=visits[1:])
    sign_in(request, guest)
    welcome(request, guest)
    response = redirect(target)
    if target == reverse("web:projects") and (project := Project.objects.for_user(guest).first()):
        response = redirect("web:overview", project.pk)
    end_visit(request, response)
    return response


def _target(request: HttpRequest) -> str:
    address = request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if allowed else reverse("web:projects")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def claim(request: SignedInRequest) -> HttpResponse:
    """Make the guest of this browser a person with an account of their own."""
    if not request.user.is_guest:
        return redirect("web:account")
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = claim_account(user=request.user, **form.cleaned_data)
        except ProductError as error:
            form.take_errors(error)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, f"This is your account now. Sign in anywhere as {person.email}.")
            return redirect("web:account")
    mark_invalid(form)
    return render(request, "web/pages/claim.html", {"form": form}, status=422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class ShownGuest:
    """A guest on the administrators' list."""

    person: User
    projects: list[Project]
    completions: int


@require_GET
def guests(request: SignedInRequest) -> HttpResponse:
    """List the guests who stayed away for long and are kept for the work they did."""
    require_administrator(request.user)
    page = Paginator(kept_guests(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "guests": _shown(list(page)),
        "days": settings.GUEST_LIFETIME_DAYS,
        "later_days": settings.WORKING_GUEST_LIFETIME_DAYS,
    }
    return render(request, "web/pages/guests.html", context)


def _shown(people: list[User]) -> list[ShownGuest]:
    owned: dict[int, list[Project]] = {person.pk: [] for person in people}
    memberships = Membership.objects.filter(user__in=people, role=Role.OWNER, project__deleted_at=None)
    for membership in memberships.select_related("project").order_by("project_id"):
        owned[membership.user_id].append(membership.project)
    totals = totals_of([project.pk for projects in owned.values() for project in projects])
    return [
        ShownGuest(
            person, owned[person.pk], sum(totals[project.pk].completions for project in owned[person.pk])
        )
        for person in people
    ]


@require_POST
def remove(request: SignedInRequest, guest_id: int) -> HttpResponse:
    """Delete a guest, and with them the projects that are theirs alone."""
    require_administrator(request.user)
    if not remove_guest(guest_id=guest_id, removed_by=request.user):
        raise NotFound("There is no such guest: they claimed the account, or were deleted already.")
    messages.success(request, "The guest is gone; jobs delete the projects that were theirs alone.")
    return redirect("web:guests")
