"""A folder on this machine, as the command line names it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from apps.imports.formats.container import Member
from apps.imports.formats.format import OverLimit, UnreadableFile
from apps.imports.formats.limits import Limits
from apps.imports.formats.names import is_hidden


class FolderContainer:
    """The files below a folder, in the order of their names; links and hidden files are passed over.

    Raises:
        UnreadableFile: it is no folder, or holds too many files.
    """

    def __init__(self, root: Path, limits: Limits, store_media: Callable[[str, IO[bytes]], str]) -> None:
        if not root.is_dir():
            raise UnreadableFile("There is no such folder.", str(root))
        self.root = root
        self.name = root.name or str(root)
        self.store_media = store_media
        self.members = tuple(self._found(limits))

    def _found(self, limits: Limits) -> Iterator[Member]:
        count = 0
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not is_hidden([name]))
            for name in sorted(files):
                path = Path(folder, name)
                if is_hidden([name]) or path.is_symlink() or not path.is_file():
                    continue
                count += 1
                if count > limits.members:
                    raise OverLimit(f"The folder holds more than {limits.members:,} files.", self.name)
                yield Member(path.relative_to(self.root).as_posix(), path.stat().st_size)

    @contextmanager
    def open(self, member: Member) -> Iterator[IO[bytes]]:
        """Open a file.

        Raises:
            UnreadableFile: the system does not let it be read.
        """
        try:
            stream = (self.root / member.name).open("rb")
        except OSError as error:
            raise UnreadableFile(
                f"It cannot be read: {error.strerror}.", f"{self.name} › {member.name}"
            ) from error
        with stream:
            yield stream
