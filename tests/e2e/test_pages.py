"""Every page at two widths in both themes: no console error, nothing that axe finds, and a screenshot to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.accounts.services import create_user, update_profile
from apps.jobs.models import Job, JobStatus
from apps.projects.models import Project
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check, expect_accessible, photograph
from tests.factories import choice, make_completion, make_project, make_tasks

OpenWatched = Callable[..., Watched]


@pytest.fixture
def project(players: Cast) -> Project:
    """A project in the middle of its life."""
    update_profile(user=players.owner, first_name="Olivia", last_name="Owens")
    update_profile(user=players.annotator, first_name="Ana", last_name="Torres")
    project = players.project
    Project.objects.filter(pk=project.pk).update(
        description="How people felt about a hotel, from their reviews.",
        instruction="<h3>Choose one</h3><p>Judge the <b>whole</b> review.</p>",
    )
    prediction = {"result": choice("Negative"), "score": 0.83, "model_version": "bert-2"}
    rows: list[dict[str, Any]] = [
        {"data": {"text": f"The room was quiet, review {number}"}} for number in range(60)
    ]
    rows[0] = {
        "data": {"text": "We loved the breakfast.", "stars": 4, "meta": {"lang": "en"}},
        "predictions": [prediction],
    }
    tasks = make_tasks(project, rows)
    make_completion(tasks[0], players.annotator, lead_time=12.3)
    make_completion(tasks[0], players.reviewer, result=choice("Negative"), ground_truth=True)
    make_completion(tasks[1], players.owner, was_cancelled=True, result=[])
    make_project(players.owner, title="Street signs", description="Boxes around signs.", label_config="")
    Job.objects.create(
        kind="project-deletion",
        created_by=players.owner,
        status=JobStatus.RUNNING,
        progress=3_500,
        total=12_000,
        message="Deleted 3,500 tasks",
    )
    return project


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_page_of_a_project(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    page = watched(players.owner, width=width, theme=theme).page
    task = project.tasks.order_by("pk")[3]
    pages = {
        "projects": "/",
        "projects-none-found": "/?q=zebra",
        "new-project": "/projects/new",
        "overview": f"/projects/{project.pk}/",
        "tasks": f"/projects/{project.pk}/tasks",
        "task": f"/projects/{project.pk}/tasks/{task.pk}",
        "import": f"/projects/{project.pk}/import",
        "export": f"/projects/{project.pk}/export",
        "models": f"/projects/{project.pk}/models",
        "connect-model": f"/projects/{project.pk}/models/connect",
        "members": f"/projects/{project.pk}/members",
        "settings": f"/projects/{project.pk}/settings",
        "project-jobs": f"/projects/{project.pk}/jobs",
        "jobs": "/jobs",
        "account": "/account",
    }
    for name, address in pages.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        check(page, name, width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_empty_states(watched: OpenWatched, players: Cast, width: int, theme: str) -> None:
    page = watched(players.stranger, width=width, theme=theme).page
    page.goto("/")
    check(page, "empty-projects", width, theme)
    empty = make_project(players.stranger, title="Nothing yet", label_config="")
    for name in ("", "tasks", "export", "import", "models"):
        page.goto(f"/projects/{empty.pk}/{name}")
        check(page, f"empty-{name or 'overview'}", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_signing_in_and_the_label_page(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    create_user(email="pat@example.com", password="a long enough one", role="administrator")
    page = watched(width=width, theme=theme).page
    page.goto(f"/projects/{project.pk}/label")
    check(page, "sign-in", width, theme)

    page.get_by_label("E-mail").fill("Pat@example.com")
    page.get_by_label("Password").fill("a long enough one")
    page.keyboard.press("Enter")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    photograph(page, f"label-{width}-{theme}")
    expect_accessible(page, iframes=False)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_menus_and_dialogs(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    watch = watched(players.owner, width=width, theme=theme)
    page = watch.page
    page.goto(f"/projects/{project.pk}/")
    for name in ("Switch project, now Sentiments", "Jobs", "Help", "Your account"):
        page.get_by_role("button", name=name, exact=True).click()
        menu = page.locator(".dropdown-menu.show")
        expect(menu).to_be_visible()
        photograph(page, f"menu-{name.split(',')[0].lower().replace(' ', '-')}-{width}-{theme}")
        expect_accessible(page, within=".dropdown-menu.show")
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, "keyboard-map", width, theme)
    page.goto(f"/projects/{project.pk}/settings/labeling")
    expect(page.get_by_text("No problems found")).to_be_visible()  # the editor is up
    page.get_by_role("textbox", name="Labeling config").fill("<View><Txt name='a'/></View>")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert").get_by_text("(line 1, column 7)")).to_be_visible()
    check(page, "settings-error", width, theme)
    watch.expect_problem("422 (Unprocessable Entity)")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_error_pages(watched: OpenWatched, players: Cast, project: Project, width: int, theme: str) -> None:
    watch = watched(players.viewer, width=width, theme=theme)
    for name, address, status in (("404", "/nowhere", 404), ("403", f"/projects/{project.pk}/settings", 403)):
        answer = watch.page.goto(address)
        assert answer is not None
        assert answer.status == status
        check(watch.page, f"error-{name}", width, theme)
    watch.expect_problem("Failed to load resource")
