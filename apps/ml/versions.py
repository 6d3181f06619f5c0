"""Which versions of models there have been, and by which names a project knows them.

Two backends of a project may call their versions the same, "1" say: predictions of both are kept apart by the name
that a version has in the project. The first backend to name a version has the name; another's version of that name
gets the title of its backend behind it, once and for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.db import transaction
from django.db.models import Q

from apps.core.events import publish
from apps.ml.events import NewModelVersion
from apps.ml.locks import lock_backend
from apps.ml.models import MAX_VERSION_CHARACTERS, MLBackend, ModelVersion

TITLE_CHARACTERS = 80
"""Of longer titles the beginning tells a backend from the others."""


@transaction.atomic
def note_version(*, backend: MLBackend, name: str) -> str:
    """Keep the version that a backend names, and publish it when it is another one than before.

    Args:
        backend: gets the version, too.
        name: as the backend says it, or as the project knows it; "" when it names none: then nothing changes.

    Returns:
        The name of the version in the project, under which its predictions are stored.

    Raises:
        NotFound: the backend was removed.
    """
    if not name:
        return ""
    locked = lock_backend(backend.pk)
    known = _known_name(locked, name)
    stored = known or _claim(locked, name)
    backend.model_version = stored
    if locked.model_version != stored or known is None:
        MLBackend.objects.filter(pk=locked.pk).update(model_version=stored)
        publish(NewModelVersion(locked.project_id, locked.pk, stored))
    return stored


def name_in_project(backend: MLBackend, name: str) -> str:
    """Return the name that the project has for what a backend calls a version; `name` itself of one not heard of."""
    return _known_name(backend, name) or name


def _known_name(backend: MLBackend, name: str) -> str | None:
    versions = ModelVersion.objects.filter(project_id=backend.project_id, backend=backend)
    known = versions.filter(Q(name=name) | Q(told_as=name)).order_by("-told_as", "pk")
    return known.values_list("name", flat=True).first()


def _claim(backend: MLBackend, told: str) -> str:
    """Give a version the first name that no other backend of the project has; one left by a removed backend is free."""
    for name in _names(told, backend.title):
        told_as = "" if name == told else told
        new = ModelVersion(project_id=backend.project_id, backend=backend, name=name, told_as=told_as)
        # Whoever inserts the same name at this moment is waited for, so that it is decided whose it is.
        ModelVersion.objects.bulk_create([new], ignore_conflicts=True)
        free = Q(backend=None) | Q(backend=backend, told_as=told_as)
        taken = ModelVersion.objects.filter(free, project_id=backend.project_id, name=name)
        if taken.update(backend=backend, told_as=told_as):
            return name
    raise AssertionError("The names never end.")  # pragma: no cover


def _names(told: str, title: str) -> Iterator[str]:
    yield told
    shown = title[:TITLE_CHARACTERS]
    for number in count(1):
        behind = f" ({shown})" if number == 1 else f" ({shown} {number})"
        yield told[: MAX_VERSION_CHARACTERS - len(behind)] + behind
