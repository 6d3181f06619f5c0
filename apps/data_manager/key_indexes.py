"""Indexes of keys of the data: made by a job when somebody filters or orders many tasks by a key (docs/adr/0010)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.data_manager.filling_labels import fill_labels
from apps.data_manager.models import DataKey, IndexPurpose
from apps.data_manager.places import count_places
from apps.jobs.services import enqueue
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.locks import transactions_writing_tasks

BUILD_INDEX = "data-key-index"
WORTH_INDEXING = 5_000
"""From how many tasks on a project's keys are indexed: fewer are read through in milliseconds."""

MAX_KEYS = 20
"""How many indexes a project has; the one that was not used for the longest time makes room."""

KEPT_UNUSED = timedelta(days=30)
BATCH = 5_000
_POLL_SECONDS = 0.2
_USED = timedelta(days=1)


def may_have_indexes(project: Project) -> bool:
    """Whether keys of a project may be indexed: known without a question, where it never had that many tasks."""
    return project.last_inner_id >= WORTH_INDEXING


def complete_index(project: Project, key: str, purpose: IndexPurpose) -> int | None:
    """Return the id of the index of a key, if every task of the project stands in it.

    Where it is worth it, a job is asked to make it, or to complete it; until then it is not there.
    """
    if not may_have_indexes(project):
        return None
    found = DataKey.objects.filter(project=project, key=key, purpose=purpose).first()
    if found is not None and found.is_complete:
        if found.last_used_at < timezone.now() - _USED:
            _touch(found)
        return found.pk
    if totals_of([project.pk])[project.pk].tasks >= WORTH_INDEXING:
        _request(project, key, purpose)
    return None


@transaction.atomic
def _touch(index: DataKey) -> None:
    """Note that an index is used, unless an import holds it: readers never wait for one."""
    free = DataKey.objects.select_for_update(skip_locked=True).filter(pk=index.pk)
    if free.exists():
        DataKey.objects.filter(pk=index.pk).update(last_used_at=timezone.now())


@transaction.atomic
def _request(project: Project, key: str, purpose: IndexPurpose) -> None:
    if purpose == IndexPurpose.TEXTS and not _has_trigrams():
        return
    index, _ = DataKey.objects.get_or_create(project=project, key=key, purpose=purpose)
    enqueue(kind=BUILD_INDEX, project=project, payload={"index": index.pk}, dedupe_key=f"data-key-{index.pk}")


def _has_trigrams() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('data_text_trigrams') IS NOT NULL")
        return bool(cursor.fetchone()[0])


_FILL = {
    IndexPurpose.VALUES: """
        WITH batch AS (
            SELECT id, data FROM tasks_task WHERE project_id = %(project)s AND id > %(after)s
            ORDER BY id LIMIT %(batch)s
        ), filled AS (
            INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
            SELECT %(index)s, id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END,
                   number, left(value, 256)
            FROM (SELECT id, value, data_number(value) AS number
                  FROM (SELECT id, data_text(data, %(key)s) AS value FROM batch OFFSET 0) read OFFSET 0) compared
            ON CONFLICT (key_id, task_id) DO NOTHING
        )
        SELECT count(*), max(id) FROM batch
    """,
    IndexPurpose.TIMES: """
        WITH batch AS (
            SELECT id, data FROM tasks_task WHERE project_id = %(project)s AND id > %(after)s
            ORDER BY id LIMIT %(batch)s
        ), filled AS (
            INSERT INTO data_manager_datavalue (key_id, task_id, kind, number)
            SELECT %(index)s, id, moment.kind, moment.number
            FROM (SELECT id, data_text(data, %(key)s) AS value FROM batch OFFSET 0) read, data_moment(value) AS moment
            ON CONFLICT (key_id, task_id) DO NOTHING
        )
        SELECT count(*), max(id) FROM batch
    """,
    IndexPurpose.TEXTS: """
        WITH batch AS (
            SELECT id, data FROM tasks_task WHERE project_id = %(project)s AND id > %(after)s
            ORDER BY id LIMIT %(batch)s
        ), filled AS (
            INSERT INTO data_manager_datatext (key_id, task_id, value)
            SELECT %(index)s, id, data_text(data, %(key)s) FROM batch
            ON CONFLICT (key_id, task_id) DO NOTHING
        )
        SELECT count(*), max(id) FROM batch
    """,
}
_TABLES = {
    IndexPurpose.VALUES: "data_manager_datavalue",
    IndexPurpose.TIMES: "data_manager_datavalue",
    IndexPurpose.TEXTS: "data_manager_datatext",
    IndexPurpose.LABELS: "data_manager_datalabel",
}
_PLACES = ("data_manager_dataplace", "data_manager_datachange")
_SWEEP = """
DELETE FROM {table} v WHERE v.key_id = %(index)s
AND NOT EXISTS (SELECT FROM tasks_task t WHERE t.id = v.task_id)
"""
_EMPTY = "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE key_id = %s LIMIT %s))"

