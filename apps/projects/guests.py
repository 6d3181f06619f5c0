"""What becomes of guests' projects: handed over to the account in which they sign in, or cleaned up after them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.guests import idle_guests
from apps.accounts.models import User
from apps.accounts.services import erase_user
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.projects.deletion import request_deletion
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.projects.queries import members_of, totals_of

UNTOUCHED_FOR = timedelta(seconds=2)
"""A project's own making may take that long; settings that were saved later were saved by a person."""


@transaction.atomic
def hand_over(*, guest: User, to: User) -> int:
    """Give an account the memberships of the guest it was until it signed in; return how many.

    A first project in which the guest did nothing stays behind for the clean-up. Completions stay under the guest's
    name.
    """
    handed = 0
    ranks = list(Role)
    for membership in Membership.objects.filter(user=guest, project__deleted_at=None).order_by("project_id"):
        if _is_untouched(membership):
            continue
        present = Membership.objects.filter(project_id=membership.project_id, user=to).first()
        if present is None or ranks.index(membership.role) < ranks.index(present.role):
            set_member(project_id=membership.project_id, user=to, role=membership.role, changed_by=guest)
        remove_member(project_id=membership.project_id, user_id=guest.pk, removed_by=guest)
        handed += 1
    return handed


def _is_untouched(membership: Membership) -> bool:
    project = membership.project
    if membership.role != Role.OWNER or project.updated_at - project.created_at > UNTOUCHED_FOR:
        return False
    shared = Membership.objects.filter(project=project).exclude(user_id=membership.user_id).exists()
    return not shared and totals_of([project.pk])[project.pk].tasks == 0


def with_work(guests: QuerySet[User]) -> QuerySet[User]:
    """Return those guests who completed something, or whose projects hold completions or other people."""
    owned = _owned()
    others = Membership.objects.filter(project=OuterRef("project")).exclude(user=OuterRef("user"))
    return guests.filter(
        Q(Exists(owned.filter(project__completions__isnull=False)))
        | Q(Exists(owned.filter(Exists(others))))
        | Q(pk__in=guests.filter(completions__isnull=False).values("pk"))
    )


def _owned() -> QuerySet[Membership]:
    """The present projects that a guest of the outer query owns."""
    owned: QuerySet[Membership] = Membership.objects.filter(
        user=OuterRef("pk"), role=Role.OWNER, project__deleted_at=None
    )
    return owned


def kept_guests() -> QuerySet[User]:
    """Return the guests who have been away for long and are kept for the work they did, longest away first."""
    idle = idle_guests(idle_for=timedelta(days=settings.GUEST_LIFETIME_DAYS))
    return with_work(idle).order_by("last_login", "pk")


def guests_over() -> QuerySet[User]:
    """Return the guests whose time is over: soon without work, late (or never) with it."""
    idle = idle_guests(idle_for=timedelta(days=settings.GUEST_LIFETIME_DAYS))
    over = idle.exclude(pk__in=with_work(idle).values("pk"))
    if settings.WORKING_GUEST_LIFETIME_DAYS:
        over |= idle_guests(idle_for=timedelta(days=settings.WORKING_GUEST_LIFETIME_DAYS))
    return over


@transaction.atomic
def remove_guest(*, guest_id: int, removed_by: User | None) -> bool:
    """Delete a guest and the projects that are theirs alone.

    A project that others belong to stays and gets an owner among them; the guest's completions in it stay under a
    pseudonym.

    Args:
        removed_by: who decided it; None is the clean-up, which spares a guest who came back in the meantime.

    Returns:
        Whether they were removed.
    """
    guest = User.objects.select_for_update(no_key=True).filter(pk=guest_id, is_guest=True).first()
    if guest is None or (removed_by is None and not guests_over().filter(pk=guest_id).exists()):
        return False
    for project in _owned_projects(guest):
        if not _hand_to_another_member(project, guest):
            request_deletion(project=project, requested_by=removed_by)
    if guest.completions.exists():
        erase_user(user_id=guest.pk, erased_by=removed_by)
        return True
    record(AuditAction.USER_ERASED, actor=removed_by, target=guest)
    guest.delete()
    return True


def _owned_projects(guest: User) -> list[Project]:
    owned = Membership.objects.filter(user=guest, role=Role.OWNER, project__deleted_at=None)
    return [membership.project for membership in owned.select_related("project").order_by("project_id")]


def _hand_to_another_member(project: Project, guest: User) -> bool:
    """Make sure that somebody else owns a project, the member of the highest role; False when there is nobody else."""
    heir = members_of(project).exclude(user=guest).first()
    if heir is None:
        return False
    set_member(project_id=project.pk, user=heir.user, role=Role.OWNER, changed_by=None)
    return True
