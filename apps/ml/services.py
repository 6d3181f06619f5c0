"""Connects, changes and removes ML backends."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.encryption import encrypt
from apps.core.errors import ValidationFailed
from apps.core.json import check_storable
from apps.core.outgoing_addresses import parse_target
from apps.labeling.kinds import kind_of
from apps.ml.calling import record_failure
from apps.ml.checking import Findings, ask, keep_findings
from apps.ml.locks import lock_backend
from apps.ml.models import AuthMethod, BackendState, MLBackend
from apps.ml.protocol.addresses import normalized_url
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.credentials import check_credentials
from apps.ml.protocol.errors import BackendError, RefusedCredentials
from apps.projects.locks import lock_project
from apps.projects.models import Project

MAX_BACKENDS = 50

_ASKED_AGAIN = frozenset({"url", "auth_method", "auth_name", "auth_secret", "extra_params"})
"""Changes after which a backend is asked whether it is still well before they are stored."""

_NOT_LOGGED = frozenset({"auth_secret", "extra_params"})


def connect_backend(
    *, project: Project, connected_by: User | None, store_anyway: bool = False, **settings: Any
) -> MLBackend:
    """Ask a backend whether it is well, and connect it to a project.

    Args:
        project: one in which `connected_by` may change models.
        connected_by: None is the system.
        store_anyway: whether to store it although it does not answer as it should; it then stands as not connected.
        settings: fields of `MLBackend`; `secret` is the password or header in plain text.

    Raises:
        ValidationFailed: the settings are wrong, the backend is connected already, or it is not well; the message
            names cause and remedy.
    """
    backend = _with(MLBackend(project=project, created_by=connected_by), settings)
    _require_new_url(backend)
    outcome = _outcome(backend)
    if isinstance(outcome, BackendError) and not store_anyway:
        raise not_connected(outcome)
    with transaction.atomic():
        lock_project(project.pk)
        _require_new_url(backend)
        _require_room(project)
        backend.save(force_insert=True)
        record(
            AuditAction.MODEL_CONNECTED, actor=connected_by, target=backend, project_id=project.pk,
            after=_logged(settings),
        )  # fmt: skip
        _keep(backend, outcome)
    return _read_again(backend)


def change_backend(
    *, backend: MLBackend, changed_by: User | None, store_anyway: bool = False, **changes: Any
) -> MLBackend:
    """Change settings of a backend; it is asked first when the change is about how it is reached.

    Args:
        backend: one that `changed_by` may change.
        store_anyway: as in `connect_backend`.
        changes: as `settings` there; a `secret` that is not given stays.

    Raises:
        NotFound: it was removed meanwhile.
        ValidationFailed: as in `connect_backend`; or the address changed and the secret was not given again.
    """
    wanted = preview(backend, changes)
    changed = _changed(backend, wanted)
    outcome = _outcome(wanted) if changed & _ASKED_AGAIN else None
    if isinstance(outcome, BackendError) and not store_anyway:
        raise not_connected(outcome)
    with transaction.atomic():
        lock_project(backend.project_id)
        locked = lock_backend(backend.pk)
        before = {name: getattr(locked, name) for name in changed}
        for name in changed:
            setattr(locked, name, getattr(wanted, name))
        _require_new_url(locked)
        if changed:
            locked.save(update_fields=[*changed, "updated_at"])
            after = {name: getattr(locked, name) for name in changed}
            record(
                AuditAction.MODEL_CHANGED, actor=changed_by, target=locked, project_id=locked.project_id,
                before=_logged(before), after=_logged(after),
            )  # fmt: skip
        if outcome is not None:
            _keep(locked, outcome)
    return _read_again(backend)


@transaction.atomic
def remove_backend(*, backend: MLBackend, removed_by: User | None) -> None:
    """Remove a backend with its runs, trainings and failures; its predictions stay.

    Raises:
        NotFound: it was removed already.
    """
    locked = lock_backend(backend.pk)
    record(
        AuditAction.MODEL_REMOVED, actor=removed_by, target=locked, project_id=locked.project_id,
        before={"title": locked.title, "url": locked.url},
    )  # fmt: skip
    locked.delete()


def try_connection(*, project: Project, **settings: Any) -> Findings:
    """Return what a backend says of itself; nothing is stored.

    Raises:
        ValidationFailed: as `connect_backend`.
    """
    return _well(_outcome(_with(MLBackend(project=project), settings)))


def try_changes(*, backend: MLBackend, changes: dict[str, Any]) -> Findings:
    """Return what a backend would say of itself under `changes`; nothing is stored.

    Raises:
        ValidationFailed: as `change_backend`.
    """
    return _well(_outcome(preview(backend, changes)))


def preview(backend: MLBackend, changes: dict[str, Any]) -> MLBackend:
    """Return what a backend would be with `changes`; nothing is stored.

    Raises:
        ValidationFailed: they are wrong.
    """
    copy = MLBackend(**{field.attname: getattr(backend, field.attname) for field in MLBackend._meta.fields})
    copy.project = backend.project
    wanted = _with(copy, changes)
    # Else a manager who may not read the secret could have it sent to a server of their own.
    if _origin(wanted.url) != _origin(backend.url) and wanted.auth_method != AuthMethod.NONE:
        _require_secret_again(backend, changes)
    return wanted


def not_connected(error: BackendError) -> ValidationFailed:
    """Return what a person who wants to connect a backend is told of its failure."""
    field = "auth_secret" if isinstance(error, RefusedCredentials) else "url"
    return ValidationFailed(
        error.cause_and_remedy,
        fields={field: [error.cause_and_remedy]},
        details={"call": error.call, "cause": error.message, "remedy": error.remedy},
    )


def _with(backend: MLBackend, settings: dict[str, Any]) -> MLBackend:
    given = dict(settings)
    secret = given.pop("secret", None)
    for name, value in given.items():
        setattr(backend, name, value)
    if "url" in given:
        backend.url = normalized_url(backend.url)
    if secret is not None:
        backend.auth_secret = encrypt(secret)
    if backend.auth_method == AuthMethod.NONE:
        backend.auth_name = backend.auth_secret = ""
    check_credentials(backend, secret)
    _check_extra_params(backend.extra_params)
    backend.title = backend.title.strip() or parse_target(backend.url).host_and_port
    try:
        backend.clean_fields(exclude={"project", "created_by", "extra_params"})
    except ValidationError as error:
        raise ValidationFailed(
            "The backend's settings cannot be stored.", fields=error.message_dict
        ) from error
    return backend


def _check_extra_params(given: Any) -> None:
    if given is not None and not isinstance(given, dict):
        message = f"Extra parameters must be an object, not {kind_of(given)}."
        raise ValidationFailed(message, fields={"extra_params": [message]})
    check_storable(given, what="extra_params")


def _require_secret_again(backend: MLBackend, changes: dict[str, Any]) -> None:
    if backend.auth_secret and changes.get("secret") is None:
        message = (
            "The address changed. Enter the password or header again, so that no stored one is sent there."
        )
        raise ValidationFailed(message, fields={"auth_secret": [message]})


def _origin(url: str) -> tuple[str, str]:
    target = parse_target(url)
    return target.scheme, target.host_and_port


def _require_new_url(backend: MLBackend) -> None:
    others = MLBackend.objects.filter(project_id=backend.project_id, url=backend.url)
    if others.exclude(pk=backend.pk).exists():
        message = "This project has an ML backend at this address already. Edit that one."
        raise ValidationFailed(message, fields={"url": [message]})


def _require_room(project: Project) -> None:
    if MLBackend.objects.filter(project=project).count() >= MAX_BACKENDS:
        raise ValidationFailed(f"A project has at most {MAX_BACKENDS} ML backends. Remove one first.")


def _outcome(backend: MLBackend) -> Findings | BackendError:
    try:
        return ask(BackendClient(backend))
    except BackendError as error:
        return error


def _well(outcome: Findings | BackendError) -> Findings:
    if isinstance(outcome, BackendError):
        raise not_connected(outcome)
    return outcome


def _keep(backend: MLBackend, outcome: Findings | BackendError) -> None:
    if isinstance(outcome, BackendError):
        record_failure(backend.pk, outcome)
        return
    MLBackend.objects.filter(pk=backend.pk).update(
        state=BackendState.CONNECTED, error_message="", failures_in_row=0, retry_at=None
    )
    keep_findings(backend, outcome)


def _changed(backend: MLBackend, wanted: MLBackend) -> set[str]:
    names = (field.attname for field in MLBackend._meta.fields if field.attname != "updated_at")
    return {name for name in names if getattr(backend, name) != getattr(wanted, name)}


def _logged(values: dict[str, Any]) -> dict[str, Any]:
    """Return values for the audit log, without those that may be secret."""
    hidden = _NOT_LOGGED | {"secret"}
    return {name: "…" if name in hidden else value for name, value in values.items()}


def _read_again(backend: MLBackend) -> MLBackend:
    stored: MLBackend = MLBackend.objects.select_related("project").get(pk=backend.pk)
    return stored
