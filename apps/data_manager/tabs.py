"""Saved tabs: who sees and changes which, and what may stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.core import json
from apps.core.errors import NotAllowed, NotFound, ValidationFailed
from apps.data_manager.filters import read_filters
from apps.data_manager.models import View
from apps.data_manager.ordering import read_ordering
from apps.data_manager.selection import read_selection
from apps.projects.locks import lock_project
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import project_for, role_in

MAX_VIEWS = 200
"""How many tabs a project may have, those of all people together."""

MAX_DATA_BYTES = 100_000
MAX_TITLE = 200
SHARING = Action.CHANGE_PROJECT
"""Who may do this makes and changes the tabs that everybody sees."""


def view_for(user: User, view_id: int) -> View:
    """Return a saved tab that `user` may see.

    Raises:
        NotFound: there is none.
    """
    view: View | None = View.objects.for_user(user).select_related("project").filter(pk=view_id).first()
    if view is None:
        raise NotFound(f"There is no tab {view_id}, or you may not see it.")
    return view


def views_of(project: Project, user: User) -> list[View]:
    """Return the tabs of a project that `user` sees, in their order."""
    return list(View.objects.for_user(user).filter(project=project).order_by("order", "pk"))


def check_data(data: Any) -> dict[str, Any]:
    """Return the document of a tab, whose filters, order and selection are checked like those of a request.

    Raises:
        ValidationFailed: one of them is wrong, or the document is no object or too large.
    """
    if not isinstance(data, dict):
        raise ValidationFailed("data must be an object.", fields={"data": ["Not an object."]})
    if len(json.dumps(data)) > MAX_DATA_BYTES:
        raise ValidationFailed(f"A tab holds at most {MAX_DATA_BYTES:,} bytes.")
    title = data.get("title", "")
    if not isinstance(title, str) or len(title) > MAX_TITLE:
        raise ValidationFailed(f"A title is a text of at most {MAX_TITLE} characters.")
    read_filters(data.get("filters"))
    read_ordering(data.get("ordering"))
    if data.get("selectedItems") is not None:
        read_selection(data["selectedItems"])
    return data


@transaction.atomic
def create_view(
    *, project: Project, created_by: User, data: dict[str, Any], is_shared: bool | None = None
) -> View:
    """Save a tab behind the others.

    Args:
        project: read for `created_by`.
        is_shared: whether everybody sees it; None: whatever their role lets them do.

    Raises:
        ValidationFailed: the document is wrong, or the project has too many tabs.
        NotAllowed: they may not share tabs.
        NotFound: the project was deleted in the meantime.
    """
    check_data(data)
    lock_project(project.pk)
    may_share = allows(project.my_role, SHARING)
    if is_shared and not may_share:
        raise _may_not_share()
    others = View.objects.filter(project=project)
    if others.count() >= MAX_VIEWS:
        raise ValidationFailed(f"This project has {MAX_VIEWS} tabs already. Delete some first.")
    last = others.aggregate(last=Max("order"))["last"]
    return View.objects.create(
        project=project, user=created_by, data=data, is_shared=may_share if is_shared is None else is_shared,
        order=0 if last is None else last + 1,
    )  # fmt: skip


@transaction.atomic
def update_view(
    *, view: View, changed_by: User, data: dict[str, Any] | None = None, is_shared: bool | None = None,
    replace: bool = False,
) -> View:  # fmt: skip
    """Change a tab.

    Args:
        data: the parts to change, or with `replace` the whole document.

    Raises:
        ValidationFailed: the document would be wrong; nothing is changed.
        NotAllowed: it is not theirs to change, or to share.
        NotFound: it was deleted.
    """
    locked = _lock(view, changed_by)
    if data is not None:
        locked.data = check_data(data if replace or not isinstance(data, dict) else {**locked.data, **data})
    if is_shared is not None and is_shared != locked.is_shared:
        if not allows(role_in(changed_by, locked.project_id), SHARING):
            raise _may_not_share()
        locked.is_shared = is_shared
        locked.user = locked.user or changed_by
    locked.updated_at = timezone.now()
    locked.save(update_fields=["data", "is_shared", "user", "updated_at"])
    return locked


@transaction.atomic
def delete_view(*, view: View, deleted_by: User) -> None:
    """Delete a tab.

    Raises:
        NotAllowed: it is not theirs to delete.
        NotFound: it was deleted already.
    """
    _lock(view, deleted_by).delete()


@transaction.atomic
def reset_views(*, project: Project, reset_by: User) -> int:
    """Delete the tabs of a project that `reset_by` may change; return how many."""
    views = View.objects.filter(project=project)
    changeable = views.filter(user=reset_by, is_shared=False)
    if allows(project.my_role, SHARING):
        changeable |= views.filter(is_shared=True)
    deleted, _ = changeable.delete()
    return deleted


@transaction.atomic
def order_views(*, project: Project, ordered_by: User, view_ids: Sequence[int]) -> None:
    """Put tabs in the given order; those that are not named keep their places behind them.

    Raises:
        NotFound: one of them cannot be seen or is of another project, or the project was deleted in the meantime.
        NotAllowed: one of them is not theirs to change.
    """
    lock_project(project.pk)
    seen = {view.pk: view for view in views_of(project, ordered_by)}
    if unknown := [pk for pk in view_ids if pk not in seen]:
        raise NotFound(f"There is no tab {unknown[0]} in this project, or you may not see it.")
    named = dict.fromkeys(view_ids)
    for pk in named:
        _require_change(seen[pk], ordered_by, project.my_role)
    rest = [pk for pk in seen if pk not in named]
    for place, pk in enumerate([*named, *rest]):
        seen[pk].order = place
    movable = [view for view in seen.values() if view.pk in named or _changes(view, ordered_by, project)]
    View.objects.bulk_update(movable, ["order"])


def _changes(view: View, user: User, project: Project) -> bool:
    return allows(project.my_role, SHARING) if view.is_shared else view.user_id == user.pk


def _lock(view: View, user: User) -> View:
    locked: View | None = View.objects.select_for_update().filter(pk=view.pk).first()
    if locked is None:
        raise NotFound(f"There is no tab {view.pk}.")
    _require_change(locked, user, role_in(user, locked.project_id))
    return locked


def _require_change(view: View, user: User, role: str | None) -> None:
    own = view.user_id == user.pk and not view.is_shared
    if not own and not allows(role, SHARING):
        raise NotAllowed(
            "You may change only your own tabs: this one is shared with everybody in the project."
        )


def _may_not_share() -> NotAllowed:
    return NotAllowed("You may not share tabs: your role lets you keep your own.")


def project_of(user: User, view: View) -> Project:
    """Return the project of a tab, as `user` sees it.

    Raises:
        NotFound: they are no member of it.
    """
    return project_for(user, view.project_id, Action.VIEW_PROJECT)
