"""Make a PostgreSQL cluster, whole or not at all, and refuse one of another major version."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from label_studio_server.embedded.atomic import sync_folder, write_atomically
from label_studio_server.embedded.errors import EmbeddedServerError, StartError
from label_studio_server.embedded.processes import Account


def create_cluster(home: Path, *, programs: Path, account: Account | None, role: str, password: str) -> None:
    """Run initdb in a draft folder and rename it to `data`: a kill in the middle leaves nothing half made.

    Args:
        home: the folder that gets `data`.
        programs: the folder of PostgreSQL's programs.
        account: the account that will own the cluster; None means ours.
        role: name of the superuser.
        password: its password.

    Raises:
        StartError: initdb failed; the message holds its output.
    """
    draft, password_file = home / "data.init", home / "password.init"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    write_atomically(password_file, password, mode=0o600)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
        os.chown(password_file, account.uid, account.gid)
    try:
        _initdb(draft, password_file, programs=programs, account=account, role=role)
    finally:
        password_file.unlink()
    draft.rename(home / "data")
    sync_folder(home)


def _initdb(draft: Path, password_file: Path, *, programs: Path, account: Account | None, role: str) -> None:
    # The built-in locale sorts alike on every machine; the C library's order changes with its version.
    command = [
        *(str(programs / "initdb"), f"--pgdata={draft}", f"--username={role}", f"--pwfile={password_file}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",
        env=environment | {"LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        output = (done.stdout + done.stderr).strip()
        raise StartError(f"initdb failed with code {done.returncode} in {draft.parent}:\n{output}")


def refuse_other_major(data: Path, programs: Path) -> None:
    """Stop before a server of another major version touches the cluster.

    Raises:
        EmbeddedServerError: the versions differ; the message says what to do.
    """
    cluster = (data / "PG_VERSION").read_text().strip()
    answer = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True, cwd="/"
    )
    server = answer.stdout.split()[-1].split(".")[0]
    if cluster != server:
        raise EmbeddedServerError(
            f"The database in {data} was made by PostgreSQL {cluster}, and {server} is installed. "
            f"Install the release of label-studio-server that brought PostgreSQL {cluster}, export or dump, "
            "and load it into a new directory."
        )
