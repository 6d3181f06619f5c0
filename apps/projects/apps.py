from importlib import import_module

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "apps.projects"

    def ready(self) -> None:
        """Put projects in order whenever somebody's access ends; the models are there only now."""
        departures = import_module("apps.projects.departures")
        register = import_module("apps.accounts.departures").before_access_ends
        register(departures.hand_over_owned_projects)
        register(departures.forget_invited_address)
