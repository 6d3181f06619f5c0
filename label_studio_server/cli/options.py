"""The options of `start`, `init` and `start-multi-session`: each field of the classes is one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from label_studio_server import __version__


class Sampling(StrEnum):
    """Orders in which tasks are handed out, as `--sampling` and config.json name them."""

    SEQUENTIAL = "sequential"
    UNIFORM = "uniform"
    PREDICTION_SCORE_MIN = "prediction-score-min"
    PREDICTION_SCORE_MAX = "prediction-score-max"


class InputFormat(StrEnum):
    """What `--input-path` is, as the Flask era named it; without one it is found out."""

    JSON = "json"
    JSON_DIR = "json-dir"
    TEXT = "text"
    TEXT_DIR = "text-dir"
    IMAGE_DIR = "image-dir"
    AUDIO_DIR = "audio-dir"


class LogLevel(StrEnum):
    """How much the web and worker processes write into their logs."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def print_version(wanted: bool) -> None:
    """Print the version and end the command, if that is wanted."""
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@dataclass(frozen=True, kw_only=True)
class NewProjectOptions:
    """What a new project is made of, and where the server listens: all that config.json keeps."""

    config: Annotated[Path | None, typer.Option("-c", "--config", help="A config.json to begin with.")] = None
    label_config: Annotated[
        Path | None, typer.Option("-l", "--label-config", help="The labeling config, an XML file.")
    ] = None
    template: Annotated[str | None, typer.Option(help="The name of a ready-made labeling config.")] = None
    sampling: Annotated[
        Sampling | None, typer.Option(help="The order in which tasks are handed out (default: sequential).")
    ] = None
    initial_project_description: Annotated[
        str | None, typer.Option(help="The project's title (default: DIR's name).")
    ] = None
    host: Annotated[
        str | None,
        typer.Option(help="The address to listen at; 0.0.0.0 is all networks (default: 127.0.0.1)."),
    ] = None
    port: Annotated[
        int | None,
        typer.Option(
            "-p", "--port", min=0, max=65535, help="The port (default: 8080, or the next free one)."
        ),
    ] = None
    ml_backends: Annotated[
        list[str] | None,
        typer.Option(
            help="URLs of models to connect: http://localhost:9090, or name=http://…; several may follow."
        ),
    ] = None
    cert: Annotated[Path | None, typer.Option(help="The certificate for HTTPS, a PEM file.")] = None
    key: Annotated[Path | None, typer.Option(help="The certificate's private key, a PEM file.")] = None
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit."),
    ] = False


@dataclass(frozen=True, kw_only=True)
class ProjectOptions(NewProjectOptions):
    """Where the project is, and what it is made of when it is new."""

    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="The project's directory; everything is kept in it.")
    ]
    root_dir: Annotated[Path, typer.Option(help="The folder that DIR is looked up in.")] = Path()
    force: Annotated[
        bool, typer.Option("--force", help="Make the project anew: delete what DIR holds, after a question.")
    ] = False
    input_path: Annotated[
        Path | None, typer.Option("-i", "--input-path", help="A file or folder with tasks to import.")
    ] = None
    input_format: Annotated[
        InputFormat | None, typer.Option(help="What the input path is (default: found out by its content).")
    ] = None

    @property
    def path(self) -> Path:
        """The project's directory, as given, below `--root-dir`."""
        return self.root_dir / self.directory

    def content_options(self) -> list[str]:
        """Return the names of the given options that mean something only while a project is made."""
        content = (
            "config",
            "label_config",
            "template",
            "input_path",
            "input_format",
            "sampling",
            "initial_project_description",
        )
        return [f"--{name.replace('_', '-')}" for name in content if getattr(self, name) is not None]


@dataclass(frozen=True, kw_only=True)
class MultiSessionOptions(NewProjectOptions):
    """Where `start-multi-session` keeps everything, and what each person's first project is made of."""

    root_dir: Annotated[Path, typer.Option(help="The directory that everything is kept in.")]
    initial_project_description: Annotated[
        str | None, typer.Option(help="The title of each person's first project (default: My project).")
    ] = None
    no_guests: Annotated[
        bool, typer.Option("--no-guests", help="Let only people in who sign in with an account.")
    ] = False
    force: Annotated[bool, typer.Option("--force", hidden=True)] = False
    input_path: Annotated[Path | None, typer.Option("-i", "--input-path", hidden=True)] = None

    def as_project(self, **changes: Any) -> ProjectOptions:
        """Return the options as `start` understands them, some of them changed."""
        shared = {field.name: getattr(self, field.name) for field in fields(NewProjectOptions)}
        return ProjectOptions(directory=str(self.root_dir), **{**shared, **changes})


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """How the server runs."""

    init: Annotated[bool, typer.Option("--init", help="Make the project first if DIR is new.")] = False
    no_browser: Annotated[bool, typer.Option("-b", "--no-browser", help="Do not open the browser.")] = False
    username: Annotated[str | None, typer.Option(help="The owner's name or e-mail address.")] = None
    password: Annotated[
        str | None, typer.Option(help="The owner's password, also accepted by HTTP Basic on every page.")
    ] = None
    use_gevent: Annotated[
        bool, typer.Option("--use-gevent", help="Serve with gevent, for many connections that wait.")
    ] = False
    allow_serving_local_files: Annotated[
        bool,
        typer.Option(
            "--allow-serving-local-files",
            help="Serve the files below the input path, or below --local-files-root, to people who are signed in.",
        ),
    ] = False
    local_files_root: Annotated[
        list[Path] | None,
        typer.Option(help="A folder to serve local files from; may be given several times."),
    ] = None
    debug: Annotated[
        bool, typer.Option("-d", "--debug", help="Show debug pages for errors: only on your own machine.")
    ] = False
    log_level: Annotated[
        LogLevel | None, typer.Option(case_sensitive=False, help="How much is logged (default: INFO).")
    ] = None
