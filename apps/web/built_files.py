"""Static files that the front end's build named after their content, so that nothing is collected at start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.exceptions import ImproperlyConfigured

MANIFEST = "staticfiles.json"
BUILT = frozenset(
    {
        "app.js",
        "app.css",
        "config_editor.js",
        "config_editor.css",
        "data_manager.js",
        "data_manager.css",
        "import.js",
        "import.css",
        "label.js",
        "statistics.js",
        "statistics.css",
        "editor_frame.js",
        "theme.js",
        "icons.svg",
    }
)
"""Names that exist only under a hashed name."""


class BuiltStaticFilesStorage(StaticFilesStorage):
    """Gives the built files their hashed addresses, which may be cached for ever; others keep their plain ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._paths: dict[str, str] | None = None

    def url(self, name: str | None) -> str:
        """Return the address of a static file.

        Raises:
            ImproperlyConfigured: the front end is not built.
        """
        hashed = self._hashed_names().get(name or "")
        if hashed is None and name in BUILT:
            raise ImproperlyConfigured(
                "The front end is not built: run `pip install -e .` in the checkout, or"
                " `npm ci && npm run build` in frontend_build/."
            )
        return super().url(hashed or name)

    def _hashed_names(self) -> dict[str, str]:
        """Read the manifest once, as WhiteNoise lists the files once; while developing, both look each time."""
        if self._paths is None or settings.DEBUG:
            found = finders.find(MANIFEST)
            if not isinstance(found, str):
                return {}
            self._paths = json.loads(Path(found).read_text())["paths"]
        return self._paths
