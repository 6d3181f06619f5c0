"""`manage.py export_completions PROJECT`: writes a project's labeled tasks to a file or to standard output."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.operators import acting_user
from apps.core.errors import ProductError
from apps.exports.formats import CATALOGUE
from apps.exports.services import ExportStream, export_project
from apps.projects.policy import Action
from apps.projects.queries import project_for


class Command(BaseCommand):
    """Exports labeled tasks."""

    help = "Export a project's labeled tasks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", type=int, help="the project's id")
        parser.add_argument("--format", default="JSON", choices=sorted(CATALOGUE))
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
        parser.add_argument("--all", action="store_true", dest="all_tasks", help="also tasks nobody answered")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="default: the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the export; a file appears under its name only when it is whole."""
        try:
            user = acting_user(options["email"])
            project = project_for(user, options["project"], Action.EXPORT)
            export = export_project(
                project=project,
                exported_by=user,
                format_name=options["format"],
                all_tasks=options["all_tasks"],
            )
            output: Path | None = options["output"]
            if output is None:
                for piece in export.pieces:
                    sys.stdout.buffer.write(piece)
            else:
                _write_whole(export, output)
                self.stderr.write(f"Wrote {output} ({output.stat().st_size:,} bytes).")
        except (ProductError, OSError) as error:
            raise CommandError(str(error)) from error


def _write_whole(export: ExportStream, output: Path) -> None:
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(export.pieces)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
