"""Make the shared servers of a deployment ready for web and worker processes: the image's role `migrate`.

It applies migrations, makes the owner, and on the first run the project that INIT_COMMAND asks for. Run it again
after each upgrade, before the new web and worker processes start; it changes nothing that is right already.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from label_studio_server.cli import console
from label_studio_server.cli.environment import SETTINGS_MODULE, load_bootstrap
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.options import ProjectOptions
from label_studio_server.cli.project_directory import (
    Condition,
    check_content,
    ensure_secret_key,
    inspect,
    write_project,
)
from label_studio_server.embedded.layout import DataDirectory


def main() -> int:
    """Prepare the instance that the environment describes; return the exit code."""
    directory = DataDirectory.at(os.environ["LABEL_STUDIO_DIR"])
    try:
        _prepare(directory)
    except CommandError as error:
        console.fail(str(error))
        return 1
    return 0


def _prepare(directory: DataDirectory) -> None:
    condition = inspect(directory)
    if condition is Condition.FOREIGN:
        raise CommandError(f"{directory.root} exists and is no project (it has no config.json).")
    directory.create()
    if condition in (Condition.NEW, Condition.UNFINISHED):
        options = ProjectOptions(directory=directory.root.name, root_dir=Path(directory.root.parent))
        check_content(options)
        write_project(directory, options)
    ensure_secret_key(directory)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    bootstrap = load_bootstrap()
    with bootstrap.reported_to_people():
        password = os.environ.get("PASSWORD") or None
        username = os.environ.get("USERNAME") or (os.environ.get("BASIC_AUTH_USERNAME") if password else None)
        owner = bootstrap.prepare_database(directory, username=username, password=password)
        if not owner.has_usable_password():
            address = os.environ.get("LABEL_STUDIO_HOST") or "http://localhost:8080"
            console.show_address("Sign in", f"{address}/link/{bootstrap.sign_in_key(owner)}")
            console.say("            (this link works once; the next run of this role prints a new one)")
    console.say(f"The database is up to date; the owner is {owner.email}.")


if __name__ == "__main__":
    sys.exit(main())
