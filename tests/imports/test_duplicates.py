"""What a project has already, or what comes twice in a file, is left out when that is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import ProgrammingError, connection

from apps.core.errors import ValidationFailed
from apps.imports.dedupe import WHOLE_DATA, watching
from apps.imports.options import ImportOptions, OnError
from apps.imports.services import ImportRejected, import_rows
from apps.tasks.models import Task
from tests.factories import make_project


@pytest.fixture
def project(db):
    return make_project()


def imported(project, rows, **options):
    return import_rows(
        project=project, rows=rows, created_by=project.created_by, options=ImportOptions(**options)
    )


def texts(project):
    return list(Task.objects.filter(project=project).order_by("pk").values_list("data__text", flat=True))


def test_without_dedupe_the_same_data_comes_twice(project):
    imported(project, [{"text": "a"}, {"text": "a"}])
    assert texts(project) == ["a", "a"]


def test_by_data_equal_objects_are_left_out_whatever_the_order_of_their_keys(project):
    imported(project, [{"text": "a", "n": 1}])
    rows = [{"n": 1, "text": "a"}, {"text": "a", "n": 2}, {"n": 2, "text": "a"}, {"text": "b"}]
    report = imported(project, rows, dedupe="data")
    assert (report.task_count, report.duplicate_count) == (2, 2)
    assert texts(project) == ["a", "a", "b"]


def test_by_key_the_first_of_each_value_counts_and_rows_without_it_stay(project):
    imported(project, [{"text": "a", "sku": "1"}])
    rows = [
        {"text": "b", "sku": "1"},
        {"text": "c", "sku": 1},
        {"text": "d", "sku": "2"},
        {"data": {"text": "e", "sku": "2"}, "meta": {"x": 1}},
        {"text": "f"},
        {"text": "g"},
    ]
    report = imported(project, rows, dedupe="sku")
    assert (report.task_count, report.duplicate_count) == (3, 3)
    assert texts(project) == ["a", "d", "f", "g"]


def test_duplicates_are_found_across_batches(project, monkeypatch):
    monkeypatch.setattr("apps.imports.engine.BATCH", 2)
    report = imported(project, [{"text": text} for text in "abcabcd"], dedupe="data")
    assert report.duplicate_count == 3
    assert texts(project) == ["a", "b", "c", "d"]


def test_an_import_of_nothing_but_duplicates_is_no_error(project):
    imported(project, [{"text": "a"}])
    report = imported(project, [{"text": "a"}], dedupe="data")
    assert (report.task_count, report.duplicate_count) == (0, 1)


def test_tasks_of_other_projects_do_not_count(project):
    imported(make_project(), [{"text": "a"}])
    assert imported(project, [{"text": "a"}], dedupe="data").task_count == 1


def test_an_external_id_is_stored_from_the_row_or_from_a_key_of_its_data(project):
    imported(project, [{"data": {"text": "a"}, "external_id": "x1"}])
    imported(project, [{"text": "b", "sku": 7}], external_id_key="sku")
    assert list(Task.objects.order_by("pk").values_list("external_id", flat=True)) == ["x1", "7"]


def test_an_external_id_that_is_taken_is_a_bad_row_unless_dedupe_says_so(project):
    row = {"data": {"text": "a"}, "external_id": "x1"}
    imported(project, [row])
    with pytest.raises(ImportRejected) as caught:
        imported(project, [{"data": {"text": "b"}, "external_id": "x2"}, row])
    assert caught.value.fields["tasks"] == [
        'Row 2: external_id "x1" is that of another task of this project or file'
    ]
    assert texts(project) == ["a"]

    report = imported(project, [row, {"data": {"text": "b"}, "external_id": "x2"}], dedupe="external_id")
    assert (report.task_count, report.duplicate_count) == (1, 1)


def test_skipping_leaves_out_the_second_row_of_an_external_id(project):
    rows = [{"data": {"text": text}, "external_id": "same"} for text in "ab"]
    report = imported(project, rows, on_error=OnError.SKIP)
    assert (report.task_count, report.bad_row_count) == (1, 1)
    assert texts(project) == ["a"]


def test_a_failed_import_leaves_no_temporary_table_behind(project):
    for _ in range(2):
        with pytest.raises(ValidationFailed):
            imported(project, [{"txt": "bad"}], dedupe="data")
    assert imported(project, [{"text": "a"}], dedupe="data").task_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_before_the_first_row_leaves_no_lock_behind(project):
    broken = replace(WHOLE_DATA, stored="md5(no_such_column)::uuid")
    with pytest.raises(ProgrammingError), watching(broken, project.pk):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
