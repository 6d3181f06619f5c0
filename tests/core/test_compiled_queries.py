"""Queries that are compiled once find what their querysets find, with the values of each call."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, Value
from django.db.transaction import TransactionManagementError

from apps.accounts.models import User
from apps.core.compiled_queries import CompiledQuery, CompiledRecords, number, numbers, text
from apps.core.json import dumps
from apps.core.prepared import Prepared
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.factories import make_project, make_user


@pytest.mark.django_db
def test_a_compiled_query_finds_the_row_of_each_call() -> None:
    query = CompiledQuery("task", Task.objects.filter(pk=number("task")))
    first, second = make_project(tasks=2).tasks.order_by("pk")

    assert [query.first(task=task.pk) for task in (first, second)] == [first, second]
    assert query.first(task=second.pk + 1) is None


@pytest.mark.django_db
def test_a_compiled_query_reads_related_rows_and_annotations_without_another_query(
    django_assert_num_queries,
) -> None:
    task = make_project(tasks=1).tasks.get()
    query = CompiledQuery(
        "task",
        Task.objects.select_related("project").annotate(title=F("project__title")).filter(pk=number("task")),
    )

    with django_assert_num_queries(1):
        found = query.first(task=task.pk)

    assert found is not None
    assert (found.project, found.data, found.title) == (task.project, task.data, task.project.title)


@pytest.mark.django_db
@pytest.mark.parametrize("title", ['it\'s 100 % "done"', "%(title)s", "$1 \\ $2", "汉字"])
def test_texts_are_values_whatever_they_hold(title) -> None:
    project = make_project(title=title)
    query = CompiledQuery("project", Project.objects.filter(Q(title=text("title"))))

    assert query.first(title=title) == project
    assert query.first(title=f"{title}'") is None


@pytest.mark.django_db
def test_what_is_the_same_in_each_call_may_hold_percent_signs() -> None:
    user = make_user("somebody@example.com")
    query = CompiledQuery("user", User.objects.annotate(mark=Value("50 %")).filter(pk=number("user")))

    found = query.first(user=user.pk)

    assert found == user
    assert vars(found)["mark"] == "50 %"


@pytest.mark.django_db
def test_a_statement_that_was_dropped_is_prepared_anew_by_the_call_after() -> None:
    statement = Prepared("sum", "SELECT %(a)s::int + %(b)s::int")
    assert statement.row(a=1, b=2) == (3,)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    with pytest.raises(OperationalError, match="does not exist"), transaction.atomic():
        statement.row(a=1, b=2)

    assert statement.row(a=3, b=4) == (7,)


@pytest.mark.django_db
def test_preparing_is_not_counted_as_a_statement(django_assert_num_queries) -> None:
    statement = Prepared("count", "SELECT count(*) FROM tasks_task WHERE id = %(task)s AND 5 %% 2 = 1")

    with django_assert_num_queries(1):
        assert statement.row(task=0) == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_compiled_query_locks_rows_in_a_transaction_only() -> None:
    query = CompiledQuery("lock", Task.objects.select_for_update().filter(pk=number("task")))
    with transaction.atomic():
        assert query.first(task=0) is None

    with pytest.raises(TransactionManagementError):
        query.first(task=0)


@pytest.mark.django_db(transaction=True)
def test_a_statement_whose_columns_a_migration_changed_is_prepared_again() -> None:
    statement = Prepared("changing", "SELECT * FROM changing")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changing AS SELECT 1 AS first")
        try:
            assert statement.rows() == [(1,)]
            cursor.execute("ALTER TABLE changing ADD COLUMN second integer DEFAULT 2")
            assert statement.rows() == [(1, 2)]
        finally:
            cursor.execute("DROP TABLE changing")


@pytest.mark.django_db
def test_records_have_the_columns_and_annotations_and_json_as_it_stands() -> None:
    data = {"text": 'it\'s "quoted" 汉字', "number": 12345678901234567890, "share": 1.50}
    task = make_project(tasks=1).tasks.get()
    Task.objects.filter(pk=task.pk).update(data=data)
    query = CompiledRecords(
        "records", Task.objects.annotate(title=F("project__title")).filter(pk__in=numbers("tasks"))
    )

    (record,) = query.rows(tasks=[task.pk])

    assert (record.pk, record.inner_id, record.project_id) == (task.pk, task.inner_id, task.project_id)
    assert (record.title, record.created_at) == (task.project.title, task.created_at)
    assert json.loads(dumps({"data": record.data})) == {"data": data}


@pytest.mark.django_db
def test_json_as_it_stands_goes_out_beside_numbers_that_are_too_long_for_the_quick_writer() -> None:
    task = make_project(tasks=1).tasks.get()
    (record,) = CompiledRecords("records", Task.objects.filter(pk=number("task"))).rows(task=task.pk)

    assert json.loads(dumps({"long": 2**70, "data": record.data})) == {"long": 2**70, "data": task.data}
