"""The HTML pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages and their templates; registers the check that the front end is built."""

    name = "apps.web"

    def ready(self) -> None:
        """Register the system check."""
        from apps.web import checks  # noqa: F401 - registers itself, which needs loaded apps
