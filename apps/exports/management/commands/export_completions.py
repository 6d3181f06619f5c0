"""`manage.py export_completions PROJECT`: writes a project's labeled tasks to a file, a bucket or standard output."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.operators import acting_user
from apps.core.counted import counted
from apps.core.errors import ProductError, ValidationFailed
from apps.exports.cursors import next_cursor
from apps.exports.destinations import open_destination
from apps.exports.formats import CATALOGUE
from apps.exports.options import COMPLETIONS, IDENTITIES, PREDICTIONS, STATES, TAGGINGS, read_spec
from apps.exports.progress_bar import progress_bar
from apps.exports.queries import count_tasks_quickly
from apps.exports.services import prepare_export, record_export
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for

_FLAGS = {
    "all_tasks": ("tasks", "all"),
    "no_skipped": ("skipped", False),
    "anonymous": ("identities", "pseudonyms"),
}
MAX_LISTED = 20
_TAKEN = (
    "format", "view", "filters", "ids", "finished", "annotated", "skipped_tasks", "completions", "people",
    "predictions", "drafts", "history", "interpolate", "identities", "since", "split", "split_key", "split_seed",
    "media", "tagging",
)  # fmt: skip


class Command(BaseCommand):
    """Exports labeled tasks."""

    help = (
        "Export a project's labeled tasks, streaming, to a file, to s3://bucket/key, or to standard output."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument(
            "project", type=int, nargs="?", help="the project's id (default: the only one there is)"
        )
        parser.add_argument("--format", default="JSON", type=str.upper, choices=sorted(CATALOGUE), metavar="FORMAT",
                            help=f"one of {', '.join(CATALOGUE)} (default: JSON)")  # fmt: skip
        parser.add_argument(
            "--output", "-o", metavar="FILE", help="a file or s3://bucket/key; default: standard output"
        )
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="default: the administrator")
        self._add_tasks(parser.add_argument_group("which tasks"))
        self._add_content(parser.add_argument_group("what of each task"))
        split = parser.add_argument_group("split")
        split.add_argument(
            "--split", metavar="train=0.8,val=0.1,test=0.1", help="a ZIP archive of these parts"
        )
        split.add_argument(
            "--split-key", metavar="KEY", help="tasks with one value of this key stay together"
        )
        split.add_argument("--split-seed", metavar="TEXT", help="another one gives another split")

    def _add_tasks(self, group: Any) -> None:
        group.add_argument("--all", action="store_true", dest="all_tasks", help="also tasks nobody answered")
        group.add_argument("--view", type=int, metavar="ID", help="those of a saved tab of the data manager")
        group.add_argument(
            "--filter", dest="filters", metavar="JSON", help="filters as the data manager takes them"
        )
        group.add_argument("--ids", metavar="1,2,3")
        group.add_argument(
            "--since", metavar="CURSOR", help="what changed since a cursor of an earlier export, or a time"
        )
        for name in ("finished", "annotated", "skipped-tasks"):
            group.add_argument(f"--{name}", choices=STATES[1:])

    def _add_content(self, group: Any) -> None:
        group.add_argument("--completions", choices=COMPLETIONS[1:])
        group.add_argument("--people", metavar="1,2", help="only completions of these people")
        group.add_argument("--no-skipped", action="store_true", help="leave skips out")
        group.add_argument("--predictions", choices=PREDICTIONS)
        group.add_argument("--drafts", action="store_true", help="the acting person's own drafts too")
        group.add_argument("--history", action="store_true", help="completions with their earlier versions")
        group.add_argument(
            "--interpolate", action="store_true", help="regions in videos with the frames between key frames"
        )
        group.add_argument("--identities", choices=IDENTITIES)
        group.add_argument("--anonymous", action="store_true", help="the same as --identities pseudonyms")
        group.add_argument(
            "--media", action="store_true", help="media files too, in archives that can hold them"
        )
        group.add_argument("--tagging", choices=TAGGINGS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the export; a file appears under its name only when it is whole."""
        try:
            self._export(options)
        except (ProductError, OSError) as error:
            raise CommandError(str(error)) from error

    def _export(self, options: dict[str, Any]) -> None:
        given = {name: options[name] for name in _TAKEN if options[name]}
        given |= dict(value for name, value in _FLAGS.items() if options[name])
        user = acting_user(options["email"])
        project = project_for(user, options["project"] or _only_project(user), Action.EXPORT)
        cursor = next_cursor()
        writer = prepare_export(project=project, user=user, spec=read_spec(given))
        total = count_tasks_quickly(writer.statement())
        with open_destination(options["output"]) as destination:
            record_export(writer, user, by="command line")
            with progress_bar(f"{writer.format.title}", total) as writer.advance:
                for piece in writer.pieces():
                    destination.write(piece)
        where = f"{destination.title} ({destination.written:,} bytes)"
        self.stderr.write(f"Wrote {counted(writer.read, 'task')} to {where}. Next cursor: {cursor}")
        if writer.report.problems:
            self.stderr.write(
                f"{counted(writer.report.problems, 'problem')}; archives name them in report.json."
            )


def _only_project(user: User) -> int:
    """Return the id of the only project that a person sees.

    Raises:
        ValidationFailed: there is none, or more than one; the message lists the first of them.
    """
    found = list(Project.objects.for_user(user).order_by("pk").values_list("pk", "title")[:MAX_LISTED])
    if len(found) != 1:
        listed = "".join(f"\n  {pk}  {title}" for pk, title in found) or " There is none yet."
        raise ValidationFailed(f"Which project? Give its id.{listed}")
    return int(found[0][0])
