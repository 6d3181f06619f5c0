"""Everybody who has an account, for administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from apps.accounts import services
from apps.accounts.models import GlobalRole, User
from apps.accounts.policy import require_administrator
from apps.accounts.queries import people_matching, person_for
from apps.completions.queries import count_all_by_person
from apps.core.errors import Conflict
from apps.projects.departures import count_solely_owned
from apps.web.access import SignedInRequest
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.people import EraseForm
from apps.web.views.invitations import invitations_context

PAGE_SIZE = 50


@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """List the accounts by address."""
    require_administrator(request.user)
    text = request.GET.get("q", "").strip().replace("\x00", "")
    paginator = Paginator(people_matching(request.user, text), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_numbers": paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "text": text,
        "role_choices": GlobalRole.choices,
        **invitations_context(request, None),
    }
    return render(request, "web/pages/people.html", context)


@require_POST
def change_role(request: SignedInRequest, user_id: int) -> HttpResponseBase:
    """Give somebody another global role; answers with their select as it is afterwards."""
    person = _person(request, user_id)
    status = 200
    try:
        person = services.set_global_role(
            user_id=user_id, role=request.POST.get("role", ""), changed_by=request.user
        )
    except Conflict as error:
        messages.error(request, error.message)
        status = error.status_code
    else:
        messages.success(request, f"{person} is now {GlobalRole(person.role).label.lower()}.")
    if not request.htmx:
        return redirect("web:people")
    if person == request.user and status == 200:
        return HttpResponseClientRefresh()  # this very page depends on the role
    context = {"person": person, "role_choices": GlobalRole.choices}
    return render(request, "web/parts/person_role.html", context, status=status)


@require_http_methods(["GET", "POST"])
def deactivate(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Ask, then lock somebody out."""
    person = _person(request, user_id)
    if request.method == "GET":
        return _dialog(request, "deactivate_person", person)
    try:
        services.deactivate_user(user_id=user_id, deactivated_by=request.user)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{person} is deactivated and signed out everywhere.")
    return redirect("web:people")


@require_POST
def reactivate(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Let somebody in again."""
    person = _person(request, user_id)
    try:
        services.reactivate_user(user_id=user_id, reactivated_by=request.user)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{person} may sign in again.")
    return redirect("web:people")


@require_http_methods(["GET", "POST"])
def erase(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Ask for the person's address, then erase their data."""
    person = _person(request, user_id)
    form = EraseForm(request.POST or None, person=person)
    if request.method == "GET" or not form.is_valid():
        return _dialog(request, "erase_person", person, form=form)
    try:
        erased = services.erase_user(user_id=user_id, erased_by=request.user)
    except Conflict as error:
        form.add_error(None, error.message)
        return _dialog(request, "erase_person", person, form=form)
    messages.success(request, f"The personal data are erased. The account is called {erased} from now on.")
    return HttpResponseClientRedirect("/people") if request.htmx else redirect("web:people")


def _person(request: SignedInRequest, user_id: int) -> User:
    require_administrator(request.user)
    return person_for(request.user, user_id)


def _dialog(
    request: SignedInRequest, name: str, person: User, *, form: EraseForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "person": person,
        "completions": count_all_by_person(person),
        "memberships": person.memberships.count(),
        "solely_owned": count_solely_owned(person),
        "dialog_base": "web/dialog_part.html" if request.htmx else "web/dialog_page.html",
    }
    if form is not None:
        mark_invalid(form)
        context["form"] = form
    status = 422 if form is not None and form.errors else 200
    return render(request, f"web/dialogs/{name}.html", context, status=status)
