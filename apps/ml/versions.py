"""Which versions of models there have been, as their backends named them."""

from __future__ import annotations

from django.db import transaction

from apps.core.events import publish
from apps.ml.events import NewModelVersion
from apps.ml.locks import lock_backend
from apps.ml.models import MLBackend, ModelVersion


@transaction.atomic
def note_version(*, backend: MLBackend, name: str) -> bool:
    """Keep the version that a backend names; return whether it is another one than before.

    Args:
        backend: gets the version, too.
        name: "" when the backend names none; then nothing changes.

    Raises:
        NotFound: the backend was removed.
    """
    if not name:
        return False
    locked = lock_backend(backend.pk)
    backend.model_version = name
    if locked.model_version == name and ModelVersion.objects.filter(
        project_id=locked.project_id, name=name
    ).exists():  # fmt: skip
        return False
    MLBackend.objects.filter(pk=locked.pk).update(model_version=name)
    ModelVersion.objects.bulk_create(
        [ModelVersion(project_id=locked.project_id, backend=locked, name=name)], ignore_conflicts=True
    )
    publish(NewModelVersion(locked.project_id, locked.pk, name))
    return True
