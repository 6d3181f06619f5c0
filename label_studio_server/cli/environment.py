"""The environment through which the settings learn what the command line was told."""

from __future__ import annotations

import importlib.util
import os
from types import ModuleType
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.network import Endpoint
from label_studio_server.cli.options import LogLevel, ServerOptions

DEFAULT_USERNAME = "ls"
SETTINGS_MODULE = "label_studio_server.settings.base"


def load_bootstrap() -> ModuleType:
    """Load Django under the present environment and return the module `bootstrap`, which needs it.

    While this process prepares the database only warnings reach the terminal.

    Raises:
        CommandError: the settings refuse the environment.
    """
    log_level = os.environ.get("LOG_LEVEL")
    os.environ["LOG_LEVEL"] = LogLevel.WARNING
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error
    finally:
        if log_level is None:
            del os.environ["LOG_LEVEL"]
        else:
            os.environ["LOG_LEVEL"] = log_level
    from label_studio_server.cli import bootstrap  # its imports need the settings

    return bootstrap


def server_environment(
    server: ServerOptions, endpoint: Endpoint, *, username: str | None, password: str | None
) -> dict[str, str]:
    """Return what the settings are to know about this start; what the operator set already wins.

    Args:
        server: the options.
        endpoint: where it listens.
        username: the owner's name, for HTTP Basic.
        password: the owner's password; HTTP Basic is only accepted with one.
    """
    chosen: dict[str, str] = {"LOG_LEVEL": server.log_level or LogLevel.INFO}
    if endpoint.is_wildcard:
        named = urlsplit(os.environ.get("LABEL_STUDIO_HOST", "")).hostname
        chosen["ALLOWED_HOSTS"] = f"localhost,127.0.0.1,[::1],{named}" if named else "*"
    elif not endpoint.is_local:
        chosen["ALLOWED_HOSTS"] = f"localhost,127.0.0.1,[::1],{endpoint.host}"
    if endpoint.secure:
        chosen["SERVED_OVER_HTTPS"] = "true"
        # A browser would remember "HTTPS only" for everything else that is ever served from localhost.
        chosen["SECURE_HSTS_SECONDS"] = "0"
    environment = {name: value for name, value in chosen.items() if name not in os.environ}
    if server.log_level is not None:
        environment["LOG_LEVEL"] = server.log_level
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        environment["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    if server.debug:
        environment["DEBUG"] = "true"
    if password is not None:
        environment["BASIC_AUTH_USERNAME"] = username or DEFAULT_USERNAME
        environment["BASIC_AUTH_PASSWORD"] = password
    return environment


def local_files_environment(server: ServerOptions, config: ConfigFile) -> dict[str, str]:
    """Return from where local files may be served; LOCAL_FILES_ROOTS of the operator wins.

    Args:
        config: its input path is the folder, unless others are given.

    Raises:
        CommandError: local files shall be served, and nothing says which.
    """
    roots = list(server.local_files_root or [])
    if not (roots or server.allow_serving_local_files) or "LOCAL_FILES_ROOTS" in os.environ:
        return {}
    if not roots:
        input_path = config.file("input_path")
        if input_path is None:
            raise CommandError(
                "--allow-serving-local-files needs to know which: give --local-files-root FOLDER."
            )
        roots = [input_path if input_path.is_dir() else input_path.parent]
    for root in roots:
        if not root.is_dir():
            raise CommandError(f"The folder {root} does not exist.")
    return {"LOCAL_FILES_ROOTS": os.pathsep.join(str(root.resolve()) for root in roots)}


def require_gevent() -> None:
    """Make sure that `--use-gevent` can work.

    Raises:
        CommandError: its packages are not installed.
    """
    if not all(importlib.util.find_spec(name) for name in ("gevent", "psycogreen")):
        raise CommandError("--use-gevent needs further packages: pip install 'label-studio-server[gevent]'")
