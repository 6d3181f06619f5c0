"""Serving an application with uvicorn, in one process or several."""

from __future__ import annotations

import logging
import os

import uvicorn
from starlette.applications import Starlette

from label_studio_ml.serving.app import create_app
from label_studio_ml.serving.settings import ServerSettings

_LEVEL_VARIABLE = "LABEL_STUDIO_ML_LOG_LEVEL"
MOST_CONNECTIONS = 256
"""In each process; further ones are told to come back (503), so that bodies that wait do not fill the memory."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def served_app() -> Starlette:
    """Return the application of a server process, with its log set up."""
    logging.basicConfig(level=os.environ.get(_LEVEL_VARIABLE, "INFO"), format=_FORMAT)
    return create_app()


def serve(settings: ServerSettings, *, host: str, port: int, workers: int, log_level: str) -> None:
    """Serve until a signal.

    Args:
        settings: of the server.
        host: the address to listen on.
        port: the port to listen on.
        workers: processes that answer.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """
    os.environ.update({**settings.environment(), _LEVEL_VARIABLE: log_level})
    uvicorn.run(
        "label_studio_ml.serving.main:served_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level=log_level.lower(),
        access_log=log_level == "DEBUG",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
        server_header=False,
    )
