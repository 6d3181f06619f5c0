"""The data manager: the tasks of a project as a table or a grid, with filters, orders and saved tabs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from apps.completions.own_tasks import sees_all_tasks
from apps.core import json
from apps.data_manager.tabs import SHARING
from apps.projects.policy import Action, allows
from apps.projects.queries import totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.data_manager.action_forms import offered_actions
from apps.web.data_manager.cells import rows_of
from apps.web.data_manager.heads import heads_of, may_change, paging_of, saved_tabs, shown_chips
from apps.web.data_manager.offered_columns import offered, operators_by_type, shown_columns
from apps.web.data_manager.opening import Found, Opened, find_tasks, open_page
from apps.web.data_manager.state import LAYOUTS, NARROWEST, PAGE_SIZES, WIDEST
from apps.web.navigation import tabs_of
from apps.web.views.task.opening import shows_media


# The page and its parts share an address: on the way back a browser must not take one for the other.
@vary_on_headers("HX-Request")
@shows_media
@ensure_csrf_cookie
@require_GET
def tasks(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the tasks that the address asks for; to htmx only the parts that depend on it."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    opened = open_page(project, request.user, request.GET)
    context = manager_context(opened)
    status = 422 if context["problem"] or opened.filter_problems else 200
    if request.htmx:
        return render(request, "web/parts/data_manager/answer.html", context, status=status)
    context |= {
        "tabs": tabs_of(project),
        "tab": "tasks",
        "actions": offered_actions(project),
        "columns_context": {
            "columns": offered(project, request.user),
            "types": operators_by_type(),
            "narrowest": NARROWEST,
            "widest": WIDEST,
        },
    }
    return render(request, "web/pages/data_manager.html", context, status=status)


def manager_context(opened: Opened) -> dict[str, Any]:
    """Return what the parts of the page show that depend on its address."""
    project, state = opened.project, opened.state
    found = find_tasks(opened)
    columns = shown_columns(project, state)
    rows = rows_of(project, found.tasks.ids, columns, opened.sight)
    return {
        "project": project,
        "opened": opened,
        "state": state,
        "problem": found.problem,
        "all_tasks": totals_of([project.pk])[project.pk].tasks,
        "sees_all_tasks": sees_all_tasks(project, project.my_role),
        "saved_tabs": saved_tabs(opened),
        "may_change_tab": opened.tab is not None and may_change(project, opened.user, opened.tab),
        "moves": (("left", "arrow-left"), ("right", "arrow-right")),
        "may_share": allows(project.my_role, SHARING),
        "may_label": allows(project.my_role, Action.LABEL) and project.archived_at is None,
        "may_act": allows(project.my_role, Action.CHANGE_ALL_COMPLETIONS),
        "may_import": allows(project.my_role, Action.IMPORT),
        "may_export": allows(project.my_role, Action.EXPORT),
        "chips": shown_chips(opened),
        "columns": columns,
        "heads": heads_of(opened, columns),
        "rows": rows,
        "paging": paging_of(opened, found),
        "csv_address": _csv_address(opened),
        "page_sizes": [(size, opened.address(page_size=size)) for size in PAGE_SIZES],
        "layouts": [(name, title, opened.address(layout=name)) for name, title in LAYOUTS.items()],
        "unfiltered": opened.address(filters={"conjunction": "and", "items": []}, search=""),
        "unsearched": opened.address(search=""),
        "page_state": json.dumps(_page_state(opened, found)).decode(),
    }


def _csv_address(opened: Opened) -> str:
    """Return where the shown tasks and columns come as a file; "" for who may not export."""
    if not (allows(opened.project.my_role, Action.EXPORT) and opened.is_right):
        return ""
    query = {"filters": opened.state.all_filters, "ordering": list(opened.state.ordering)}
    columns = [("columns", name) for name in ("id", *opened.state.columns)]
    pairs = [("project", str(opened.project.pk)), ("query", json.dumps(query).decode()), *columns]
    return f"{reverse('dm-csv')}?{urlencode(pairs)}"


def _page_state(opened: Opened, found: Found) -> dict[str, Any]:
    """Return what the page's script has to know of the page."""
    return {
        "project": opened.project.pk,
        "tab": opened.tab.pk if opened.tab else None,
        "page": found.page,
        "state": opened.state.document(),
        "base": opened.base.document(),
        "problems": opened.filter_problems,
        "total": found.tasks.total,
        "isLowerBound": found.tasks.is_lower_bound,
    }
