"""Pages deep in the order of an indexed key: found by known places, and never another answer than a plain order."""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any

import pytest
from django.db import connection

from apps.data_manager import indexed_pages, key_indexes, listing, orders_of_several_keys, places
from apps.data_manager.conditions import EVERYBODYS, Parameters
from apps.data_manager.key_indexes import build_index, drop_index
from apps.data_manager.listing import find_page
from apps.data_manager.models import DataKey
from apps.data_manager.ordering import order_by
from apps.data_manager.parameters import read_query
from apps.data_manager.places import COUNT_PLACES, count_places, often_changed_indexes
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery
from apps.jobs.models import Job
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from apps.tasks.services import create_task, delete_batch, update_task
from tests.data_manager.test_filters import item
from tests.factories import make_tasks

VALUES: list[Any] = [
    "b",
    "a",
    "10",
    9,
    2.5,
    "9",
    None,
    "",
    "zebra",
    "x" * 300,
    True,
    "NaN",
    "infinity",
    -3,
    "1e3",
    [],
    "ä",
]
ORDERS = (
    ["tasks:data.v"],
    ["-tasks:data.v"],
    ["tasks:data.v", "-tasks:id"],
    ["-tasks:data.v", "tasks:id"],
    ["-tasks:data.v", "tasks:data.w"],
    ["tasks:data.v", "-tasks:data.w", "-tasks:inner_id"],
)
PAGE_SIZE = 7


@pytest.fixture
def index(cast, monkeypatch) -> DataKey:
    """The index of the key `v` in a project in which every page is found by known places."""
    monkeypatch.setattr(key_indexes, "WORTH_INDEXING", 1)
    monkeypatch.setattr(indexed_pages, "STEPPED_OVER", -1)
    monkeypatch.setattr(places, "KEPT_EACH", 3)
    delete_batch(project_id=cast.project.pk)
    make_tasks(cast.project, [{"text": "t", "v": value} for value in VALUES * 3] + [{"text": "t"}] * 4)
    key = DataKey.objects.create(project=cast.project, key="v", purpose="values")
    build_index(key.pk, lambda _read: None)
    return key


def asked(cast, ordering: list[str], *items: dict[str, Any]) -> TaskQuery:
    project = project_for(cast.viewer, cast.project.pk, Action.VIEW_PROJECT)
    return read_query(project, EVERYBODYS, {"ordering": ordering, "filters": {"items": list(items)}})


def all_pages(query: TaskQuery) -> list[int]:
    pages = (find_page(query, page=number, page_size=PAGE_SIZE).ids for number in itertools.count(1))
    return [pk for ids in itertools.takewhile(bool, pages) for pk in ids]


def in_plain_order(query: TaskQuery) -> list[int]:
    parameters = Parameters()
    order = order_by(query.ordering, parameters, query.sight)
    where = query.condition(parameters)
    return [
        pk for (pk,) in search(f"SELECT t.id FROM tasks_task t WHERE {where} ORDER BY {order}", parameters)
    ]


def change_something(cast, chooser: random.Random) -> None:
    """Let a task come, change or go."""
    value = chooser.choice([*VALUES, chooser.random(), f"text {chooser.randrange(9)}"])
    tasks = list(Task.objects.order_by("pk").values_list("pk", flat=True))
    match chooser.randrange(4):
        case 0 | 1:
            create_task(project=cast.project, data={"text": "t", "v": value, "w": chooser.randrange(3)})
        case 2:
            update_task(
                task_id=chooser.choice(tasks),
                updated_by=cast.manager,
                data={"text": "t", "v": value, "w": chooser.randrange(3)},
            )
        case _:
            delete_batch(project_id=cast.project.pk, task_ids=chooser.sample(tasks, 2))


@pytest.mark.parametrize("seed", range(3))
def test_every_page_of_every_order_is_what_a_plain_order_gives_whatever_comes_and_goes(
    cast, index, monkeypatch, seed
):
    chooser = random.Random(seed)
    stepped: list[Any] = []
    monkeypatch.setattr(indexed_pages, "page_of_all", lambda *args, **kwargs: stepped.append(args))
    monkeypatch.setattr(listing, "_sorted_ids", lambda *args, **kwargs: stepped.append(args))

    for step in range(24):
        change_something(cast, chooser)
        if step % 4 == 0:
            for ordering in ORDERS:
                query = asked(cast, ordering)
                assert all_pages(query) == in_plain_order(query)
        if step == 12:
            count_places(index.pk)

    assert stepped == []


RANGES: list[dict[str, Any]] = [
    *(item("data.v", operator, 9, "Number") for operator in (
        "equal", "not_equal", "less", "greater", "less_or_equal", "greater_or_equal",
    )),
    item("data.v", "in", {"min": 2, "max": 9.5}, "Number"),
    item("data.v", "in", {"max": 9}, "Number"),
    item("data.v", "not_in", {"min": 2, "max": 9}, "Number"),
    item("data.v", "not_in", {"min": 9}, "Number"),
    item("data.v", "in_list", [10, 9, 9, 77], "Number"),
    item("data.v", "not_in_list", [10, -3], "Number"),
    item("data.v", "in_list", [], "Number"),
    item("data.v", "not_in_list", [], "Number"),
    *(item("data.v", operator, value) for operator in ("equal", "not_equal") for value in (
        "a", "9", "9.0", "NaN", "infinity", "", "nothing",
    )),
    item("data.v", "in_list", ["zebra", "NaN", "9", "1e3", "a", "-3", "infinity", "a"]),
    item("data.v", "not_in_list", ["zebra", "NaN", "9", "1e3", "a", "-3", "a"]),
    *(item("data.v", "empty", value, kind) for value in (True, False) for kind in ("String", "Number")),
]  # fmt: skip


