"""`python -m tests.gallery samples | pictures | page`: make the committed files of the template gallery anew."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

# These settings need no addresses: nothing here connects to a database.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.test")

import django

django.setup()

from apps.labeling.templates import labeling_templates
from tests.gallery import SAMPLES
from tests.gallery.page import PAGE, page
from tests.gallery.pictures import take_pictures
from tests.gallery.samples.writing import write_samples
from tests.gallery.serving import served

commands = typer.Typer(add_completion=False, help="Make the files of the template gallery.")


@commands.command()
def samples() -> None:
    """Draw and compute the sample files; needs the programs espeak-ng and ffmpeg."""
    write_samples(SAMPLES)


@commands.command()
def pictures(names: Annotated[list[str] | None, typer.Argument(help="Only these templates.")] = None) -> None:
    """Take a picture of each template in the editor; needs Chromium."""
    templates = labeling_templates()
    with served() as address:
        asyncio.run(take_pictures(address, [templates[name] for name in names or templates]))


@commands.command("page")
def write_page() -> None:
    """Write docs/templates.md."""
    PAGE.write_text(page(), encoding="utf-8")


commands()
