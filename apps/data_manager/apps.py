from django.apps import AppConfig


class DataManagerConfig(AppConfig):
    name = "apps.data_manager"
