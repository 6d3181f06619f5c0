"""The search, the addresses of the Flask era, and error pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from apps.accounts.models import User
from apps.web.views.errors import server_error
from tests.cast import Cast
from tests.factories import make_project, make_user

BrowserOf = Callable[[User | None], Client]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/setup", "settings"),
        ("/settings", "settings"),
        ("/tasks", "tasks"),
        ("/tasks/", "tasks"),
        ("/import", "import"),
        ("/export", "export"),
        ("/model", ""),
        ("/welcome", ""),
    ],
)
def test_an_old_address_leads_to_the_page_of_the_project_opened_last(
    cast: Cast, browser_of: BrowserOf, old: str, new: str
) -> None:
    make_project(cast.owner, title="Newer, but not opened")
    browser = browser_of(cast.owner)
    browser.get(f"/projects/{cast.project.pk}/")

    assert browser.get(old)["Location"] == f"/projects/{cast.project.pk}/{new}"


def test_an_old_address_leads_an_annotator_to_a_page_they_may_open(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.annotator).get("/setup", follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain == [(f"/projects/{cast.project.pk}/", 302)]


def test_an_old_address_leads_somebody_without_projects_to_the_list(
    cast: Cast, browser_of: BrowserOf
) -> None:
    assert browser_of(cast.stranger).get("/tasks")["Location"] == "/"


def test_searching_a_number_opens_the_task(cast: Cast, browser_of: BrowserOf) -> None:
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None

    assert browser_of(cast.owner).get(f"/search?q={task.pk}")["Location"] == (
        f"/projects/{cast.project.pk}/tasks/{task.pk}"
    )
    assert browser_of(cast.stranger).get(f"/search?q={task.pk}")["Location"] == f"/?q={task.pk}"


def test_an_unknown_page_is_a_page_that_says_so(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.owner).get("/nowhere")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_form_without_its_token_is_refused(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)

    answer = browser.post("/account", {"first_name": "Eve"})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_a_failure_shows_the_500_page_without_the_database(
    cast: Cast, browser_of: BrowserOf, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "The server failed" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_shows_the_503_page(browser_of: BrowserOf) -> None:
    browser = browser_of(make_user())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [backend])  # returns when it has ended
    other.close()

    answer = browser.get("/")
    connection.close()

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Nothing is lost" in answer.content.decode()
