"""The label-studio-server distribution: settings, URLs, Celery, command line and embedded servers."""

__version__ = "2.0.0"
