"""Each HTML route × each person answers as the table says; a page that is not in the table fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from apps.accounts.models import ApiToken, Session, User
from apps.comments.models import Comment, Mention
from apps.completions.models import Completion
from apps.data_manager.models import ActionRun, View
from apps.imports.services import import_uploads
from apps.jobs.models import Job
from apps.ml.models import MLBackend, PredictionRun
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.invitations import create_invitation
from apps.projects.models import Invitation, Membership, Project
from apps.tasks.models import Task
from tests.factories import (
    CHOICES_CONFIG,
    choice,
    make_comment,
    make_completion_of_two_versions,
    make_export,
    make_picture,
    make_upload,
    make_view,
)

PEOPLE = ("owner", "manager", "reviewer", "annotator", "viewer", "stranger", "administrator", "nobody")

# 200 stands for any 2xx and for a redirect to another page; "sign in" for the redirect to the sign-in page.
EVERYBODY = dict.fromkeys(PEOPLE, 200)
SIGNED_IN: dict[str, int | str] = EVERYBODY | {"nobody": "sign in"}
MEMBERS = SIGNED_IN | {"stranger": 404}
LABELING = MEMBERS | {"viewer": 403}
MANAGING = MEMBERS | {"reviewer": 403, "annotator": 403, "viewer": 403}
REVIEWING = MANAGING | {"reviewer": 200}
OWNING = MANAGING | {"manager": 403}
SEEING_MODELS = MEMBERS | {"annotator": 403}
ADMINISTERING = dict.fromkeys(PEOPLE, 403) | {"administrator": 200, "nobody": "sign in"}
READING_THE_LOG = ADMINISTERING | {"owner": 200, "manager": 200}
CREATING_PROJECTS = ADMINISTERING | {"owner": 200, "stranger": 200}
ONLY_THE_OWNER = dict.fromkeys(PEOPLE, 404) | {"owner": 200, "nobody": "sign in"}
ONLY_THE_REVIEWER = dict.fromkeys(PEOPLE, 403) | {"reviewer": 200, "stranger": 404, "nobody": "sign in"}
# A completion of somebody else: annotators do not know that it exists.
OTHERS_COMPLETION = MEMBERS | {"annotator": 404}
# A task that is not their own: annotators do not know of it either.
OTHERS_TASK = OTHERS_COMPLETION
THE_REVIEWERS_COMMENT = ONLY_THE_REVIEWER | {"annotator": 404}
DELETING_THE_REVIEWERS_COMMENT = MANAGING | {"reviewer": 200, "annotator": 404}
CHANGING_OTHERS = OTHERS_COMPLETION | {"viewer": 403}
# Whoever is no member themself has nothing to leave; the last owner is told so on the page they come back to.
LEAVING = MEMBERS | {"administrator": 404}
REVOKING = dict.fromkeys(PEOPLE, 404) | {
    "owner": 200,
    "manager": 200,
    "administrator": 200,
    "nobody": "sign in",
}

EVERY_TASK = {"selection": '{"all": true}'}
INVITATION = {"invite-role": "annotator", "invite-days": "7", "invite-max_uses": "1"}
TASK_ORDER = {
    "sampling": "sequential", "handing_out": "open_queue", "ground_truth_every": "0", "overlap": "2",
    "skip_rule": "ignore_skipped",
}  # fmt: skip
# Nobody listens there.
BACKEND = {
    "url": "http://127.0.0.1:9", "auth_method": "NONE", "predict_every_hours": 0, "train_after_completions": 0,
    "train_every_hours": 0, "batch_size": 1, "concurrency": 1, "health_seconds": 1, "setup_seconds": 1,
    "predict_seconds": 1, "open_seconds": 1, "train_seconds": 1, "way": "anyway",
}  # fmt: skip
IMPORT_OPTIONS = {"on_error": "abort", "answers_as": "predictions"}
SIGN_UP = {"email": "new@example.com", "password": "four words make one"}

# (method, address with {ids}, body, who gets what)
PAGES: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("get", "/signin", None, EVERYBODY),
    ("post", "/signout", {}, EVERYBODY),
    ("get", "/link/{sign_in_key}", None, dict.fromkeys(PEOPLE, 404)),
    ("get", "/", None, SIGNED_IN),
    ("get", "/search?q=1", None, SIGNED_IN),
    ("get", "/account", None, SIGNED_IN),
    ("post", "/account", {"first_name": "New"}, SIGNED_IN),
    ("post", "/account/password", {"new_password1": "four words make one", "new_password2": "four words make one"},
     SIGNED_IN),
    ("post", "/account/avatar", {"picture": "{picture}"}, SIGNED_IN),
    ("post", "/account/avatar/delete", {}, SIGNED_IN),
    ("post", "/account/sessions/end-others", {}, SIGNED_IN),
    ("post", "/account/tokens", {"token-name": "CI", "token-days": "30"}, SIGNED_IN),
    ("get", "/account/tokens/{token}/revoke", None, ONLY_THE_OWNER),
    ("post", "/account/tokens/{token}/revoke", {}, ONLY_THE_OWNER),
    ("get", "/audit", None, READING_THE_LOG),
    ("get", "/audit/csv", None, READING_THE_LOG),
    ("get", "/invite/{key}", None, EVERYBODY),
    ("post", "/invite/{key}", SIGN_UP, EVERYBODY),
    ("post", "/invite/{key}/accept", {}, EVERYBODY),
    ("post", "/invitations/{invitation}/revoke", {}, REVOKING),
    ("get", "/mentions", None, SIGNED_IN),
    ("post", "/mentions/read", {}, SIGNED_IN),
    ("post", "/mentions/{mention}/open", {}, ONLY_THE_OWNER),
    ("post", "/mentions/{mention}/read", {}, ONLY_THE_OWNER),
    ("get", "/people", None, ADMINISTERING),
    ("post", "/people/invitations", {**INVITATION, "invite-global_role": "member"}, ADMINISTERING),
    ("post", "/people/{viewer}/role", {"role": "administrator"}, ADMINISTERING),
    ("get", "/people/{viewer}/deactivate", None, ADMINISTERING),
    ("post", "/people/{viewer}/deactivate", {}, ADMINISTERING),
    ("post", "/people/{viewer}/reactivate", {}, ADMINISTERING),
    ("get", "/people/{viewer}/erase", None, ADMINISTERING),
    ("post", "/people/{viewer}/erase", {"confirmed_email": "viewer@example.com"}, ADMINISTERING),
    ("get", "/jobs", None, SIGNED_IN),
    ("get", "/jobs/recent", None, SIGNED_IN),
    ("get", "/jobs/{job}", None, REVOKING),
    ("post", "/jobs/{job}/cancel", {}, REVOKING),
    ("post", "/jobs/{job}/retry", {}, REVOKING),
    ("get", "/label/frame", None, SIGNED_IN),
    ("post", "/labeling/check", {"label_config": CHOICES_CONFIG}, CREATING_PROJECTS),
    ("get", "/labeling/preview", None, SIGNED_IN),
    ("get", "/labeling/tags", None, SIGNED_IN),
    ("get", "/labeling/templates/image_bbox", None, SIGNED_IN),
    ("get", "/projects/new", None, CREATING_PROJECTS),
    ("post", "/projects/new", {"title": "Another one"}, CREATING_PROJECTS),
    ("get", "/projects/{project}/", None, MEMBERS),
    ("get", "/projects/{project}/tasks", None, MEMBERS),
    ("get", "/projects/{project}/tasks/{task}", None, OTHERS_TASK),
    ("get", "/projects/{project}/tasks/tabs/new", None, MEMBERS),
    ("post", "/projects/{project}/tasks/tabs/new?ordering=-id", {"title": "Mine"}, MEMBERS),
    ("get", "/projects/{project}/tasks/tabs/{shared_tab}/edit", None, MANAGING),
    ("post", "/projects/{project}/tasks/tabs/{shared_tab}/edit", {"title": "Ours"}, MANAGING),
    ("post", "/projects/{project}/tasks/tabs/{shared_tab}/save?ordering=-id", {}, MANAGING),
    ("post", "/projects/{project}/tasks/tabs/{shared_tab}/duplicate", {}, MEMBERS),
    ("post", "/projects/{project}/tasks/tabs/{shared_tab}/move", {"direction": "left"}, MANAGING),
    ("get", "/projects/{project}/tasks/tabs/{shared_tab}/delete", None, MANAGING),
    ("post", "/projects/{project}/tasks/tabs/{shared_tab}/delete", {}, MANAGING),
    ("post", "/projects/{project}/tasks/tabs/{private_tab}/save", {}, ONLY_THE_OWNER),
    ("post", "/projects/{project}/tasks/actions/set_overlap", EVERY_TASK, MANAGING),
    ("post", "/projects/{project}/tasks/actions/set_overlap/run", {**EVERY_TASK, "option-overlap": "2"}, MANAGING),
    ("post", "/projects/{project}/tasks/actions/delete_tasks/run", EVERY_TASK, MANAGING),
    ("post", "/projects/{project}/tasks/actions/delete_tasks_annotations/run", EVERY_TASK, REVIEWING),
    ("get", "/projects/{project}/tasks/runs", None, MEMBERS),
    ("get", "/projects/{project}/tasks/runs/{run}", None, REVOKING),
    ("post", "/projects/{project}/tasks/runs/{run}/undo", {}, REVOKING),
    ("get", "/projects/{project}/tasks/{task}/raw", None, OTHERS_TASK),
    ("get", "/projects/{project}/tasks/{task}/panel/comments", None, OTHERS_TASK),
    ("get", "/projects/{project}/tasks/{task}/panel/history", None, OTHERS_TASK),
    ("get", "/projects/{project}/tasks/{task}/panel/predictions", None, OTHERS_TASK),
    ("post", "/projects/{project}/tasks/{task}/comments", {"text": "Look here"}, LABELING | {"annotator": 404}),
    ("get", "/projects/{project}/tasks/{task}/comments/{comment}/edit", None, THE_REVIEWERS_COMMENT),
    ("post", "/projects/{project}/tasks/{task}/comments/{comment}/edit", {"text": "New"}, THE_REVIEWERS_COMMENT),
    ("post", "/projects/{project}/tasks/{task}/comments/{comment}/resolve", {}, LABELING | {"annotator": 404}),
    ("post", "/projects/{project}/tasks/{task}/comments/{comment}/delete", {}, DELETING_THE_REVIEWERS_COMMENT),
    ("get", "/projects/{project}/tasks/{task}/completions/{completion}/versions/1", None, OTHERS_COMPLETION),
    ("post", "/projects/{project}/tasks/{task}/completions/{completion}/versions/1/restore", {}, CHANGING_OTHERS),
    ("get", "/projects/{project}/tasks/{task}/completions/{completion}/delete", None, CHANGING_OTHERS),
    ("post", "/projects/{project}/tasks/{task}/completions/{completion}/delete", {}, CHANGING_OTHERS),
    ("post", "/projects/{project}/tasks/{task}/completions/{completion}/ground-truth", {}, REVIEWING),
    ("post", "/projects/{project}/tasks/{task}/completions/{completion}/review", {}, MANAGING),
    ("post", "/projects/{project}/tasks/{task}/completions/{completion}/duplicate", {}, LABELING | {"annotator": 404}),
    ("get", "/projects/{project}/members/find?q=o", None, LABELING),
    ("get", "/projects/{project}/label", None, LABELING),
    ("get", "/projects/{project}/label/progress", None, LABELING),
    ("get", "/projects/{project}/import", None, MANAGING),
    ("post", "/projects/{project}/import", {"text": '[{"text": "a"}]'}, MANAGING),
    ("post", "/projects/{project}/import/preview", {"uploads": "{upload}"}, MANAGING),
    ("post", "/projects/{project}/import/start", {"uploads": "{upload}", **IMPORT_OPTIONS}, MANAGING),
    ("get", "/projects/{project}/imports/{import}", None, MANAGING),
    ("post", "/projects/{project}/imports/{import}/again", {}, MANAGING),
    ("get", "/projects/{project}/imports/{import}/undo", None, MANAGING),
    ("post", "/projects/{project}/imports/{import}/undo", {}, MANAGING),
    ("get", "/projects/{project}/export", None, MANAGING),
    ("get", "/projects/{project}/export/file", None, MANAGING),
    ("get", "/projects/{project}/export/estimate?format=JSON&tasks=all", None, MANAGING),
    ("post", "/projects/{project}/export/start", {"format": "JSON", "tasks": "all"}, MANAGING),
    ("get", "/projects/{project}/exports/{export}", None, MANAGING),
    ("get", "/projects/{project}/exports/{export}/download", None, MANAGING),
    ("get", "/projects/{project}/exports/{export}/link", None, MANAGING),
    ("post", "/projects/{project}/exports/{export}/link", {"hours": "24"}, MANAGING),
    ("get", "/projects/{project}/exports/{export}/delete", None, MANAGING),
    ("post", "/projects/{project}/exports/{export}/delete", {}, MANAGING),
    ("get", "/projects/{project}/models", None, SEEING_MODELS),
    ("get", "/projects/{project}/models/connect", None, MANAGING),
    ("post", "/projects/{project}/models/connect", BACKEND, MANAGING),
    ("get", "/projects/{project}/models/{backend}/edit", None, MANAGING),
    ("post", "/projects/{project}/models/{backend}/edit", BACKEND, MANAGING),
    ("get", "/projects/{project}/models/{backend}/remove", None, MANAGING),
    ("post", "/projects/{project}/models/{backend}/remove", {}, MANAGING),
    ("post", "/projects/{project}/models/{backend}/check", {}, MANAGING),
    ("get", "/projects/{project}/models/{backend}/activity", None, SEEING_MODELS),
    ("get", "/projects/{project}/models/{backend}/predict", None, MANAGING),
    ("post", "/projects/{project}/models/{backend}/predict", {"tasks": "all"}, MANAGING),
    ("post", "/projects/{project}/models/{backend}/train", {}, MANAGING),
    ("post", "/projects/{project}/models/runs/{prediction_run}/retry", {}, MANAGING),
    ("post", "/projects/{project}/models/runs/{prediction_run}/resume", {}, MANAGING),
    ("get", "/projects/{project}/models/label-by-score", None, REVIEWING),
    ("post", "/projects/{project}/models/label-by-score", {"min_score": "0.9"}, REVIEWING),
    ("post", "/projects/{project}/models/versions/show", {"version": ""}, MANAGING),
    ("get", "/projects/{project}/models/versions/delete?version=v1", None, MANAGING),
    ("post", "/projects/{project}/models/versions/delete", {"version": "v1"}, MANAGING),
    ("get", "/projects/{project}/models/versions/compare?one=v1&other=v1", None, SEEING_MODELS),
    ("get", "/projects/{project}/models/quality", None, SEEING_MODELS),
    ("post", "/projects/{project}/models/quality", {}, MANAGING),
    ("get", "/projects/{project}/members", None, MEMBERS),
    ("post", "/projects/{project}/members/add", {"add-email": "stranger@example.com", "add-role": "viewer"}, MANAGING),
    ("post", "/projects/{project}/members/{viewer}/role", {"role": "annotator"}, MANAGING),
    ("post", "/projects/{project}/members/{viewer}/role", {"role": "owner"}, OWNING),
    ("post", "/projects/{project}/members/{owner}/role", {"role": "owner"}, OWNING),
    ("get", "/projects/{project}/members/{viewer}/remove", None, MANAGING),
    ("post", "/projects/{project}/members/{viewer}/remove", {}, MANAGING),
    ("post", "/projects/{project}/invitations", INVITATION, MANAGING),
    ("get", "/projects/{project}/leave", None, LEAVING),
    ("post", "/projects/{project}/leave", {}, LEAVING),
    ("get", "/projects/{project}/settings", None, MANAGING),
    ("post", "/projects/{project}/settings", {"title": "New title"}, MANAGING),
    ("get", "/projects/{project}/settings/labeling", None, MANAGING),
    ("post", "/projects/{project}/settings/labeling", {"label_config": CHOICES_CONFIG}, MANAGING),
    ("get", "/projects/{project}/settings/instructions", None, MANAGING),
    ("post", "/projects/{project}/settings/instructions", {"instruction": "Read *twice*."}, MANAGING),
    ("post", "/projects/{project}/settings/instructions/preview", {"instruction": "Read *twice*."}, MANAGING),
    ("get", "/projects/{project}/settings/task-order", None, MANAGING),
    ("post", "/projects/{project}/settings/task-order", TASK_ORDER, MANAGING),
    ("post", "/projects/{project}/settings/labeling/check", {"label_config": CHOICES_CONFIG}, MANAGING),
    ("get", "/projects/{project}/settings/labeling/tasks/{task}", None, MANAGING),
    ("get", "/projects/{project}/settings/labeling/versions", None, MANAGING),
    ("get", "/projects/{project}/settings/labeling/versions/1", None, MANAGING),
    ("post", "/projects/{project}/settings/labeling/versions/1/restore", {}, MANAGING),
    ("get", "/projects/{project}/settings/templates", None, MANAGING),
    ("get", "/projects/{project}/settings/templates/image_bbox", None, MANAGING),
    ("get", "/templates/image_bbox", None, CREATING_PROJECTS),
    ("get", "/projects/{project}/settings/api", None, MANAGING),
    ("get", "/projects/{project}/settings/danger", None, MANAGING),
    ("post", "/projects/{project}/archive", {}, MANAGING),
    ("post", "/projects/{project}/unarchive", {}, MANAGING),
    ("post", "/projects/{project}/delete", {"confirmed_title": "Sentiments"}, OWNING),
    ("get", "/projects/{project}/jobs", None, MANAGING),
    ("get", "/tasks", None, SIGNED_IN),
]  # fmt: skip

# Guests and the management of many projects: tests/web/test_multisession.py.
HELD_BY_THE_MULTISESSION_TESTS = {
    "guest", "claim-account", "guests", "remove-guest", "manage-projects", "switch-project", "rename-project",
}  # fmt: skip


@pytest.fixture
def ids(cast):
    """The ids of one object of each kind; the token is the owner's, the job the project's."""
    task = Task.objects.order_by("pk").first()
    assert task is not None
    invitation, key = create_invitation(created_by=cast.owner, project=cast.project)
    job = Job.objects.create(kind="project-deletion", project=cast.project, created_by=cast.owner)
    backend = MLBackend.objects.create(project=cast.project, title="Moods", url="http://127.0.0.1:9/")
    save_prediction(task_id=task.pk, result=choice(), score=0.95, model_version="v1")
    return {
        "project": cast.project.pk,
        "owner": cast.owner.pk,
        "viewer": cast.viewer.pk,
        "task": task.pk,
        "token": ApiToken.objects.create(user=cast.owner, digest="0").pk,
        "invitation": invitation.pk,
        "key": key,
        "job": job.pk,
        "upload": make_upload(cast.project, b'[{"text": "a"}]').pk,
        "import": import_uploads(
            project=cast.project,
            uploads=[make_upload(cast.project, b'[{"text": "b"}]')],
            created_by=cast.owner,
        ).import_id,
        "export": make_export(cast.project, cast.owner).pk,
        "backend": backend.pk,
        "prediction_run": PredictionRun.objects.create(project=cast.project, backend=backend).pk,
        "shared_tab": make_view(cast.project, cast.owner).pk,
        "private_tab": make_view(cast.project, cast.owner, is_shared=False).pk,
        "run": ActionRun.objects.create(
            project=cast.project,
            user=cast.owner,
            action="set_overlap",
            selected=1,
            expires_at=timezone.now() + timedelta(days=1),
        ).pk,
        "sign_in_key": "0" * 40,
        "completion": make_completion_of_two_versions(task, cast.reviewer).pk,
        "comment": (comment := make_comment(task, cast.reviewer, "@owner@example.com")).pk,
        "mention": comment.mentions.get().pk,
    }


@pytest.mark.parametrize(
    ("method", "address", "body", "expected"), PAGES, ids=[f"{row[0]} {row[1]}" for row in PAGES]
)
def test_each_person_gets_what_their_role_allows(cast, ids, method, address, body, expected):
    answers = {}
    for person in PEOPLE:
        browser = Client()
        if person != "nobody":
            browser.force_login(getattr(cast, person))
        before = _state()
        with transaction.atomic():  # rolled back, so that the next person finds the same things
            response = getattr(browser, method)(address.format(**ids), _filled(body, ids))
            answers[person] = _outcome(response)
            if answers[person] != 200:
                assert _state() == before, "a refused request changed something"
            transaction.set_rollback(True)
    assert answers == expected


def _filled(body: Any, ids: dict[str, Any]) -> Any:
    if body and body.get("picture"):
        return {"picture": SimpleUploadedFile("me.png", make_picture())}
    if body and body.get("uploads"):
        return body | {"uploads": ids["upload"]}
    return body


def _outcome(response: Any) -> int | str:
    if response.status_code == 302 and response["Location"].startswith("/signin?next="):
        return "sign in"
    return 200 if response.status_code < 400 else response.status_code


def _state() -> list[Any]:
    return [
        list(Project.objects.order_by("pk").values_list("pk", "title", "deleted_at")),
        Task.objects.count(),
        list(MLBackend.objects.order_by("pk").values_list("pk", "title")),
        PredictionRun.objects.count(),
        Prediction.objects.count(),
        list(Job.objects.order_by("pk").values_list("pk", "status", "cancel_requested")),
        list(User.objects.order_by("pk").values_list("email", "first_name", "role", "is_active", "avatar")),
        list(User.objects.order_by("pk").values_list("password")),
        list(Membership.objects.order_by("pk").values_list("user", "project", "role")),
        list(Invitation.objects.order_by("pk").values_list("pk", "uses", "revoked_at")),
        list(ApiToken.objects.order_by("pk").values_list("pk")),
        Session.objects.count(),
        list(View.objects.order_by("pk").values_list("pk", "data", "is_shared", "order")),
        ActionRun.objects.count(),
        list(Completion.objects.order_by("pk").values_list("pk", "version")),
        list(Comment.objects.order_by("pk").values_list("pk", "text", "resolved_at")),
        list(Mention.objects.order_by("pk").values_list("pk", "read_at")),
    ]


def _page_names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _page_names(pattern.url_patterns, pattern.namespace or namespace)
        elif namespace == "web":
            assert pattern.name, pattern
            yield pattern.name


def test_every_page_is_in_the_table():
    table = {address.split("?")[0] for _, address, _, _ in PAGES}
    job = "00000000-0000-0000-0000-000000000000"
    covered = {resolve(re.sub(r"{\w+}", "1", path.replace("{job}", job))).url_name for path in table}
    assert set(_page_names(get_resolver().url_patterns)) - covered == HELD_BY_THE_MULTISESSION_TESTS
