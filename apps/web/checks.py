"""What `manage.py check` says about the pages."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Warning, register

from apps.web.built_files import MANIFEST


@register
def front_end_is_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when the pages would have neither styles nor an editor."""
    if finders.find(MANIFEST):
        return []
    return [
        Warning(
            "The front end is not built, so pages cannot be shown.",
            hint="Run `pip install -e .` in the checkout, or `npm ci && npm run build` in frontend_build/.",
            id="web.W001",
        )
    ]
