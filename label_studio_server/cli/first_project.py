"""What config.json says about a new project: the one of `start`, or everybody's first in multisession mode."""

from __future__ import annotations

import json
from dataclasses import dataclass

from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.label_configs import read_label_config
from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.layout import DataDirectory


def project_settings(config: ConfigFile, *, fallback_title: str) -> dict[str, str]:
    """Return the settings of a new project.

    Raises:
        CommandError: the labeling config cannot be used.
    """
    title, description = config.title_and_description(fallback_title)
    label_config = config.file("label_config")
    settings = {
        "title": title,
        "description": description,
        "label_config": read_label_config(label_config) if label_config else "",
        "instruction": config.text("instruction") or "",
    }
    if sampling := config.sampling:
        settings["sampling"] = sampling.value
    return settings


@dataclass(frozen=True)
class MultiSession:
    """How the server treats people when each has projects of their own.

    Args:
        guests: whether people may come without an account.
    """

    guests: bool

    def environment(self, directory: DataDirectory, config: ConfigFile) -> dict[str, str]:
        """Write what first projects are made of where the server reads it, and return what the settings need.

        Raises:
            CommandError: the labeling config cannot be used.
        """
        path = directory.run / "first_project.json"
        first_project = project_settings(config, fallback_title=directory.root.name)
        write_atomically(path, json.dumps(first_project, ensure_ascii=False), mode=0o600)
        return {
            "MULTI_SESSION": "true",
            "GUESTS_ALLOWED": "true" if self.guests else "false",
            "FIRST_PROJECT_FILE": str(path),
        }
