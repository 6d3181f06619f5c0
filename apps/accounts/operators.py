"""As whom `manage.py` commands act, and the shape of those about people."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import GlobalRole, User, normalize_email
from apps.core.errors import NotFound, ProductError


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


class PersonCommand(BaseCommand, ABC):
    """A command that does one thing to one person and prints what came of it, as words or as one JSON object."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare `--json`."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    @abstractmethod
    def act(self, **options: Any) -> dict[str, Any]:
        """Do it and return what is printed."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Act; print the outcome: alone when it is a single value, for use in scripts."""
        try:
            outcome = self.act(**options)
        except ProductError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome))
        elif len(outcome) == 1:
            self.stdout.write(str(next(iter(outcome.values()))))
        else:
            self.stdout.write("  ".join(f"{name}: {value}" for name, value in outcome.items()))
