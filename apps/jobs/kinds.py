"""The kinds of jobs there are. An app declares its own in its `jobs.py`; they are found on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from apps.jobs.running import RunningJob

Handler = Callable[["RunningJob"], "Mapping[str, Any] | None"]


@dataclass(frozen=True)
class JobKind:
    """One kind of background work.

    Args:
        name: what `Job.kind` stores; never renamed while jobs of it exist.
        title: what people read.
        handler: does the work and returns the job's result. It may run twice (after a lost worker), so it is
            idempotent, or writes everything in one transaction that ends with `RunningJob.complete`.
        max_attempts: how many times the work is started when workers keep dying under it.
        every: for work that comes back by itself: the time from one job of this kind to the next.
    """

    name: str
    title: str
    handler: Handler
    max_attempts: int = 3
    every: timedelta | None = None


class UnknownJobKindError(LookupError):
    """No installed app declares this kind."""


_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str, *, title: str, max_attempts: int = 3, every: timedelta | None = None
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as the handler of jobs of kind `name`.

    Args:
        every: enqueue such a job, with an empty payload, whenever this time has passed since the last one.

    Raises:
        ValueError: the name is taken by another handler.
    """

    def register(handler: Handler) -> Handler:
        known = _kinds.get(name)
        if known is not None and known.handler is not handler:
            raise ValueError(f"The job kind {name!r} is declared twice: {known.handler} and {handler}.")
        _kinds[name] = JobKind(
            name=name, title=title, handler=handler, max_attempts=max_attempts, every=every
        )
        return handler

    return register


def find_kind(name: str) -> JobKind:
    """Return the kind called `name`.

    Raises:
        UnknownJobKindError: no installed app declares it; the message names those that are declared.
    """
    _discover()
    try:
        return _kinds[name]
    except KeyError:
        declared = ", ".join(sorted(_kinds)) or "none"
        raise UnknownJobKindError(f"There is no job kind {name!r}. Declared kinds: {declared}.") from None


def kind_title(name: str) -> str:
    """Return what people read for jobs of kind `name`; the bare name when no installed app declares it."""
    _discover()
    kind = _kinds.get(name)
    return kind.title if kind else name


def max_attempts(name: str) -> int:
    """Return how many times a job of kind `name` may be started; 1 when no installed app declares it."""
    _discover()
    kind = _kinds.get(name)
    return kind.max_attempts if kind else 1


def kind_choices() -> list[tuple[str, str]]:
    """Return (name, title) of every declared kind, by title: the choices of a filter."""
    _discover()
    return sorted(((kind.name, kind.title) for kind in _kinds.values()), key=lambda choice: choice[1])


def recurring_kinds() -> list[JobKind]:
    """Return the kinds of work that come back by themselves, by name."""
    _discover()
    return sorted((kind for kind in _kinds.values() if kind.every is not None), key=lambda kind: kind.name)


@cache
def _discover() -> None:
    """Import every installed app's `jobs` module, once: pages need the titles, workers the handlers."""
    autodiscover_modules("jobs")
