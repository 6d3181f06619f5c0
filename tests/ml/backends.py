"""Connected backends for tests."""

from __future__ import annotations

from typing import Any

from apps.core.encryption import encrypt
from apps.ml.models import AuthMethod, BackendState, MLBackend
from apps.projects.models import Project
from tests.ml.fake_backend import FakeBackend


def make_backend(project: Project, url: str = "https://models.example.com", **fields: Any) -> MLBackend:
    """Return a stored backend that nobody has asked anything yet."""
    defaults = {"title": "Sentiments", "state": BackendState.CONNECTED, "model_version": "v1"}
    return MLBackend.objects.create(project=project, url=url, **{**defaults, **fields})


def connected(project: Project, fake: FakeBackend, **fields: Any) -> MLBackend:
    """Return a stored backend that is this server."""
    return make_backend(project, fake.url, **fields)


def with_password(project: Project, fake: FakeBackend, user: str, password: str) -> MLBackend:
    """Return a stored backend that is this server, with what it is told at each call."""
    return connected(
        project,
        fake,
        auth_method=AuthMethod.BASIC_AUTH,
        auth_name=user,
        auth_secret=encrypt(password),
    )
