"""Saved tabs of the data manager: made from what the page shows, changed, ordered, deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from apps.core.errors import NotAllowed, NotFound, ProductError
from apps.data_manager import tabs
from apps.data_manager.models import View
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.web.access import SignedInRequest, open_project
from apps.web.data_manager.heads import may_change
from apps.web.data_manager.opening import Opened, open_page
from apps.web.data_manager.state import tab_data
from apps.web.forms.data_manager import TabForm, tell
from apps.web.forms.page_form import mark_invalid


@require_http_methods(["GET", "POST"])
def new_tab(request: SignedInRequest, project_id: int) -> HttpResponseBase:
    """Ask for a name, then save what the page shows, which the address tells as on the page itself."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    form = _form(request, project)
    if request.method == "POST" and form.is_valid():
        try:
            opened = _opened(request, project)
            view = tabs.create_view(
                project=project,
                created_by=request.user,
                data={**tab_data(opened.state), "title": form.cleaned_data["title"]},
                is_shared=form.cleaned_data.get("is_shared", False),
            )
        except ProductError as error:
            tell(form, error)
        else:
            messages.success(request, f"Saved the tab “{view}”.")
            return _go(request, project, view)
    return _dialog(request, project, form, None)


@require_http_methods(["GET", "POST"])
def edit_tab(request: SignedInRequest, project_id: int, tab_id: int) -> HttpResponseBase:
    """Ask for another name and for who sees the tab, then change it."""
    project, view = _own_tab(request, project_id, tab_id)
    form = _form(request, project, title=str(view), is_shared=view.is_shared)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data.get("is_shared")
        try:
            tabs.update_view(
                view=view,
                changed_by=request.user,
                data={"title": form.cleaned_data["title"]},
                is_shared=wanted,
            )
        except ProductError as error:
            tell(form, error)
        else:
            return _go(request, project, view)
    return _dialog(request, project, form, view)


@require_POST
def save_tab(request: SignedInRequest, project_id: int, tab_id: int) -> HttpResponseBase:
    """Keep in the tab what the page shows now."""
    project, view = _own_tab(request, project_id, tab_id)
    try:
        view = tabs.update_view(
            view=view, changed_by=request.user, data=tab_data(_opened(request, project).state)
        )
    except ProductError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Saved the tab “{view}”.")
    return _go(request, project, view)


@require_POST
def duplicate_tab(request: SignedInRequest, project_id: int, tab_id: int) -> HttpResponseBase:
    """Make a private tab like this one."""
    project, view = _tab(request, project_id, tab_id)
    title = f"{view} (copy)"[: tabs.MAX_TITLE]
    try:
        view = tabs.create_view(
            project=project, created_by=request.user, data={**view.data, "title": title}, is_shared=False
        )
    except ProductError as error:
        messages.error(request, error.message)
    return _go(request, project, view)


@require_POST
def move_tab(request: SignedInRequest, project_id: int, tab_id: int) -> HttpResponseBase:
    """Move the tab one place: `direction` is left or right."""
    project, view = _own_tab(request, project_id, tab_id)
    seen = tabs.views_of(project, request.user)
    step = -1 if request.POST.get("direction") == "left" else 1
    place = next((at for at, other in enumerate(seen) if other.pk == view.pk), 0)
    target = min(max(place + step, 0), len(seen) - 1)
    seen.insert(target, seen.pop(place))
    try:
        tabs.order_views(
            project=project, ordered_by=request.user, view_ids=_changeable(request, project, seen)
        )
    except ProductError as error:
        messages.error(request, error.message)
    return _go(request, project, view)


@require_http_methods(["GET", "POST"])
def delete_tab(request: SignedInRequest, project_id: int, tab_id: int) -> HttpResponseBase:
    """Ask, then delete the tab."""
    project, view = _own_tab(request, project_id, tab_id)
    if request.method == "GET":
        context = {"project": project, "view": view, "dialog_base": _dialog_base(request)}
        return render(request, "web/dialogs/delete_tab.html", context)
    try:
        tabs.delete_view(view=view, deleted_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
        return _go(request, project, view)
    messages.success(request, f"Deleted the tab “{view}”.")
    return _go(request, project, None)


def _changeable(request: SignedInRequest, project: Project, seen: list[View]) -> list[int]:
    """Return those of the tabs that this person may move, in their new order."""
    return [view.pk for view in seen if may_change(project, request.user, view)]


def _tab(request: SignedInRequest, project_id: int, tab_id: int) -> tuple[Project, View]:
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    view = tabs.view_for(request.user, tab_id)
    if view.project_id != project.pk:
        raise NotFound(f"There is no tab {tab_id} in this project.")
    return project, view


def _own_tab(request: SignedInRequest, project_id: int, tab_id: int) -> tuple[Project, View]:
    project, view = _tab(request, project_id, tab_id)
    if not may_change(project, request.user, view):
        raise NotAllowed(
            "You may change only your own tabs: this one is shared with everybody in the project."
        )
    return project, view


def _opened(request: SignedInRequest, project: Project) -> Opened:
    """Return the page that the address tells, which must be right to be kept.

    Raises:
        ValidationFailed: a part of it is wrong.
    """
    opened = open_page(project, request.user, request.GET)
    opened.query()
    return opened


def _form(request: SignedInRequest, project: Project, **initial: Any) -> TabForm:
    may_share = allows(project.my_role, tabs.SHARING)
    data = request.POST if request.method == "POST" else None
    return TabForm(data, initial=initial, may_share=may_share)


def _dialog(request: SignedInRequest, project: Project, form: TabForm, view: View | None) -> HttpResponse:
    mark_invalid(form)
    context = {"project": project, "form": form, "view": view, "dialog_base": _dialog_base(request)}
    return render(request, "web/dialogs/tab.html", context, status=422 if form.errors else 200)


def _dialog_base(request: SignedInRequest) -> str:
    return "web/dialog_part.html" if request.htmx else "web/dialog_page.html"


def _go(request: SignedInRequest, project: Project, view: View | None) -> HttpResponseBase:
    address = reverse("web:tasks", args=[project.pk]) + (f"?tab={view.pk}" if view else "")
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
