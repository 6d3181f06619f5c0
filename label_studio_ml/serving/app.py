"""The ASGI application: routes, sign-in, counting, and errors in one shape."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from label_studio_ml.errors import MLBackendError, NotSignedIn
from label_studio_ml.serving.bodies import checked_project, read_object
from label_studio_ml.serving.service import Service
from label_studio_ml.serving.settings import ServerSettings

PREDICTING_THREADS = 32
"""Requests that predict, or wait for a model, at once; others have threads of their own."""

_LIMIT_OF_SMALL_BODIES = 4 << 20
_JSON_OPTIONS = orjson.OPT_NON_STR_KEYS

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


class Json(Response):
    """A reply of JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return `content` as bytes."""
        return orjson.dumps(content, option=_JSON_OPTIONS)


def create_app(settings: ServerSettings | None = None) -> Starlette:
    """Return the application for `settings`; for those of the environment without (the factory of `uvicorn --factory`).

    Raises:
        ScriptError: the script holds no model.
    """
    settings = settings or ServerSettings.from_environment()
    service = Service(settings)
    return Starlette(
        routes=_Routes(service).table(),
        middleware=[
            Middleware(BaseHTTPMiddleware, dispatch=_counting(service)),
            Middleware(BaseHTTPMiddleware, dispatch=_signing_in(settings)),
        ],
        exception_handlers={
            MLBackendError: _told,
            HTTPException: _told_by_the_framework,
            Exception: _told_in_general,
        },
        lifespan=partial(_lifespan, service),
    )


@asynccontextmanager
async def _lifespan(service: Service, _app: Starlette) -> AsyncIterator[None]:
    service.dispatcher.start()
    yield
    await to_thread.run_sync(service.dispatcher.stop)
    service.counters.flush()
    service.state.close()


class _Routes:
    """From requests to the service and back."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._predicting = CapacityLimiter(PREDICTING_THREADS)

    def table(self) -> list[Route]:
        """Return the routes; each is answered with and without a slash at its end."""
        handlers: list[tuple[str, Handler, str]] = [
            ("/", self.health, "GET"),
            ("/health", self.health, "GET"),
            ("/setup", self.setup, "POST"),
            ("/predict", self.predict, "POST"),
            ("/train", self.train, "POST"),
            ("/webhook", self.webhook, "POST"),
            ("/validate", self.validate, "POST"),
            ("/delete", self.delete, "POST"),
            ("/is_training", self.is_training, "GET"),
            ("/job_status", self.job_status, "POST"),
            ("/versions", self.versions, "GET"),
            ("/metrics", self.metrics, "GET"),
            ("/jobs", self.jobs, "GET"),
            ("/jobs/{job}", self.job, "GET"),
            ("/jobs/{job}/log", self.log, "GET"),
            ("/jobs/{job}/cancel", self.cancel, "POST"),
        ]
        slashed = [(path + "/", handler, method) for path, handler, method in handlers if path != "/"]
        return [Route(path, handler, methods=[method]) for path, handler, method in handlers + slashed]

    async def health(self, _request: Request) -> Response:
        return Json(self._service.health())

    async def setup(self, request: Request) -> Response:
        body = await read_object(request, self._service.settings.max_request_bytes)
        return Json(await self._in_model_thread(self._service.setup, body))

    async def predict(self, request: Request) -> Response:
        body = await read_object(request, self._service.settings.max_request_bytes)
        return Json(await self._in_model_thread(self._service.predict, body))

    async def train(self, request: Request) -> Response:
        body = await read_object(request, self._service.settings.max_request_bytes)
        return Json(await to_thread.run_sync(self._service.train, body), status_code=201)

    async def webhook(self, request: Request) -> Response:
        body = await read_object(request, self._service.settings.max_request_bytes)
        status, reply = await to_thread.run_sync(self._service.webhook, body)
        return Json(reply, status_code=status)

    async def validate(self, request: Request) -> Response:
        body = await read_object(request, _LIMIT_OF_SMALL_BODIES)
        return Json(await to_thread.run_sync(self._service.validate, body))

    async def delete(self, request: Request) -> Response:
        body = await read_object(request, _LIMIT_OF_SMALL_BODIES)
        return Json(await to_thread.run_sync(self._service.delete, body))

    async def is_training(self, request: Request) -> Response:
        project = checked_project(request.query_params.get("project"))
        return Json(await to_thread.run_sync(self._service.is_training, project))

    async def job_status(self, request: Request) -> Response:
        body = await read_object(request, _LIMIT_OF_SMALL_BODIES)
        return Json(await to_thread.run_sync(self._service.job_status, body.text("job") or ""))

    async def versions(self, request: Request) -> Response:
        given = request.query_params.get("project")
        project = None if given is None else checked_project(given)
        return Json(await to_thread.run_sync(self._service.versions, project))

    async def metrics(self, request: Request) -> Response:
        accepts = request.headers.get("accept", "")
        if "text/plain" in accepts or "openmetrics" in accepts:
            return PlainTextResponse(await to_thread.run_sync(self._service.counters.as_text))
        return Json(await to_thread.run_sync(self._service.counters.as_json))

    async def jobs(self, request: Request) -> Response:
        project = checked_project(request.query_params.get("project"))
        return Json(await to_thread.run_sync(self._service.jobs, project))

    async def job(self, request: Request) -> Response:
        return Json(await to_thread.run_sync(self._service.job_status, request.path_params["job"]))

    async def log(self, request: Request) -> Response:
        return PlainTextResponse(await to_thread.run_sync(self._service.log, request.path_params["job"]))

    async def cancel(self, request: Request) -> Response:
        return Json(await to_thread.run_sync(self._service.cancel, request.path_params["job"]))

    async def _in_model_thread(self, call: Callable[[Any], Any], body: Any) -> Any:
        return await to_thread.run_sync(call, body, limiter=self._predicting)


