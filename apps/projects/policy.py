"""Who may do what: one table, asked by the API, the pages, the admin and the jobs alike."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from apps.accounts.models import User
from apps.core.errors import NotAllowed, NotFound, ValidationFailed


class Role(models.TextChoices):
    """What a member is in one project, from most to least."""

    OWNER = "owner"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


class Action(StrEnum):
    """What can be done in a project, as sentences for people end: "may not …"."""

    VIEW_PROJECT = "see this project"
    CHANGE_PROJECT = "change this project's settings"
    ARCHIVE_PROJECT = "archive this project or bring it back"
    DELETE_PROJECT = "delete this project"
    VIEW_MEMBERS = "see this project's members"
    CHANGE_MEMBERS = "change this project's members"
    IMPORT = "import tasks"
    EXPORT = "export"
    CHANGE_TASKS = "change or delete tasks"
    LABEL = "label tasks"
    VIEW_ALL_TASKS = "see all tasks"
    VIEW_ALL_COMPLETIONS = "see other people's completions"
    CHANGE_ALL_COMPLETIONS = "change other people's completions"
    SET_GROUND_TRUTH = "mark ground truth"
    REVIEW = "accept or reject completions"
    REVIEW_OWN = "accept or reject your own completions"
    COMMENT = "comment on tasks and completions"
    DELETE_COMMENTS = "delete other people's comments"
    CHANGE_PREDICTIONS = "change predictions"
    VIEW_MODELS = "see this project's models"
    CHANGE_MODELS = "connect, train or remove this project's models"
    VIEW_JOBS = "see this project's jobs"


_EVERYBODY = frozenset(Role)
_MANAGING = frozenset({Role.OWNER, Role.MANAGER})
_REVIEWING = _MANAGING | {Role.REVIEWER}

POLICY: dict[Action, frozenset[Role]] = {
    Action.VIEW_PROJECT: _EVERYBODY,
    Action.VIEW_MEMBERS: _EVERYBODY,
    Action.LABEL: _REVIEWING | {Role.ANNOTATOR},
    Action.VIEW_ALL_TASKS: _REVIEWING | {Role.VIEWER},
    Action.VIEW_ALL_COMPLETIONS: _REVIEWING | {Role.VIEWER},
    Action.CHANGE_ALL_COMPLETIONS: _REVIEWING,
    Action.SET_GROUND_TRUTH: _REVIEWING,
    Action.REVIEW: _REVIEWING,
    Action.REVIEW_OWN: _MANAGING,
    Action.COMMENT: _REVIEWING | {Role.ANNOTATOR},
    Action.DELETE_COMMENTS: _MANAGING,
    Action.CHANGE_PROJECT: _MANAGING,
    Action.CHANGE_MEMBERS: _MANAGING,
    Action.IMPORT: _MANAGING,
    Action.EXPORT: _MANAGING,
    Action.CHANGE_TASKS: _MANAGING,
    Action.CHANGE_PREDICTIONS: _MANAGING,
    Action.VIEW_MODELS: _REVIEWING | {Role.VIEWER},
    Action.CHANGE_MODELS: _MANAGING,
    Action.VIEW_JOBS: _MANAGING,
    Action.ARCHIVE_PROJECT: _MANAGING,
    Action.DELETE_PROJECT: frozenset({Role.OWNER}),
}


def roles_that_may(action: Action) -> frozenset[Role]:
    """Return the project roles that allow `action`."""
    return POLICY[action]


def allows(role: str | None, action: Action) -> bool:
    """Whether a member with `role` may do `action`; None is no member."""
    return role in POLICY[action]


def require(role: str | None, action: Action) -> None:
    """Let a caller with `role` go on to `action`.

    Raises:
        NotFound: the caller is no member, so for them the project does not exist.
        NotAllowed: the caller's role does not allow it.
    """
    if role is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    if not allows(role, action):
        raise NotAllowed(f"You may not {action}: your role in this project is {role}.")


def roles_given_by(role: str) -> list[Role]:
    """Return the roles that a member with `role` may give, take or change: none above their own."""
    ranks = list(Role)
    return ranks[ranks.index(Role(role)) :] if allows(role, Action.CHANGE_MEMBERS) else []


def require_giving(role: str, given: str) -> None:
    """Let a member with `role` go on to give, take or change the role `given`.

    Raises:
        ValidationFailed: there is no such role.
        NotAllowed: it stands above their own.
    """
    if given not in Role.values:
        message = f'There is no role "{given}". Choose one of {", ".join(Role.values)}.'
        raise ValidationFailed(message, fields={"role": [message]})
    if given not in roles_given_by(role):
        raise NotAllowed(f"Your role in this project is {role}: you may not give or take the role {given}.")


def require_project_creation(user: User) -> None:
    """Let `user` go on to make a project.

    Raises:
        NotAllowed: the global role does not allow it.
    """
    if not user.may_create_projects:
        raise NotAllowed("You may not create projects. Ask an administrator for the manager role.")
