from importlib import import_module

from django.apps import AppConfig


class CompletionsConfig(AppConfig):
    name = "apps.completions"

    def ready(self) -> None:
        """Count completions for the impact of a labeling config, which can be said only once the models are there."""
        count = import_module("apps.completions.config_impact").count_broken_completions
        import_module("apps.projects.config_impact").register_counter("completions", count)
