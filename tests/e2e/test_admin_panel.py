"""A manager in the admin panel: the theme runs under the policy, scoped pages, an action that asks once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.projects.policy import Role
from apps.tasks.models import Task
from tests.factories import make_completion, make_member, make_project, make_user


@pytest.mark.parametrize("width", [1280, 390])
def test_a_manager_looks_around_without_a_violation_or_an_error(players, watched, width):
    task = Task.objects.filter(project=players.project).latest("pk")
    make_completion(task, players.annotator)
    page = watched(players.manager, width=width, height=800).page
    for address, shown in (
        ("/admin/", "Dashboard"),
        ("/admin/tasks/task/", "Task id"),
        (f"/admin/tasks/task/{task.pk}/change/", f"Task {task.pk}"),
        ("/admin/completions/completion/", "Completion id, or beginning of an e-mail"),
        (f"/admin/projects/project/{players.project.pk}/change/", "Sentiments"),
    ):
        page.goto(address)
        expect(page.get_by_text(shown).or_(page.get_by_placeholder(shown)).last).to_be_visible()
        page.wait_for_load_state("networkidle")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} is {wider} px wider than the window"


def test_a_manager_deletes_a_task_after_being_asked_once(players, watched):
    page = watched(players.manager).page
    page.goto("/admin/tasks/task/")
    page.locator("tbody input.action-select").first.check()
    page.locator("select[name=action]").select_option("delete_tasks")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Delete 1 task, with all completions and predictions?")).to_be_visible()
    page.get_by_role("button", name="Delete tasks").click()
    expect(page.get_by_text("Deleted 1 task.")).to_be_visible()
    assert Task.objects.filter(project=players.project).count() == 2


def test_the_way_in_goes_through_the_sign_in_page_and_out_through_sign_out(players, watched):
    manager = make_user("keeper@example.com", password="a long enough password")
    project = make_project(title="Kept", tasks=1)
    make_member(project, Role.VIEWER)
    project.memberships.create(user=manager, role=Role.MANAGER)
    page = watched().page
    page.goto("/admin/tasks/task/")
    page.get_by_label("E-mail").fill("keeper@example.com")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Kept").first).to_be_visible()
    page.wait_for_load_state()  # the menu needs its script
    page.get_by_text("keeper@example.com").first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
