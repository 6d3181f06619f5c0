"""What each person's first project in multisession mode is made of."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEYS = frozenset({"title", "description", "label_config", "instruction", "sampling"})


def read_first_project(path: str) -> dict[str, str]:
    """Return the settings of a new person's project from a JSON file; none for an empty path.

    Raises:
        ImproperlyConfigured: the file cannot be read, is no JSON object of texts, or has keys that are unknown.
    """
    if not path:
        return {}
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"FIRST_PROJECT_FILE {path} cannot be read as JSON: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ImproperlyConfigured(f"FIRST_PROJECT_FILE {path} must hold a JSON object of texts.")
    if unknown := values.keys() - KEYS:
        raise ImproperlyConfigured(
            f"FIRST_PROJECT_FILE {path} has unknown keys: {', '.join(sorted(unknown))}."
            f" Known: {', '.join(sorted(KEYS))}."
        )
    return values
