"""Calls of ML backends with a memory: what went wrong is recorded, and who fails often is left in peace.

The circuit of a backend opens after five failures in a row. It then is not asked for ten seconds, and twice as long
after each further failure, up to ten minutes; when the time is over one caller probes while the others still wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from apps.core.encryption import SecretUnreadable
from apps.ml.models import BackendState, MLBackend
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import (
    BackendError,
    CircuitOpen,
    Refused,
    RefusedCredentials,
    TooSlow,
    Unreachable,
)

T = TypeVar("T")

FAILURES_UNTIL_OPEN = 5
FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 600
KEPT_FAILURES = 20
NOTICED_PER_CALL = 3

_DISCONNECTED = (Refused, TooSlow, Unreachable)

# Of those who fail together only the first lengthens the pause: while the circuit is open, only its probe counts.
_COUNT_FAILURE = """
UPDATE ml_mlbackend b SET
    failures_in_row = counted.failures,
    retry_at = CASE
        WHEN counted.failures >= %(open)s AND (b.failures_in_row < %(open)s OR %(probe)s)
        THEN now() + make_interval(secs => LEAST(
            %(longest)s::double precision, %(first)s * 2.0 ^ LEAST(counted.failures - %(open)s, 30)))
        ELSE b.retry_at END,
    state = %(state)s,
    error_message = %(message)s
