"""`label-studio start` and `label-studio init`: from the options to a served project."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from label_studio_server.cli import console
from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.environment import SETTINGS_MODULE, load_bootstrap
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.ml_backends import ml_environment
from label_studio_server.cli.options import ProjectOptions, ServerOptions
from label_studio_server.cli.project_directory import (
    Condition,
    check_content,
    clear,
    confirm_clearing,
    discard_unfinished,
    ensure_secret_key,
    inspect,
    write_project,
)
from label_studio_server.cli.serving import serve
from label_studio_server.embedded.errors import EmbeddedServerError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services

INTERRUPTED = 130


class StopRequested(KeyboardInterrupt):
    """SIGTERM or SIGHUP while the product is still being started."""


def run_start(project: ProjectOptions, server: ServerOptions) -> int:
    """Serve until a signal; return the exit code."""
    return exit_code_of(lambda: _start(project, server))


def run_init(project: ProjectOptions) -> int:
    """Make a project with its database; return the exit code."""
    return exit_code_of(lambda: _init(project))


def exit_code_of(command: Callable[[], None]) -> int:
    """Run a command and return its exit code; what went wrong is said at the terminal."""
    try:
        with _stopping_on_signals():
            command()
    except (CommandError, EmbeddedServerError) as error:
        console.fail(str(error))
        return 1
    except PermissionError as error:
        console.fail(f"This account may not use {error.filename}: {error.strerror}.")
        return 1
    except KeyboardInterrupt:
        console.say("Stopped.")
        return INTERRUPTED
    return 0


def _start(project: ProjectOptions, server: ServerOptions) -> None:
    directory = DataDirectory.at(project.path)
    making = _prepare(directory, project, init=server.init, harmless=True)
    if not making and (ignored := project.content_options()):
        console.warn(
            f"{directory.root} is a project already; {', '.join(ignored)} only count when one is made."
        )
    with (
        discarding_on_failure(directory, making),
        services(directory, kind="start", report=console.say) as available,
    ):
        if making:
            write_project(directory, project)
        ensure_secret_key(directory)
        serve(directory, project, server, available)


def _init(project: ProjectOptions) -> None:
    directory = DataDirectory.at(project.path)
    making = _prepare(directory, project, init=True, harmless=False)
    with (
        discarding_on_failure(directory, making),
        services(directory, kind="cli", report=console.say) as available,
    ):
        write_project(directory, project)
        ensure_secret_key(directory)
        os.environ.update(available.environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
        config = ConfigFile.read(directory.config_file)
        os.environ.update(ml_environment(config.ml_backends, is_private=True))
        bootstrap = load_bootstrap()
        with bootstrap.reported_to_people():
            bootstrap.prepare_database(directory, username=None, password=None)
    console.say(f"Made a project in {directory.root}. Serve it with: label-studio start {project.path}")


def _prepare(directory: DataDirectory, project: ProjectOptions, *, init: bool, harmless: bool) -> bool:
    """Decide what to do with DIR; nothing in it is touched before everything given was found right.

    Args:
        directory: DIR.
        project: the options.
        init: whether a project may be made.
        harmless: whether an existing project is welcome although `init` is given.

    Returns:
        Whether a project is to be made.

    Raises:
        CommandError: DIR is not what the command needs.
    """
    if project.force and not init:
        raise CommandError("--force makes a project anew: it needs --init.")
    condition = inspect(directory)
    if condition is Condition.FOREIGN:
        raise CommandError(
            f"{directory.root} exists and is no project (it has no config.json). Choose another DIR."
        )
    if condition is Condition.PROJECT and not project.force:
        if init and not harmless:
            raise CommandError(
                f"{directory.root} is a project already. Start it, or make it anew with --force."
            )
        return False
    if not init:
        if directory.config_file.exists():
            return False
        hint = f"label-studio start {project.path} --init"
        raise CommandError(f"There is no project in {directory.root}. Make one with: {hint}")
    check_content(project)
    if condition is Condition.PROJECT:
        confirm_clearing(directory)
        clear(directory)
    return True


@contextmanager
def discarding_on_failure(directory: DataDirectory, making: bool) -> Iterator[None]:
    """Remove a project whose making failed; an interrupted one stays for the next `--init` to finish."""
    try:
        yield
    except (CommandError, EmbeddedServerError):
        if making:
            discard_unfinished(directory)
        raise


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a start as Ctrl-C does: through every `finally`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise StopRequested

    previous = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
            previous[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
