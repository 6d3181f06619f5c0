"""A view as CSV: its columns, its order and its tasks, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest

from apps.audit.models import Entry
from apps.data_manager import csv_export
from apps.predictions.services import save_prediction
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_tasks, make_view


def rows_of(client, project, parameters: str = "") -> list[list[str]]:
    response = client.get(f"/api/dm/csv/?project={project.pk}&{parameters}")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.streaming
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))


def query(**document: Any) -> str:
    return f"query={quote(json.dumps(document))}"


def test_the_columns_of_the_view_are_written_in_its_order(cast, api):
    ids = [str(pk) for pk in Task.objects.order_by("-pk").values_list("pk", flat=True)]

    rows = rows_of(
        api(cast.manager),
        cast.project,
        "columns=data.text&columns=tasks:is_labeled&columns=completed_at&ordering=-id",
    )

    assert rows == [
        ["ID", "text", "Labeled", "Completed"],
        *([pk, f"text {number}", "false", ""] for pk, number in zip(ids, (3, 2, 1), strict=True)),
    ]


def test_answers_stand_in_one_cell(cast, api):
    first, *_ = Task.objects.order_by("pk")
    make_completion(first, cast.reviewer, result=choice("Positive"))
    make_completion(first, cast.annotator, result=choice("Negative"))
    save_prediction(task_id=first.pk, result=choice(), model_version="v1")
    save_prediction(task_id=first.pk, result=choice(), model_version="v2")
    people = ", ".join(str(pk) for pk in sorted([cast.reviewer.pk, cast.annotator.pk]))

    rows = rows_of(
        api(cast.manager), cast.project,
        "columns=labels,annotators,predictions_model_versions,annotations_results,comment_count,assigned_to",
    )  # fmt: skip

    labels, annotators, versions, results, comments, assigned = rows[1][1:]
    assert (labels, annotators, versions) == ("Negative, Positive", people, "v1, v2")
    assert results.count('"choices"') == 4
    assert (comments, assigned) == ("0", "")
    assert rows[2][1:] == ["", "", "", "", "0", ""]


def test_a_saved_tab_and_a_selection_narrow_the_file(cast, api):
    first, _, third = Task.objects.order_by("pk")
    filters = {"items": [{"filter": "tasks:inner_id", "operator": "greater", "value": 1}]}
    view = make_view(cast.project, cast.manager, filters=filters, columns=["data.text"])
    chosen = query(selectedItems={"all": False, "included": [first.pk, third.pk]})

    rows = rows_of(api(cast.manager), cast.project, f"view={view.pk}&{chosen}")

    assert rows == [["ID", "text"], [str(third.pk), "text 3"]]


def test_cells_that_a_spreadsheet_would_run_are_escaped(cast, api):
    Task.objects.filter(project=cast.project).delete()
    make_tasks(cast.project, [{"text": '=cmd|" /C calc"!A1', "=key": "a\n,b"}, {"text": "-5"}])

    rows = rows_of(api(cast.manager), cast.project, "columns=data.text,data.%3Dkey")

    assert [row[1:] for row in rows] == [["text", "'=key"], ['\'=cmd|" /C calc"!A1', "a\n,b"], ["-5", ""]]


def test_many_tasks_come_in_batches(cast, api, monkeypatch):
    monkeypatch.setattr(csv_export, "ROWS_PER_FETCH", 2)
    make_tasks(cast.project, [{"text": f"new {number}"} for number in range(4)])

    rows = rows_of(api(cast.manager), cast.project, "columns=data.text")

    assert [row[1] for row in rows[1:]] == ["text 1", "text 2", "text 3", "new 0", "new 1", "new 2", "new 3"]


def test_an_empty_view_has_a_line_of_titles(cast, api):
    nothing = query(filters={"items": [{"filter": "tasks:id", "operator": "less", "value": 0}]})
    assert rows_of(api(cast.manager), cast.project, f"columns=state&{nothing}") == [["ID", "State"]]


@pytest.mark.parametrize(
    "parameters",
    [
        "columns=completed_by__password", "columns=t.id", "columns=data.", "ordering=labels",
        "columns=" + ",".join(["id"] * 101), "query={",
        query(filters={"items": [{"filter": "data.text", "operator": "regex", "value": "("}]}),
    ],
    ids=["path", "sql", "no-key", "order", "many", "json", "regex"],
)  # fmt: skip
def test_views_that_make_no_sense_are_refused(cast, api, parameters):
    response = api(cast.manager).get(f"/api/dm/csv/?project={cast.project.pk}&{parameters}")
    assert response.status_code == 400
    assert not Entry.objects.filter(action="project.exported").exists()


def test_who_may_not_export_gets_no_csv(cast, api):
    for person, code in ((cast.reviewer, 403), (cast.annotator, 403), (cast.stranger, 404)):
        assert api(person).get(f"/api/dm/csv/?project={cast.project.pk}").status_code == code
