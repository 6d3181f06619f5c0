"""Other ways to ask for the same: methods, suffixes and headers open nothing that the table keeps shut."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.accounts.models import User
from apps.completions.drafts import save_draft
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.factories import make_completion, make_project, make_user
from tests.security.test_access import ROUTES, _state, ids

__all__ = ["ids"]  # a fixture

READING = [address for method, address, _, _ in ROUTES if method == "get"]
OUTSIDERS = ("stranger", "nobody")
# What a client could set of itself in clients' or other servers' fields.
RIGHTS = {
    "is_staff": True,
    "is_superuser": True,
    "is_active": True,
    "role": "administrator",
    "is_administrator": True,
    "organization": 1,
    "active_organization": 1,
    "email": "other@example.com",
    "email_verified": True,
    "is_guest": True,
    "password": "correct horse battery",
}


@pytest.mark.parametrize("person", OUTSIDERS)
def test_head_answers_as_get_and_without_a_body(cast, ids, api, person):
    client = api(None if person == "nobody" else getattr(cast, person))
    for address in READING:
        with transaction.atomic():
            asked = address.format(**ids)
            head, got = client.head(asked), client.get(asked)
            assert head.status_code == got.status_code, address
            assert not head.getvalue(), address
            transaction.set_rollback(True)


@pytest.mark.parametrize("person", OUTSIDERS)
def test_options_tell_nothing_of_what_is_there(cast, ids, api, person):
    client = api(None if person == "nobody" else getattr(cast, person))
    before = _state()
    for address in {route[1] for route in ROUTES}:
        there = client.options(address.format(**ids))
        assert there.status_code < 500, address
        for told in (b"Sentiments", b"owner@example.com", b"text 1"):
            assert told not in there.content, address
    assert _state() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"x-http-method-override": "DELETE"},
        {"x-http-method": "DELETE"},
        {"x-method-override": "DELETE"},
    ],
)
def test_a_header_does_not_turn_one_method_into_another(cast, ids, api, headers):
    client, before = api(cast.owner), _state()
    for address in READING:
        client.get(address.format(**ids), headers=headers)
    asked = f"/api/projects/{cast.project.pk}"
    assert client.post(asked, {"_method": "DELETE"}, format="json", headers=headers).status_code == 405
    assert _state() == before
    assert Project.objects.get(pk=cast.project.pk).deleted_at is None


@pytest.mark.parametrize("suffix", [".json", ".api", ";.json", "%2e%2e", "//"])
def test_a_suffix_is_no_other_way_in(cast, ids, api, suffix):
    for address in ("/api/projects/{project}", "/api/tasks/{task}", "/api/completions/{completion}"):
        assert api(cast.stranger).get(address.format(**ids) + suffix).status_code == 404


@pytest.mark.parametrize("asked", ["?format=api", "?format=json", "?format=html"])
def test_a_format_shows_a_stranger_no_project(cast, api, asked):
    assert api(cast.stranger).get(f"/api/projects/{cast.project.pk}{asked}").status_code == 404


def test_a_browser_gets_json_too_and_no_forms(cast, api):
    response = api(cast.owner).get(f"/api/projects/{cast.project.pk}", headers={"accept": "text/html,*/*"})
    assert response["Content-Type"].startswith("application/json")
    assert b"<form" not in response.content


@pytest.mark.parametrize("field", RIGHTS)
def test_nobody_gives_themself_a_right(cast, api, field):
    before = User.objects.filter(pk=cast.annotator.pk).values().get()
    response = api(cast.annotator).patch(
        f"/api/users/{cast.annotator.pk}", {field: RIGHTS[field]}, format="json"
    )
    assert response.status_code in (200, 400, 403)
    assert User.objects.filter(pk=cast.annotator.pk).values().get() == before


def test_an_annotator_sees_nobody_elses_completions_and_takes_nothing_out(cast, ids, api):
    client = api(cast.annotator)
    save_draft(task_id=ids["task"], user=cast.annotator, result=[])  # which makes the task one of theirs
    task = client.get(f"/api/tasks/{ids['task']}").json()
    assert (task["annotations"], task["annotators"], task["annotations_ids"]) == ([], [], "")
    assert client.get(f"/api/tasks/{ids['task']}/completions").json() == []
    assert client.get("/api/completions").json() == {"ids": []}
    before = _state()
    for method, address in [
        ("delete", f"/api/projects/{cast.project.pk}"),
        ("get", f"/api/projects/{cast.project.pk}/export"),
        ("get", f"/api/project/export?project={cast.project.pk}"),
    ]:
        assert getattr(client, method)(address).status_code == 403, address
    assert _state() == before


LISTS = [
    "/api/projects",
    "/api/projects/counts",
    "/api/users",
    "/api/jobs",
    "/api/audit",
    "/api/audit?as=csv",
    "/api/current-user/tokens",
]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_holds_and_counts_what_the_caller_may_see_only(cast, api, address):
    foreign = make_project(cast.stranger, title="Foreign affairs", tasks=1)
    make_completion(Task.objects.get(project=foreign), cast.stranger)
    make_user("elsewhere@example.com")
    mine = api(cast.owner).get(address)
    text = mine.getvalue().decode() if mine.streaming else mine.content.decode()
    for told in ("Foreign affairs", "stranger@example.com", "elsewhere@example.com"):
        assert told not in text
    if not mine.streaming and isinstance(mine.json(), dict) and "count" in mine.json():
        assert mine.json()["count"] == len(mine.json()["results"])
