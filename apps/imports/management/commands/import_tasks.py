"""`manage.py import_tasks PROJECT FILE…`: imports JSON files into a project."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.operators import acting_user
from apps.core.errors import ProductError
from apps.imports.services import import_file
from apps.projects.policy import Action
from apps.projects.queries import project_for

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    """Imports tasks."""

    help = "Import tasks from JSON files; a file with a bad row imports nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", type=int, help="the project's id")
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="default: the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import each file."""
        try:
            user = acting_user(options["email"])
            project = project_for(user, options["project"], Action.IMPORT)
            for path in options["paths"]:
                report = import_file(project=project, path=path, created_by=user)
                rate = report.task_count / report.duration
                self.stdout.write(
                    f"{path}: {report.task_count:,} tasks, {report.completion_count:,} completions,"
                    f" {report.prediction_count:,} predictions in {report.duration:.1f} s ({rate:,.0f} tasks/s)"
                )
        except ProductError as error:
            problems = error.fields.get("tasks", [])[:SHOWN_PROBLEMS]
            raise CommandError("\n".join([str(error), *problems])) from error
