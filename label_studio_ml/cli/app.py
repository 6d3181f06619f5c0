"""The commands of `label-studio-ml`."""

from __future__ import annotations

import json
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from label_studio_ml.cli.backend_directory import BackendDirectory, parameter
from label_studio_ml.cli.making import Example, make_backend
from label_studio_ml.errors import MLBackendError, ScriptError
from label_studio_ml.loading import build_model, load_model_class
from label_studio_ml.model import LabelStudioMLBase
from label_studio_ml.project import Project
from label_studio_ml.serving.main import serve
from label_studio_ml.serving.registry import calling
from label_studio_ml.serving.settings import MEGABYTE, ServerSettings
from label_studio_ml.state import State
from label_studio_ml.testing import Backend, Check, check_backend, served

app = typer.Typer(
    name="label-studio-ml",
    help="Serve a model to a labeling server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class LogLevel(StrEnum):
    """How much the server says."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="The directory to make.")],
    example: Annotated[Example, typer.Option(help="Begin with this example.")] = Example.DUMMY,
    script: Annotated[
        str | None, typer.Option("--script", "--from", help="Begin with this script: PATH or PATH:CLASS.")
    ] = None,
    root_dir: Annotated[Path, typer.Option(help="Where the directory is made.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write into a directory that exists.")] = False,
) -> None:
    """Make a directory with a model, its requirements, a container, a test and a README."""
    directory = make_backend(root_dir / name, example=example, script=script, force=force)
    typer.echo(f"Made {directory}. Try it with: label-studio-ml test {directory}")
    typer.echo(f"Serve it with: label-studio-ml start {directory}")


@app.command(context_settings={"allow_extra_args": True})
def start(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A directory made by init, or a script.")],
    host: Annotated[str, typer.Option(help="Listen on this address; 0.0.0.0 is all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535)] = 9090,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    params: Annotated[
        list[str] | None,
        typer.Option("--with", "--kwargs", help="KEY=VALUE … for the model; may be repeated."),
    ] = None,
    model_dir: Annotated[
        Path | None, typer.Option(envvar="MODEL_DIR", help="Where the model keeps what it learns.")
    ] = None,
    user: Annotated[str | None, typer.Option("--basic-auth-user", envvar="BASIC_AUTH_USER")] = None,
    password: Annotated[str | None, typer.Option("--basic-auth-pass", envvar="BASIC_AUTH_PASS")] = None,
    max_request_mb: Annotated[int, typer.Option(min=1, help="Larger requests are refused.")] = 200,
    max_trainings: Annotated[int, typer.Option(min=1, help="Trainings at once, in all projects.")] = 2,
    log_level: Annotated[LogLevel, typer.Option(case_sensitive=False)] = LogLevel.INFO,
    debug: Annotated[bool, typer.Option("--debug", "-d", help="The same as --log-level DEBUG.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Make the model once before anything is served.")
    ] = False,
) -> None:
    """Serve a model until Ctrl-C."""
    backend = BackendDirectory.at(directory)
    settings = ServerSettings(
        script=backend.script,
        class_name=backend.class_name,
        model_dir=(model_dir or backend.root / "data").resolve(),
        params={**backend.params, **dict(map(parameter, [*(params or []), *context.args]))},
        user=_user_with_password(user, password),
        password=password,
        max_request_bytes=max_request_mb * MEGABYTE,
        max_trainings=max_trainings,
    )
    model_class = load_model_class(settings.script, settings.class_name)
    if check:
        _make_once(model_class, backend.label_config or "", settings.params)
    typer.echo(f"{model_class.__name__} is served at http://{host}:{port}")
    serve(settings, host=host, port=port, workers=workers, log_level="DEBUG" if debug else log_level.value)


def _user_with_password(user: str | None, password: str | None) -> str | None:
    """Return the user that the server asks for; None where it asks for nobody.

    Raises:
        ScriptError: there is one without the other.
    """
    if bool(user) != bool(password):
        raise ScriptError("--basic-auth-user and --basic-auth-pass go together.")
    return user or None


def _make_once(model_class: type[LabelStudioMLBase], label_config: str, params: dict[str, Any]) -> None:
    """Make a model of a project that is gone afterwards.

    Raises:
        ModelFailed: its own code raised.
    """
    with tempfile.TemporaryDirectory(prefix="label-studio-ml-") as name:
        project = Project(State(Path(name)), "check")
        calling(
            f"{model_class.__name__} could not be made",
            lambda: build_model(model_class, project, label_config, params),
        )


@app.command("test")
def check_answers(
    target: Annotated[
        str, typer.Argument(help="The address of a running backend, or a directory or script.")
    ],
    label_config: Annotated[
        Path | None, typer.Option(help="The labeling config; DIR/label_config.xml.")
    ] = None,
    tasks: Annotated[
        Path | None, typer.Option(help="JSON with tasks to send; DIR/tasks.json, else made up.")
    ] = None,
    user: Annotated[str | None, typer.Option("--basic-auth-user", envvar="BASIC_AUTH_USER")] = None,
    password: Annotated[str | None, typer.Option("--basic-auth-pass", envvar="BASIC_AUTH_PASS")] = None,
) -> None:
    """Ask a backend what a labeling server asks, and check its answers."""
    if target.startswith(("http://", "https://")):
        config = _read(label_config, "Say which labeling config it is for: --label-config FILE.")
        checks = check_backend(Backend(target, user or None, password), config, _tasks(tasks))
    else:
        directory = BackendDirectory.at(Path(target))
        config_file = label_config or directory.label_config_file
        config = _read(config_file, f"{directory.root} has no label_config.xml: give --label-config FILE.")
        with served(Path(target), environment={"BASIC_AUTH_USER": "", "BASIC_AUTH_PASS": ""}) as backend:
            checks = check_backend(backend, config, _tasks(tasks or directory.tasks_file))
    _show(checks)
    if any(check.problem for check in checks):
        raise typer.Exit(1)


def _read(path: Path | None, missing: str) -> str:
    if path is None:
        raise ScriptError(missing)
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path} cannot be read: {error}") from error


def _tasks(path: Path | None) -> list[dict[str, Any]] | None:
    if path is None:
        return None
    try:
        found = json.loads(_read(path, ""))
    except ValueError as error:
        raise ScriptError(f"{path} is no JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(task, dict) for task in found) or not found:
        raise ScriptError(f"{path} must be a list of tasks.")
    return [
        task if isinstance(task.get("data"), dict) else {"id": number, "data": task}
        for number, task in enumerate(found, start=1)
    ]


def _show(checks: list[Check]) -> None:
    for check in checks:
        typer.secho(
            f"  {'no ' if check.problem else 'yes'}  {check.title}", fg="red" if check.problem else "green"
        )
        for line in (check.problem or "").splitlines():
            typer.echo(f"         {line}")


def main() -> None:
    """Run the command line; what went wrong is said in a line."""
    try:
        app()
    except MLBackendError as error:
        _fail(error.detail)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}." if error.filename else str(error))


def _fail(cause: str) -> None:
    typer.secho(f"Error: {cause}", err=True, fg="red")
    sys.exit(1)
