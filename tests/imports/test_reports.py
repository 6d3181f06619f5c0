"""Every bad row is told, and can be had as a file: to read, or to mend and import again."""

from __future__ import annotations

import json

import pytest
from django.core.files.storage import default_storage

from apps.imports.models import Import
from apps.imports.options import ImportOptions, OnError
from apps.imports.services import ImportRejected, import_rows
from apps.tasks.models import Task
from tests.factories import make_project


@pytest.fixture
def project(db):
    return make_project()


ROWS = [{"text": "good"}, {"txt": "bad"}, 7, {"text": "fine"}]


def test_skipping_brings_the_good_rows_in_and_tells_the_bad(project):
    options = ImportOptions(on_error=OnError.SKIP)
    report = import_rows(project=project, rows=ROWS, created_by=project.created_by, options=options)
    assert (report.task_count, report.bad_row_count) == (2, 2)
    assert [problem.split(":")[0] for problem in report.problems] == ["Row 2", "Row 3"]
    assert list(Task.objects.order_by("pk").values_list("inner_id", "data__text")) == [
        (1, "good"),
        (2, "fine"),
    ]


def downloaded(api, person, row, kind):
    response = api(person).get(f"/api/projects/{row.project_id}/imports/{row.pk}/report?as={kind}")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_the_report_of_a_rejected_import_has_every_bad_row_also_beyond_those_listed(
    project, api, monkeypatch
):
    monkeypatch.setattr("apps.imports.rejected_rows.MAX_LISTED", 1)
    with pytest.raises(ImportRejected):
        import_rows(project=project, rows=ROWS, created_by=project.created_by)
    row = Import.objects.get(project=project)
    assert (row.status, row.bad_row_count, len(row.problems)) == ("failed", 2, 1)

    lines = [json.loads(line) for line in downloaded(api, project.created_by, row, "lines").splitlines()]

    assert [(line["number"], line["place"], line["row"]) for line in lines] == [
        (2, "row 2", {"txt": "bad"}),
        (3, "row 3", 7),
    ]
    assert lines[1]["problems"] == ["a task must be an object"]
    assert not Task.objects.exists()


def test_the_bad_rows_come_back_as_tasks_that_can_be_mended_and_imported(project, api):
    options = ImportOptions(on_error=OnError.SKIP)
    report = import_rows(project=project, rows=ROWS, created_by=project.created_by, options=options)
    row = Import.objects.get(pk=report.import_id)

    bad = json.loads(downloaded(api, project.created_by, row, "tasks"))

    assert bad == [{"txt": "bad"}, 7]
    import_rows(project=project, rows=[{"text": bad[0]["txt"]}], created_by=project.created_by)
    assert Task.objects.count() == 3


def test_an_import_without_bad_rows_has_no_report(project, api):
    report = import_rows(project=project, rows=[{"text": "a"}], created_by=project.created_by)
    response = api(project.created_by).get(f"/api/projects/{project.pk}/imports/{report.import_id}/report")
    assert response.status_code == 404
    assert response.json()["detail"] == "No row of this import was bad."


def test_rows_with_broken_text_are_named_with_their_path_and_reported(project):
    rows = [{"text": "a\x00b"}, {"text": "a", "tags": ["ok", "\ud800"]}, {"text": "good"}]
    options = ImportOptions(on_error=OnError.SKIP)
    report = import_rows(project=project, rows=rows, created_by=project.created_by, options=options)
    assert report.task_count == 1
    assert "u0000 at text" in report.problems[0]
    assert "tags[1]" in report.problems[1]
    assert default_storage.size(Import.objects.get(pk=report.import_id).report) > 0


def test_nesting_beyond_the_limit_is_a_bad_row(project):
    deep: object = "end"
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(ImportRejected, match="nested deeper than 200 levels"):
        import_rows(project=project, rows=[{"text": deep}], created_by=project.created_by)


def test_a_text_that_only_looks_like_an_escape_is_stored(project):
    import_rows(project=project, rows=[{"text": "\\u0000 and \\ and \t\r\n"}], created_by=project.created_by)
    assert Task.objects.get().data == {"text": "\\u0000 and \\ and \t\r\n"}
