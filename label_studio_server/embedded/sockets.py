"""Folders for Unix sockets, whose paths must be short."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from label_studio_server.embedded.errors import EmbeddedServerError

# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
MAX_SOCKET_PATH = 100
# libpq takes a comma for a list of hosts, and URLs have characters of their own: such paths are not used.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_.+~/-]+")


def socket_folder(preferred: Path, name: str, owner: tuple[int, int] | None = None) -> Path:
    """Return a private folder in which a socket called `name` can be made.

    Args:
        preferred: where the folder should be; used when the socket has a short and plain path there.
        name: file name of the socket.
        owner: (uid, gid) of the server's account when it is not this process's own.

    Raises:
        EmbeddedServerError: someone else put a folder of that name into the directory for temporary files.
    """
    path = str(preferred / name)
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH and PLAIN_PATH.fullmatch(path):
        folder = preferred
    else:
        uid = owner[0] if owner else os.geteuid()
        digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"label-studio-{uid}-{digest}"
        if len(os.fsencode(folder / name)) > MAX_SOCKET_PATH:
            folder = Path("/tmp") / folder.name  # noqa: S108 (ownership is checked below)
    _make_private(folder, owner)
    return folder


def _make_private(folder: Path, owner: tuple[int, int] | None) -> None:
    uid, gid = owner or (os.geteuid(), os.getegid())
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(folder, uid, gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise EmbeddedServerError(
            f"{folder} is not a folder of this account. Remove it, or set TMPDIR to a folder of your own."
        )
    if found.st_uid != uid:
        os.chown(folder, uid, gid)
    folder.chmod(0o700)
