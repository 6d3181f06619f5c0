"""Whether the server is up, whether it can work, and which version it is."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.version import VERSION
from apps.jobs.queries import worker_is_running

REDIS_TIMEOUT_SECONDS = 2


class OpenView(APIView):
    """A view that answers without signing in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class HealthView(OpenView):
    """Liveness: the process answers."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Say that the server is up; the word is `UP` below `/health`, as today's clients expect it."""
        is_short = not request.path.startswith("/api/")
        return Response({"status": "UP" if is_short else "up"})


class ReadyView(OpenView):
    """Readiness: everything that labeling needs is there."""

    @extend_schema(responses={200: dict, 503: dict})
    def get(self, request: Request) -> Response:
        """Check database, migrations, Redis and workers; 503 names what is missing."""
        checks = {"database": _database_problem(), "redis": _redis_problem()}
        if checks["database"] is None:
            checks["migrations"] = _migrations_problem()
            checks["worker"] = None if checks["migrations"] else _worker_problem()
        problems = {name: problem for name, problem in checks.items() if problem}
        body: dict[str, Any] = {
            "status": "degraded" if problems else "up",
            "checks": {name: problem or "ok" for name, problem in checks.items()},
        }
        return Response(body, status=503 if problems else 200)


def _database_problem() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "PostgreSQL does not answer. Check DATABASE_URL and the server."
    return None


def _migrations_problem() -> str | None:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(pending)} migrations are pending. Run `manage.py migrate`." if pending else None


def _redis_problem() -> str | None:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )
    try:
        client.ping()
    except redis.RedisError:
        return "Redis does not answer. Check REDIS_URL and the server."
    finally:
        client.close()
    return None


def _worker_problem() -> str | None:
    if worker_is_running():
        return None
    return "No worker was heard from. Start one with `celery -A label_studio_server worker`."


class VersionView(OpenView):
    """Which release this is, in the form that clients of the Label Studio API look for."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return the version; clients take `edition` to choose how they export."""
        return Response(
            {
                "release": VERSION,
                "edition": "Community",
                "label-studio-os-package": {"version": VERSION, "short_version": VERSION},
                "label-studio-server": {"version": VERSION},
            }
        )
