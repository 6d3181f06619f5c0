"""Writes the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.audit.origin import valid_address
from apps.core.request_log import request_id

if TYPE_CHECKING:
    from apps.accounts.models import User

SYSTEM = "system"
"""The actor's name for what a command or a job does by itself."""


def record(
    action: AuditAction,
    *,
    actor: User | None,
    target: models.Model | None = None,
    target_name: str = "",
    project_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry into the caller's transaction: an act that is rolled back is not logged.

    Args:
        actor: who acts; None is the system itself.
        target: the object acted upon.
        target_name: how people know it; default: its text.
        before: the values that were changed; never secrets.
        after: the values they were changed to.
    """
    Entry.objects.create(
        action=action,
        actor_id=actor.pk if actor else None,
        actor_name=actor.email if actor else SYSTEM,
        project_id=project_id,
        target_kind=target._meta.model_name or "" if target else "",
        target_id=str(target.pk) if target else "",
        target_name=(target_name or (str(target) if target else ""))[:255],
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        address=valid_address(),
        request_id=request_id.get(),
    )


_FORGET_IN_VALUES = """
UPDATE audit_entry SET before = replace(before::text, %(old)s, %(new)s)::jsonb,
                       after = replace(after::text, %(old)s, %(new)s)::jsonb
WHERE before::text LIKE %(pattern)s OR after::text LIKE %(pattern)s
"""


def forget_person(person: User, *, earlier_name: str) -> None:
    """Put the pseudonym of an erased person wherever the log has their address: as actor, object or value.

    Args:
        person: who has the pseudonym already.
        earlier_name: the address that is to be forgotten.
    """
    Entry.objects.filter(actor_name=earlier_name).update(actor_name=person.email)
    Entry.objects.filter(target_kind="user", target_id=str(person.pk)).update(target_name=person.display_name)
    Entry.objects.filter(target_name__iexact=earlier_name).update(target_name=person.email)
    old, new = json.dumps(earlier_name), json.dumps(person.email)
    pattern = old.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_IN_VALUES, {"old": old, "new": new, "pattern": f"%{pattern}%"})
