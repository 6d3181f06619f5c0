"""Keeps several requests to a backend in flight and hands what comes of them back in the order they were asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from apps.ml.protocol.answers import Answer, BadAnswer

Answers = list[Answer | BadAnswer]
Ask = Callable[[Sequence[dict[str, Any]]], Answers]

AHEAD = 3
"""So many times the requests in flight are asked for or wait to be stored: one slow answer leaves no slot idle."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some tasks, as their ids and as the backend gets them; those without a document are gone."""

    task_ids: Sequence[int]
    documents: Sequence[dict[str, Any]]


class Asking:
    """A context manager; the threads do nothing but HTTP.

    Args:
        ask: sends one request and reads its answer; called in threads, it must not use the database.
        slots: how many requests are in flight at most.
    """

    def __init__(self, ask: Ask, *, slots: int) -> None:
        self._ask = ask
        self._ahead = slots * AHEAD
        self._pool = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="predict")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Requests in flight end by themselves, at their time-outs; nobody waits for their answers.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def each(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Future[Answers]]]:
        """Yield every batch with what becomes of it, asking for later ones meanwhile."""
        asked: deque[tuple[Batch, Future[Answers]]] = deque()
        for batch in batches:
            asked.append((batch, self._pool.submit(self._ask, batch.documents)))
            if len(asked) >= self._ahead:
                yield asked.popleft()
        while asked:
            yield asked.popleft()
