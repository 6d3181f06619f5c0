"""Run one Django command against a data directory or against servers of one's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from label_studio_server.cli import console
from label_studio_server.cli.environment import SETTINGS_MODULE
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.project_directory import ensure_secret_key
from label_studio_server.embedded.errors import EmbeddedServerError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services

# Commands that need no database: they print, or work on the source tree.
WITHOUT_SERVERS = frozenset(
    {"help", "version", "--help", "-h", "--version", "startapp", "makemessages", "compilemessages"}
)

NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "unused",
}
"""What the settings ask for, for commands that connect to nothing."""


def run(arguments: Sequence[str]) -> int:
    """Run a command with the database and the queue it needs; return the exit code.

    Args:
        arguments: those of the process: the program, the command, its options.

    With LABEL_STUDIO_DIR and without DATABASE_URL, the private servers of that directory are used: those of a
    running `label-studio start`, or own ones for the time of the command.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    with ExitStack() as stack:
        try:
            if _needs_servers(arguments):
                _provide_servers(stack)
            else:
                os.environ.update({name: text for name, text in NOWHERE.items() if name not in os.environ})
            execute_from_command_line(list(arguments))
        except (CommandError, EmbeddedServerError, ImproperlyConfigured) as error:
            console.fail(str(error))
            return 1
    return 0


def _needs_servers(arguments: Sequence[str]) -> bool:
    command = arguments[1] if len(arguments) > 1 else "help"
    return command not in WITHOUT_SERVERS and not {"--help", "-h"} & set(arguments[2:])


def _provide_servers(stack: ExitStack) -> None:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    path = os.environ.get("LABEL_STUDIO_DIR")
    if not path:
        raise CommandError(
            "Which database? Set LABEL_STUDIO_DIR to the directory of `label-studio start`, "
            "or DATABASE_URL and REDIS_URL to servers of your own."
        )
    directory = DataDirectory.at(path)
    if not directory.config_file.exists():
        raise CommandError(
            f"There is no project in {directory.root}. Make one with: label-studio init {path}"
        )
    available = stack.enter_context(services(directory, kind="cli", report=console.warn))
    ensure_secret_key(directory)
    os.environ.update(available.environment)
