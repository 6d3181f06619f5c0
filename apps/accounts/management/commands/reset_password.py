"""`manage.py reset_password EMAIL`: sets a password, or prints a one-time sign-in link."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.operators import PersonCommand, acting_user
from apps.accounts.queries import tokens_of
from apps.accounts.services import create_sign_in_link, forget_password, revoke_api_token, set_password


class Command(PersonCommand):
    """Lets somebody in who forgot their password, and nobody who only knows the old one."""

    help = (
        "Set the given password, or without one make the old password useless and print a sign-in link that works"
        " once, for 24 hours. Either way all sessions end; API tokens keep working unless --revoke-tokens is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("email")
        parser.add_argument("--password", help="the new one; without it, a sign-in link is printed")
        parser.add_argument("--revoke-tokens", action="store_true", help="revoke all API tokens as well")
        super().add_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        """Set the password or make the link."""
        user = acting_user(options["email"])
        outcome = {"email": user.email}
        if options["password"] is None:
            forget_password(user=user, forgotten_by=None)
            outcome["link"] = f"/link/{create_sign_in_link(user=user)}"
        else:
            set_password(user=user, password=options["password"], changed_by=None)
            outcome |= {"password": "changed"}
        if options["revoke_tokens"]:
            for token in tokens_of(user):
                revoke_api_token(token=token, revoked_by=None)
        return outcome
