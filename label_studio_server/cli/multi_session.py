"""`label-studio start-multi-session`: one data directory in which everybody has projects of their own."""

from __future__ import annotations

import os
from dataclasses import replace

from label_studio_server.cli import console
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.first_project import MultiSession
from label_studio_server.cli.options import MultiSessionOptions, ProjectOptions, ServerOptions
from label_studio_server.cli.project_directory import (
    Condition,
    check_content,
    ensure_secret_key,
    inspect,
    write_content,
    write_project,
)
from label_studio_server.cli.serving import serve
from label_studio_server.cli.start import discarding_on_failure, exit_code_of
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services

FIRST_PROJECT_TITLE = "My project"


def run_start_multi_session(options: MultiSessionOptions, server: ServerOptions) -> int:
    """Serve until a signal; return the exit code."""
    return exit_code_of(lambda: _start(options, server))


def _start(options: MultiSessionOptions, server: ServerOptions) -> None:
    _refuse_what_makes_no_sense(options)
    directory = DataDirectory.at(options.root_dir)
    making = _is_new(directory)
    project = _project_options(options, directory, making)
    if changing := making or bool(options.as_project().content_options()):
        check_content(project)
    with (
        discarding_on_failure(directory, making),
        services(directory, kind="start", report=console.say) as available,
    ):
        if making:
            write_project(directory, project)
        elif changing:
            write_content(directory, project)
        ensure_secret_key(directory)
        serve(directory, project, server, available, MultiSession(guests=not options.no_guests))


def _refuse_what_makes_no_sense(options: MultiSessionOptions) -> None:
    """Refuse what `start` understands and this mode cannot follow.

    Raises:
        CommandError: with the reason.
    """
    if options.input_path is not None:
        raise CommandError(
            "start-multi-session takes no --input-path: each person imports tasks into a project of their own."
        )
    if options.force:
        raise CommandError(
            "start-multi-session takes no --force: it would delete the projects of everybody."
            f" Delete {options.root_dir} yourself to begin anew."
        )
    if os.environ.get("BASIC_AUTH_PASSWORD"):
        raise CommandError(
            "BASIC_AUTH_PASSWORD makes everybody the owner of everything, and start-multi-session keeps people"
            " apart. Unset it, and let people sign in, with --no-guests."
        )


def _is_new(directory: DataDirectory) -> bool:
    condition = inspect(directory)
    if condition is Condition.FOREIGN:
        raise CommandError(
            f"{directory.root} exists and was not made by this server (it has no config.json)."
            " Choose another --root-dir."
        )
    return condition is not Condition.PROJECT


def _project_options(options: MultiSessionOptions, directory: DataDirectory, making: bool) -> ProjectOptions:
    """Return what first projects are made of: from now on, if the directory was served before."""
    project = options.as_project()
    if not making:
        return project if project.config else replace(project, config=directory.config_file)
    if project.initial_project_description or project.config:
        return project
    return replace(project, initial_project_description=FIRST_PROJECT_TITLE)
