"""Whether backends are well: asked once a minute, when they are connected, and when somebody wants to know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.errors import NotFound
from apps.ml.calling import calling
from apps.ml.models import MLBackend, Protocol
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import BackendError, CircuitOpen
from apps.ml.versions import note_version

AT_ONCE = 8
"""Backends that one job asks at the same time."""

MINUTES_BETWEEN_SETUPS = 5
"""Some models load anew at each /setup, so a backend that is well is not told its project at every check."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a backend that is well says of itself."""

    model_class: str
    model_version: str
    protocol: Protocol
    latency_ms: float


def ask(client: BackendClient, *, with_setup: bool = True) -> Findings:
    """Ask a backend whether it is up, and have it set the project up.

    Raises:
        BackendError: it is not well.
    """
    health = client.health()
    version = client.setup() if with_setup else health.model_version
    return Findings(health.model_class, version or health.model_version, client.protocol, health.latency_ms)


def check_backend(backend: MLBackend, *, insist: bool = False, with_setup: bool = True) -> Findings:
    """Ask a stored backend, and store what is found: state, latency, class and version of its model.

    Args:
        insist: as for `calling`.

    Raises:
        BackendError: it is not well, or its circuit is open; the failure is stored.
        NotFound: it was removed meanwhile.
    """
    try:
        with calling(backend, call="health", insist=insist) as client:
            findings = ask(client, with_setup=with_setup)
    except CircuitOpen:
        raise
    except BackendError:
        MLBackend.objects.filter(pk=backend.pk).update(checked_at=Now())
        raise
    keep_findings(backend, findings)
    return findings


def keep_findings(backend: MLBackend, findings: Findings) -> None:
    """Store what a backend said of itself, and tell of a new version of its model."""
    MLBackend.objects.filter(pk=backend.pk).update(
        model_class=findings.model_class,
        protocol=findings.protocol,
        latency_ms=findings.latency_ms,
        checked_at=Now(),
    )
    note_version(backend=backend, name=findings.model_version)


def check_all() -> dict[str, int]:
    """Check the backends of all projects that are in use, a few at once; return how many are well and unwell."""
    in_use = MLBackend.objects.filter(project__deleted_at=None, project__archived_at=None)
    backends = list(in_use.select_related("project").order_by("checked_at", "pk"))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ml-check") as threads:
        outcomes = list(threads.map(_check_in_thread, backends))
    return {"well": outcomes.count(True), "unwell": outcomes.count(False)}


def needs_setup(backend: MLBackend) -> bool:
    """Whether a check tells the backend its project, too: now and then, and whenever its version is not known."""
    turn = timezone.now().minute % MINUTES_BETWEEN_SETUPS == backend.pk % MINUTES_BETWEEN_SETUPS
    return turn or backend.failures_in_row > 0 or not backend.model_version


def _check_in_thread(backend: MLBackend) -> bool:
    try:
        check_backend(backend, with_setup=needs_setup(backend))
    except (BackendError, NotFound):  # recorded, or gone
        return False
    finally:
        connection.close()
    return True
