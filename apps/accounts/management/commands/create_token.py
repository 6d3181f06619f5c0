"""`manage.py create_token EMAIL`: prints the key of a new API token, once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.operators import PersonCommand, acting_user
from apps.accounts.services import create_api_token


class Command(PersonCommand):
    """Makes an API token."""

    help = "Create an API token and print its key, which cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("email")
        parser.add_argument("--name", default="made by manage.py")
        super().add_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        """Create the token."""
        key = create_api_token(user=acting_user(options["email"]), name=options["name"])
        return {"token": key}
