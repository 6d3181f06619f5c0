"""Bodies that name things of another project, or other people, are refused, and nothing has changed."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from apps.completions.drafts import save_draft
from apps.predictions.services import save_prediction
from tests.factories import (
    choice,
    make_comment,
    make_completion,
    make_project,
    make_tasks,
    make_upload,
    make_user,
    make_view,
)
from tests.ml.backends import connected
from tests.security.test_access import ROUTES

RESULT = {"result": choice()}

# (method, address, a body that is right, the fields that could hold somebody else's id).
# {task} and {completion} are the caller's; what each field is given is of the stranger's project.
FIELDS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("patch", "/api/users/{owner}", {"first_name": "X"}, ["id"]),
    ("patch", "/api/projects/{project}", {"title": "New title"}, ["id", "created_by"]),
    (
        "post",
        "/api/projects/{project}/members",
        {"email": "other@example.com", "role": "viewer"},
        ["project"],
    ),
    ("patch", "/api/projects/{project}/members/{viewer}", {"role": "annotator"}, ["project", "user"]),
    ("post", "/api/projects/{project}/invitations", {"role": "annotator"}, ["project"]),
    ("post", "/api/tasks", {"project": "{project}", "data": {"text": "a"}}, ["project"]),
    ("patch", "/api/tasks/{task}", {"data": {"text": "b"}}, ["id", "project"]),
    ("post", "/api/dm/views", {"project": "{project}", "data": {}}, ["project", "user"]),
    ("patch", "/api/dm/views/{view}", {"data": {"title": "X"}}, ["id", "project", "user"]),
    ("post", "/api/dm/views/order", {"project": "{project}", "ids": ["{view}"]}, ["project", "ids"]),
    (
        "post",
        "/api/tasks/{task}/annotations",
        RESULT,
        ["task", "project", "completed_by", "parent_prediction", "parent_annotation"],
    ),
    (
        "post",
        "/api/tasks/{task}/completions",
        RESULT,
        ["task", "project", "completed_by", "parent_prediction", "parent_annotation"],
    ),
    (
        "patch",
        "/api/annotations/{completion}",
        {"lead_time": 1},
        ["id", "task", "project", "completed_by", "parent_prediction", "parent_annotation"],
    ),
    (
        "patch",
        "/api/tasks/{task}/completions/{completion}",
        {"lead_time": 1},
        ["id", "task", "project", "completed_by", "parent_prediction", "parent_annotation"],
    ),
    (
        "post",
        "/api/tasks/{task}/completions/{completion}",
        {"lead_time": 1},
        ["id", "task", "project", "completed_by", "parent_prediction", "parent_annotation"],
    ),
    ("post", "/api/tasks/{task}/assignments", {"users": ["{owner}"]}, ["task", "project", "users"]),
    ("post", "/api/tasks/{task}/drafts", RESULT, ["task", "project", "user", "annotation"]),
    ("patch", "/api/drafts/{draft}", {"lead_time": 1}, ["id", "task", "project", "user", "annotation"]),
    ("post", "/api/projects/{project}/imports", {"file_upload_ids": ["{upload}"]}, ["file_upload_ids"]),
    ("post", "/api/projects/{project}/reimport", {"file_upload_ids": ["{upload}"]}, ["file_upload_ids"]),
    ("delete", "/api/projects/{project}/file-uploads", {"file_upload_ids": ["{upload}"]}, ["file_upload_ids"]),
    (
        "post",
        "/api/comments",
        {"task": "{task}", "text": "Look here"},
        ["task", "annotation", "project", "created_by"],
    ),
    (
        "patch",
        "/api/comments/{comment}",
        {"text": "New text"},
        ["id", "task", "annotation", "project", "created_by"],
    ),
    ("post", "/api/predictions", {"task": "{task}", **RESULT}, ["task", "project"]),
    ("patch", "/api/predictions/{prediction}", {"score": 1}, ["id", "task", "project"]),
    ("post", "/api/ml", {"project": "{project}", "url": "{other_model}"}, ["project"]),
    ("post", "/api/ml/test", {"project": "{project}", "url": "{other_model}"}, ["project"]),
    ("patch", "/api/ml/{backend}", {"title": "X"}, ["id", "project"]),
    ("post", "/api/ml/{backend}/test", {}, ["id", "project"]),
    ("post", "/api/ml/{backend}/interactive-annotating", {"task": "{task}"}, ["task"]),
    ("post", "/api/ml/{backend}/predict", {"task_ids": ["{task}"]}, ["task_ids"]),
]  # fmt: skip

# Writing routes whose bodies name nothing that has an id.
WITHOUT_IDS = {
    ("post", "/api/current-user/reset-token"),
    ("post", "/api/current-user/tokens"),
    ("post", "/api/users"),
    ("post", "/api/projects"),
    ("post", "/api/projects/validate"),
    ("post", "/api/projects/{project}/validate"),
    ("post", "/api/project?new=true"),
    ("post", "/api/project-switch?project={project}"),
    ("post", "/api/project/config?project={project}"),
    ("post", "/api/projects/{project}/config-versions/1/restore"),
    *(
        ("post", f"/api/{word}/{{completion}}/{rest}")
        for word in ("annotations", "completions")
        for rest in ("history/1/restore", "duplicate", "review")
    ),
    ("post", "/api/annotations/{skip}/take-back-skip"),
    ("post", "/api/completions/{skip}/take-back-skip"),
    ("post", "/api/projects/{project}/imports/{import}/undo"),
    ("post", "/api/projects/{project}/uploads"),
    ("post", "/api/labeling/sample-task"),
    ("post", "/api/tasks/{task}/predictions"),
    ("post", "/api/ml/{backend}/train"),
    ("post", "/api/ml/runs/{prediction_run}/cancel"),
    ("post", "/api/ml/runs/{failed_prediction_run}/resume"),
    ("post", "/api/ml/runs/{failed_prediction_run}/retry-failed"),
    ("delete", "/api/projects/{project}/model-versions"),
    ("post", "/api/projects/{project}/model-quality"),
    ("post", "/api/projects/{project}/exports"),
    ("post", "/api/projects/{project}/exports/{export}/convert"),
    ("post", "/api/projects/{project}/exports/{export}/link"),
    # Held by tests/imports: a task of another project is refused, and nothing is stored.
    ("post", "/api/projects/{project}/import/predictions"),
    # Held by tests/data_manager: tasks of other projects are never among the selected ones.
    *(
        (method, address)
        for method, address, body, _ in ROUTES
        if body and address.startswith("/api/dm/actions")
    ),
    # Rows are copies of what may come from another server: ids in them say nothing here (docs/import.md).
    ("post", "/api/projects/{project}/import"),
    ("post", "/api/project/import?project={project}"),
}


@pytest.fixture
def own(cast, model) -> dict[str, int]:
    """Return the ids of what belongs to the owner's project."""
    task = make_tasks(cast.project, [{"text": "mine"}])[0]
    return {
        "project": cast.project.pk,
        "owner": cast.owner.pk,
        "viewer": cast.viewer.pk,
        "task": task.pk,
        "completion": (completion := make_completion(task, cast.owner)).pk,
        "draft": save_draft(task_id=task.pk, user=cast.owner, result=choice(), completion_id=completion.pk)[
            0
        ].pk,
        "prediction": save_prediction(task_id=task.pk, result=choice()).pk,
        "comment": make_comment(task, cast.owner, completion_id=completion.pk).pk,
        "upload": make_upload(cast.project, b'[{"text": "a"}]').pk,
        "view": make_view(cast.project, cast.owner).pk,
        "backend": connected(cast.project, model).pk,
        "other_model": model.url.replace("127.0.0.1", "localhost"),
    }


