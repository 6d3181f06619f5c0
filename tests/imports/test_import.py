"""An import brings everything or nothing, and says which rows were bad."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.completions.models import Completion
from apps.core.errors import NotAllowed, ProductError, ValidationFailed
from apps.imports import engine, rejected_rows
from apps.imports.engine import rows_of_values
from apps.imports.given import GivenRows
from apps.imports.models import Import
from apps.imports.running import Hooks, run_import
from apps.imports.services import ImportRejected, import_stream
from apps.predictions.models import Prediction
from apps.projects.archiving import archive_project
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.factories import choice, make_project


@pytest.fixture
def project(db):
    return make_project()


def imported(project, document):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return import_stream(project=project, stream=io.BytesIO(raw), created_by=project.created_by)


def test_bare_and_wrapped_tasks_are_imported_in_their_order(project):
    report = imported(
        project, [{"text": "a"}, {"data": {"text": "b"}, "meta": {"source": "c"}, "overlap": 2}]
    )
    assert report.task_count == 2
    assert report.data_columns == ["text"]
    rows = Task.objects.order_by("pk").values_list("inner_id", "data", "meta", "overlap")
    assert list(rows) == [(1, {"text": "a"}, {}, 1), (2, {"text": "b"}, {"source": "c"}, 2)]
    assert list(Task.objects.order_by("pk").values_list("pk", flat=True)) == report.task_ids


def test_a_single_object_is_one_task(project):
    assert imported(project, {"text": "a"}).task_count == 1


@pytest.mark.parametrize("key", ["annotations", "completions"])
def test_completions_and_predictions_come_along_and_are_counted(project, key):
    row = {
        "data": {"text": "a"},
        key: [
            {"result": choice(), "lead_time": 3.5},
            {"result": [], "was_cancelled": True, "completed_by": 99},
        ],
        "predictions": [{"result": choice(), "score": 0.25, "model_version": "v1"}],
    }
    report = imported(project, [row, {"text": "b"}])
    assert (report.task_count, report.completion_count, report.prediction_count) == (2, 2, 1)
    task = Task.objects.order_by("pk")[0]
    assert (task.completions_count, task.skips_count, task.is_labeled, task.prediction_score) == (
        1,
        1,
        True,
        0.25,
    )
    assert Completion.objects.get(was_cancelled=False).completed_by == project.created_by
    assert Completion.objects.get(was_cancelled=True).completed_by is None
    totals = totals_of([project.pk])[project.pk]
    assert (totals.tasks, totals.labeled_tasks, totals.completions, totals.skips) == (2, 1, 1, 1)


def test_an_archived_project_takes_tasks_but_no_completions(project):
    archive_project(project_id=project.pk, archived_by=project.created_by)

    with pytest.raises(NotAllowed, match="archived"):
        imported(project, [{"data": {"text": "a"}, "completions": [{"result": choice()}]}])

    assert not Task.objects.exists()
    assert Import.objects.get().error.startswith("This project is archived")
    assert imported(project, {"text": "a"}).task_count == 1


def test_a_project_deleted_meanwhile_is_told_and_nothing_is_left_behind(project):
    row = Import.objects.create(project=project, created_by=project.created_by)
    deleted = Hooks(check=lambda: Project.objects.filter(pk=project.pk).delete() and None)
    given = GivenRows(rows_of_values([{"text": "a"}]))

    with pytest.raises(ProductError):
        run_import(row, [given], created_by=project.created_by, hooks=deleted)

    assert not Import.objects.exists()
    assert not Task.objects.exists()


def test_an_import_that_failed_says_which_format_was_read(project):
    with pytest.raises(ImportRejected):
        imported(project, [{"txt": "a"}])
    assert Import.objects.get().formats == ["JSON"]


def test_two_predictions_of_one_version_are_told_apart(project):
    imported(project, {"data": {"text": "a"}, "predictions": [{"result": []}, {"result": []}]})
    assert sorted(Prediction.objects.values_list("model_version", flat=True)) == ["", "(2)"]


def test_one_bad_row_rejects_all_and_every_bad_row_is_named(project):
    rows = [
        {"text": "good"},
        {"txt": "a"},
        7,
        {"data": {"text": "b"}, "annotations": [{"result": "x"}], "predictions": "none", "overlap": 0},
    ]
    with pytest.raises(ImportRejected) as caught:
        imported(project, rows)
    assert caught.value.bad_rows == 3
    assert caught.value.fields["tasks"] == [
        'Row 2: the key "text" is missing, which <Text name="text"> shows',
        "Row 3: a task must be an object",
        "Row 4: overlap must be a whole number from 1 to 100; annotations[0].result must be a list of objects,"
        " not a text; predictions must be a list",
    ]
    assert not Task.objects.exists()
    assert totals_of([project.pk])[project.pk].tasks == 0


def test_only_the_first_bad_rows_are_listed_but_all_are_counted(project, monkeypatch):
    monkeypatch.setattr(rejected_rows, "MAX_LISTED", 2)
    with pytest.raises(ImportRejected, match=r"5 rows are bad \(the first 2 are listed\)") as caught:
        imported(project, [1, 2, 3, 4, 5])
    assert len(caught.value.fields["tasks"]) == 2


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "The file is empty"),
        (b"  \n", "The file is empty"),
        (b"hello", "is not JSON: it must start with"),
        (b'[{"text": "a"}, {"te', "ends in the middle of row 2"),
        (b'[{"text": "a"}, {"text": b}]', "Row 2 .line 1, byte 26.: invalid character"),
        (b'[{"text": 1e999}]', "Row 1 .line 1, byte 2.: a number is too large; write it as a text"),
        (b'[{"text": 99999999999999999999}]', "a whole number does not fit into 64 bits at text"),
        (b"[]", "no tasks in it"),
        (b'[{"text": "\\u0000"}]', "u0000 at text"),
        (b'[{"text": "\xff"}]', "byte 12.: byte 0xFF is no UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing_and_says_where(project, raw, expected):
    with pytest.raises(ValidationFailed, match=expected):
        imported(project, raw)
    assert not Task.objects.exists()


def test_a_byte_order_mark_is_no_error(project):
    assert imported(project, b"\xef\xbb\xbf" + b'[{"text": "a"}]').task_count == 1


def test_imports_go_over_batches(project, monkeypatch):
    monkeypatch.setattr(engine, "BATCH", 3)
    imported(project, [{"text": str(number)} for number in range(8)])
    assert list(Task.objects.order_by("pk").values_list("inner_id", flat=True)) == list(range(1, 9))


storable = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.dictionaries(storable, storable | st.integers(1 - 2**63, 2**63 - 1) | st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_text_is_in_the_data_it_is_stored_unchanged(project, extras):
    rows = [{**extra, "text": "a"} for extra in extras]
    report = imported(project, [{"data": row} for row in rows])
    assert [Task.objects.get(pk=pk).data for pk in report.task_ids] == rows
