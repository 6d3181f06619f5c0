"""Where a new project's labeling config comes from: a file, or a ready-made template."""

from __future__ import annotations

import importlib.util
from difflib import get_close_matches
from pathlib import Path

from apps.labeling.config import ConfigError
from apps.labeling.validation import validate
from label_studio_server.cli.errors import CommandError

# How the documentation of the Flask era called some of them.
SYNONYMS = {"named_entity": "text_named_entity", "transcribe_audio": "audio_transcribe"}
MAX_LABEL_CONFIG_BYTES = 4 * 1024 * 1024


def template_folder() -> Path:
    """Return the folder of the packaged templates, one XML file each."""
    spec = importlib.util.find_spec("apps.labeling")
    if spec is None or not spec.submodule_search_locations:
        raise CommandError(
            "The package apps.labeling is not installed completely: install label-studio-server again."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "templates"


def template_names() -> list[str]:
    """Return the names that `--template` takes."""
    return sorted(path.stem for path in template_folder().glob("*.xml"))


def template_path(name: str) -> Path:
    """Return the file of a template.

    Raises:
        CommandError: there is none of that name; the message suggests the nearest and lists all.
    """
    names = template_names()
    name = SYNONYMS.get(name, name)
    if name not in names:
        nearest = get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f' Did you mean "{nearest[0]}"?' if nearest else ""
        raise CommandError(f'There is no template "{name}".{hint} Templates: {", ".join(names)}.')
    return template_folder() / f"{name}.xml"


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