@pytest.fixture
def foreign(cast) -> dict[str, int]:
    """Return, by the names of fields, the ids of what belongs to a project the owner does not know."""
    project = make_project(cast.stranger)
    task = make_tasks(project, [{"text": "theirs"}])[0]
    completion = make_completion(task, cast.stranger)
    return {
        "id": 10**9,
        "project": project.pk,
        "created_by": cast.stranger.pk,
        "user": cast.stranger.pk,
        "users": [cast.stranger.pk],
        "completed_by": cast.stranger.pk,
        "task": task.pk,
        "task_ids": [task.pk],
        "parent_prediction": save_prediction(task_id=task.pk, result=choice()).pk,
        "parent_annotation": completion.pk,
        "annotation": completion.pk,
        "file_upload_ids": [make_upload(project, b'[{"text": "a"}]').pk],
        "ids": [make_view(project, cast.stranger).pk],
    }


def _filled(value: Any, ids: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, ids) for inner in value]
    return ids[value.strip("{}")] if isinstance(value, str) and value.startswith("{") else value


def _everything() -> dict[str, str]:
    """Return each table of the product as text; only what every call writes is left out."""
    left_out = {"accounts.apitoken", "sessions.session", "accounts.session"}
    return {
        model._meta.label_lower: serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and model._meta.label_lower not in left_out
    }


