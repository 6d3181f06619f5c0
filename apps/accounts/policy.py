"""What a global role allows outside of any project."""

from __future__ import annotations

from apps.accounts.models import User
from apps.core.errors import NotAllowed


def require_administrator(user: User) -> None:
    """Let an administrator go on.

    Raises:
        NotAllowed: it is somebody else.
    """
    if not user.is_administrator:
        raise NotAllowed("Only administrators may do this.")
