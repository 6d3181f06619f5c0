"""Indexes of data keys: asked for by use, kept in step with the tasks, and never another answer than without them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.data_manager import indexed_pages, key_indexes
from apps.data_manager.conditions import EVERYBODYS
from apps.data_manager.key_indexes import build_index, drop_unused_indexes
from apps.data_manager.listing import find_page
from apps.data_manager.models import DataKey
from apps.data_manager.parameters import read_query
from apps.jobs.models import Job
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from apps.tasks.services import create_task, delete_batch, update_task
from tests.data_manager.test_filters import item
from tests.factories import make_tasks

VALUES: list[Any] = [
    "b", "a", "10", 9, 2.5, "9", "9.0", None, "", "a", "zebra crossing", "ZEBRA", "1e3", "x" * 300,
    "x" * 299 + "y", True, {"n": [1]}, "NaN", "1" * 400, "_%", "-3", [], {}, "2026-01-31", "31 Jan 2026 18:00+02",
    20260201, "infinity", "2026-01-31T16:00:00.000001Z",
]  # fmt: skip


@pytest.fixture
def worth_it(cast, monkeypatch) -> list[Task]:
    """A project in which every key that is used gets an index."""
    monkeypatch.setattr(key_indexes, "WORTH_INDEXING", 1)
    monkeypatch.setattr(key_indexes, "BATCH", 4)
    delete_batch(project_id=cast.project.pk)
    return make_tasks(
        cast.project,
        [{"text": "t", "v": value, "n": {"m": number % 3}} for number, value in enumerate(VALUES)]
        + [{"text": "t"}],
    )


def ids_of(person: User, project: Project, **document: Any) -> list[int]:
    """Return the tasks of all pages, one after the other."""
    seen = project_for(person, project.pk, Action.VIEW_PROJECT)
    wanted = read_query(seen, EVERYBODYS, document)
    pages = (find_page(wanted, page=number, page_size=4).ids for number in itertools.count(1))
    return [pk for ids in itertools.takewhile(bool, pages) for pk in ids]


def finish_jobs() -> int:
    """Do what the jobs that were asked for would do, and return how many there were."""
    jobs = list(Job.objects.active().filter(kind=key_indexes.BUILD_INDEX))
    for job in jobs:
        build_index(job.payload["index"], lambda _read: None)
        job.delete()
    return len(jobs)


def filtered(*arguments: Any) -> dict[str, Any]:
    return {"filters": {"items": [item(*arguments)]}}


ASKED: list[dict[str, Any]] = [
    {"ordering": ["tasks:data.v"]},
    {"ordering": ["-tasks:data.v"]},
    {"ordering": ["-tasks:data.v", "tasks:id"]},
    {"ordering": ["-tasks:data.v", "-tasks:id"]},
    {"ordering": ["tasks:data.v", "-tasks:id"]},
    {"ordering": ["tasks:data.n.m"]},
    {"ordering": ["-tasks:data.missing"]},
    filtered("data.v", "equal", "a"),
    filtered("data.v", "equal", "9"),
    filtered("data.v", "equal", "9.0"),
    filtered("data.v", "equal", "x" * 300),
    filtered("data.v", "equal", "1" * 400),
    filtered("data.v", "equal", ""),
    filtered("data.v", "not_equal", "a"),
    filtered("data.v", "equal", 9, "Number"),
    filtered("data.v", "greater", 2, "Number"),
    filtered("data.v", "in", {"min": -5, "max": 9}, "Number"),
    filtered("data.v", "in_list", [9, 10], "Number"),
    filtered("data.n.m", "equal", 1, "Number"),
    filtered("data.v", "contains", "zebra"),
    filtered("data.v", "contains", "_%"),
    filtered("data.v", "not_contains", "zebra"),
    filtered("data.v", "regex", "^zeb.a"),
    filtered("data", "contains", "CROSSING"),
    filtered("data.v", "equal", "a") | {"ordering": ["-tasks:id"]},
    filtered("data.v", "greater", 2, "Number") | {"ordering": ["-tasks:data.v"]},
    {"filters": {"items": [item("data.v", "greater", 2, "Number"), item("inner_id", "less", 9)]}},
    {"filters": {"conjunction": "or", "items": [item("data.v", "equal", "a"), item("data.v", "equal", "b")]}},
    filtered("data.v", "greater", 2, "Number") | {"selectedItems": {"all": True, "excluded": [1]}},
    *(filtered("data.v", "empty", value, kind) for value in (True, False) for kind in ("String", "Number", "Datetime")),
    filtered("data.v", "not_equal", "9"),
    filtered("data.v", "not_equal", "NaN"),
    filtered("data.v", "not_equal", "x" * 300),
    filtered("data.v", "in_list", ["a", "9", "x" * 300, "a"]),
    filtered("data.v", "in", ["a", "b"]),
    filtered("data.v", "in_list", []),
    filtered("data.v", "not_in_list", ["a", "b"]),
    filtered("data.v", "not_equal", 9, "Number"),
    filtered("data.v", "not_in", {"min": 2, "max": 9}, "Number"),
    filtered("data.v", "not_in", {"min": None, "max": 9}, "Number"),
    filtered("data.v", "not_in_list", [9, 2.5, 9], "Number"),
    filtered("data.v", "not_in_list", [], "Number"),
    filtered("data.v", "not_in_list", list(range(30)), "Number"),
    filtered("data.v", "equal", "2026-01-31T16:00:00Z", "Datetime"),
    filtered("data.v", "not_equal", "2026-01-31", "Datetime"),
    filtered("data.v", "greater", "2026-01-31T16:00:00Z", "Datetime"),
    filtered("data.v", "less_or_equal", "2026-01-31T16:00:00Z", "Datetime"),
    filtered("data.v", "in", {"min": "2026-01-31", "max": "2026-02-01"}, "Datetime"),
    filtered("data.v", "not_in", {"min": "2026-01-31T00:00:01Z", "max": None}, "Datetime"),
    {"filters": {"items": [item("data.v", "greater", 2, "Number"), item("data.n.m", "equal", 1, "Number")]}},
    {"filters": {"items": [item("data.v", "not_equal", "a"), item("data.n.m", "not_equal", 1, "Number")]}},
    {"filters": {"conjunction": "or", "items": [item("data.v", "equal", "a"), item("inner_id", "less", 3)]}},
    {"filters": {"conjunction": "or", "items": [
        item("data.v", "equal", "a"), item("data.v", "contains", "zebra"), item("data.v", "empty", True),
        {"items": [item("data.v", "greater", 2, "Number"), item("inner_id", "less", 9)]},
    ]}},
    {"filters": {"items": [
        item("inner_id", "less", 12),
        {"conjunction": "or", "items": [item("data.v", "equal", "a"), item("data.n.m", "equal", 2, "Number")]},
    ]}},
    {"filters": {"conjunction": "or", "items": [item("data.v", "equal", "a"), {"items": []}]}},
]  # fmt: skip


@pytest.mark.parametrize("joined", [10_000, 0], ids=["few-found", "many-found"])
def test_with_indexes_every_page_holds_the_same_tasks_as_without(cast, worth_it, monkeypatch, joined):
    monkeypatch.setattr(indexed_pages, "JOINED", joined)
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", min(joined, 2_000))
    monkeypatch.setattr(indexed_pages, "FREQUENT_SHARE", 1)
    viewer = cast.viewer
    before = [ids_of(viewer, cast.project, **document) for document in ASKED]
    assert finish_jobs() == 6

    after = [ids_of(viewer, cast.project, **document) for document in ASKED]

    assert after == before
    assert finish_jobs() == 0
    assert {(key.key, key.purpose) for key in DataKey.objects.all() if key.is_complete} == {
        ("v", "values"), ("v", "texts"), ("v", "times"), ("n.m", "values"), ("missing", "values"), ("", "texts"),
    }  # fmt: skip


def test_an_index_follows_tasks_that_come_change_and_go(cast, worth_it):
    viewer = cast.viewer
    asked = [filtered("data.v", "equal", "needle"), filtered("data.v", "contains", "needl")]
    assert [ids_of(viewer, cast.project, **document) for document in asked] == [[], []]
    finish_jobs()

    new = create_task(project=cast.project, data={"text": "t", "v": "needle"})
    update_task(task_id=worth_it[3].pk, updated_by=cast.manager, data={"text": "t", "v": "needle"})
    assert [ids_of(viewer, cast.project, **document) for document in asked] == [[worth_it[3].pk, new.pk]] * 2

    update_task(task_id=new.pk, updated_by=cast.manager, data={"text": "t", "v": "thread"})
    delete_batch(project_id=cast.project.pk, task_ids=[worth_it[3].pk])
    assert [ids_of(viewer, cast.project, **document) for document in asked] == [[], []]
    assert stored_rows() == 2 * Task.objects.count()


def stored_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM data_manager_datavalue) + (SELECT count(*) FROM data_manager_datatext)"
        )
        return int(cursor.fetchone()[0])


def test_a_large_import_leaves_the_index_behind_until_it_is_needed_again(cast, worth_it, monkeypatch):
    monkeypatch.setattr(key_indexes, "BATCH", 500)
    viewer, document = cast.viewer, filtered("data.v", "equal", "needle")
    ids_of(viewer, cast.project, **document)
    finish_jobs()
    index = DataKey.objects.get(key="v", purpose="values")
    rows = stored_rows()

    (needle, *_) = make_tasks(cast.project, [{"text": "t", "v": "needle"}] + [{"text": "t"}] * 1_000)

    index.refresh_from_db()
    assert (index.is_complete, stored_rows()) == (False, rows)
    assert ids_of(viewer, cast.project, **document) == [needle.pk]
    assert finish_jobs() == 1
    index.refresh_from_db()
    assert (index.is_complete, stored_rows()) == (True, rows + 1_001)
    assert ids_of(viewer, cast.project, **document) == [needle.pk]


def test_small_projects_and_other_filters_need_no_index(cast):
    viewer = cast.viewer
    ids_of(viewer, cast.project, **filtered("data.text", "equal", "text 1"))
    ids_of(viewer, cast.project, ordering=["tasks:inner_id"])
    assert not DataKey.objects.exists()


def test_indexes_that_nobody_uses_are_dropped_with_their_rows(cast, worth_it):
    ids_of(cast.viewer, cast.project, ordering=["tasks:data.v"])
    finish_jobs()
    DataKey.objects.update(last_used_at=timezone.now() - timedelta(days=29))
    assert drop_unused_indexes() == 0

    DataKey.objects.update(last_used_at=timezone.now() - timedelta(days=31))
    assert (drop_unused_indexes(), DataKey.objects.count(), stored_rows()) == (1, 0, 0)


def test_a_new_index_takes_the_place_of_the_one_that_was_not_used_for_the_longest_time(
    cast, worth_it, monkeypatch
):
    monkeypatch.setattr(key_indexes, "MAX_KEYS", 2)
    viewer = cast.viewer
    for number, key in enumerate(("v", "text", "n")):
        ids_of(viewer, cast.project, ordering=[f"tasks:data.{key}"])
        finish_jobs()
        DataKey.objects.filter(key=key).update(last_used_at=timezone.now() - timedelta(hours=9 - number))

    assert set(DataKey.objects.values_list("key", flat=True)) == {"text", "n"}
    assert stored_rows() == 2 * Task.objects.count()
