"""As whom `manage.py` commands act."""

from __future__ import annotations

from apps.accounts.models import GlobalRole, User, normalize_email
from apps.core.errors import NotFound


def acting_user(email: str | None) -> User:
    """Return the person with this address; without one, the first administrator.

    Raises:
        NotFound: there is no such person.
    """
    if email:
        user = User.objects.filter(email=normalize_email(email), is_active=True).first()
        if user is None:
            raise NotFound(f"Nobody signs in as {email}.")
        return user
    user = User.objects.filter(role=GlobalRole.ADMINISTRATOR, is_active=True).order_by("pk").first()
    if user is None:
        raise NotFound("There is no administrator yet. Start the server once, or give --as EMAIL.")
    return user
