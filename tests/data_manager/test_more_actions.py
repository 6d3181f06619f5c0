"""Actions beyond deleting: ground truth, data keys, exports of a selection, and the forms they come with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.completions.services import create_completion
from apps.data_manager.actions import action, completing
from apps.data_manager.models import ActionRun
from apps.predictions.services import save_prediction
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.tasks.models import Assignment, Task
from tests.data_manager.test_actions import act, only
from tests.factories import choice, make_completion, make_project, make_tasks


def data_of(project: Project) -> list[dict[str, Any]]:
    return list(Task.objects.filter(project=project).order_by("pk").values_list("data", flat=True))


def test_actions_come_with_the_form_of_their_options(cast, api):
    rows = api(cast.manager).get(f"/api/dm/actions/?project={cast.project.pk}").json()

    found = {row["id"]: row for row in rows}
    (overlap,) = found["set_overlap"]["dialog"]["form"][0]["fields"]
    assert (overlap["name"], overlap["type"], overlap["min"], overlap["max"], overlap["required"]) == (
        "overlap", "number", 1, 100, True,
    )  # fmt: skip
    format_, *_ = found["export_selection"]["dialog"]["form"][0]["fields"]
    assert {"value": "JSON", "label": "JSON"} in format_["options"]
    assert "COCO" not in {option["value"] for option in format_["options"]}
    assert found["delete_tasks"]["dialog"]["form"] == []
    assert (found["delete_tasks"]["undoable"], found["delete_tasks"]["dialog"]["destructive"]) == (
        False,
        True,
    )
    assert (found["set_overlap"]["undoable"], found["export_selection"]["answers"]) == (True, "file")


def test_a_preview_counts_and_does_nothing(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    address = f"/api/dm/actions/preview/?id=delete_tasks&project={cast.project.pk}"

    body = api(cast.manager).post(address, {"selectedItems": only(first, second)}).json()

    assert (body["selected_items"], body["is_job"], body["undoable"]) == (2, False, False)
    assert body["text"].startswith("2 tasks selected. Delete the selected tasks")
    assert Task.objects.count() == 3
    assert api(cast.reviewer).post(address, {"selectedItems": only(first)}).status_code == 403


def test_the_latest_completion_of_each_task_becomes_ground_truth(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    latest = make_completion(first, cast.reviewer)
    make_completion(second, cast.annotator, was_cancelled=True)

    body = act(api(cast.reviewer), cast.project, "set_ground_truth")

    assert body["processed_items"] == 1
    assert list(Completion.objects.filter(ground_truth=True)) == [latest]
    first.refresh_from_db()
    assert first.ground_truths_count == 1
    assert act(api(cast.reviewer), cast.project, "unset_ground_truth")["processed_items"] == 1
    assert not Completion.objects.filter(ground_truth=True).exists()


def test_a_data_key_is_renamed_where_the_new_one_is_free(cast, api):
    Task.objects.filter(project=cast.project).delete()
    make_tasks(
        cast.project,
        [{"text": "a", "src": "x"}, {"text": "b"}, {"text": "c", "src": "y", "source": "z"}],
    )

    body = act(api(cast.manager), cast.project, "change_data_key", old_key="src", new_key="source")

    assert (body["processed_items"], body["left_out"], body["reasons"]) == (1, 1, ["The task has both keys."])
    assert data_of(cast.project) == [
        {"text": "a", "source": "x"}, {"text": "b"}, {"text": "c", "src": "y", "source": "z"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"old_key": "text", "new_key": "sentence"},
        {"old_key": "src", "new_key": "src"},
        {"old_key": "src"},
        {"old_key": "src", "new_key": ""},
        {"old_key": 5, "new_key": "a"},
        {"old_key": "src", "new_key": "x" * 201},
        {"old_key": "src", "new_key": "a\x00b"},
    ],
    ids=["shown-by-the-config", "same", "missing", "empty", "number", "long", "nul"],
)
def test_data_keys_that_cannot_be_renamed_are_refused(cast, api, options):
    before = data_of(cast.project)
    act(api(cast.manager), cast.project, "change_data_key", code=400, **options)
    assert data_of(cast.project) == before


def test_a_selection_is_exported_with_its_answers_and_nothing_else(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(second, cast.annotator)
    address = f"/api/dm/actions/?id=export_selection&project={cast.project.pk}"

    response = api(cast.manager).post(address, {"selectedItems": only(first, second), "export_type": "JSON"})

    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    tasks = json.loads(b"".join(response.streaming_content))
    assert [(task["id"], len(task["annotations"])) for task in tasks] == [(first.pk, 0), (second.pk, 1)]
    assert Entry.objects.get(action="project.exported").after["selection"] is True


def test_an_export_takes_filters_from_a_form_and_refuses_formats_that_do_not_fit(cast, api):
    address = f"/api/dm/actions/?id=export_selection&project={cast.project.pk}"
    filters = {"items": [{"filter": "tasks:data.text", "operator": "equal", "value": "text 2"}]}
    form = {"selectedItems": json.dumps({"all": True, "excluded": []}), "filters": json.dumps(filters)}

    response = api(cast.manager).post(address, form, format="multipart")

    tasks = json.loads(b"".join(response.streaming_content))
    assert [task["data"]["text"] for task in tasks] == ["text 2"]
    for wrong in ("COCO", "NOTHING", 5, ["JSON", "CSV"]):
        act(api(cast.manager), cast.project, "export_selection", code=400, export_type=wrong)


def test_what_a_strict_project_does_not_take_is_counted_and_the_rest_goes_on(cast, api):
    Project.objects.filter(pk=cast.project.pk).update(strict_results=True)
    first, second, third = Task.objects.order_by("pk")
    save_prediction(task_id=first.pk, result=choice(), model_version="v1")
    save_prediction(task_id=second.pk, result=choice("Furious"), model_version="v1")
    save_prediction(task_id=third.pk, result=choice("Negative"), model_version="v1")

    body = act(api(cast.reviewer), cast.project, "predictions_to_annotations")

    assert (body["processed_items"], body["left_out"]) == (2, 1)
    assert "Furious" in body["reasons"][0]
    assert set(Completion.objects.values_list("task_id", flat=True)) == {first.pk, third.pk}


def test_a_run_that_is_broken_off_logs_what_it_did_and_not_what_it_read(cast, api, monkeypatch):
    monkeypatch.setattr(action, "SINGLY", 1)
    first, _, third = Task.objects.order_by("pk")
    for task in (first, third):
        save_prediction(task_id=task.pk, result=choice(), model_version="v1")

    def failing(**arguments: Any) -> Any:
        if arguments["task_id"] == third.pk:
            raise OSError("the disk is full")
        return create_completion(**arguments)

    monkeypatch.setattr(completing, "create_completion", failing)

    with pytest.raises(OSError, match="disk is full"):
        act(api(cast.reviewer), cast.project, "predictions_to_annotations")

    assert Entry.objects.get(action="completions.created").after["count"] == 1
    assert ActionRun.objects.get().processed == 1


def test_selections_that_name_tasks_of_other_projects_touch_nothing_there(cast, api):
    other = make_project(cast.stranger, tasks=2)
    Membership.objects.create(project=other, user=cast.manager, role=Role.MANAGER)
    foreign = list(Task.objects.filter(project=other).order_by("pk"))
    make_completion(foreign[0], cast.manager)
    save_prediction(task_id=foreign[1].pk, result=choice(), model_version="v1")
    client, selected = api(cast.manager), only(*foreign)
    bodies: dict[str, dict[str, Any]] = {
        "set_ground_truth": {}, "unset_ground_truth": {}, "predictions_to_annotations": {},
        "change_data_key": {"old_key": "note", "new_key": "remark"}, "set_overlap": {"overlap": 3},
        "delete_tasks": {}, "delete_tasks_annotations": {}, "delete_tasks_predictions": {},
        "remove_duplicates": {},
    }  # fmt: skip
    before = list(Task.objects.order_by("pk").values())

    processed = [
        act(client, cast.project, name, selected, **body)["processed_items"] for name, body in bodies.items()
    ]

    assert processed == [0] * len(bodies)
    assert list(Task.objects.order_by("pk").values()) == before
    assert Completion.objects.count() == 1


def test_tasks_are_assigned_to_people_who_label_here(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    client = api(cast.manager)

    body = act(
        client, cast.project, "assign", only(first, second), users=[cast.annotator.pk, cast.reviewer.pk]
    )

    assert (body["processed_items"], Assignment.objects.count()) == (4, 4)
    assert act(client, cast.project, "assign", only(first), users=[cast.annotator.pk])["processed_items"] == 0
    body = act(client, cast.project, "unassign", only(first), users=[cast.annotator.pk])
    assert (body["processed_items"], Assignment.objects.count()) == (1, 3)
    assert act(client, cast.project, "unassign")["processed_items"] == 3
    for wrong in ([cast.viewer.pk], [cast.stranger.pk], [], None, "1", [True], [str(cast.annotator.pk)]):
        act(client, cast.project, "assign", code=400, users=wrong)
    assert not Assignment.objects.exists()