def test_pages_of_a_filter_on_the_key_of_the_order_are_what_a_plain_search_gives(cast, index, monkeypatch):
    chooser = random.Random(7)
    queries = [asked(cast, [order], one) for one in RANGES for order in ("tasks:data.v", "-tasks:data.v")]
    looked_up: list[Any] = []
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", 0)
    monkeypatch.setattr(listing, "_sorted_ids", lambda *args, **kwargs: looked_up.append(args))

    for _ in range(8):
        change_something(cast, chooser)
    for query in queries:
        plain = in_plain_order(query)
        found = find_page(query, page=1, page_size=PAGE_SIZE)
        assert (all_pages(query), found.total) == (plain, len(plain))

    assert looked_up == []


def test_a_filter_on_the_key_of_the_order_is_read_from_its_index_alone(cast, index, monkeypatch):
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", 0)
    monkeypatch.setattr(indexed_pages, "Lookups", None)
    query = asked(cast, ["-tasks:data.v"], item("data.v", "greater", 2, "Number"))

    found = find_page(query, page=2, page_size=PAGE_SIZE)

    plain = in_plain_order(query)
    assert (found.ids, found.total) == (plain[PAGE_SIZE : 2 * PAGE_SIZE], len(plain))


def test_with_too_many_equal_values_all_tasks_are_sorted(cast, index, monkeypatch):
    monkeypatch.setattr(orders_of_several_keys, "MAX_SORTED", 2)
    query = asked(cast, ["-tasks:data.v", "tasks:data.w"])

    assert all_pages(query) == in_plain_order(query)


def test_places_are_counted_again_when_much_has_changed(cast, index, monkeypatch):
    monkeypatch.setattr(places, "WORTH_COUNTING", 2)
    update_task(
        task_id=Task.objects.earliest("pk").pk, updated_by=cast.manager, data={"text": "t", "v": "new"}
    )
    query = asked(cast, ORDERS[0])

    assert all_pages(query) == in_plain_order(query)

    job = Job.objects.active().get(kind=COUNT_PLACES)
    assert (job.payload, often_changed_indexes()) == ({"index": index.pk}, [index.pk])
    count_places(index.pk)
    assert (noted_changes(), often_changed_indexes()) == (0, [])
    assert all_pages(query) == in_plain_order(query)


def noted_changes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM data_manager_datachange")
        return int(cursor.fetchone()[0])


def test_data_that_stay_the_same_change_no_place(cast, index):
    task = Task.objects.earliest("pk")

    update_task(task_id=task.pk, updated_by=cast.manager, data={**task.data, "text": "other"})

    assert noted_changes() == 0


def test_where_very_many_tasks_went_at_once_the_order_is_read_until_places_are_counted_again(cast, index):
    many = make_tasks(cast.project, [{"text": "t", "v": number} for number in range(1_001)])
    build_index(index.pk, lambda _read: None)
    query = asked(cast, ORDERS[1])

    delete_batch(project_id=cast.project.pk, task_ids=[task.pk for task in many])

    assert (noted_changes(), often_changed_indexes()) == (1, [index.pk])
    assert all_pages(query) == in_plain_order(query)
    assert Job.objects.active().filter(kind=COUNT_PLACES).exists()
    count_places(index.pk)
    assert all_pages(query) == in_plain_order(query)


def test_an_index_from_before_places_were_kept_is_read_until_they_are_counted(cast, index):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM data_manager_dataplace")
    query = asked(cast, ORDERS[0])

    assert all_pages(query) == in_plain_order(query)

    assert Job.objects.active().filter(kind=COUNT_PLACES).count() == 1


def test_places_go_with_their_index(cast, index):
    create_task(project=cast.project, data={"text": "t", "v": 1})

    drop_index(index)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM data_manager_dataplace")
        assert (cursor.fetchone()[0], noted_changes()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_pages_come_and_places_stay_exact_while_others_write_and_count(cast, index):
    query, failures = asked(cast, ORDERS[0]), []

    def work(seed: int) -> None:
        chooser = random.Random(seed)
        try:
            for step in range(15):
                if seed:
                    create_task(project=cast.project, data={"text": "t", "v": chooser.choice(VALUES)})
                    first = Task.objects.filter(project=cast.project).order_by("?").first()
                    if first is not None:
                        delete_batch(project_id=cast.project.pk, task_ids=[first.pk])
                elif step % 3 == 0:
                    count_places(index.pk)
                else:
                    ids = find_page(query, page=4, page_size=PAGE_SIZE).ids
                    assert len(ids) == len(set(ids)) > 0
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert all_pages(query) == in_plain_order(query)
