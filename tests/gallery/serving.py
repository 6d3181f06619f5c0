"""The product's own label frame, served from this process: real policy, real static files, no database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponseBase


class _FrameHandler(WSGIHandler):
    """All middleware of the product, before the addresses of `tests.gallery.urls`."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = "tests.gallery.urls"
        return super().get_response(request)


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the frame on a free port of this machine and give the address; Django must be set up."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    server.set_app(_FrameHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
