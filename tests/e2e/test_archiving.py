"""Archived projects on the pages: how they look, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.completions.models import Completion
from apps.projects.archiving import archive_project
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import make_completion, make_project

OpenWatched = Callable[..., Watched]


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_an_archived_project(
    watched: OpenWatched, players: Cast, width: int, theme: str
) -> None:
    project = make_project(players.owner, title="Reviews of last summer", tasks=4)
    task = project.tasks.order_by("pk")[0]
    make_completion(task, players.owner)
    archive_project(project_id=project.pk, archived_by=players.owner)
    page = watched(players.owner, width=width, theme=theme).page
    for name, address in {
        "projects-with-archive": "/",
        "projects-archived": "/?archived=1",
        "projects-archived-none-found": "/?archived=1&q=zebra",
        "archived-overview": f"/projects/{project.pk}/",
        "archived-danger": f"/projects/{project.pk}/settings/danger",
        "archived-manage": "/projects/manage",
    }.items():
        page.goto(address)
        check(page, name, width, theme)
    page.goto(f"/projects/{project.pk}/label")
    expect(page.get_by_text("This project is archived: nobody labels in it.")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_what_a_member_sees_whose_only_project_is_archived(
    watched: OpenWatched, players: Cast, width: int, theme: str
) -> None:
    archive_project(project_id=players.project.pk, archived_by=players.owner)
    page = watched(players.annotator, width=width, theme=theme).page
    page.goto("/")
    expect(page.get_by_text("All your projects are archived")).to_be_visible()
    check(page, "projects-all-archived", width, theme)
    page.get_by_role("link", name="Archived").click()
    page.get_by_role("link", name="Sentiments").click()
    expect(page.get_by_text("Ask an owner or a manager to bring it back.")).to_be_visible()
    check(page, "archived-overview-member", width, theme)


def test_a_manager_archives_a_project_and_brings_it_back(watched: OpenWatched, players: Cast) -> None:
    page = watched(players.manager).page
    page.goto("/projects/manage")
    page.get_by_role("button", name="Archive Sentiments").click()
    expect(page.get_by_text("“Sentiments” is archived.")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Sentiments")).to_have_count(0)
    page.get_by_role("link", name="Archived").click()
    page.get_by_role("link", name="Sentiments").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("people can label in it again")).to_be_visible()
    page.get_by_role("link", name="Label tasks").first.click()
    expect(page.locator("#label-problem")).to_be_hidden()
    assert not Completion.objects.exists()