@pytest.mark.parametrize(
    ("method", "address", "body", "field"),
    [(method, address, body, field) for method, address, body, fields in FIELDS for field in fields],
)
def test_a_foreign_id_is_refused_and_nothing_has_changed(
    cast, own, foreign, api, method, address, body, field
):
    client = api(cast.owner)
    before = _everything()
    sent = _filled(body, own) | {field: foreign[field]}

    response = getattr(client, method)(address.format(**own), sent, format="json")

    assert response.status_code in {400, 404}, response.content
    assert _everything() == before


@pytest.mark.parametrize(("method", "address", "body", "fields"), FIELDS)
def test_the_ids_that_were_read_may_be_sent_back(cast, own, api, method, address, body, fields):
    client = api(cast.owner)
    if "other@example.com" in body.values():
        make_user("other@example.com")
    echoed = {
        "id": own.get(address.split("/")[-1].strip("{}")),
        "project": own["project"],
        "created_by": {"id": cast.owner.pk},
        "user": own["viewer"] if "members" in address else cast.owner.pk,
        "users": [cast.owner.pk],
        "annotation": own["completion"],
        "completed_by": cast.owner.pk,
        "task": own["task"],
        "task_ids": [own["task"]],
        "parent_prediction": own["prediction"],
        "parent_annotation": None,
        "file_upload_ids": [own["upload"]],
        "ids": [own["view"]],
    }

    response = getattr(client, method)(
        address.format(**own), _filled(body, own) | {name: echoed[name] for name in fields}, format="json"
    )

    assert 200 <= response.status_code < 300, response.content


def test_every_writing_route_says_which_ids_its_body_can_hold():
    writing = {(method, address) for method, address, body, _ in ROUTES if body is not None}
    assert writing - {(method, address) for method, address, _, _ in FIELDS} == WITHOUT_IDS


# Numbers and UUIDs in bodies that name no row of anybody: counts, versions, and ids that the client makes up itself.
NO_IDS = {
    "batch_size",
    "cluster",
    "concurrency",
    "days",
    "ground_truth_every",
    "max_uses",
    "maximum_annotations",
    "predict_every_hours",
    "session",
    "size",
    "train_after_completions",
    "train_every_hours",
    "unique_id",
    "version",
}


def _view(address: str) -> Any:
    """Return the class that answers an address with {names} in it; two addresses of one view count as one."""
    view: Any = resolve(re.sub(r"{\w+}", "1", address.split("?")[0])).func
    return view.view_class


def _id_fields(operation: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """Return the fields of a body that, by their type, could hold ids."""
    found = set()
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        schema = schemas[schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
        for name, field in schema.get("properties", {}).items():
            if field.get("type") in {"integer", "array"} or field.get("format") == "uuid":
                found.add(name)
    return found - NO_IDS


def test_every_field_of_the_schema_that_can_hold_an_id_is_in_the_table():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    told: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for method, address, _, fields in FIELDS:
        told[method, _view(address)] |= set(fields)
    missing = {
        (method, path): sorted(unknown)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if method in {"post", "patch", "delete"}
        and (wanted := _id_fields(operation, schema["components"]["schemas"]))
        and (unknown := wanted - told[method, _view(path)])
    }
    assert missing == {}
