"""Stored files that nobody needs any more: of projects that are gone, and uploads that were never finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone

from apps.imports.models import Upload
from apps.imports.uploads import PART, discard_uploads
from apps.projects.models import Project

FOLDER = "upload"
UNFINISHED_FOR = timedelta(days=7)
"""An upload in parts that is not whole so long after it was announced is given up."""


def delete_abandoned_uploads() -> int:
    """Delete uploads in parts that were begun long ago and never finished; return how many."""
    return discard_uploads(Upload.objects.filter(file="", created_at__lt=Now() - UNFINISHED_FOR))


def delete_orphaned_parts(check: Callable[[], None]) -> int:
    """Delete parts that a process left behind when it was killed before their upload knew of them; return how many.

    Args:
        check: called before each project; what it raises ends the work, which may begin again.
    """
    deleted = 0
    for project_id in sorted(_project_folders()):
        check()
        known = Upload.objects.filter(project_id=project_id).exclude(parts=[]).values_list("parts", flat=True)
        kept = {name for parts in known for name in parts}
        for name in _files_in(f"{FOLDER}/{project_id}"):
            if name.endswith(PART) and name not in kept and _is_old(name):
                default_storage.delete(name)
                deleted += 1
    return deleted


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - UNFINISHED_FOR
    except FileNotFoundError:  # made into a whole file since
        return False


def delete_files_of_deleted_projects(check: Callable[[], None]) -> int:
    """Delete what is stored for projects whose rows are gone; return how many files.

    Args:
        check: called before each file; what it raises ends the work, which may begin again.
    """
    folders = _project_folders()
    present = set(Project.objects.filter(pk__in=folders).values_list("pk", flat=True))
    deleted = 0
    for project_id in sorted(folders - present):
        for name in _files_in(f"{FOLDER}/{project_id}"):
            check()
            default_storage.delete(name)
            deleted += 1
        default_storage.delete(f"{FOLDER}/{project_id}")
    return deleted


def _project_folders() -> set[int]:
    if not default_storage.exists(FOLDER):
        return set()
    folders, _ = default_storage.listdir(FOLDER)
    return {int(name) for name in folders if name.isdecimal()}


def _files_in(folder: str) -> Iterator[str]:
    _, names = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in names)
