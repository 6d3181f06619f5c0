from django.apps import AppConfig


class MLConfig(AppConfig):
    name = "apps.ml"
    verbose_name = "Models"
