"""Each API route × each person answers as the table says; a route that is not in the table fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from apps.accounts.models import ApiToken, User
from apps.comments.models import Comment
from apps.completions.drafts import save_draft
from apps.completions.models import Completion, Draft, Revision
from apps.data_manager.models import View
from apps.exports.links import make_link
from apps.exports.models import Export
from apps.imports.models import Import, Upload
from apps.jobs.models import Job
from apps.ml.models import MLBackend, QualityReport, Training
from apps.ml.predicting.choosing import Chosen, Which
from apps.ml.predicting.runs import start_run
from apps.predictions.services import save_prediction
from apps.projects.invitations import create_invitation
from apps.projects.models import Invitation, Membership, Project
from apps.tasks.models import Task
from tests.factories import (
    CHOICES_CONFIG,
    choice,
    make_action_run,
    make_avatar,
    make_comment,
    make_completion,
    make_completion_of_two_versions,
    make_export,
    make_import_with_a_bad_row,
    make_upload,
    make_view,
)
from tests.ml.backends import connected
from tests.ml.predicting import failed_run

PEOPLE = ("owner", "manager", "reviewer", "annotator", "viewer", "stranger", "administrator", "nobody")

EVERYBODY_IN = {
    "owner": 200,
    "manager": 200,
    "reviewer": 200,
    "annotator": 200,
    "viewer": 200,
    "administrator": 200,
}
MEMBERS = EVERYBODY_IN | {"stranger": 404, "nobody": 401}
SIGNED_IN = EVERYBODY_IN | {"stranger": 200, "nobody": 401}
OPEN = SIGNED_IN | {"nobody": 200}
MANAGING = MEMBERS | {"reviewer": 403, "annotator": 403, "viewer": 403}
OWNING = MANAGING | {"manager": 403}
REVIEWING = MEMBERS | {"annotator": 403, "viewer": 403}
LABELING = MEMBERS | {"viewer": 403}
ADMINISTERING = dict.fromkeys(PEOPLE, 403) | {"administrator": 200, "nobody": 401}
# A completion of somebody else: annotators do not know that it exists.
OTHERS_COMPLETION = MEMBERS | {"annotator": 404}
# A task that is not their own: annotators do not know of it either.
OTHERS_TASK = OTHERS_COMPLETION
# The draft is the reviewer's: for everybody else, administrators too, it does not exist.
OWN_DRAFT = dict.fromkeys(PEOPLE, 404) | {"reviewer": 200, "nobody": 401}
OTHERS_COMMENT = dict.fromkeys(PEOPLE, 403) | {"annotator": 404}
ONLY_THE_REVIEWER = {"reviewer": 200, "stranger": 404, "nobody": 401}
CREATING_PROJECTS = {
    "owner": 200, "stranger": 200, "administrator": 200, "manager": 403, "reviewer": 403, "annotator": 403,
    "viewer": 403, "nobody": 401,
}  # fmt: skip

# What others did to many tasks at once is shown to who manages the project.
THE_MANAGERS_RUN = MANAGING | dict.fromkeys(("reviewer", "annotator", "viewer"), 404)
RENAMED_KEY = {"old_key": "source", "new_key": "origin"}
EVERY_TASK = {"selectedItems": {"all": True, "excluded": []}}

# (method, address with {ids}, body, who gets what); 200 stands for any 2xx.
ROUTES: list[tuple[str, str, Any, dict[str, int]]] = [
    ("get", "/api/health", None, OPEN),
    ("get", "/health", None, OPEN),
    ("get", "/api/version", None, OPEN),
    ("get", "/version", None, OPEN),
    ("get", "/api/schema", None, SIGNED_IN),
    ("get", "/api/current-user/whoami", None, SIGNED_IN),
    ("post", "/api/current-user/reset-token", {}, SIGNED_IN),
    ("get", "/api/users", None, SIGNED_IN),
    ("get", "/api/users/{owner}", None, MEMBERS),
    ("post", "/api/users", {"email": "new@example.com"}, ADMINISTERING),
    ("patch", "/api/users/{owner}", {"first_name": "X"}, ADMINISTERING | {"owner": 200, "stranger": 404}),
    ("patch", "/api/users/{owner}", {"role": "administrator"}, ADMINISTERING | {"stranger": 404}),
    ("patch", "/api/users/{owner}", {"is_active": False}, ADMINISTERING | {"stranger": 404}),
    ("delete", "/api/users/{owner}", None, ADMINISTERING | {"stranger": 404}),
    ("get", "/api/current-user/tokens", None, SIGNED_IN),
    ("post", "/api/current-user/tokens", {"name": "CI"}, SIGNED_IN),
    ("delete", "/api/current-user/tokens/{token}", None, dict.fromkeys(PEOPLE, 404) | {"owner": 200, "nobody": 401}),
    ("get", "/api/avatars/{avatar}", None, MEMBERS),
    ("get", "/api/projects/{project}/members", None, MEMBERS),
    ("post", "/api/projects/{project}/members", {"email": "stranger@example.com", "role": "viewer"}, MANAGING),
    ("post", "/api/projects/{project}/members", {"email": "stranger@example.com", "role": "owner"}, OWNING),
    ("patch", "/api/projects/{project}/members/{viewer}", {"role": "annotator"}, MANAGING),
    ("patch", "/api/projects/{project}/members/{viewer}", {"role": "owner"}, OWNING),
    ("delete", "/api/projects/{project}/members/{viewer}", None, MANAGING | {"viewer": 200}),
    ("get", "/api/projects/{project}/invitations", None, MANAGING),
    ("post", "/api/projects/{project}/invitations", {"role": "annotator"}, MANAGING),
    ("post", "/api/projects/{project}/invitations", {"role": "owner"}, OWNING),
    ("delete", "/api/projects/{project}/invitations/{invitation}", None, MANAGING),
    ("get", "/api/jobs", None, SIGNED_IN),
    ("get", "/api/audit", None, SIGNED_IN),
    ("get", "/api/templates", None, SIGNED_IN),
    ("get", "/api/templates/image_bbox", None, SIGNED_IN),
    ("get", "/api/projects", None, SIGNED_IN),
    ("post", "/api/projects", {"title": "Another one"}, CREATING_PROJECTS),
    ("get", "/api/projects/counts", None, SIGNED_IN),
    ("post", "/api/projects/validate", {"label_config": CHOICES_CONFIG}, SIGNED_IN),
    ("get", "/api/projects/{project}", None, MEMBERS),
    ("patch", "/api/projects/{project}", {"title": "New title"}, MANAGING),
    ("delete", "/api/projects/{project}", None, OWNING),
    ("post", "/api/projects/{project}/archive", None, MANAGING),
    ("post", "/api/projects/{project}/unarchive", None, MANAGING),
    ("post", "/api/projects/{project}/validate", {"label_config": CHOICES_CONFIG}, MANAGING),
    ("get", "/api/projects/{project}/config-versions", None, MEMBERS),
    ("get", "/api/projects/{project}/config-versions/1", None, MEMBERS),
    ("post", "/api/projects/{project}/config-versions/1/restore", {}, MANAGING),
    ("get", "/api/projects/{project}/sample-task", None, MEMBERS),
    ("get", "/api/projects/{project}/import-example?format=csv", None, MEMBERS),
    ("post", "/api/labeling/sample-task", {"label_config": CHOICES_CONFIG}, SIGNED_IN),
    ("post", "/api/projects/{project}/import", [{"text": "a"}], MANAGING),
    ("post", "/api/projects/{project}/import/predictions", [{"task": "{task}", "result": choice()}], MANAGING),
    ("get", "/api/projects/{project}/imports", None, MANAGING),
    ("post", "/api/projects/{project}/imports", {"file_upload_ids": ["{upload}"]}, MANAGING),
    ("post", "/api/projects/{project}/reimport", {"file_upload_ids": ["{upload}"]}, MANAGING),
    ("get", "/api/projects/{project}/imports/{import}", None, MANAGING),
    ("get", "/api/projects/{project}/imports/{import}/report", None, MANAGING),
    ("get", "/api/projects/{project}/imports/{import}/undo", None, MANAGING),
    ("post", "/api/projects/{project}/imports/{import}/undo", {}, MANAGING),
    ("get", "/api/projects/{project}/file-uploads", None, MANAGING),
    ("delete", "/api/projects/{project}/file-uploads", {"file_upload_ids": ["{upload}"]}, MANAGING),
    ("get", "/api/import/file-upload/{upload}", None, MANAGING),
    ("delete", "/api/import/file-upload/{upload}", None, MANAGING),
    ("post", "/api/projects/{project}/uploads", {"name": "a.json", "size": 5}, MANAGING),
    ("get", "/api/uploads/{upload}", None, MANAGING),
    ("delete", "/api/uploads/{upload}", None, MANAGING),
    ("get", "/api/projects/{project}/export", None, MANAGING),
    ("get", "/api/projects/{project}/export/formats", None, MANAGING),
    ("get", "/api/projects/{project}/exports", None, MANAGING),
    ("post", "/api/projects/{project}/exports", {"title": "Mine"}, MANAGING),
    ("get", "/api/projects/{project}/exports/{export}", None, MANAGING),
    ("delete", "/api/projects/{project}/exports/{export}", None, MANAGING),
    ("get", "/api/projects/{project}/exports/{export}/download", None, MANAGING),
    ("post", "/api/projects/{project}/exports/{export}/link", {"hours": 1}, MANAGING),
    ("get", "/api/exports/links/{link}", None, OPEN | {"stranger": 200}),
    ("post", "/api/projects/{project}/exports/{export}/convert", {"export_type": "CSV"}, MANAGING),
    ("get", "/api/projects/{project}/next", None, LABELING),
    ("get", "/api/projects/{project}/my-answers", None, LABELING),
    ("get", "/api/projects/{project}/tasks", None, MEMBERS),
    ("delete", "/api/projects/{project}/tasks", None, MANAGING),
    ("get", "/api/tasks?project={project}", None, MEMBERS),
    ("post", "/api/tasks", {"project": "{project}", "data": {"text": "a"}}, MANAGING),
    ("get", "/api/tasks/{task}", None, OTHERS_TASK),
    ("patch", "/api/tasks/{task}", {"data": {"text": "b"}}, MANAGING),
    ("delete", "/api/tasks/{task}", None, MANAGING),
    ("get", "/api/projects/{project}/statistics", None, MEMBERS),
    ("get", "/api/projects/{project}/statistics/progress", None, MEMBERS),
    ("get", "/api/projects/{project}/statistics/throughput", None, MEMBERS),
    ("get", "/api/projects/{project}/statistics/labels", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/projects/{project}/statistics/scores", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/ml", None, SIGNED_IN),
    ("get", "/api/ml?project={project}", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/ml", {"project": "{project}", "url": "{other_model}"}, MANAGING),
    ("post", "/api/ml/test", {"project": "{project}", "url": "{other_model}"}, MANAGING),
    ("get", "/api/ml/{backend}", None, MEMBERS | {"annotator": 403}),
    ("patch", "/api/ml/{backend}", {"title": "X"}, MANAGING),
    ("delete", "/api/ml/{backend}", None, MANAGING),
    ("post", "/api/ml/{backend}/test", {}, MANAGING),
    ("get", "/api/ml/{backend}/versions", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/ml/{backend}/failures", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/ml/{backend}/train", {}, MANAGING),
    ("get", "/api/ml/{backend}/trainings", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/ml/{backend}/trainings/{training}", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/ml/{backend}/interactive-annotating", {"task": "{task}"}, LABELING),
    ("post", "/api/ml/{backend}/predict", {"task_ids": ["{task}"]}, MANAGING),
    ("get", "/api/ml/{backend}/runs", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/ml/runs/{prediction_run}", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/ml/runs/{prediction_run}/failures", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/ml/runs/{prediction_run}/cancel", {}, MANAGING),
    ("post", "/api/ml/runs/{failed_prediction_run}/resume", {}, MANAGING),
    ("post", "/api/ml/runs/{failed_prediction_run}/retry-failed", {}, MANAGING),
    ("get", "/api/projects/{project}/model-versions", None, MEMBERS),
    ("delete", "/api/projects/{project}/model-versions", {"model_version": ""}, MANAGING),
    ("get", "/api/projects/{project}/model-versions/compare?one=a&other=b", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/tasks/{task}/predictions", {}, OTHERS_TASK | {"viewer": 403}),
    ("get", "/api/projects/{project}/model-quality", None, MEMBERS | {"annotator": 403}),
    ("post", "/api/projects/{project}/model-quality", {}, MANAGING),
    ("get", "/api/projects/{project}/model-quality/{quality_report}", None, MEMBERS | {"annotator": 403}),
    ("get", "/api/dm/columns?project={project}", None, MEMBERS),
    ("get", "/api/dm/project?project={project}", None, MEMBERS),
    ("get", "/api/dm/csv?project={project}", None, MANAGING),
    ("get", "/api/dm/actions?project={project}", None, MEMBERS),
    ("post", "/api/dm/actions?id=delete_tasks&project={project}", EVERY_TASK, MANAGING),
    ("post", "/api/dm/actions?id=remove_duplicates&project={project}", EVERY_TASK, MANAGING),
    ("post", "/api/dm/actions?id=set_overlap&project={project}", {**EVERY_TASK, "overlap": 2}, MANAGING),
    ("post", "/api/dm/actions?id=delete_tasks_annotations&project={project}", EVERY_TASK, REVIEWING),
    ("post", "/api/dm/actions?id=delete_tasks_predictions&project={project}", EVERY_TASK, MANAGING),
    ("post", "/api/dm/actions?id=predictions_to_annotations&project={project}", EVERY_TASK, REVIEWING),
    ("post", "/api/dm/actions?id=assign&project={project}", {**EVERY_TASK, "users": ["{owner}"]}, MANAGING),
    ("post", "/api/dm/actions?id=unassign&project={project}", EVERY_TASK, MANAGING),
    ("post", "/api/dm/actions?id=set_ground_truth&project={project}", EVERY_TASK, REVIEWING),
    ("post", "/api/dm/actions?id=unset_ground_truth&project={project}", EVERY_TASK, REVIEWING),
    ("post", "/api/dm/actions?id=change_data_key&project={project}", {**EVERY_TASK, **RENAMED_KEY}, MANAGING),
    ("post", "/api/dm/actions?id=export_selection&project={project}", EVERY_TASK, MANAGING),
    ("post", "/api/dm/actions/preview?id=set_overlap&project={project}", EVERY_TASK, MANAGING),
    ("get", "/api/dm/actions/runs?project={project}", None, MEMBERS),
    ("post", "/api/dm/actions/runs/{run}/undo", None, THE_MANAGERS_RUN),
    ("get", "/api/dm/views?project={project}", None, MEMBERS),
    ("post", "/api/dm/views", {"project": "{project}", "data": {"title": "Mine"}}, MEMBERS),
    ("post", "/api/dm/views", {"project": "{project}", "data": {}, "is_shared": True}, MANAGING),
    ("get", "/api/dm/views/{view}", None, MEMBERS),
    ("patch", "/api/dm/views/{view}", {"data": {"title": "X"}}, MANAGING),
    ("delete", "/api/dm/views/{view}", None, MANAGING),
    ("post", "/api/dm/views/order", {"project": "{project}", "ids": ["{view}"]}, MANAGING),
    ("delete", "/api/dm/views/reset?project={project}", None, MEMBERS),
    ("get", "/api/tasks?view={view}", None, MEMBERS),
    ("post", "/api/tasks/{task}/lease", None, dict.fromkeys(PEOPLE, 404) | {"nobody": 401}),
    ("delete", "/api/tasks/{task}/lease", None, MEMBERS),
    ("get", "/api/tasks/{task}/assignments", None, OTHERS_TASK),
    ("post", "/api/tasks/{task}/assignments", {"users": ["{owner}"]}, MANAGING),
    ("delete", "/api/tasks/{task}/assignments", None, MANAGING),
    ("get", "/api/tasks/{task}/annotations", None, MEMBERS),
    ("post", "/api/tasks/{task}/annotations", {"result": choice()}, LABELING),
    ("get", "/api/tasks/{task}/completions", None, MEMBERS),
    ("post", "/api/tasks/{task}/completions", {"result": choice()}, LABELING),
    ("get", "/api/annotations/{completion}", None, OTHERS_COMPLETION),
    ("patch", "/api/annotations/{completion}", {"lead_time": 1}, REVIEWING | {"annotator": 404}),
    ("delete", "/api/annotations/{completion}", None, REVIEWING | {"annotator": 404}),
    ("get", "/api/completions/{completion}", None, OTHERS_COMPLETION),
    *(
        (method, f"/api/{word}/{{completion}}/{rest}", body, expected)
        for word in ("annotations", "completions")
        for method, rest, body, expected in (
            ("get", "history", None, OTHERS_COMPLETION),
            ("get", "history/1", None, OTHERS_COMPLETION),
            ("post", "history/1/restore", {}, REVIEWING | {"annotator": 404}),
            ("post", "duplicate", {}, LABELING | {"annotator": 404}),
            ("post", "review", {"verdict": "accepted"}, MANAGING | {"annotator": 404}),  # it is the reviewer's own
        )
    ),
    ("post", "/api/annotations/{skip}/take-back-skip", {}, REVIEWING | {"annotator": 404}),
    ("post", "/api/completions/{skip}/take-back-skip", {}, REVIEWING | {"annotator": 404}),
    ("get", "/api/tasks/{task}/deleted-completions", None, MEMBERS),
    ("get", "/api/tasks/{task}/drafts", None, MEMBERS),
    ("post", "/api/tasks/{task}/drafts", {"result": choice()}, LABELING),
    ("get", "/api/drafts/{draft}", None, OWN_DRAFT),
    ("patch", "/api/drafts/{draft}", {"lead_time": 2}, OWN_DRAFT),
    ("delete", "/api/drafts/{draft}", None, OWN_DRAFT),
    ("get", "/api/comments?task={task}", None, SIGNED_IN),
    ("post", "/api/comments", {"task": "{task}", "text": "Look here"}, LABELING | {"annotator": 404}),
    ("post", "/api/comments", {"annotation": "{completion}", "text": "x"}, LABELING | {"annotator": 404}),
    ("get", "/api/comments/{comment}", None, OTHERS_TASK),
    ("get", "/api/comments/{comment_on_completion}", None, OTHERS_COMPLETION),
    ("patch", "/api/comments/{comment}", {"text": "New text"}, OTHERS_COMMENT | ONLY_THE_REVIEWER),
    ("patch", "/api/comments/{comment}", {"is_resolved": True}, LABELING | {"annotator": 404}),
    ("delete", "/api/comments/{comment}", None, MANAGING | {"reviewer": 200, "annotator": 404}),
    ("get", "/api/predictions?task={task}", None, SIGNED_IN),
    ("post", "/api/predictions", {"task": "{task}", "result": choice()}, MANAGING),
    ("get", "/api/predictions/{prediction}", None, OTHERS_TASK),
    ("patch", "/api/predictions/{prediction}", {"score": 1}, MANAGING | {"annotator": 404}),
    ("delete", "/api/predictions/{prediction}", None, MANAGING | {"annotator": 404}),
    ("get", "/api/project?project={project}", None, MEMBERS),
    ("post", "/api/project?new=true", {}, CREATING_PROJECTS),
    ("post", "/api/project-switch?project={project}", {}, MEMBERS),
    ("post", "/api/project/config?project={project}", {"label_config": CHOICES_CONFIG}, MANAGING),
    ("post", "/api/project/import?project={project}", [{"text": "a"}], MANAGING),
    ("get", "/api/project/export?project={project}", None, MANAGING),
    ("get", "/api/project/next?project={project}", None, LABELING),
    ("get", "/api/completions?project={project}", None, MEMBERS),
    ("get", "/api/tasks/{task}/completions/{completion}", None, OTHERS_COMPLETION),
    ("patch", "/api/tasks/{task}/completions/{completion}", {"lead_time": 1}, REVIEWING | {"annotator": 404}),
    ("post", "/api/tasks/{task}/completions/{completion}", {"lead_time": 1}, REVIEWING | {"annotator": 404}),
    ("delete", "/api/tasks/{task}/completions/{completion}", None, REVIEWING | {"annotator": 404}),
]  # fmt: skip

# Held by tests of their own.
ELSEWHERE = {"/api/docs/", "/api/health/ready"}
HELD_BY_THE_JOBS_TESTS = {"job-detail", "job-cancel", "job-retry"}


@pytest.fixture
def ids(cast, model):
    """The ids of one object of each kind in the cast's project; the completion is the reviewer's."""
    task = Task.objects.order_by("pk").last()
    assert task is not None
    backend = connected(cast.project, model)
    return {
        "backend": backend.pk,
        "training": Training.objects.create(project=cast.project, backend=backend, status="completed").pk,
        "prediction_run": start_run(backend=backend, chosen=Chosen(Which.ALL)).pk,
        "failed_prediction_run": failed_run(backend, task.pk).pk,
        "other_model": model.url.replace("127.0.0.1", "localhost"),
        "project": cast.project.pk,
        "owner": cast.owner.pk,
        "viewer": cast.viewer.pk,
        "avatar": make_avatar(cast.owner),
        "token": ApiToken.objects.create(user=cast.owner, digest="0").pk,
        "invitation": create_invitation(created_by=cast.owner, project=cast.project)[0].pk,
        "task": task.pk,
        "completion": make_completion_of_two_versions(task, cast.reviewer).pk,
        "skip": make_completion(task, cast.reviewer, was_cancelled=True).pk,
        "draft": save_draft(task_id=task.pk, user=cast.reviewer, result=choice())[0].pk,
        "prediction": save_prediction(task_id=task.pk, result=choice(), score=0.5).pk,
        "comment": make_comment(task, cast.reviewer).pk,
        "comment_on_completion": make_comment(
            task, cast.reviewer, completion_id=Completion.objects.earliest("pk").pk
        ).pk,
        "upload": make_upload(cast.project, b'[{"text": "a"}]').pk,
        "import": make_import_with_a_bad_row(cast.project).pk,
        "view": make_view(cast.project, cast.manager).pk,
        "run": make_action_run(cast.project, cast.manager).pk,
        "quality_report": QualityReport.objects.create(project=cast.project).pk,
        "export": (made := make_export(cast.project, cast.manager)).pk,
        "link": make_link(row=made, made_by=cast.manager).path.rpartition("/")[2],
    }


def _filled(body: Any, ids: dict[str, int]) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, ids) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(item, ids) for item in body]
    if isinstance(body, str) and body.startswith("{"):
        return ids[body.strip("{}")]
    return body


@pytest.mark.parametrize(
    ("method", "address", "body", "expected"), ROUTES, ids=[f"{row[0]} {row[1]}" for row in ROUTES]
)
def test_each_person_gets_what_their_role_allows(cast, ids, api, method, address, body, expected):
    before = _state()
    answers = {}
    for person in PEOPLE:
        client = api(None if person == "nobody" else getattr(cast, person))
        with transaction.atomic():  # rolled back, so that the next person finds the same things
            response = getattr(client, method)(address.format(**ids), _filled(body, ids))
            answers[person] = 200 if 200 <= response.status_code < 300 else response.status_code
            if answers[person] != 200:
                assert _state() == before, "a refused call changed something"
            transaction.set_rollback(True)
    assert answers == expected


def _state() -> list[Any]:
    return [
        list(Project.objects.order_by("pk").values_list("pk", "title", "archived_at", "deleted_at")),
        list(Task.objects.order_by("pk").values_list("pk", "data", "predictions_count")),
        list(Completion.objects.order_by("pk").values_list("pk", "lead_time", "version")),
        list(Draft.objects.order_by("pk").values_list("pk", "lead_time")),
        Revision.objects.count(),
        Job.objects.count(),
        list(User.objects.order_by("pk").values_list("email", "role", "is_active")),
        list(Membership.objects.order_by("pk").values_list("user", "project", "role")),
        list(Invitation.objects.order_by("pk").values_list("pk", "revoked_at")),
        list(Upload.objects.order_by("pk").values_list("pk", "received")),
        Import.objects.count(),
        list(Export.objects.order_by("pk").values_list("pk", "file")),
        list(View.objects.order_by("pk").values_list("pk", "data", "order")),
        list(MLBackend.objects.order_by("pk").values_list("pk", "title", "url")),
        list(Comment.objects.order_by("pk").values_list("pk", "text", "resolved_at")),
    ]


def _api_route_names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = (prefix + str(pattern.pattern)).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from _api_route_names(pattern.url_patterns, route)
        elif route.startswith(("api/", "health", "version")):
            assert pattern.name, route
            yield pattern.name


def test_every_api_route_is_in_the_table():
    table = {address.split("?")[0] for _, address, _, _ in ROUTES} | ELSEWHERE
    covered = {resolve(re.sub(r"{\w+}", "1", address)).url_name for address in table}
    assert set(_api_route_names(get_resolver().url_patterns)) - covered == HELD_BY_THE_JOBS_TESTS
