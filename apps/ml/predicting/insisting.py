"""Asks a backend once more that failed: after pauses where it is down, task by task where one of them breaks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from apps.ml.calling import calling
from apps.ml.models import MLBackend
from apps.ml.predicting.asking import Answers, Batch
from apps.ml.protocol.answers import BadAnswer
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import (
    BackendError,
    BackendFailed,
    BadReply,
    NotSupported,
    Refused,
    RefusedCredentials,
    TooSlow,
)
from apps.ml.slots import Slots

PAUSES = (1.0, 3.0, 10.0, 20.0, 40.0, 80.0)
"""Seconds before each further attempt; an open circuit is waited for where that takes longer."""

MORE_THAN_ONE_TASK = 12
"""With more failures in a row than one bad task of a thousand can cause, it is the backend that is unwell."""

_FOR_PEOPLE_TO_MEND = (NotSupported, Refused, RefusedCredentials)
_PERHAPS_OF_ONE_TASK = (BackendFailed, BadReply, TooSlow)
_STEP_SECONDS = 0.25


class Insisting:
    """Gets the answers to one batch after another that failed.

    Args:
        slots: those of the backend; each request holds one.
        between: called several times a second while nothing happens, and before each request; what it raises ends
            the insisting.

    Attributes:
        error: how the latest request ended; None when it was answered.
    """

    def __init__(self, backend: MLBackend, *, slots: Slots, between: Callable[[], Any]) -> None:
        self.error: BackendError | None = None
        self._backend = backend
        self._slots = slots
        self._between = between
        self._in_vain = 0
        self._answered: Sequence[dict[str, Any]] = ()

    def succeeded(self, documents: Sequence[dict[str, Any]]) -> None:
        """Note that the backend has answered to these."""
        self.error, self._in_vain, self._answered = None, 0, documents[:1]

    def make_sure(self) -> None:
        """After failures at the very end, ask once more for a task that was answered: is it the tasks, or the backend?

        Raises:
            BackendError: it is the backend.
        """
        if self.error is None:
            return
        if not self._answered:
            raise self.error
        with self._slots.one():
            BackendClient(self._backend).predict(self._answered)

    def insist(self, batch: Batch, error: BackendError) -> Answers:
        """Return the answers to a batch whose request ended in `error`; for tasks that break the backend, that.

        Raises:
            BackendError: the backend does not come back, or fails whatever it is asked.
        """
        self._failed(error)
        for attempt, pause in enumerate(PAUSES):
            if isinstance(error, _FOR_PEOPLE_TO_MEND):
                raise error
            if attempt and isinstance(error, _PERHAPS_OF_ONE_TASK):
                return self._halve(batch, error)
            self._wait(max(pause, _seconds_until_retry(error)))
            try:
                with calling(self._backend, call="predict") as client, self._slots.one():
                    answers = client.predict(batch.documents)
            except BackendError as again:
                self._failed(again)
                error = again
            else:
                self.succeeded(batch.documents)
                return answers
        raise error

    def _halve(self, batch: Batch, error: BackendError) -> Answers:
        """Ask for each half on its own, until the tasks are found that the backend fails on.

        The circuit is left out of it: that the backend fails on these tasks says nothing of the others.
        """
        if len(batch.documents) == 1:
            return [_unanswered(batch.documents[0], error)]
        middle = len(batch.documents) // 2
        client = BackendClient(self._backend)
        answers: Answers = []
        for half in (_part(batch.documents[:middle]), _part(batch.documents[middle:])):
            self._between()
            try:
                with self._slots.one():
                    answers += client.predict(half.documents)
            except _PERHAPS_OF_ONE_TASK as again:
                self._failed(again)
                answers += self._halve(half, again)
            except BackendError as again:
                answers += self.insist(half, again)
            else:
                self.succeeded(half.documents)
        return answers

    def _failed(self, error: BackendError) -> None:
        """Count a failure; where there are too many for one bad task, wait longer and longer, and give up at last.

        Raises:
            BackendError: `error`, after the last pause.
        """
        self.error = error
        self._in_vain += isinstance(error, _PERHAPS_OF_ONE_TASK)
        beyond = self._in_vain - MORE_THAN_ONE_TASK
        if beyond > len(PAUSES):
            raise error
        if beyond > 0:
            self._wait(PAUSES[beyond - 1])

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._between()
            time.sleep(min(left, _STEP_SECONDS))


def _part(documents: Sequence[dict[str, Any]]) -> Batch:
    return Batch([document["id"] for document in documents], documents)


def _unanswered(document: dict[str, Any], error: BackendError) -> BadAnswer:
    return BadAnswer(document["id"], error.cause_and_remedy, "")


def _seconds_until_retry(error: BackendError) -> float:
    retry_at = error.details.get("retry_at")
    return (retry_at - timezone.now()).total_seconds() if retry_at else 0.0
