"""`manage.py write_tag_table`: brings the tables of docs/labeling-config.md up to date; for a checkout."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.labeling.tag_table import with_tag_table


class Command(BaseCommand):
    """Writes the registry of tags into its document."""

    help = "Write the tables of tags of docs/labeling-config.md from the registry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument(
            "--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "labeling-config.md"
        )
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when it is out of date"
        )

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        """Write the tables, or compare them."""
        try:
            present = file.read_text(encoding="utf-8")
            wanted = with_tag_table(present)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if present == wanted:
            self.stdout.write(f"{file} is up to date.")
        elif check:
            raise CommandError(f"{file} is out of date. Run manage.py write_tag_table.")
        else:
            file.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"{file} is written.")
