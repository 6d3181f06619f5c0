"""Multisession mode in real browsers: own projects, a shared link, switching, claiming and signing in elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.guests import admit_guest
from apps.accounts.models import User
from apps.projects.first_projects import ensure_first_project
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from tests.cast import Cast
from tests.e2e.conftest import OpenContext, Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import CHOICES_CONFIG, make_completion, make_project, make_tasks

OpenWatched = Callable[..., Watched]
PASSWORD = "four words make one"


@pytest.fixture(autouse=True)
def multi_session(settings, transactional_db: None) -> None:
    settings.MULTI_SESSION = True
    settings.GUESTS_ALLOWED = True
    settings.FIRST_PROJECT = {"title": "Reviews", "label_config": CHOICES_CONFIG}
    cache.delete("guests:127.0.0.1")


def arrive(page: Page) -> int:
    """Open the server for the first time; return the number of the project one finds."""
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/projects/\d+/$"))
    return int(page.url.rstrip("/").rpartition("/")[2])


def test_two_browsers_share_a_project_by_a_link_and_switch(watched: OpenWatched) -> None:
    here, there = watched().page, watched().page
    shared, other = arrive(here), arrive(there)
    assert shared != other

    here.goto("/projects/manage")
    here.get_by_role("link", name="Share").click()
    here.locator("#invite").get_by_label("Role").select_option("reviewer")
    here.get_by_role("button", name="Make invitation").click()
    link = here.get_by_label("Link", exact=True)
    expect(link).to_have_value(re.compile(r"/invite/[0-9a-f]{40}$"))
    there.goto(link.input_value())
    there.get_by_role("button", name="Join as Guest").click()
    expect(there).to_have_url(re.compile(rf"/projects/{shared}/$"))

    there.goto("/projects/manage")
    rows = there.get_by_role("list", name="Projects").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(there.locator(f"#project-{shared}")).to_contain_text("Reviewer")
    expect(there.locator(f"#project-{shared}")).to_contain_text("Current")
    there.locator(f"#project-{other}").get_by_role("button", name="Switch").click()
    expect(there.locator(f"#project-{other}")).to_contain_text("Current")
    there.goto("/tasks")
    expect(there).to_have_url(re.compile(rf"/projects/{other}/tasks$"))
    assert Membership.objects.filter(project_id=shared, role=Role.REVIEWER).count() == 1

    there.goto("/projects/manage")
    there.locator(f"#project-{shared}").get_by_role("link", name="Leave").click()
    there.get_by_role("button", name=re.compile("^Leave")).click()
    expect(there.get_by_text("You left the project")).to_be_visible()
    assert not Membership.objects.filter(project_id=shared, role=Role.REVIEWER).exists()


def test_a_revoked_link_is_a_clear_page(watched: OpenWatched) -> None:
    here = watched().page
    arrive(here)
    here.goto("/projects/manage")
    here.get_by_role("link", name="Share").click()
    here.get_by_role("button", name="Make invitation").click()
    link = here.get_by_label("Link", exact=True).input_value()
    here.get_by_role("button", name=re.compile("^Revoke the invitation")).click()
    expect(here.get_by_text("Open invitations")).to_have_count(0)

    there = watched()
    answer = there.page.goto(link)

    assert answer is not None
    assert answer.status == 404
    expect(there.page.get_by_text("This invitation was revoked. Ask for a new one.")).to_be_visible()
    there.expect_problem("404")
    assert User.objects.filter(is_guest=True).count() == 1


def test_a_claimed_account_finds_its_project_in_another_browser(watched: OpenWatched) -> None:
    here = watched().page
    project = arrive(here)
    here.get_by_role("link", name="Keep my work").click()
    here.get_by_label("E-mail").fill("Pat@Example.com")
    here.get_by_label("Password").fill(PASSWORD)
    here.get_by_role("button", name="Keep my work").click()
    expect(here.get_by_text("Sign in anywhere as pat@example.com")).to_be_visible()
    expect(here.get_by_role("link", name="Keep my work")).to_have_count(0)

    elsewhere = watched().page
    elsewhere.goto("/signin")
    elsewhere.get_by_label("E-mail").fill("pat@example.com")
    elsewhere.get_by_label("Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.get_by_role("link", name="Reviews", exact=True).first.click()

    expect(elsewhere).to_have_url(re.compile(rf"/projects/{project}/$"))
    assert Project.objects.count() == 1


def test_a_project_is_renamed_and_deleted_where_projects_are_managed(watched: OpenWatched) -> None:
    page = watched().page
    arrive(page)
    page.goto("/projects/manage")

    page.get_by_text("Rename or delete").click()
    page.get_by_label("New name").fill("Birds")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Birds")).to_be_visible()
    page.get_by_text("Rename or delete").click()
    page.get_by_label("Type “Birds” to delete it").fill("Birds")
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("The project “Birds” is gone")).to_be_visible()
    assert not Project.objects.filter(deleted_at=None).exists()


def test_two_tabs_that_open_at_once_are_one_guest(open_context: OpenContext, live_server) -> None:
    context = open_context()
    tabs = [context.new_page(), context.new_page()]

    for tab in tabs:  # neither waits for the other's answer, as when a browser restores its tabs
        tab.evaluate("address => void setTimeout(() => location.assign(address))", f"{live_server.url}/")
    for tab in tabs:
        expect(tab).to_have_url(re.compile(r"/projects/\d+/$"))

    assert User.objects.count() == 1
    assert tabs[0].url == tabs[1].url


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_the_mode(watched: OpenWatched, players: Cast, width: int, theme: str) -> None:
    page = watched(width=width, theme=theme).page
    arrive(page)
    guest = User.objects.get(is_guest=True)
    Membership.objects.create(project=players.project, user=guest, role=Role.ANNOTATOR)
    make_project(guest, title="A project with a name that is long enough to be cut somewhere on a telephone")
    check(page, "guest-overview", width, theme)
    for name, address in {
        "guest-account": "/account",
        "guest-claim": "/account/claim",
        "guest-sign-in": "/signin",
        "manage-projects": "/projects/manage",
    }.items():
        page.goto(address)
        check(page, name, width, theme)
    page.get_by_text("Rename or delete").first.click()
    check(page, "manage-projects-open", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_administrators_list_of_guests(
    watched: OpenWatched, players: Cast, width: int, theme: str
) -> None:
    page = watched(players.administrator, width=width, theme=theme).page
    page.goto("/guests")
    check(page, "guests-none", width, theme)
    for number in range(3):
        guest = admit_guest(visit=str(number))
        project = ensure_first_project(user=guest)
        assert project is not None
        make_completion(make_tasks(project, [{"text": "one"}])[0], guest)
    long_ago = timezone.now() - timedelta(days=50)
    User.objects.filter(is_guest=True).update(last_login=long_ago, date_joined=long_ago)
    page.goto("/guests")
    page.get_by_text("Delete…").first.click()
    check(page, "guests", width, theme)
    page.get_by_role("button", name=re.compile("^Delete Guest")).click()
    expect(page.get_by_role("list", name="Guests with work").get_by_role("listitem")).to_have_count(2)
