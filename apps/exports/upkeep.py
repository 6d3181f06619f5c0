"""Files of exports that nobody needs any more: over their time, or left behind by a process that was killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.exports.models import Export, ExportPart
from apps.exports.storing import FOLDER, PART, parts_folder

LEFT_BEHIND_FOR = timedelta(days=1)
"""A file that no export names may still become one's for so long."""


def delete_expired_files(check: Callable[[], None]) -> int:
    """Delete the files whose time is over; their exports stay in the list. Return how many.

    Args:
        check: called before each file; what it raises ends the work, which may begin again.
    """
    deleted = 0
    for export_id in Export.objects.expired().order_by("pk").values_list("pk", flat=True):
        check()
        deleted += _delete_file_of(export_id)
    return deleted


@transaction.atomic
def _delete_file_of(export_id: int) -> int:
    row: Export | None = Export.objects.expired().select_for_update().filter(pk=export_id).first()
    if row is None:
        return 0
    # The file first: a row that names no file any more would leave it behind.
    default_storage.delete(row.file)
    row.file = ""
    row.save(update_fields=["file"])
    return 1


@transaction.atomic
def expire_export(*, row: Export, expired_by: User) -> None:
    """Delete the file of an export before its time; nothing happens where there is none."""
    if (
        Export.objects.filter(pk=row.pk)
        .exclude(file="")
        .update(expires_at=timezone.now() - timedelta(seconds=1))
    ):
        _delete_file_of(row.pk)
        record(
            AuditAction.PROJECT_EXPORTED, actor=expired_by, target=row.project, project_id=row.project_id,
            after={"expired": row.pk, "format": row.format},
        )  # fmt: skip


def delete_orphaned_files(check: Callable[[], None]) -> int:
    """Delete files that no export names: of projects that are gone, or stored just before a crash. Return how many.

    Args:
        check: called before each folder; what it raises ends the work, which may begin again.
    """
    if not default_storage.exists(FOLDER):
        return 0
    folders, _ = default_storage.listdir(FOLDER)
    deleted = 0
    for folder in sorted(folders):
        check()
        _, names = default_storage.listdir(f"{FOLDER}/{folder}")
        stored = {f"{FOLDER}/{folder}/{name}" for name in names}
        known = {
            file
            for model in (Export, ExportPart)
            for file in model.objects.filter(file__in=stored).values_list("file", flat=True)
        }
        for name in sorted(stored - known):
            if _is_old(name):
                default_storage.delete(name)
                deleted += 1
    return deleted


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - LEFT_BEHIND_FOR
    except FileNotFoundError:  # deleted meanwhile
        return False


def delete_orphaned_parts() -> int:
    """Delete what processes that were killed had written on this machine's disk; return how many files."""
    deleted = 0
    oldest = time.time() - LEFT_BEHIND_FOR.total_seconds()
    for path in parts_folder().glob(f"*{PART}"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                deleted += 1
        except FileNotFoundError:  # its writer was faster
            continue
    return deleted
