"""`manage.py reset_password EMAIL`: sets a password, or prints a one-time sign-in link."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.operators import PersonCommand, acting_user
from apps.accounts.services import create_sign_in_link, set_password


class Command(PersonCommand):
    """Lets somebody in who forgot their password."""

    help = "Set the given password, which ends all sessions, or print a one-time sign-in link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("email")
        parser.add_argument("--password")
        super().add_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        """Set the password or make the link."""
        user = acting_user(options["email"])
        if options["password"] is None:
            return {"email": user.email, "link": f"/link/{create_sign_in_link(user=user)}"}
        set_password(user=user, password=options["password"], changed_by=None)
        return {"email": user.email, "password": "changed"}
