"""The commands of `label-studio`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from label_studio_server import __version__
from label_studio_server.cli.commands import accepting
from label_studio_server.cli.export_options import ExportCommandOptions
from label_studio_server.cli.ml_backends import CommandWithUrls
from label_studio_server.cli.options import (
    MultiSessionOptions,
    ProjectOptions,
    ServerOptions,
    print_version,
)

app = typer.Typer(
    name="label-studio",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Label data with other people: a labeling server with its database, in one directory.

    Begin with: label-studio start my_project --init
    """


@app.command(cls=CommandWithUrls)
@accepting(ProjectOptions, ServerOptions)
def start(project: ProjectOptions, server: ServerOptions) -> None:
    """Serve the project in DIR until Ctrl-C."""
    from label_studio_server.cli.start import (
        run_start,
    )  # `--help` and `version` must not wait for what it loads

    sys.exit(run_start(project, server))


@app.command(cls=CommandWithUrls)
@accepting(ProjectOptions)
def init(project: ProjectOptions) -> None:
    """Make a project in DIR, with its database, and exit."""
    from label_studio_server.cli.start import run_init  # see `start`

    sys.exit(run_init(project))


@app.command()
@accepting(ExportCommandOptions, flask_era=False)
def export(options: ExportCommandOptions) -> None:
    """Write the labeled tasks of the project in DIR to a file, to S3, or to standard output."""
    from label_studio_server.cli.exporting import run_export  # see `start`

    sys.exit(run_export(options))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command("start-multi-session", cls=CommandWithUrls)
@accepting(MultiSessionOptions, ServerOptions)
def start_multi_session(options: MultiSessionOptions, server: ServerOptions) -> None:
    """Serve many people, each with projects of their own, guests too, until Ctrl-C."""
    from label_studio_server.cli.multi_session import run_start_multi_session  # see `start`

    sys.exit(run_start_multi_session(options, server))


def main() -> None:
    """Run the command line."""
    app()