FROM (
    SELECT id, CASE WHEN failures_in_row < %(open)s OR %(probe)s THEN failures_in_row + 1 ELSE failures_in_row END
        AS failures
    FROM ml_mlbackend WHERE id = %(backend)s FOR UPDATE
) counted
WHERE b.id = counted.id
"""

_RECORD = """
INSERT INTO ml_backendfailure (backend_id, call, task_id, message, remedy, request_excerpt, response_excerpt)
SELECT id, %(call)s, %(task)s, %(message)s, %(remedy)s, %(request)s, %(response)s
FROM ml_mlbackend WHERE id = %(backend)s FOR KEY SHARE
"""

_FORGET = """
DELETE FROM ml_backendfailure WHERE backend_id = %(backend)s AND id <= (
    SELECT id FROM ml_backendfailure WHERE backend_id = %(backend)s ORDER BY id DESC OFFSET %(kept)s LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class _Permit:
    """That a call may be made; a probe decides whether the circuit closes."""

    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    backend: MLBackend
    client: BackendClient
    permit: _Permit


@contextmanager
def calling(backend: MLBackend, *, call: str, insist: bool = False) -> Iterator[BackendClient]:
    """Give a client of a stored backend, unless its circuit is open, and remember how the call went.

    Not for use inside a transaction: what is recorded of a failure would be rolled back with it.

    Args:
        call: what is about to be asked, for the message when it may not be.
        insist: whether to ask even while the circuit is open, because a person wants to know.

    Raises:
        CircuitOpen: it failed too often; `details["retry_at"]` is when it is asked again.
        BackendError: what the body of the block raises is passed on, recorded.
    """
    permit = _Permit(is_probe=True) if insist else _enter(backend, call)
    with _remembered(_Call(backend, _client(backend, call, permit), permit)) as client:
        yield client


def call_side_by_side(
    backends: Iterable[MLBackend], *, call: str, ask: Callable[[MLBackend, BackendClient], T]
) -> list[tuple[MLBackend, T | BackendError]]:
    """Ask several backends at the same time, and return what came of each; as `calling` for each of them.

    Args:
        call: what is about to be asked.
        ask: does so; called in threads, it must not use the database.
    """
    begun: list[_Call] = []
    outcomes: list[tuple[MLBackend, T | BackendError]] = []
    for backend in backends:
        try:
            permit = _enter(backend, call)
            begun.append(_Call(backend, _client(backend, call, permit), permit))
        except BackendError as error:
            outcomes.append((backend, error))
    if not begun:
        return outcomes
    with ThreadPoolExecutor(len(begun), thread_name_prefix=f"ml-{call}") as threads:
        asked = [threads.submit(ask, one.backend, one.client) for one in begun]
    for one, future in zip(begun, asked, strict=True):
        try:
            with _remembered(one):
                outcomes.append((one.backend, future.result()))
        except BackendError as error:
            outcomes.append((one.backend, error))
    return outcomes


@contextmanager
def _remembered(call: _Call) -> Iterator[BackendClient]:
    """Remember how a call went that a block makes."""
    try:
        yield call.client
    except BackendError as error:
        record_failure(call.backend.pk, error, is_probe=call.permit.is_probe)
        raise
    finally:
        for noticed in call.client.noticed[:NOTICED_PER_CALL]:
            _record(call.backend.pk, noticed)
    record_success(call.backend.pk)


def _client(backend: MLBackend, call: str, permit: _Permit) -> BackendClient:
    try:
        return BackendClient(backend)
    except SecretUnreadable as error:
        unreadable = RefusedCredentials(
            f"ML backend “{backend}”: {error.message}",
            call=call,
            remedy="Edit the connection and enter its password or header again.",
        )
        record_failure(backend.pk, unreadable, is_probe=permit.is_probe)
        raise unreadable from error


def record_failure(backend_id: int, error: BackendError, *, is_probe: bool = False) -> None:
    """Keep a failed call, and open the circuit when there were too many in a row.

    Args:
        is_probe: whether this was the one call that an open circuit let through.
    """
    with transaction.atomic():
        if error.counts_for_circuit:
            _count(backend_id, error, is_probe)
        elif is_probe:
            record_success(backend_id)  # it answers soundly, only not this
        _record(backend_id, error)


def record_success(backend_id: int) -> None:
    """Close the circuit; nothing is written for a backend that was well before."""
    unwell = Q(failures_in_row__gt=0) | Q(state__in=(BackendState.DISCONNECTED, BackendState.ERROR))
    MLBackend.objects.filter(unwell, pk=backend_id).update(
        failures_in_row=0, retry_at=None, error_message="", state=BackendState.CONNECTED
    )


def pause_of(backend: MLBackend) -> timedelta | None:
    """Return for how long a backend, as it was read, is not asked; None when its circuit is closed."""
    if backend.failures_in_row < FAILURES_UNTIL_OPEN or backend.retry_at is None:
        return None
    return max(backend.retry_at - timezone.now(), timedelta(0))


def _enter(backend: MLBackend, call: str) -> _Permit:
    row = MLBackend.objects.filter(pk=backend.pk).values_list("failures_in_row", "retry_at").first()
    if row is None or row[0] < FAILURES_UNTIL_OPEN:
        return _Permit()
    retry_at: datetime | None = row[1]
    if retry_at is not None and retry_at > timezone.now():
        raise _open(backend, call, retry_at)
    if not _take_probe(backend, retry_at):
        raise _open(backend, call, timezone.now() + timedelta(seconds=FIRST_PAUSE_SECONDS))
    return _Permit(is_probe=True)


def _take_probe(backend: MLBackend, seen: datetime | None) -> bool:
    """Be the one who probes: whoever moves the time on first; after a lost probe another one may, in time."""
    patience = max(backend.predict_seconds, backend.train_seconds, backend.setup_seconds)
    until = timezone.now() + timedelta(seconds=patience + FIRST_PAUSE_SECONDS)
    return bool(MLBackend.objects.filter(pk=backend.pk, retry_at=seen).update(retry_at=until))


def _open(backend: MLBackend, call: str, retry_at: datetime) -> CircuitOpen:
    return CircuitOpen(
        f"ML backend “{backend}” is not asked now (/{call}): it failed {FAILURES_UNTIL_OPEN} times or more in a row,"
        f" last with: {backend.error_message or 'see its failures'}",
        call=call,
        remedy=f"It is asked again at {date_format(timezone.localtime(retry_at), 'H:i:s')};"
        " or mend it and test the connection, which asks at once.",
        details={"retry_at": retry_at},
    )


def _count(backend_id: int, error: BackendError, is_probe: bool) -> None:
    state = BackendState.DISCONNECTED if isinstance(error, _DISCONNECTED) else BackendState.ERROR
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_FAILURE,
            {
                "backend": backend_id, "open": FAILURES_UNTIL_OPEN, "probe": is_probe,
                "first": FIRST_PAUSE_SECONDS, "longest": LONGEST_PAUSE_SECONDS,
                "state": state.value, "message": error.cause_and_remedy,
            },
        )  # fmt: skip


def _record(backend_id: int, error: BackendError) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "backend": backend_id, "call": error.call, "task": error.task_id, "message": error.message,
                "remedy": error.remedy, "request": error.request_excerpt, "response": error.response_excerpt,
            },
        )  # fmt: skip
        cursor.execute(_FORGET, {"backend": backend_id, "kept": KEPT_FAILURES})
