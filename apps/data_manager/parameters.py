"""What a request says about the tasks it wants: project, tab, filters, order, page and fields."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.completions.own_tasks import sees_all_tasks
from apps.core import json
from apps.core.errors import NotFound, ValidationFailed
from apps.core.ids import id_in
from apps.data_manager.conditions import EVERYBODYS, Sight
from apps.data_manager.filters import all_of, read_filters
from apps.data_manager.ordering import read_ordering
from apps.data_manager.selection import EVERYTHING, read_selection
from apps.data_manager.tabs import view_for
from apps.data_manager.task_query import TaskQuery
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import project_for

DEFAULT_PAGE_SIZE = 30
MAX_PAGE_SIZE = 1000
MAX_IDS = 10_000
"""How many tasks a page may have when only their ids are asked for."""

ONLY_ANNOTATED = {"items": [{"filter": "total_annotations", "operator": "greater", "value": 0}]}


def number(request: Request, name: str, default: int, largest: int) -> int:
    """Return a number from 1 that a parameter says, cut at `largest`.

    Raises:
        ValidationFailed: it is none.
    """
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if not text.isdecimal() or len(text) > 20 or int(text) < 1:
        raise ValidationFailed(f"{name} must be a number from 1.", fields={name: ["Not a number from 1."]})
    return min(int(text), largest)


def project_in(request: Request, action: Action) -> Project:
    """Return the project named by `?project=` or the body, in which the caller may do `action`.

    Raises:
        NotFound: none is named, or not one that the caller may know of.
        NotAllowed: their role does not allow it.
    """
    body = request.data if isinstance(request.data, dict) else {}
    project_id = id_in(request.query_params.get("project") or body.get("project"))
    if project_id is None:
        raise NotFound("Say which project you mean: ?project=ID.")
    return project_for(caller(request), project_id, action)


def tab_in(request: Request, project: Project) -> dict[str, Any]:
    """Return the data of the saved tab that a request names; {} when it names none.

    Raises:
        NotFound: it may not be seen, or is of another project.
    """
    given = request.query_params.get("view") or request.query_params.get("tabID")
    if not given:
        return {}
    view = view_for(caller(request), id_in(given) or 0)
    if view.project_id != project.pk:
        raise NotFound(f"There is no tab {view.pk} in this project.")
    data: dict[str, Any] = view.data
    return data


def sight_of(user: User, project: Project) -> Sight:
    """Return whose completions count when `user` searches in a project that was read for them."""
    sees_all = allows(project.my_role, Action.VIEW_ALL_COMPLETIONS) or project.show_completions_to_annotators
    return EVERYBODYS if sees_all else Sight(own_only=user.pk)


def query_document(request: Request) -> dict[str, Any]:
    """Return the document in `?query=`, plain or escaped once more; {} without one.

    Raises:
        ValidationFailed: it is no JSON object.
    """
    text = request.query_params.get("query", "")
    if text.startswith("%7B"):
        text = unquote(text)
    document = json.loads(text, what="query") if text else {}
    if not isinstance(document, dict):
        raise ValidationFailed("query must be a JSON object.", fields={"query": ["Not an object."]})
    return document


def read_query(
    project: Project, sight: Sight, document: dict[str, Any], tab: dict[str, Any] | None = None
) -> TaskQuery:
    """Return which tasks are meant by `{filters, ordering, selectedItems}`.

    Args:
        tab: the data of a saved tab: its filters hold too, and its order is taken unless the document has one.

    Raises:
        ValidationFailed: a part of either is wrong.
    """
    tab = tab or {}
    selected = document.get("selectedItems")
    return TaskQuery(
        project=project,
        filters=all_of(read_filters(tab.get("filters")), read_filters(document.get("filters"))),
        ordering=read_ordering(document.get("ordering") or tab.get("ordering")),
        selection=EVERYTHING if selected is None else read_selection(selected),
        sight=sight,
        only_tasks_of=None if sees_all_tasks(project, project.my_role) else sight.own_only,
    )


def listed_query(request: Request, project: Project, tab: dict[str, Any] | None = None) -> TaskQuery:
    """Return which tasks a list shows, by `query`, `ordering`, `only_annotated` and the tab.

    Raises:
        ValidationFailed: one of them is wrong.
    """
    document = query_document(request)
    if ordering := request.query_params.get("ordering"):
        document.setdefault("ordering", ordering.split(","))
    if request.query_params.get("only_annotated", "").lower() in ("true", "1"):
        document["filters"] = {"items": [document.get("filters") or {"items": []}, ONLY_ANNOTATED]}
    return read_query(project, sight_of(caller(request), project), document, tab)


def fields_in(request: Request) -> frozenset[str] | None:
    """Return the fields named by `include`, in the address or in `query`; None for all."""
    given = request.query_params.get("include") or query_document(request).get("include")
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or not names:
        return None
    return frozenset(str(name).strip() for name in names) | {"id"}
