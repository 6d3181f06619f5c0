from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        """Declare the authentication schemes and log sign-ins, which can be done only once the models are there."""
        import_module("apps.accounts.schema")
        import_module("apps.accounts.sign_in_log").listen()
