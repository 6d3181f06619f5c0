"""`manage.py import_tasks PROJECT PATH…`: imports files and folders into a project."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from apps.accounts.operators import acting_user
from apps.core.errors import ProductError
from apps.imports.formats import CATALOGUE
from apps.imports.given import FILE_FORMATS, FOLDER_FORMATS
from apps.imports.options import ImportOptions, OnError
from apps.imports.running import Hooks, ImportReport
from apps.imports.services import import_paths
from apps.projects.policy import Action
from apps.projects.queries import project_for

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    """Imports tasks."""

    help = "Import tasks from files and folders: all rows, or with --on-error=skip the good ones, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        formats = [*CATALOGUE, *FILE_FORMATS, *FOLDER_FORMATS]
        parser.add_argument("project", type=int, help="the project's id")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")
        parser.add_argument(
            "--format", default="", choices=["", *formats], metavar="FORMAT", help=", ".join(formats)
        )
        parser.add_argument("--batch", action="store_true", help="each PATH is an import of its own")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and leave it at that"
        )
        parser.add_argument("--on-error", choices=list(OnError), default=OnError.ABORT)
        parser.add_argument(
            "--dedupe", default="", metavar="KEY", help="data, external_id, or a key of the data"
        )
        parser.add_argument(
            "--external-id-key", default="", metavar="KEY", help="the key that holds external ids"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object an import")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="default: the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the paths, as one or each by itself."""
        paths: list[Path] = options["paths"]
        groups = [[path] for path in paths] if options["batch"] else [paths]
        for group in groups:
            try:
                report = self._import(group, options)
            except ProductError as error:
                raise CommandError(self._failure(error, options["json"])) from error
            self._tell(group, report, options)

    def _import(self, paths: list[Path], options: dict[str, Any]) -> ImportReport:
        user = acting_user(options["email"])
        project = project_for(user, options["project"], Action.IMPORT)
        given = options["format"]
        chosen = ImportOptions(
            format=given if given in CATALOGUE else "",
            on_error=OnError(options["on_error"]),
            dedupe=options["dedupe"],
            external_id_key=options["external_id_key"],
        )
        with _progress_bar(shown=not options["json"] and sys.stderr.isatty()) as hooks:
            return import_paths(
                project=project, paths=paths, created_by=user, options=chosen,
                input_format="" if given in CATALOGUE else given, hooks=hooks, dry=options["dry_run"],
            )  # fmt: skip

    def _tell(self, paths: list[Path], report: ImportReport, options: dict[str, Any]) -> None:
        if options["json"]:
            document = asdict(report) | {
                "paths": [str(path) for path in paths],
                "dry_run": options["dry_run"],
            }
            self.stdout.write(json.dumps(document))
            return
        rate = report.task_count / report.duration if report.duration else 0.0
        counts = [
            f"{report.task_count:,} tasks",
            f"{report.completion_count:,} completions",
            f"{report.prediction_count:,} predictions",
        ]
        if report.duplicate_count:
            counts.append(f"{report.duplicate_count:,} duplicates left out")
        if report.bad_row_count:
            counts.append(f"{report.bad_row_count:,} bad rows left out")
        subject = ", ".join(map(str, paths)) + (": would be" if options["dry_run"] else ":")
        self.stdout.write(f"{subject} {', '.join(counts)} in {report.duration:.1f} s ({rate:,.0f} tasks/s)")
        for problem in report.problems[:SHOWN_PROBLEMS]:
            self.stdout.write(f"  {problem}")

    def _failure(self, error: ProductError, as_json: bool) -> str:
        problems = error.fields.get("tasks", [])
        if as_json:
            return json.dumps({"error": str(error), "problems": problems})
        return "\n".join([str(error), *problems[:SHOWN_PROBLEMS]])


class _Rate(TextColumn):
    """Rows in a second, as the message counts them."""

    def __init__(self) -> None:
        super().__init__("{task.fields[rows]:,} rows · {task.fields[rate]:,.0f} rows/s")


@contextmanager
def _progress_bar(*, shown: bool) -> Iterator[Hooks]:
    """Give hooks that move a bar at the terminal: bytes, rows, rows a second, time left."""
    columns = (BarColumn(), TaskProgressColumn(), DownloadColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown, transient=True) as progress:
        bar = progress.add_task("import", total=None, rows=0, rate=0.0)

        def advance(done: int, total: int, message: str) -> None:
            progress.update(bar, completed=done, total=total)

        def count(rows: int) -> None:
            elapsed = progress.tasks[0].elapsed
            progress.update(bar, rows=rows, rate=rows / elapsed if elapsed else 0.0)

        yield Hooks(advance=advance, count=count)