Report = Callable[[int], None]


def build_index(index_id: int, report: Report) -> int:
    """Take every task into an index and call it complete; return how many were read.

    From the moment it is registered triggers keep it; so who was writing tasks then is waited for first, and rows that
    are there already are left as they are.

    Args:
        report: is told how many tasks were read; it may raise to stop there.
    """
    index = DataKey.objects.select_related("project").filter(pk=index_id).first()
    if index is None:
        return 0
    _make_room(index)
    _wait_for_writers(report)
    marks = DataKey.objects.values_list("marks", flat=True).get(pk=index.pk)
    purpose = IndexPurpose(index.purpose)
    read = fill_labels(index, report) if purpose == IndexPurpose.LABELS else _fill(index, report)
    with connection.cursor() as cursor:
        # Tasks that were deleted while their batch was on its way.
        cursor.execute(_SWEEP.format(table=_TABLES[purpose]), {"index": index.pk})
        if not connection.in_atomic_block:
            # Fresh pages are read through the index alone only after a vacuum.
            cursor.execute(f"VACUUM (ANALYZE) {_TABLES[purpose]}")
    if purpose == IndexPurpose.VALUES:
        # Who began before the last batch was in has changed entries that they did not see.
        _wait_for_writers(report)
        count_places(index.pk)
    DataKey.objects.filter(pk=index.pk).update(built_marks=marks)
    return read


def _wait_for_writers(report: Report) -> None:
    open_then = transactions_writing_tasks()
    while open_then & transactions_writing_tasks():
        report(0)
        time.sleep(_POLL_SECONDS)


def _fill(index: DataKey, report: Report) -> int:
    statement = _FILL[IndexPurpose(index.purpose)]
    parameters: dict[str, Any] = {
        "project": index.project_id, "index": index.pk, "key": index.key, "after": 0, "batch": BATCH,
    }  # fmt: skip
    read = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            count, last = cursor.fetchone()
        if not count:
            return read
        read += count
        parameters["after"] = last
        report(read)


def _make_room(index: DataKey) -> None:
    others = DataKey.objects.filter(project=index.project_id).exclude(pk=index.pk)
    for old in others.order_by("-last_used_at")[MAX_KEYS - 1 :]:
        drop_index(old)


def drop_index(index: DataKey) -> None:
    """Delete an index, its rows batch by batch."""
    # Nobody reads it any more, and triggers add nothing to it.
    DataKey.objects.filter(pk=index.pk).delete()
    with connection.cursor() as cursor:
        for table in (_TABLES[IndexPurpose(index.purpose)], *_PLACES):
            cursor.execute(_EMPTY.format(table=table), [index.pk, BATCH])
            while cursor.rowcount:
                cursor.execute(_EMPTY.format(table=table), [index.pk, BATCH])


def drop_unused_indexes() -> int:
    """Drop indexes that nobody has used for `KEPT_UNUSED`, and rows whose index is gone; return how many indexes."""
    unused = list(DataKey.objects.filter(last_used_at__lt=timezone.now() - KEPT_UNUSED))
    for index in unused:
        drop_index(index)
    with connection.cursor() as cursor:
        for table in sorted({*_TABLES.values(), *_PLACES}):
            cursor.execute(
                f"DELETE FROM {table} v WHERE NOT EXISTS (SELECT FROM data_manager_datakey k WHERE k.id = v.key_id)"  # noqa: S608
            )
    return len(unused)
