"""`label-studio export`: writes the labeled tasks of a directory's project to a file, a bucket or standard output."""

from __future__ import annotations

import os
from dataclasses import fields

from label_studio_server.cli.export_options import ExportCommandOptions
from label_studio_server.cli.manage import run

COMMAND = "export_completions"
"""The command of `manage.py` that does it; options are called the same there."""


def run_export(options: ExportCommandOptions) -> int:
    """Export as the options say; return the exit code."""
    os.environ["LABEL_STUDIO_DIR"] = options.directory
    return run(["label-studio", COMMAND, *arguments(options)])


def arguments(options: ExportCommandOptions) -> list[str]:
    """Return the options as `manage.py export_completions` takes them."""
    given = [] if options.project is None else [str(options.project)]
    for field in fields(options):
        value = getattr(options, field.name)
        if field.name in ("directory", "project") or value in (None, False):
            continue
        # One word, so that a value may begin with a hyphen.
        name = "--" + field.name.strip("_").replace("_", "-")
        given.append(name if value is True else f"{name}={value}")
    return given
