"""Which tasks a prediction run is for, and the walk over them that a run can take up again anywhere."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2s
from typing import Any

from django.db import connection

from apps.core.errors import ValidationFailed
from apps.core.json import dumps
from apps.projects.models import Project, Sampling

MAX_IDS = 1_000_000
PAGE = 5_000
"""Ids that are read at once."""


class Which(StrEnum):
    """The ways to choose tasks."""

    ALL = "all"
    WITHOUT_VERSION = "without_version"
    UNLABELED = "unlabeled"
    WAITING = "waiting"
    """Unlabeled and without a prediction of the version, in the order in which the queue hands them out."""

    IDS = "ids"
    IMPORT = "import"
    FAILED = "failed"
    """Those for which an earlier run got no prediction."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tasks of a project are meant.

    Attributes:
        version: of `WITHOUT_VERSION` and `WAITING`: which tasks with a prediction of it are left out.
        ids: of `IDS`, in ascending order.
        number: of `IMPORT` the import's id, of `FAILED` the run's.
        up_to: tasks with a higher id, which came later, are left out.
    """

    which: Which
    version: str = ""
    ids: tuple[int, ...] = ()
    number: int = 0
    up_to: int | None = None

    @property
    def is_by_priority(self) -> bool:
        """Whether the tasks come in the order of the queue and not in that of their ids."""
        return self.which is Which.WAITING

    def document(self) -> dict[str, Any]:
        """Return it as JSON; ids that follow one another as ranges."""
        document: dict[str, Any] = {"which": self.which.value, "up_to": self.up_to}
        if self.which in (Which.WITHOUT_VERSION, Which.WAITING):
            document["version"] = self.version
        if self.which is Which.IDS:
            document["ranges"] = list(_ranges(self.ids))
        if self.which in (Which.IMPORT, Which.FAILED):
            document["number"] = self.number
        return document

    def key(self) -> str:
        """Return what is the same for two choices of the same tasks, whenever they were made."""
        return blake2s(dumps({**self.document(), "up_to": None}), digest_size=12).hexdigest()


def of_ids(task_ids: Iterable[int]) -> Chosen:
    """Choose tasks by their ids.

    Raises:
        ValidationFailed: they are none, or more than `MAX_IDS`.
    """
    ids = tuple(sorted(set(task_ids)))
    if not ids:
        raise ValidationFailed("There are no tasks to predict. Choose at least one.")
    if len(ids) > MAX_IDS:
        raise ValidationFailed(
            f"More than {MAX_IDS:,} single tasks cannot be chosen. Choose all tasks instead."
        )
    return Chosen(Which.IDS, ids=ids)


def read_chosen(document: Mapping[str, Any]) -> Chosen:
    """Return what `Chosen.document` wrote."""
    ids = tuple(pk for first, last in document.get("ranges", ()) for pk in range(first, last + 1))
    return Chosen(
        Which(document["which"]),
        document.get("version", ""),
        ids,
        document.get("number", 0),
        document.get("up_to"),
    )


def _ranges(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for pk in ids:
        if last is not None and pk == last + 1:
            last = pk
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = pk
    if first is not None and last is not None:
        yield first, last


_OF_PROJECT = "t.project_id = %(project)s AND t.id <= coalesce(%(up_to)s::bigint, 9223372036854775807)"
_UNPREDICTED = """NOT EXISTS (
    SELECT FROM predictions_prediction p WHERE p.task_id = t.id AND p.model_version = %(version)s
)"""
_CONDITIONS = {
    Which.ALL: "true",
    Which.WITHOUT_VERSION: _UNPREDICTED,
    Which.UNLABELED: "NOT t.is_labeled",
    Which.WAITING: f"NOT t.is_labeled AND {_UNPREDICTED}",
    Which.IDS: "t.id = ANY(%(ids)s::bigint[])",
    Which.IMPORT: "t.import_id = %(number)s",
    Which.FAILED: "t.id IN (SELECT f.task_id FROM ml_taskfailure f WHERE f.run_id = %(number)s)",
}
_COUNT = "SELECT count(*) FROM tasks_task t WHERE {of_project} AND {condition}"
_PAGE = """
SELECT t.id FROM tasks_task t WHERE {of_project} AND {condition} AND t.id > %(after)s ORDER BY t.id LIMIT %(limit)s
"""
# A task for which this very run got no prediction is not asked for again when the run is taken up again.
_BY_PRIORITY = """
SELECT t.id FROM tasks_task t
WHERE {of_project} AND {condition}
  AND NOT EXISTS (SELECT FROM ml_taskfailure f WHERE f.run_id = %(run)s AND f.task_id = t.id)
ORDER BY {order}
"""
_QUEUE_ORDER = {
    Sampling.SEQUENTIAL: "t.inner_id",
    Sampling.UNIFORM: "t.sample_key",
    Sampling.PREDICTION_SCORE_MIN: "t.prediction_score NULLS LAST, t.id",
    Sampling.PREDICTION_SCORE_MAX: "t.prediction_score DESC NULLS LAST, t.id",
}


def count_chosen(project: Project, chosen: Chosen) -> int:
    """Return how many tasks are meant, as things stand."""
    ((count,),) = _rows(_COUNT, project, chosen)
    return int(count)


def walk(project: Project, chosen: Chosen, *, after: int = 0, run_id: int = 0) -> Iterator[int]:
    """Yield the ids of the tasks that are meant: by id, or in the order of the queue.

    Args:
        after: those up to this one are dealt with; of no meaning for the order of the queue, where what is predicted
            leaves itself out.
        run_id: the run that walks.
    """
    if chosen.is_by_priority:
        order = _QUEUE_ORDER[Sampling(project.sampling)]
        yield from [pk for (pk,) in _rows(_BY_PRIORITY, project, chosen, order=order, run=run_id)]
    elif chosen.which is Which.IDS:
        yield from _walk_ids(project, chosen, after)
    else:
        while page := _rows(_PAGE, project, chosen, after=after, limit=PAGE):
            yield from [pk for (pk,) in page]
            after = page[-1][0]


def still_waiting(project: Project, chosen: Chosen, task_ids: list[int]) -> list[int]:
    """Return those of the given tasks that are still meant, in their order: another run may have been faster."""
    condition = f"{_CONDITIONS[chosen.which]} AND t.id = ANY(%(ids)s::bigint[])"
    statement = f"SELECT t.id FROM tasks_task t WHERE {_OF_PROJECT} AND {condition}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(project, chosen, ids=task_ids))
        waiting = {pk for (pk,) in cursor.fetchall()}
    return [pk for pk in task_ids if pk in waiting]


def _walk_ids(project: Project, chosen: Chosen, after: int) -> Iterator[int]:
    start = bisect_right(chosen.ids, after)
    for at in range(start, len(chosen.ids), PAGE):
        page = list(chosen.ids[at : at + PAGE])
        yield from [pk for (pk,) in _rows(_PAGE, project, chosen, after=after, limit=PAGE, ids=page)]


def _values(project: Project, chosen: Chosen, **more: Any) -> dict[str, Any]:
    return {
        "project": project.pk, "up_to": chosen.up_to, "version": chosen.version, "number": chosen.number,
        "ids": list(chosen.ids), **more,
    }  # fmt: skip


def _rows(statement: str, project: Project, chosen: Chosen, *, order: str = "t.id", **more: Any) -> list[Any]:
    text = statement.format(of_project=_OF_PROJECT, condition=_CONDITIONS[chosen.which], order=order)
    with connection.cursor() as cursor:
        cursor.execute(text, _values(project, chosen, **more))
        return list(cursor.fetchall())
