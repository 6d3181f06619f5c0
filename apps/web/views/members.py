"""Who belongs to a project, and in which role."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from apps.completions.queries import count_by_person
from apps.core.errors import Conflict, NotFound, ProductError
from apps.projects import people
from apps.projects.current_project import forget_current
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role, roles_given_by
from apps.projects.queries import members_of
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.people import AddMemberForm, role_choices
from apps.web.navigation import tabs_of
from apps.web.views.invitations import invitations_context

PAGE_SIZE = 50


@require_GET
def members(request: SignedInRequest, project_id: int) -> HttpResponse:
    """List the people of a project; those who may also add, invite, change and remove."""
    return _page(request, open_project(request, project_id, Action.VIEW_MEMBERS))


@require_POST
def add_member(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Make somebody who has an account a member."""
    project = open_project(request, project_id, Action.CHANGE_MEMBERS)
    form = AddMemberForm(request.POST, roles=roles_given_by(project.my_role))
    if form.is_valid():
        try:
            member = people.add_member(project_id=project.pk, added_by=request.user, **form.cleaned_data)
        except ProductError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"{member.user} is now {Role(member.role).label.lower()} here.")
            return redirect("web:members", project.pk)
    return _page(request, project, form)


@require_POST
def change_role(request: SignedInRequest, project_id: int, user_id: int) -> HttpResponseBase:
    """Give a member another role; answers with their select as it is afterwards."""
    project = open_project(request, project_id, Action.CHANGE_MEMBERS)
    status = 200
    try:
        member = people.change_role(
            project_id=project.pk,
            user_id=user_id,
            role=request.POST.get("role", ""),
            changed_by=request.user,
        )
    except Conflict as error:
        messages.error(request, error.message)
        status, member = error.status_code, _member(project, user_id)
    else:
        messages.success(request, f"{member.user} is now {Role(member.role).label.lower()} here.")
    if not request.htmx:
        return redirect("web:members", project.pk)
    if user_id == request.user.pk and status == 200:
        return HttpResponseClientRefresh()  # what else the page offers depends on this role
    context = {"project": project, "member": member, "role_choices": _choices(project)}
    return render(request, "web/parts/member_role.html", context, status=status)


@require_http_methods(["GET", "POST"])
def remove_member(request: SignedInRequest, project_id: int, user_id: int) -> HttpResponse:
    """Ask, then take a person out of a project."""
    project = open_project(request, project_id, Action.CHANGE_MEMBERS)
    member = _member(project, user_id)
    if request.method == "GET":
        return _removal_dialog(request, project, member)
    return _take_out(request, project, member, f"{member.user} is no member any more.")


@require_http_methods(["GET", "POST"])
def leave(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Ask, then take the person themself out of a project."""
    project = open_project(request, project_id, Action.VIEW_MEMBERS)
    member = _member(project, request.user.pk)
    if request.method == "GET":
        return _removal_dialog(request, project, member)
    return _take_out(request, project, member, f"You left the project “{project}”.")


def _take_out(request: SignedInRequest, project: Project, member: Membership, told: str) -> HttpResponse:
    try:
        people.take_out(project_id=project.pk, user_id=member.user_id, taken_out_by=request.user)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect("web:members", project.pk)
    messages.success(request, told)
    if member.user_id != request.user.pk or request.user.is_administrator:
        return redirect("web:members", project.pk)
    forget_current(request.user, request.session)
    return redirect("web:projects")


def _member(project: Project, user_id: int) -> Membership:
    member: Membership | None = members_of(project).filter(user_id=user_id).first()
    if member is None:
        raise NotFound(f"User {user_id} is no member of this project.")
    return member


def _choices(project: Project) -> list[tuple[str, str]]:
    return role_choices(roles_given_by(project.my_role))


def _removal_dialog(request: SignedInRequest, project: Project, member: Membership) -> HttpResponse:
    context = {
        "project": project,
        "member": member,
        "completions": count_by_person(project, member.user),
        "dialog_base": "web/dialog_part.html" if request.htmx else "web/dialog_page.html",
    }
    return render(request, "web/dialogs/remove_member.html", context)


def _page(request: SignedInRequest, project: Project, add_form: AddMemberForm | None = None) -> HttpResponse:
    text = request.GET.get("q", "").strip().replace("\x00", "")
    page = Paginator(members_of(project).matching(text), PAGE_SIZE).get_page(request.GET.get("page"))
    given = roles_given_by(project.my_role)
    context: dict[str, Any] = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "members",
        "page": page,
        "text": text,
        "may_change": bool(given),
        "may_leave": members_of(project).filter(user=request.user).exists(),
        "role_choices": role_choices(given),
        "given_roles": {role.value for role in given},
    }
    if given:
        add_form = add_form or AddMemberForm(roles=given)
        mark_invalid(add_form)
        context |= {"add_form": add_form, **invitations_context(request, project)}
    status = 422 if add_form is not None and add_form.errors else 200
    return render(request, "web/pages/members.html", context, status=status)
