"""What can go wrong between this server and an ML backend, each with its cause and its remedy."""

from __future__ import annotations

from typing import Any

from apps.core.errors import ProductError

EXCERPT_CHARACTERS = 2_000


def excerpt(content: bytes | str) -> str:
    """Return the start of what was sent or received, fit to be stored and shown."""
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    # Postgres stores no NUL, and no half of a surrogate pair.
    clean = text[:EXCERPT_CHARACTERS].replace("\x00", "�").encode("utf-8", "replace").decode()
    return f"{clean}…" if len(text) > EXCERPT_CHARACTERS else clean


class BackendError(ProductError):
    """A call to an ML backend that did not succeed.

    Args:
        message: what was wrong and where, with what was expected.
        call: health, setup, predict, train …
        remedy: what to do about it.
        task_id: of the task whose answer was wrong.
        request_excerpt: the start of what was sent; headers, and so credentials, never are a part of it.
        response_excerpt: the start of the answer.
    """

    counts_for_circuit = True
    """Whether asking again soon is in vain."""

    def __init__(
        self,
        message: str,
        *,
        call: str,
        remedy: str = "",
        task_id: int | None = None,
        request_excerpt: str = "",
        response_excerpt: str = "",
        **more: Any,
    ) -> None:
        super().__init__(message, **more)
        self.call = call
        self.remedy = remedy
        self.task_id = task_id
        self.request_excerpt = request_excerpt
        self.response_excerpt = response_excerpt

    @property
    def cause_and_remedy(self) -> str:
        """Both in one text, for people."""
        return f"{self.message} {self.remedy}".strip()


class Refused(BackendError):
    """This server may not connect to the address, or to one that the backend redirects to."""


class Unreachable(BackendError):
    """Nobody listens there, or the certificate is not valid."""


class TooSlow(BackendError):
    """The answer did not come in time; the backend may still be at work on it."""


class RefusedCredentials(BackendError):
    """The backend wants other credentials."""


class BackendFailed(BackendError):
    """The backend answered that it failed."""


class BadReply(BackendError):
    """The backend's answer is not what the protocol asks for."""


class BadTaskAnswer(BadReply):
    """The answer to one task is wrong; those to others may be right."""

    counts_for_circuit = False


class NotSupported(BackendError):
    """The backend is well, but does not do this."""

    counts_for_circuit = False


class CircuitOpen(BackendError):
    """The backend failed several times in a row and is left in peace for a while; it was not asked."""

    counts_for_circuit = False
