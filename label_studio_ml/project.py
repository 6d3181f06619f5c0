"""One project of a labeling server, as a model and its server know it."""

from __future__ import annotations

import hashlib
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from label_studio_ml.server_api import ServerAddress, ServerClient
from label_studio_ml.state import State
from label_studio_ml.store import BufferedValues, StoredValues, Values

_WITH_CREATION_TIME = re.compile(r"\d+\.[\d.]+")


def project_key(given: object) -> str:
    """Return the name a project goes by: today's servers say `5.1700000000` in one call and `5` in another."""
    text = str(given)
    return text.split(".", 1)[0] if _WITH_CREATION_TIME.fullmatch(text) else text


def folder_name(key: str) -> str:
    """Return the name of a project's folder: readable, without dots and slashes, and never too long."""
    readable = quote(key, safe="").replace(".", "%2E") or "%"
    return readable if len(readable) <= 120 else hashlib.sha256(key.encode()).hexdigest()


class Project:
    """The values, folders and server of one project.

    Attributes:
        key: its name; see `project_key`.
        values: what its model keeps.
        training_dir: where the training that runs puts its files; None outside of `fit`.
    """

    def __init__(self, state: State, key: str) -> None:
        self.key = key
        self.state = state
        self.stored = StoredValues(state, key)
        self.values: Values = self.stored
        self.training_dir: Path | None = None

    @classmethod
    def in_training(cls, state: State, key: str) -> Project:
        """Return a project whose values change for others only when the training has succeeded."""
        project = cls(state, key)
        project.values = BufferedValues(project.stored)
        return project

    @property
    def changes(self) -> dict[str, Any]:
        """What a training has set."""
        return self.values.changes if isinstance(self.values, BufferedValues) else {}

    @cached_property
    def folder(self) -> Path:
        """Where the model may keep files of this project."""
        folder = self.state.model_dir / "projects" / folder_name(self.key)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def workdir(self) -> Path | None:
        """Where the training that runs, or else the last one that succeeded, put its files; None before any."""
        known = self.values.get("workdir")
        return self.training_dir or (Path(known) if known else None)

    @property
    def label_config(self) -> str:
        """The labeling config that the server told last."""
        return str(self.values.get("label_config") or "")

    @property
    def server(self) -> ServerAddress:
        """The labeling server.

        A token of the environment goes to the address of the environment alone: whoever may call /setup could else
        have it sent to a host of their own.
        """
        if hostname := os.environ.get("LABEL_STUDIO_URL"):
            return ServerAddress(hostname, os.environ.get("LABEL_STUDIO_API_KEY"))
        return ServerAddress(self.values.get("hostname") or "", self.values.get("access_token"))

    @cached_property
    def client(self) -> ServerClient:
        """The labeling server's API."""
        return ServerClient(self.server)
