"""Row locks of models, transaction-scoped; after those of projects and before those of tasks."""

from __future__ import annotations

from django.db import connection

from apps.core.errors import NotFound
from apps.ml.models import MLBackend


def lock_backend(backend_id: int) -> MLBackend:
    """Return a backend as it is now; nobody else changes it until the end of the transaction.

    Raises:
        NotFound: it was removed.
    """
    backend: MLBackend | None = (
        MLBackend.objects.select_for_update(of=("self",))
        .select_related("project")
        .filter(pk=backend_id)
        .first()
    )
    if backend is None:
        raise NotFound(f"ML backend {backend_id} was removed.")
    return backend


def keep_backend(backend_id: int) -> None:
    """Have a backend stay until the end of the transaction, which writes rows that belong to it.

    Raises:
        NotFound: it was removed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM ml_mlbackend WHERE id = %s FOR KEY SHARE", [backend_id])
        if cursor.fetchone() is None:
            raise NotFound(f"ML backend {backend_id} was removed.")
