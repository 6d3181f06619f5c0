from importlib import import_module

from django.apps import AppConfig


class MLConfig(AppConfig):
    name = "apps.ml"
    verbose_name = "Models"

    def ready(self) -> None:
        """Hear of what models are to know of, which can be done only once the tables are there."""
        import_module("apps.ml.training.noting").listen()
        import_module("apps.ml.predicting.triggers").listen()
        import_module("apps.ml.new_projects").listen()
