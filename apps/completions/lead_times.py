"""How long somebody worked on a completion, summed over the times they opened the task.

A client sends either the total, which is stored as it is, or the seconds since it opened the task with a `session`,
a UUID of that opening. Then the server adds what earlier sessions left in the draft or the completion. The seconds of
one session may be sent again and again, as autosaving does: they replace each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core.errors import ValidationFailed


@dataclass(frozen=True, slots=True)
class DraftTime:
    """What a draft knows of the time spent: in seconds, over all sessions and before its last one."""

    total: float | None
    earlier: float
    session: UUID | None

    def before(self, session: UUID) -> float:
        """Return the seconds spent before `session`."""
        return self.earlier if self.session == session else self.total or 0.0


def check_lead_time(lead_time: float | None) -> None:
    """Let a number of seconds pass.

    Raises:
        ValidationFailed: it is negative or not finite.
    """
    if lead_time is not None and not (math.isfinite(lead_time) and lead_time >= 0):
        message = "lead_time must be a number of seconds, 0 or more."
        raise ValidationFailed(message, fields={"lead_time": [message]})


def total_lead_time(
    fields: dict[str, Any], session: UUID | None, draft: DraftTime | None, stored: float | None
) -> dict[str, float | None]:
    """Return the lead time that a change of a completion leaves, as a field; empty when it stays as it is.

    Args:
        fields: what is changed; `lead_time` in seconds.
        session: the opening of the task in which it was measured; None when it is the total.
        draft: the person's draft of the completion, which counts in what is `stored`.
        stored: the completion's lead time so far.
    """
    if session is not None:
        earlier = draft.before(session) if draft else stored or 0.0
        return {"lead_time": earlier + (fields.get("lead_time") or 0.0)}
    if "lead_time" not in fields and draft and draft.total is not None:
        return {"lead_time": draft.total}
    return {}
