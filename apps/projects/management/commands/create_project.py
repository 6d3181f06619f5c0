"""`manage.py create_project TITLE`: makes a project and prints its id."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.operators import acting_user
from apps.core.errors import ProductError
from apps.projects.models import Sampling
from apps.projects.services import create_project


class Command(BaseCommand):
    """Creates a project."""

    help = "Create a project and print its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("title")
        parser.add_argument("--description", default="")
        parser.add_argument(
            "--label-config", type=Path, metavar="FILE", help="the labeling config, an XML file"
        )
        parser.add_argument("--sampling", choices=Sampling.values, default=Sampling.SEQUENTIAL)
        parser.add_argument(
            "--overlap", type=int, default=1, help="completions by different people a task needs"
        )
        parser.add_argument(
            "--as", dest="email", metavar="EMAIL", help="the owner; default: the administrator"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the project."""
        try:
            config: Path | None = options["label_config"]
            project = create_project(
                created_by=acting_user(options["email"]),
                title=options["title"],
                description=options["description"],
                label_config=config.read_text(encoding="utf-8") if config else "",
                sampling=options["sampling"],
                overlap=options["overlap"],
            )
        except (ProductError, OSError, UnicodeDecodeError) as error:
            problems = [text for texts in getattr(error, "fields", {}).values() for text in texts]
            raise CommandError("\n".join([str(error), *problems])) from error
        self.stdout.write(str(project.pk))
