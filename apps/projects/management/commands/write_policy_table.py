"""`manage.py write_policy_table`: brings the role table of docs/people.md up to date; for a checkout."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.projects.policy_table import with_policy_table


class Command(BaseCommand):
    """Writes the policy into its document."""

    help = "Write the role table of docs/people.md from the policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "people.md")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when it is out of date"
        )

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        """Write the table, or compare it."""
        try:
            present = file.read_text(encoding="utf-8")
            wanted = with_policy_table(present)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if present == wanted:
            self.stdout.write(f"{file} is up to date.")
        elif check:
            raise CommandError(f"{file} is out of date. Run manage.py write_policy_table.")
        else:
            file.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"{file} is written.")
