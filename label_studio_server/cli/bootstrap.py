"""Bring the database of a data directory up to date: tables, owner, first project.

Import this only after `django.setup()`: it imports the apps' models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from apps.accounts.models import GlobalRole, User
from apps.accounts.services import create_sign_in_link, ensure_owner
from apps.core.errors import ProductError
from apps.imports.options import ImportOptions
from apps.imports.services import import_paths
from apps.ml.models import MLBackend
from apps.ml.protocol.addresses import normalized_url
from apps.ml.services import connect_backend
from apps.projects.models import Project
from apps.projects.services import create_project
from apps.tasks.models import Task
from label_studio_server.cli import console
from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.first_project import project_settings
from label_studio_server.cli.ml_backends import NamedBackend
from label_studio_server.cli.project_directory import unfinished_marker
from label_studio_server.embedded.layout import DataDirectory

DEFAULT_OWNER = "owner@localhost"


@contextmanager
def reported_to_people(subject: str = "") -> Iterator[None]:
    """Turn what services and the database raise into messages; leave no connection open behind.

    Args:
        subject: what the messages are about, such as a file, put before them.

    Raises:
        CommandError: instead of a ProductError or an unreachable database.
    """
    try:
        yield
    except ProductError as error:
        details = [text for texts in error.fields.values() for text in texts if text not in error.message]
        place = f"{subject}: " if subject else ""
        raise CommandError("".join([place, error.message, *(f"\n  {text}" for text in details)])) from error
    except OperationalError as error:
        raise CommandError(f"The database does not answer: {str(error).strip()}") from error
    finally:
        connections.close_all()


def prepare_database(
    directory: DataDirectory, *, username: str | None, password: str | None, with_project: bool = True
) -> User:
    """Apply pending migrations, make the owner, and the first project when the database is new.

    Args:
        directory: its config.json describes the first project.
        username: the owner's name or e-mail address; None keeps the present one.
        password: the owner's password; None keeps it as it is.
        with_project: whether the owner shall have a project before coming.

    Returns:
        The owner.
    """
    _migrate()
    marker = unfinished_marker(directory)
    if not User.objects.exists():
        marker.touch()
    owner = _owner(username, password)
    if marker.exists():
        if with_project:
            _make_first_project(directory, owner)
            connect_backends(ConfigFile.read(directory.config_file).ml_backends)
        marker.unlink()
    return owner


def connect_backends(backends: Iterable[NamedBackend]) -> None:
    """Connect models to the first project, as far as they are not yet; one that does not answer is a warning.

    It is stored all the same, and connected when a later check finds it well.
    """
    project = Project.objects.filter(deleted_at=None).order_by("pk").first()
    if project is None:
        return
    for backend in backends:
        try:
            _connect(project, backend)
        except ProductError as error:
            console.warn(f"The ML backend {backend.url} cannot be connected: {error.message}")


def _connect(project: Project, backend: NamedBackend) -> None:
    url = normalized_url(backend.url)
    if MLBackend.objects.filter(project=project, url=url).exists():
        return
    stored = connect_backend(
        project=project, connected_by=None, url=url, title=backend.title, store_anyway=True
    )
    if stored.error_message:
        console.warn(f"{stored.error_message} It is asked again every minute.")
    else:
        console.say(f"Connected the ML backend {stored} ({stored.model_version or 'no version yet'}).")


def sign_in_key(owner: User) -> str:
    """Return the key of a new one-time sign-in link."""
    return create_sign_in_link(user=owner)


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def _owner(username: str | None, password: str | None) -> User:
    administrators = User.objects.filter(role=GlobalRole.ADMINISTRATOR, is_active=True).order_by("pk")
    if username is None:
        present = administrators.first()
        if present is not None and password is None:
            return present
        return ensure_owner(email=present.email if present else DEFAULT_OWNER, password=password)
    email = username if "@" in username else f"{username}@localhost"
    if not User.objects.filter(email__iexact=email).exists():
        # `init` did not know the name: its stand-in, which nobody gave a password, becomes the owner.
        stand_in = administrators.filter(email=DEFAULT_OWNER).first()
        if stand_in is not None and not stand_in.has_usable_password():
            User.objects.filter(pk=stand_in.pk).update(email=email.lower())
    return ensure_owner(email=email, password=password)


def _make_first_project(directory: DataDirectory, owner: User) -> None:
    """Make the project that config.json describes; go on where an interrupted making ended."""
    config = ConfigFile.read(directory.config_file)
    settings = project_settings(config, fallback_title=directory.root.name)
    project = Project.objects.filter(created_by=owner, title=settings["title"]).order_by("pk").first()
    if project is None:
        if Project.objects.exists():
            console.warn(
                f"The database holds projects already; {directory.config_file} makes no further one."
            )
            return
        project = create_project(created_by=owner, **settings)
    input_path = _input_path(directory, config)
    if input_path is not None and not Task.objects.filter(project=project).exists():
        with reported_to_people(str(input_path)):
            report = import_paths(
                project=project, paths=[input_path], created_by=owner, options=ImportOptions(),
                input_format=config.input_format or "",
            )  # fmt: skip
        console.say(
            f"Imported {input_path}: {report.task_count} tasks, {report.completion_count} completions, "
            f"{report.prediction_count} predictions."
        )


def _input_path(directory: DataDirectory, config: ConfigFile) -> Path | None:
    """Return the file to import into the first project."""
    store = directory.root / "tasks.json"
    named = config.file("input_path")
    if store.exists() and (directory.root / "completions").is_dir() and named in (None, store):
        console.warn(
            f"{store} and the completions beside it were written by a Flask-era server. "
            "They stay as they are; taking them over is not available yet."
        )
        return None
    return named
