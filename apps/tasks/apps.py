from importlib import import_module

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "apps.tasks"

    def ready(self) -> None:
        """Say, now that the models are there, what is counted and put in order when something below changes."""
        count = import_module("apps.tasks.config_impact").count_missing_variables
        import_module("apps.projects.config_impact").register_counter("tasks", count)
        assigning = import_module("apps.tasks.assigning")
        import_module("apps.projects.labeling_rights").before_labeling_ends(assigning.give_up_work)
        import_module("apps.accounts.departures").before_access_ends(assigning.give_up_work_everywhere)
