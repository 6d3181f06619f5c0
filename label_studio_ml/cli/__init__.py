"""The `label-studio-ml` command."""

from label_studio_ml.cli.app import main

__all__ = ["main"]
