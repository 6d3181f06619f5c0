"""Where everything of one data directory lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataDirectory:
    """The paths inside one data directory (`DIR` of `label-studio start DIR`).

    Args:
        root: absolute path of the directory.
    """

    root: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> DataDirectory:
        """Return the layout of `path`, absolute and with links resolved: one directory, one name."""
        return cls(Path(path).expanduser().resolve())

    @property
    def config_file(self) -> Path:
        return self.root / "config.json"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret_key"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def media(self) -> Path:
        return self.root / "media"

    @property
    def export(self) -> Path:
        return self.root / "export"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Files that only mean something while the servers run: lock, state, schedules."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def attached_lock(self) -> Path:
        return self.run / "attached.lock"

    @property
    def state(self) -> Path:
        return self.run / "state.json"

    def create(self) -> None:
        """Make the directory and the parts that are plain folders; existing ones are left as they are.

        The whole is closed to other people: it holds data, passwords and the secret key. As root it can be
        passed through (not listed), because PostgreSQL then runs under an account of its own below it.
        """
        mode = 0o711 if os.geteuid() == 0 else 0o700
        if not self.root.exists():
            self.root.mkdir(parents=True)
            self.root.chmod(mode)
        for folder in (self.postgres, self.valkey, self.media, self.export, self.logs, self.run):
            if not folder.exists():
                folder.mkdir()
                folder.chmod(mode if folder == self.postgres else 0o700)
