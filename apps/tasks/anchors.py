"""Known places in the order of a project's tasks, so that deep pages are counted from nearby.

Postgres cannot tell which task is the 500,000th without stepping over all before it. A place that was found that way
is remembered, and pages around it are counted from there. A place is good as long as the project has the same tasks:
the number last given to a task changes with each task that comes, and the total with each that goes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from apps.core.redis import redis_client
from apps.projects.models import Project

logger = logging.getLogger(__name__)

WORTH_REMEMBERING = 2_000
"""How many index entries a page may step over before its place is remembered."""

MAX_ANCHORS = 500
KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Anchor:
    """The task at `position` (from 0) in the order of ids; without an id, the begin or the end of the order."""

    position: int
    task_id: int | None = None


class Anchors:
    """The known places of one project.

    Args:
        total: how many tasks it has, from its totals.
    """

    def __init__(self, project: Project, total: int) -> None:
        self._key = f"label-studio:task-anchors:{project.pk}:{project.last_inner_id}:{total}"
        self._total = total
        self._known: dict[int, int] | None = None

    def below(self, start: int) -> Anchor:
        """Return the last known place not behind `start`."""
        position = max((place for place in self._places() if place <= start), default=None)
        return Anchor(0) if position is None else Anchor(position, self._places()[position])

    def above(self, end: int) -> Anchor:
        """Return the first known place not before `end`."""
        position = min((place for place in self._places() if place >= end), default=None)
        return Anchor(self._total) if position is None else Anchor(position, self._places()[position])

    def remember(self, position: int, task_id: int) -> None:
        """Keep a place that was found."""
        places = self._places()
        if len(places) >= MAX_ANCHORS:
            return
        places[position] = task_id
        try:
            with redis_client().pipeline(transaction=False) as pipe:
                pipe.hset(self._key, str(position), str(task_id))
                pipe.expire(self._key, KEPT_SECONDS)
                pipe.execute()
        except RedisError:
            logger.warning("The place of a page could not be remembered", exc_info=True)

    def _places(self) -> dict[int, int]:
        if self._known is None:
            try:
                stored = cast(dict[bytes, bytes], redis_client().hgetall(self._key))
            except RedisError:
                logger.warning("The places of pages could not be read", exc_info=True)
                stored = {}
            self._known = {int(position): int(task_id) for position, task_id in stored.items()}
        return self._known
