"""Which pages open for whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.cast import Cast
from tests.factories import make_completion, make_project

BrowserOf = Callable[[User | None], Client]

MEMBERS = {"owner", "manager", "reviewer", "annotator", "viewer", "administrator"}
MANAGERS = {"owner", "manager", "administrator"}
PAGES = {
    "": MEMBERS,
    "tasks": MEMBERS,
    "members": MEMBERS,
    "label": MEMBERS - {"viewer"},
    "label/progress": MEMBERS - {"viewer"},
    "import": MANAGERS,
    "export": MANAGERS,
    "export/file": MANAGERS,
    "settings": MANAGERS,
    "jobs": MANAGERS,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_project_opens_for_the_roles_that_may(
    cast: Cast, browser_of: BrowserOf, page: str
) -> None:
    address = f"/projects/{cast.project.pk}/{page}"

    statuses = {name: browser_of(person).get(address).status_code for name, person in cast.people().items()}

    expected = {name: 200 if name in PAGES[page] else 403 for name in cast.people()}
    assert statuses == {**expected, "stranger": 404}


@pytest.mark.parametrize(
    "address", ["/", "/account", "/jobs", "/projects/new", "/projects/1/tasks", "/label/frame"]
)
def test_somebody_not_signed_in_is_sent_to_the_sign_in_page(db: None, address: str) -> None:
    response = Client().get(address)

    assert response.status_code == 302
    assert response["Location"] == f"/signin?next={address}"


def test_a_part_of_a_page_reloads_the_page_when_the_session_has_ended(db: None) -> None:
    response = Client().get("/jobs/recent", headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("person", "tabs"),
    [
        ("owner", ["Overview", "Tasks", "Label", "Import", "Export", "Models", "Members", "Settings"]),
        ("reviewer", ["Overview", "Tasks", "Label", "Models", "Members"]),
        ("viewer", ["Overview", "Tasks", "Models", "Members"]),
    ],
)
def test_tabs_that_a_role_may_not_use_are_not_shown(
    cast: Cast, browser_of: BrowserOf, person: str, tabs: list[str]
) -> None:
    response = browser_of(cast.people()[person]).get(f"/projects/{cast.project.pk}/")

    assert [tab.label for tab in response.context["tabs"]] == tabs


def test_a_task_of_another_project_is_not_found_under_this_one(cast: Cast, browser_of: BrowserOf) -> None:
    other = make_project(cast.owner, tasks=1)
    task = other.tasks.get()

    for address in (f"tasks/{task.pk}", f"label?task={task.pk}"):
        response = browser_of(cast.owner).get(f"/projects/{cast.project.pk}/{address}")
        assert response.status_code == 404


@pytest.mark.parametrize("task", ["0", "-1", "abc", "9" * 30, "%00", "1e5", "²"])
def test_a_task_number_that_is_none_is_not_found(cast: Cast, browser_of: BrowserOf, task: str) -> None:
    response = browser_of(cast.owner).get(f"/projects/{cast.project.pk}/label?task={task}")

    assert response.status_code == 404


def test_an_annotator_sees_only_their_own_completions_of_a_task(cast: Cast, browser_of: BrowserOf) -> None:
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None
    own = make_completion(task, cast.annotator)
    others = make_completion(task, cast.reviewer)
    address = f"/projects/{cast.project.pk}/tasks/{task.pk}"

    seen = {
        name: [shown.row.pk for shown in browser_of(cast.people()[name]).get(address).context["page"]]
        for name in ("annotator", "reviewer")
    }

    assert seen == {"annotator": [own.pk], "reviewer": [own.pk, others.pk]}
