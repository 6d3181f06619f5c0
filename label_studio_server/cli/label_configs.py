"""Where a new project's labeling config comes from: a file, or a ready-made template."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from apps.labeling.config import ConfigError
from apps.labeling.templates import find_template, labeling_templates, template_synonyms
from apps.labeling.validation import validate
from label_studio_server.cli.errors import CommandError

MAX_LABEL_CONFIG_BYTES = 4 * 1024 * 1024


def template_path(name: str) -> Path:
    """Return the file of a template.

    Raises:
        CommandError: there is none of that name; the message suggests the nearest and lists all.
    """
    template = find_template(name)
    if template is None:
        names = sorted(labeling_templates())
        nearest = get_close_matches(name, [*names, *template_synonyms()], n=1, cutoff=0.4)
        hint = f' Did you mean "{nearest[0]}"?' if nearest else ""
        raise CommandError(f'There is no template "{name}".{hint} Templates: {", ".join(names)}.')
    return template.path


def read_label_config(path: Path) -> str:
    """Return the text of a labeling config that is known to be usable.

    Raises:
        CommandError: the file cannot be read, or the config is wrong; every problem is listed with its line.
    """
    try:
        if path.stat().st_size > MAX_LABEL_CONFIG_BYTES:
            raise CommandError(
                f"{path} is larger than {MAX_LABEL_CONFIG_BYTES // 2**20} MB: no labeling config."
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"The labeling config {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"The labeling config {path} is not UTF-8 text (byte {error.start}).") from error
    try:
        validate(text)
    except ConfigError as error:
        problems = "".join(f"\n  {problem}" for problem in error.problems)
        raise CommandError(f"The labeling config {path} cannot be used:{problems}") from error
    return text
