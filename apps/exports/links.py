"""Links with which the file of a kept export is downloaded without signing in, for a limited time.

A link is no row: its address carries, signed with the server's secret key, which file it is for, who made it, and until
when it holds. It ends with that time, with the file (deleted, expired, made anew), and with the right of its maker to
export from the project. Making and using links is in the audit log.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import NotFound, ValidationFailed
from apps.exports.models import Export

SALT = "apps.exports.links"
"""What is signed here is nothing anywhere else, and the other way round."""

HOURS = (1, 24, 168)
"""For how long pages offer links."""

DEFAULT_HOURS = 24
MAX_HOURS = 24 * 365


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """A link that was just made.

    Attributes:
        path: of its address, without the host.
    """

    path: str
    expires_at: datetime


def make_link(*, row: Export, made_by: User, hours: int = DEFAULT_HOURS) -> DownloadLink:
    """Return a link to the file of an export; it ends no later than the file.

    Args:
        row: read for `made_by`, who may export from its project.

    Raises:
        NotFound: there is no file.
        ValidationFailed: the time is none.
    """
    if not 1 <= hours <= MAX_HOURS:
        message = f"hours must be a whole number from 1 to {MAX_HOURS:,}."
        raise ValidationFailed(message, fields={"hours": [message]})
    if not row.has_file:
        raise NotFound(f"There is no file to link to: this export is {row.state}.")
    until = timezone.now() + timedelta(hours=hours)
    if row.expires_at is not None:
        until = min(until, row.expires_at)
    until = until.replace(microsecond=0)
    signed = {"export": row.pk, "file": _mark(row), "by": made_by.pk, "until": int(until.timestamp())}
    record(
        AuditAction.PROJECT_EXPORTED, actor=made_by, target=row.project, project_id=row.project_id,
        after={"link_to": row.pk, "format": row.format, "until": until.isoformat()},
    )  # fmt: skip
    return DownloadLink(reverse("export-link-download", args=[signing.dumps(signed, salt=SALT)]), until)


def linked_export(key: str) -> tuple[Export, User]:
    """Return the export that a link is for, and who made the link.

    Raises:
        NotFound: the link is none, its time is over, the file is gone, or its maker may not export any more; who asks
            learns nothing of which.
    """
    gone = NotFound("This link does not hold any more. Ask whoever sent it for a new one.")
    try:
        signed: dict[str, Any] = signing.loads(key, salt=SALT)
    except signing.BadSignature as error:
        raise gone from error
    maker = User.objects.filter(pk=signed["by"], is_active=True).first()
    if maker is None or datetime.fromtimestamp(signed["until"], UTC) <= timezone.now():
        raise gone
    row: Export | None = (
        Export.objects.for_user(maker).select_related("project").filter(pk=signed["export"]).first()
    )
    if row is None or not row.has_file or _mark(row) != signed["file"]:
        raise gone
    return row, maker


def record_use(row: Export, made_by: User) -> None:
    """Write into the audit log that somebody took the file with a link; nobody knows who."""
    record(
        AuditAction.PROJECT_EXPORTED, actor=None, target=row.project, project_id=row.project_id,
        after={"downloaded": row.pk, "format": row.format, "by_link_of": made_by.email},
    )  # fmt: skip


def _mark(row: Export) -> str:
    """Return what tells this file from others that an export of this id may have."""
    return hashlib.sha256(row.file.encode()).hexdigest()[:16]
