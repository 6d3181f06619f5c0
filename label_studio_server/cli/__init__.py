"""The `label-studio` command."""

from label_studio_server.cli.app import main

__all__ = ["main"]
