from importlib import import_module

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "apps.tasks"

    def ready(self) -> None:
        """Count tasks for the impact of a labeling config, which can be said only once the models are there."""
        count = import_module("apps.tasks.config_impact").count_missing_variables
        import_module("apps.projects.config_impact").register_counter("tasks", count)
