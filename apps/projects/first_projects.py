"""Multisession mode: everybody who comes has a project of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.projects.models import Membership, Project
from apps.projects.services import create_project

TITLE = "My project"


def ensure_first_project(*, user: User) -> Project | None:
    """Make a project for somebody who belongs to none; None when they belong to one already.

    Requests of one person that come at once make one project.

    Raises:
        ValidationFailed: the labeling config that the operator gave for first projects is wrong.
    """
    return None if _belongs_to_one(user) else _make(user)


@transaction.atomic
def _make(user: User) -> Project | None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if _belongs_to_one(user):
        return None
    return create_project(created_by=user, **{"title": TITLE, **settings.FIRST_PROJECT})


def _belongs_to_one(user: User) -> bool:
    return bool(Membership.objects.filter(user=user, project__deleted_at=None).exists())