Next = Callable[[Request], Awaitable[Response]]


def _signing_in(settings: ServerSettings) -> Callable[[Request, Next], Awaitable[Response]]:
    expected = None if settings.user is None else f"{settings.user}:{settings.password or ''}".encode()

    async def dispatch(request: Request, following: Next) -> Response:
        if expected is None or hmac.compare_digest(_credentials(request), expected):
            return await following(request)
        refusal = NotSignedIn("This ML backend wants the user and password it was started with (HTTP Basic).")
        return Json(refusal.body(), status_code=401, headers={"WWW-Authenticate": 'Basic realm="ML backend"'})

    return dispatch


def _credentials(request: Request) -> bytes:
    scheme, _, payload = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(payload, validate=True) if scheme.lower() == "basic" else b""
    except binascii.Error:
        return b""


def _counting(service: Service) -> Callable[[Request, Next], Awaitable[Response]]:
    known = {route.path.rstrip("/") or "/" for route in _Routes(service).table() if "{" not in route.path}

    async def dispatch(request: Request, following: Next) -> Response:
        began = time.monotonic()
        status = 500
        try:
            response = await following(request)
            status = response.status_code
        finally:
            path = request.url.path.rstrip("/") or "/"
            name = path if path in known else "/jobs/" if path.startswith("/jobs/") else "other"
            service.counters.add("requests_total", f'route="{name}",status="{status}"')
            service.counters.add("request_seconds_total", f'route="{name}"', time.monotonic() - began)
        return response

    return dispatch


async def _told(_request: Request, error: Exception) -> Response:
    if not isinstance(error, MLBackendError):
        raise error
    return Json(error.body(), status_code=error.status)


async def _told_by_the_framework(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return Json(
        {"status": error.status_code, "detail": error.detail},
        status_code=error.status_code,
        headers=error.headers,
    )


async def _told_in_general(_request: Request, error: Exception) -> Response:
    number = uuid.uuid4().hex[:12]
    logger.error("Request %s failed.", number, exc_info=error)
    detail = f"The server failed ({type(error).__name__}). Its log says more under {number}."
    return Json({"status": 500, "detail": detail, "request": number}, status_code=500)
