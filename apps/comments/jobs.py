"""Background work on comments."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from apps.comments.mails import mail_unread_mentions
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob


@job_kind("mention-mails", title="Tell of mentions by e-mail", every=timedelta(minutes=15))
def tell_of_mentions(_job: RunningJob) -> dict[str, Any]:
    """Tell people of mentions that they have not read."""
    return asdict(mail_unread_mentions())
