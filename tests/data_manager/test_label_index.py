"""The index of labels: asked for by use, kept in step with completions, and never another answer than without it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection, connections

from apps.completions.models import Completion
from apps.completions.services import delete_completion
from apps.data_manager import filling_labels, indexed_pages, key_indexes, label_index
from apps.data_manager.conditions import EVERYBODYS, Sight
from apps.data_manager.key_indexes import build_index
from apps.data_manager.listing import find_page
from apps.data_manager.models import DataKey
from apps.data_manager.parameters import read_query
from apps.data_manager.task_query import TaskQuery
from apps.jobs.models import Job
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from apps.tasks.services import create_task, delete_batch
from tests.data_manager.plain_search import all_pages, in_plain_order
from tests.data_manager.test_filters import item
from tests.factories import choice, make_completion, make_tasks

LABELS = ["Person", "Place", "x" * 300, "x" * 299 + "y", "", "Ä"]
ASKED: list[dict[str, Any]] = [
    *({"filters": {"items": [item("labels", "contains", label, "List")]}} for label in (*LABELS, "None such")),
    {"filters": {"items": [item("labels", "contains", "Person", "List")]}, "ordering": ["-tasks:id"]},
    {"filters": {"items": [item("labels", "contains", "Place", "List")]}, "ordering": ["tasks:data.text"]},
    {"filters": {"items": [item("labels", "in_list", ["Person", "Ä"], "List")]}},
    {"filters": {"items": [item("labels", "not_contains", "Person", "List")]}},
    {"filters": {"items": [item("labels", "contains", "Person", "List"), item("labels", "contains", "Ä", "List")]}},
    {"filters": {"items": [item("labels", "contains", "Person", "List"), item("inner_id", "less", 9, "Number")]}},
    {"filters": {"conjunction": "or", "items": [
        item("labels", "contains", "Person", "List"), item("labels", "contains", "Ä", "List"),
    ]}},
]  # fmt: skip
PAGE_SIZE = 4


@pytest.fixture
def index(cast, monkeypatch) -> DataKey:
    """The index of the labels in a project of twenty tasks, some with several completions."""
    monkeypatch.setattr(key_indexes, "WORTH_INDEXING", 1)
    monkeypatch.setattr(filling_labels, "BATCH", 3)
    delete_batch(project_id=cast.project.pk)
    chooser = random.Random(1)
    for task in make_tasks(cast.project, [{"text": f"text {number % 7}"} for number in range(20)]):
        for person in chooser.sample([cast.annotator, cast.manager], chooser.randrange(3)):
            make_completion(task, person, result=some_labels(chooser))
    key = DataKey.objects.create(project=cast.project, key="", purpose="labels")
    build_index(key.pk, lambda _read: None)
    return key


def some_labels(chooser: random.Random) -> list[dict[str, Any]]:
    """Return a result that chooses two labels, or the same one twice."""
    return [choice(chooser.choice(LABELS))[0] | {"id": f"c{number}"} for number in range(2)]


def asked(cast, document: dict[str, Any], sight: Sight = EVERYBODYS) -> TaskQuery:
    project = project_for(cast.viewer, cast.project.pk, Action.VIEW_PROJECT)
    return read_query(project, sight, document)


def stored() -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT label, task_id, completion_id FROM data_manager_datalabel")
        return set(cursor.fetchall())


def should_be_stored() -> set[tuple[Any, ...]]:
    return {
        (label[:256], completion.task_id, completion.pk)
        for completion in Completion.objects.all()
        for result in completion.result
        for label in result["value"]["choices"]
    }


@pytest.mark.parametrize("few", [10_000, 1], ids=["few-found", "many-found"])
def test_pages_of_a_label_are_those_of_a_plain_search(cast, index, monkeypatch, few):
    monkeypatch.setattr(indexed_pages, "JOINED", few)
    monkeypatch.setattr(indexed_pages, "JOINED_ALONE", min(few, 2_000))
    monkeypatch.setattr(label_index, "COUNTED", few)
    monkeypatch.setattr(indexed_pages, "FREQUENT_SHARE", 1)

    for document in ASKED:
        query = asked(cast, document)
        assert all_pages(query, PAGE_SIZE) == in_plain_order(query)


def test_totals_of_a_label_count_the_answers_of_the_tasks_that_have_it(cast, index):
    found = find_page(asked(cast, ASKED[0]), page=1, page_size=PAGE_SIZE)

    ids = in_plain_order(asked(cast, ASKED[0]))
    completions = Completion.objects.filter(task__in=ids).count()
    assert (found.total, found.completions, found.predictions) == (len(ids), completions, 0)
    assert not found.is_lower_bound


def test_beyond_what_is_counted_of_a_label_the_total_is_a_lower_bound(cast, index, monkeypatch):
    monkeypatch.setattr(label_index, "COUNTED", 3)

    found = find_page(asked(cast, ASKED[0]), page=1, page_size=PAGE_SIZE)

    assert (found.total, found.is_lower_bound, len(found.ids)) == (3, True, PAGE_SIZE)


def test_somebody_who_sees_their_own_completions_finds_their_own_labels(cast, index):
    query = asked(cast, ASKED[0], Sight(own_only=cast.manager.pk))

    found = all_pages(query, PAGE_SIZE)

    assert found == in_plain_order(query)
    assert 0 < len(found) < len(all_pages(asked(cast, ASKED[0]), PAGE_SIZE))


def test_the_index_follows_completions_that_come_change_and_go(cast, index):
    chooser = random.Random(2)
    for _ in range(30):
        completion = chooser.choice(list(Completion.objects.all()))
        match chooser.randrange(4):
            case 0:
                task = create_task(project=cast.project, data={"text": "new"})
                make_completion(task, cast.manager, result=some_labels(chooser))
            case 1:
                Completion.objects.filter(pk=completion.pk).update(result=some_labels(chooser))
            case 2:
                delete_completion(completion_id=completion.pk, deleted_by=cast.manager)
            case _:
                delete_batch(project_id=cast.project.pk, task_ids=[completion.task_id])

    assert stored() == should_be_stored() != set()


def test_very_many_completions_at_once_are_taken_in_when_somebody_asks(cast, index):
    task = create_task(project=cast.project, data={"text": "new"})
    before = stored()

    Completion.objects.bulk_create(
        Completion(task=task, project=cast.project, result=choice("Person")) for _ in range(1_001)
    )
    Task.objects.filter(pk=task.pk).update(completions_count=1_001)

    index.refresh_from_db()
    assert (index.is_complete, stored()) == (False, before)
    query = asked(cast, ASKED[0])
    assert all_pages(query, PAGE_SIZE) == in_plain_order(query)
    build_index(Job.objects.active().get(kind=key_indexes.BUILD_INDEX).payload["index"], lambda _read: None)
    index.refresh_from_db()
    assert (index.is_complete, stored()) == (True, should_be_stored())
    assert all_pages(query, PAGE_SIZE) == in_plain_order(query)


def test_very_many_new_tasks_leave_the_index_complete(cast, index):
    make_tasks(cast.project, [{"text": "new"}] * 1_001)

    index.refresh_from_db()
    assert index.is_complete


@pytest.mark.django_db(transaction=True)
def test_a_completion_that_somebody_is_changing_is_taken_in_when_they_are_done(cast, index):
    completion = Completion.objects.earliest("pk")
    DataKey.objects.update(built_marks=None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM data_manager_datalabel")
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM completions_completion WHERE id = %s FOR UPDATE", [completion.pk])

        def let_go(read: int) -> None:
            if read == len({*Task.objects.values_list("pk")}) and not released:
                released.append(completion.pk not in {pk for _, _, pk in stored()})
                cursor.execute("COMMIT")

        released: list[bool] = []
        build_index(index.pk, let_go)
    other.close()

    assert (released, stored()) == ([True], should_be_stored())
