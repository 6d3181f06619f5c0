"""Keeps the versions of completions that a change is about to replace; callers hold the lock of their tasks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.models import Completion, CompletionAction, Revision
from apps.core.errors import Conflict, ProductError

# From table to table: results of many megabytes do not travel to this process and back.
_KEEP = """
INSERT INTO completions_revision (
    task_id, completion_id, version, action, changed_by_id, changed_at, completed_by_id, result, config_version,
    warnings, was_cancelled, ground_truth, lead_time, client_id, request_digest
)
SELECT task_id, id, version, last_action, updated_by_id, updated_at, completed_by_id, result, config_version,
       warnings, was_cancelled, ground_truth, lead_time, %(client_id)s, %(digest)s
FROM completions_completion WHERE id = ANY(%(ids)s)
ON CONFLICT (client_id) WHERE client_id IS NOT NULL DO NOTHING
"""


class ClientIdReused(ProductError):
    """A second, different request came under the client id of one that was carried out."""

    status_code = 422


class StaleVersion(Conflict):
    """The completion has a later version than the one that a change started from.

    Args:
        current: the completion as it is now.
        started_from: the version the change started from.
    """

    def __init__(self, current: Completion, started_from: int) -> None:
        super().__init__(
            f"Completion {current.pk} was changed in the meantime: you started from version {started_from}, "
            f"it now has version {current.version}. Merge the two, or send your change again with that version."
        )
        self.current = current
        self.started_from = started_from


@dataclass(frozen=True, slots=True)
class SentChange:
    """A change under the id that its client chose, so that sending it again changes nothing twice."""

    client_id: UUID
    digest: str

    @classmethod
    def of(cls, client_id: UUID, fields: dict[str, Any]) -> SentChange:
        """Return the change that sets `fields`, which are JSON."""
        text = json.dumps(fields, sort_keys=True, default=str)
        return cls(client_id, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())

    def was_carried_out(self, completion_id: int) -> bool:
        """Whether this very change was made before.

        Raises:
            ClientIdReused: the client id belongs to another change.
        """
        found = Revision.objects.filter(client_id=self.client_id)
        stored = found.values_list("completion_id", "request_digest").first()
        if stored is None:
            return False
        if stored != (completion_id, self.digest):
            raise _reused()
        return True


def _reused() -> ClientIdReused:
    return ClientIdReused("This unique_id was used for another change. Send a new UUID with each change.")


def require_version(completion: Completion, version: int | None) -> None:
    """Let a change pass that started from the present version, or does not say from which.

    Raises:
        StaleVersion: it started from an earlier one.
    """
    if version is not None and version != completion.version:
        raise StaleVersion(completion, version)


def keep_versions(completion_ids: Collection[int], sent: SentChange | None = None) -> None:
    """Keep the present versions of completions that are about to change.

    Args:
        sent: the change that replaces them, if its client named it.

    Raises:
        ClientIdReused: the client id of `sent` was used for another change at the same moment.
    """
    parameters = {
        "ids": list(completion_ids),
        "client_id": sent.client_id if sent else None,
        "digest": sent.digest if sent else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, parameters)
        if sent and cursor.rowcount != len(completion_ids):
            raise _reused()


def keep_deleted(completion: Completion, deleted_by: User) -> None:
    """Keep the last version of a completion that is about to be deleted, and who deletes it."""
    keep_versions([completion.pk])
    Revision.objects.create(
        task_id=completion.task_id,
        completion_id=completion.pk,
        version=completion.version + 1,
        action=CompletionAction.DELETED,
        changed_by=deleted_by,
        changed_at=timezone.now(),
        completed_by_id=completion.completed_by_id,
        config_version=completion.config_version,
        was_cancelled=completion.was_cancelled,
        ground_truth=completion.ground_truth,
        origin={
            "client_id": str(completion.client_id) if completion.client_id else None,
            "parent_prediction": completion.parent_prediction,
            "parent_completion": completion.parent_completion,
            "created_at": completion.created_at.isoformat(),
            "review": completion.review,
            "reviewed_by": completion.reviewed_by_id,
            "reviewed_at": completion.reviewed_at.isoformat() if completion.reviewed_at else None,
        },
    )
