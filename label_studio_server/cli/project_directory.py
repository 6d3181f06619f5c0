"""What a path given as DIR is, and making or clearing a project there."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from enum import Enum
from pathlib import Path

import typer

from label_studio_server.cli import console
from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.label_configs import read_label_config, template_path
from label_studio_server.cli.ml_backends import NamedBackend
from label_studio_server.cli.options import ProjectOptions
from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.server_account import remove_outside_home
from label_studio_server.embedded.services import exclusive

LABEL_CONFIG_NAME = "config.xml"
# What we make before a directory is a project, and what every ext4 volume brings.
SKELETON = frozenset({"postgres", "valkey", "media", "export", "logs", "run", "secret_key", "lost+found"})
# What a project of this server or of the Flask era consists of: `--force` deletes these and nothing else.
PROJECT_FILES = (SKELETON - {"run", "lost+found"}) | {
    *("config.json", LABEL_CONFIG_NAME, "static"),
    *("tasks.json", "completions", "upload", "source.json", "target.json", "tabs.json"),
}


class Condition(Enum):
    """What is at the path."""

    NEW = "nothing, or an empty directory"
    PROJECT = "a project"
    UNFINISHED = "a project whose making was interrupted"
    FOREIGN = "a directory with other things in it"


def inspect(directory: DataDirectory) -> Condition:
    """Tell what is at a path, without touching it.

    Raises:
        CommandError: it is a file, or may not be read.
    """
    try:
        names = {entry.name for entry in os.scandir(directory.root)}
    except FileNotFoundError:
        return Condition.NEW
    except NotADirectoryError:
        raise CommandError(f"{directory.root} is a file. Choose another directory.") from None
    except PermissionError:
        raise CommandError(f"{directory.root} may not be read by this account.") from None
    if unfinished_marker(directory).exists():
        return Condition.UNFINISHED
    if "config.json" in names:
        return Condition.PROJECT
    drafts = {name for name in names if name.startswith(".config.")}  # of files that we write at once
    return Condition.FOREIGN if names - drafts - SKELETON else Condition.NEW


def unfinished_marker(directory: DataDirectory) -> Path:
    """Return the file that exists while a project is being made."""
    return directory.run / "unfinished"


def check_content(options: ProjectOptions) -> None:
    """Read everything that a new project would be made of, before anything is made.

    Raises:
        CommandError: one of the files is missing or wrong.
    """
    config = _initial_config(options, options.path / "config.json")
    read_initial_label_config(options, config)


def write_project(directory: DataDirectory, options: ProjectOptions) -> None:
    """Write config.json and config.xml; `unfinished_marker` stays until the project is in the database."""
    check_content(options)
    write_atomically(unfinished_marker(directory), "", durable=True)
    write_content(directory, options)


def write_content(directory: DataDirectory, options: ProjectOptions) -> None:
    """Write config.json, and config.xml when there is a labeling config, as the options say.

    Raises:
        CommandError: one of the files they are made of is missing or wrong.
    """
    config = _initial_config(options, directory.config_file)
    label_config = read_initial_label_config(options, config)
    if label_config is not None:
        write_atomically(directory.root / LABEL_CONFIG_NAME, label_config, durable=True)
        config.values["label_config"] = LABEL_CONFIG_NAME
    config.write()


def _initial_config(options: ProjectOptions, path: Path) -> ConfigFile:
    """Return the config.json of a new project: the `--config` file with the given options over it."""
    base = ConfigFile.read(options.config) if options.config else None
    values = dict(base.values) if base else {"title": options.path.resolve().name, "sampling": "sequential"}
    given = {
        "title": options.initial_project_description,
        "sampling": options.sampling and options.sampling.value,
        "input_format": options.input_format and options.input_format.value,
        "host": options.host,
        "port": options.port,
        "cert": options.cert and str(options.cert.resolve()),
        "key": options.key and str(options.key.resolve()),
        "protocol": "https://" if options.cert and options.key else None,
        "ml_backends": [NamedBackend.parse(text).as_setting() for text in options.ml_backends or ()] or None,
    }
    values |= {name: value for name, value in given.items() if value is not None}
    input_path = options.input_path or (base.file("input_path") if base else None)
    if input_path is not None:
        if not input_path.exists():
            raise CommandError(f"The input file {input_path} does not exist.")
        values["input_path"] = str(input_path.resolve())
    config = ConfigFile(path, values)
    config.check()
    return config


def read_initial_label_config(options: ProjectOptions, config: ConfigFile) -> str | None:
    """Return the labeling config of a new project: of the options, else of the `--config` file, else None."""
    path = options.label_config
    if path is None and options.template is not None:
        path = template_path(options.template)
    if path is None and options.config is not None:
        named = config.text("label_config")
        path = options.config.parent / Path(named).expanduser() if named else None
    return None if path is None else read_label_config(path)


def ensure_secret_key(directory: DataDirectory) -> None:
    """Make Django's secret key for this directory, once, readable by its owner only."""
    if not directory.secret_key.exists():
        write_atomically(directory.secret_key, secrets.token_urlsafe(48), mode=0o600, durable=True)


def confirm_clearing(directory: DataDirectory) -> None:
    """Ask whether the project in DIR may be deleted; without a terminal `--force` is answer enough.

    Raises:
        CommandError: the answer is no.
    """
    if sys.stdin.isatty() and not typer.confirm(
        f"Delete the project in {directory.root} with all its tasks, completions and files?"
    ):
        raise CommandError("Nothing was deleted.")


def clear(directory: DataDirectory) -> None:
    """Delete the project in DIR, its database included; files that are no part of it stay."""
    directory.create()
    with exclusive(directory, report=console.say):
        _delete_project_files(directory)


def discard_unfinished(directory: DataDirectory) -> None:
    """Remove what a failed making left, so that DIR is new again."""
    with exclusive(directory, report=console.say):
        if not unfinished_marker(directory).exists():
            return
        _delete_project_files(directory)
        shutil.rmtree(directory.run)
    if not any(directory.root.iterdir()):
        directory.root.rmdir()


def _delete_project_files(directory: DataDirectory) -> None:
    remove_outside_home(directory)
    unfinished_marker(directory).unlink(missing_ok=True)
    for name in PROJECT_FILES:
        path = directory.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
