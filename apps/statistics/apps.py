from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "apps.statistics"
