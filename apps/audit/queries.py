"""What is read of the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware

from apps.audit.actions import AuditAction
from apps.audit.models import READING_ROLES, EntryQuerySet
from apps.core.errors import NotAllowed, ValidationFailed

if TYPE_CHECKING:
    from apps.accounts.models import User


def reads_log(user: User) -> bool:
    """Whether there is a log for this person: they run the instance, or manage a project."""
    return user.is_administrator or user.memberships.filter(role__in=READING_ROLES).exists()


def require_reading_log(user: User) -> None:
    """Let somebody who reads the log, or a part of it, go on.

    Raises:
        NotAllowed: they manage nothing.
    """
    if not reads_log(user):
        raise NotAllowed("Only administrators and people who manage a project read the audit log.")


def filtered_entries(entries: EntryQuerySet, filters: dict[str, str]) -> EntryQuerySet:
    """Return the entries that match `project`, `actor`, `action`, `since` and `until`, newest first.

    Raises:
        ValidationFailed: a filter cannot be read.
    """
    if project := filters.get("project"):
        if not project.isdecimal() or len(project) > 18:
            raise ValidationFailed("project must be a number.", fields={"project": ["Not a number."]})
        entries = entries.filter(project_id=int(project))
    if actor := filters.get("actor", "").replace("\x00", ""):
        entries = entries.filter(actor_name__icontains=actor)
    if action := filters.get("action"):
        if action not in AuditAction.values:
            raise ValidationFailed(
                f"There is no action of that name: use {', '.join(AuditAction.values)}.",
                fields={"action": ["Unknown."]},
            )
        entries = entries.filter(action=action)
    if since := filters.get("since"):
        entries = entries.filter(at__gte=_moment(since, "since"))
    if until := filters.get("until"):
        entries = entries.filter(at__lt=_moment(until, "until"))
    return entries.newest_first()


def entries_about(entries: EntryQuerySet, *, project_id: int, kind: str, target_id: int) -> EntryQuerySet:
    """Return the entries of a project about one object, newest first."""
    about = entries.filter(project_id=project_id, target_kind=kind, target_id=str(target_id))
    return about.newest_first()


def _moment(text: str, name: str) -> datetime:
    try:
        moment = parse_datetime(text)
        date = parse_date(text) if moment is None else None
    except ValueError:
        moment = date = None
    if date is not None:
        moment = datetime(date.year, date.month, date.day, tzinfo=UTC)
    if moment is None:
        raise ValidationFailed(f"{name} must be a date or time, as 2026-11-23.", fields={name: ["No date."]})
    return make_aware(moment, UTC) if is_naive(moment) else moment
