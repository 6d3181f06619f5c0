"""Filtered tasks in an order that an index has: read in that order or sorted, and never another answer than plainly."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.data_manager import found_tasks, indexed_pages, key_indexes, listing, lookups, ordered_tasks
from apps.data_manager.conditions import EVERYBODYS, Parameters
from apps.data_manager.key_indexes import build_index
from apps.data_manager.listing import find_page
from apps.data_manager.models import DataKey
from apps.data_manager.parameters import read_query
from apps.data_manager.task_query import TaskQuery
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from apps.tasks.services import delete_batch
from tests.data_manager.plain_search import all_pages, in_plain_order
from tests.data_manager.test_filters import item
from tests.factories import choice, make_completion, make_tasks

VALUES: list[Any] = ["b", "a", 10, 9, "9", None, "", "NaN", -3, "ä", 2.5]
DAY = datetime(2026, 3, 1, tzinfo=UTC)
PAGE_SIZE = 13
ORDERS = (
    ["tasks:data.v"],
    ["-tasks:data.v", "-tasks:id"],
    ["tasks:completed_at"],
    ["-tasks:completed_at"],
    ["-tasks:completed_at", "-tasks:id"],
    ["-tasks:completed_at", "tasks:id"],
    ["tasks:data.w", "-tasks:data.v"],
    ["-tasks:data.w", "tasks:data.v", "tasks:id"],
    ["-tasks:data.w", "-tasks:completed_at"],
    ["tasks:data.v", "tasks:data.w"],
    ["tasks:data.w", "tasks:inner_id"],
)
FILTERS: tuple[list[dict[str, Any]], ...] = (
    [],
    [item("data.w", "equal", 1, "Number")],
    [item("data.v", "greater", 2, "Number")],
    [item("labels", "contains", "Positive", "List")],
    [item("data.text", "contains", "even")],
    [item("is_labeled", "equal", True, "Boolean")],
    [item("completed_at", "greater", "2026-03-03T00:00:00Z", "Datetime")],
    [item("completed_at", "less_or_equal", "2026-03-03T00:00:00Z", "Datetime")],
    [item("completed_at", "in", {"min": "2026-03-02", "max": "2026-03-04"}, "Datetime")],
    [item("completed_at", "not_equal", "2026-03-03T00:00:00Z", "Datetime")],
    [item("completed_at", "empty", True, "Datetime")],
    [item("completed_at", "less", "2026-03-04", "Datetime"), item("data.w", "not_equal", 1, "Number")],
    [item("data.text", "regex", "^e.e"), item("data.w", "equal", 1, "Number")],
)


@pytest.fixture
def tasks(cast, monkeypatch) -> list[Task]:
    """Sixty tasks of few values, half of them completed, with every index; whatever is found is many."""
    monkeypatch.setattr(key_indexes, "WORTH_INDEXING", 1)
    monkeypatch.setattr(indexed_pages, "JOINED", 0)
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", 0)
    monkeypatch.setattr(listing, "WORTH_WALKING", 0)
    monkeypatch.setattr(ordered_tasks, "WORTH_WALKING", 0)
    delete_batch(project_id=cast.project.pk)
    chooser = random.Random(3)
    tasks = make_tasks(
        cast.project,
        [
            {"text": "even" if number % 2 else "odd", "v": chooser.choice(VALUES), "w": number % 3}
            for number in range(60)
        ],
    )
    for task in chooser.sample(tasks, 8):
        make_completion(task, cast.annotator, result=choice(chooser.choice(["Positive", "Negative"])))
    for task in chooser.sample(tasks, 30):
        done = DAY + timedelta(days=chooser.randrange(5))
        Task.objects.filter(pk=task.pk).update(completed_at=done, is_labeled=True)
    for key, purpose in (("v", "values"), ("w", "values"), ("text", "texts"), ("", "labels")):
        index = DataKey.objects.create(project=cast.project, key=key, purpose=purpose)
        build_index(index.pk, lambda _read: None)
    return tasks


def asked(cast, ordering: list[str], items: list[dict[str, Any]]) -> TaskQuery:
    project = project_for(cast.viewer, cast.project.pk, Action.VIEW_PROJECT)
    return read_query(project, EVERYBODYS, {"ordering": ordering, "filters": {"items": items}})


@pytest.mark.parametrize(
    ("walked", "steps", "uneven", "share", "known"),
    [
        (50_000, 100_000, 3, 1, 0),
        (10, 100_000, 0, 1, 0),
        (10, 30, 1, 10, 0),
        (50_000, 100_000, 1_000, 10, 0),
        (50_000, 100_000, 3, 1, 100_000),
    ],
    ids=["many", "sorted", "few", "not-counted", "known"],
)
def test_every_filter_in_every_order_finds_what_a_plain_search_does(
    cast, tasks, monkeypatch, walked, steps, uneven, share, known
):
    monkeypatch.setattr(ordered_tasks, "WALKED", walked)
    for limit in ("MAX_STEPS", "MAX_SORTED"):
        monkeypatch.setattr(found_tasks, limit, steps)
    for limit in ("MAX_KNOWN", "STEPS_TO_KNOW_ALL", "STEPS_TO_SORT_ONE"):
        monkeypatch.setattr(found_tasks, limit, known)
    monkeypatch.setattr(found_tasks, "UNEVEN", uneven)
    monkeypatch.setattr(indexed_pages, "FREQUENT_SHARE", share)
    monkeypatch.setattr(lookups, "FREQUENT", len(tasks) + 1)

    for ordering, items in itertools.product(ORDERS, FILTERS):
        query = asked(cast, ordering, items)
        assert all_pages(query, PAGE_SIZE) == in_plain_order(query), (ordering, items)


def test_a_text_that_thousands_of_tasks_hold_is_not_searched_for_in_each_task(cast, tasks, monkeypatch):
    monkeypatch.setattr(lookups, "FREQUENT", len(tasks) + 1)
    monkeypatch.setattr(indexed_pages, "FREQUENT_SHARE", 1)
    monkeypatch.setattr(listing, "_counted_page", None)
    monkeypatch.setattr(listing, "_walked_page", None)
    query = asked(cast, [], FILTERS[4])

    found = find_page(query, page=2, page_size=PAGE_SIZE)

    plain = in_plain_order(query)
    assert (found.ids, found.total) == (plain[PAGE_SIZE : 2 * PAGE_SIZE], len(plain))


@pytest.mark.parametrize("ordering", [ORDERS[0], ORDERS[2], ORDERS[3], ORDERS[6]], ids="-".join)
def test_an_order_that_an_index_has_is_never_sorted(cast, tasks, monkeypatch, ordering):
    expected = in_plain_order(asked(cast, ordering, []))
    monkeypatch.setattr(listing, "_sorted_ids", None)

    assert all_pages(asked(cast, ordering, []), PAGE_SIZE) == expected


@pytest.mark.parametrize(
    ("ordering", "items"),
    [(["-tasks:data.v", "-tasks:id"], [FILTERS[1][0]]), (["tasks:data.w", "-tasks:data.v"], [])],
    ids=["filtered", "of-two-keys"],
)
def test_many_found_tasks_are_known_at_once_while_their_order_is_read(
    cast, tasks, monkeypatch, ordering, items
):
    expected = in_plain_order(asked(cast, ordering, items))
    for limit in ("STEPS_TO_KNOW_ALL", "STEPS_TO_SORT_ONE"):
        monkeypatch.setattr(found_tasks, limit, 100_000)
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", 0)
    for other_way in ("_looked_up", "_sorted"):
        monkeypatch.setattr(found_tasks, other_way, None)

    assert all_pages(asked(cast, ordering, items), PAGE_SIZE) == expected


@pytest.mark.parametrize("ordering", ["tasks:completed_at", "-tasks:completed_at"])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_index_of_completions_alone_has_their_order_and_the_tasks_behind_them(
    cast, tasks, ordering, backwards
):
    parameters = Parameters()
    ordered = ordered_tasks.ordered_tasks(asked(cast, [ordering], []), parameters, backwards=backwards)

    with transaction.atomic(), connection.cursor() as cursor:
        # The tables of a test are too small for any index to be of use.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {ordered}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        transaction.set_rollback(True)

    assert plan.count("task_completed on tasks_task") == 2, plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    "items", [FILTERS[1], FILTERS[3], FILTERS[4], FILTERS[6]], ids=["data", "label", "text", "completed"]
)
def test_frequent_filters_in_an_order_that_an_index_has_are_not_sorted_with_all(
    cast, tasks, monkeypatch, items
):
    monkeypatch.setattr(indexed_pages, "FREQUENT_SHARE", 1)
    monkeypatch.setattr(listing, "_counted_page", None)
    query = asked(cast, ["-tasks:completed_at"], items)

    found = find_page(query, page=1, page_size=PAGE_SIZE)

    plain = in_plain_order(query)
    assert (found.ids, found.total) == (plain[:PAGE_SIZE], len(plain))


def test_beyond_what_is_counted_the_total_of_what_was_walked_is_a_lower_bound(cast, tasks, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED_BY_READING", 3)
    query = asked(cast, ["-tasks:completed_at"], FILTERS[4])

    found = find_page(query, page=2, page_size=PAGE_SIZE)

    assert (found.ids, found.total) == (in_plain_order(query)[PAGE_SIZE : 2 * PAGE_SIZE], 3)
    assert found.is_lower_bound
