"""Browser sessions that know whose they are, so that people can see theirs and end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

from apps.accounts.models import Session
from apps.audit import origin

LAST_SEEN_PRECISION = timedelta(minutes=5)


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, with person, address, browser and last use beside the data."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return our session table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for `data`."""
        row = cast("Session", super().create_model_instance(data))
        person = data.get(SESSION_KEY)
        row.user_id = int(person) if person is not None else None
        row.address = origin.valid_address()
        row.user_agent = origin.user_agent.get()[:300]
        return row

    def _get_session_from_db(self) -> Session | None:
        """Read the row, and remember that it was used."""
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs leave it out
        now = timezone.now()
        if row is not None and row.last_seen < now - LAST_SEEN_PRECISION:
            Session.objects.filter(pk=row.pk).update(last_seen=now)
        return row
