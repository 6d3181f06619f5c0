"""The data manager page in a browser: a manager's way through it, the keyboard alone, and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.completions.models import Completion
from apps.data_manager.models import View
from apps.projects.models import Project
from apps.tasks.models import Task
from apps.tasks.services import delete_tasks
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import expect_accessible
from tests.e2e.test_labeling import editor, shown_text
from tests.factories import choice, make_completion, make_tasks

OpenWatched = Callable[..., Watched]


@pytest.fixture
def project(players: Cast) -> Project:
    """Thirty reviews of hotels, every third about the harbour, the first three of them labeled."""
    project = players.project
    delete_tasks(project_id=project.pk, deleted_by=players.owner)
    places = ("harbour", "station", "park")
    rows = [
        {"text": f"A room at the {places[number % 3]}, {number}", "stars": number % 5} for number in range(30)
    ]
    for task in make_tasks(project, rows)[:3]:
        make_completion(task, players.annotator, result=choice("Negative"))
    return project


def expect_no_findings(page: Page) -> None:
    """Look for what axe finds, and for sideways scrolling."""
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_manager_filters_selects_acts_and_takes_it_back(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    page = watched(players.manager).page
    page.goto(f"/projects/{project.pk}/tasks")

    # Tasks about the harbour with three stars at least, the highest first.
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Column", exact=True).select_option("data.text")
    page.get_by_label("Value").fill("harbour")
    page.get_by_role("button", name="Add filter").click()
    page.get_by_label("Column", exact=True).last.select_option("data.stars")
    page.get_by_label("Compared").last.select_option("Number")
    page.get_by_label("Operator").last.select_option("in")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("Say what it is compared with.")).to_be_visible()
    page.get_by_label("At least").fill("3")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator(".dm-count")).to_have_text("4 of 30 tasks")
    expect(page.get_by_text("stars is at least 3")).to_be_visible()
    expect_no_findings(page)
    page.locator("#dm-filters").get_by_role("button", name="Close").click()
    page.get_by_role("link", name="ID", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_be_visible()
    page.get_by_role("link", name="ID", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()

    # Kept as a tab.
    page.get_by_role("button", name="Save as tab").click()
    page.get_by_label("Name").fill("Good harbours")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"\?tab=\d+$"))
    page.wait_for_load_state()  # it is another document, and selecting needs its script
    expect(page.locator(".dm-count")).to_have_text("4 of 30 tasks")
    assert View.objects.get().data["title"] == "Good harbours"

    # All that match but one get another overlap, and then the old one again.
    page.get_by_label("Select all tasks of this page").check()
    page.locator("[data-id]").first.get_by_role("checkbox").uncheck()
    expect(page.locator("#dm-selected")).to_have_text("3 selected")
    page.get_by_role("button", name="Select all 4 matching").click()
    left_out = page.locator("[data-id]").first
    left_out.get_by_role("checkbox").uncheck()
    expect(page.locator("#dm-selected")).to_have_text("3 selected")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Set overlap").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 tasks")).to_be_visible()
    dialog.get_by_role("spinbutton").fill("4")
    dialog.get_by_role("button", name="Set overlap").click()
    card = page.get_by_role("article").filter(has_text="Set overlap")
    expect(card.get_by_text("Done")).to_be_visible()
    changed = set(Task.objects.filter(overlap=4).values_list("pk", flat=True))
    assert len(changed) == 3
    assert int(left_out.get_attribute("data-id") or 0) not in changed
    expect(page.locator("#dm-bar")).to_be_hidden()

    card.get_by_role("button", name="Undo").click()
    expect(card.get_by_text("Undone", exact=True)).to_be_visible()
    assert not Task.objects.filter(overlap=4).exists()

    # The way back leads to what was shown before.
    page.go_back()
    expect(page).to_have_url(re.compile("ordering=-id"))
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    expect(page.locator(".dm-count")).to_have_text("4 of 30 tasks")


def test_selected_tasks_are_labeled_one_after_the_other_in_their_order(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    page = watched(players.manager).page
    texts = ["A room at the park, 29", "A room at the station, 28"]
    page.goto(f"/projects/{project.pk}/tasks?ordering=-id")
    for row in (page.locator("[data-id]").nth(place) for place in (0, 1)):
        row.get_by_role("checkbox").check()

    page.locator("#dm-bar").get_by_role("button", name="Label", exact=True).click()
    for text in texts:
        expect(shown_text(page, text)).to_be_visible()
        editor(page).get_by_text("Positive").click()
        editor(page).get_by_label("submit", exact=True).click()
        expect(shown_text(page, text)).to_be_hidden()
    expect(page.get_by_text("None of the chosen tasks is left for you")).to_be_visible()

    answered = Completion.objects.filter(completed_by=players.manager).order_by("pk")
    assert [row.task.data["text"] for row in answered] == texts


def test_the_keyboard_is_enough(watched: OpenWatched, players: Cast, project: Project) -> None:
    page = watched(players.reviewer).page
    page.goto(f"/projects/{project.pk}/tasks")
    keys = page.keyboard

    keys.press("/")
    keys.type("harbour")
    keys.press("Enter")
    expect(page.locator(".dm-count")).to_have_text("10 of 30 tasks")
    expect(page.locator("#dm-search")).to_be_focused()
    page.evaluate("document.activeElement.blur()")

    keys.press("j")
    keys.press("x")
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(page.locator("#dm-selected")).to_have_text("3 selected")
    keys.press("k")
    keys.press("Space")
    expect(page.locator("#dm-selected")).to_have_text("2 selected")
    keys.press("Escape")
    expect(page.locator("#dm-bar")).to_be_hidden()

    # A column is made wider, and moved.
    width = page.get_by_role("separator", name="Width of text")
    width.focus()
    keys.press("ArrowRight")
    expect(page).to_have_url(re.compile("widths="))
    expect(width).to_have_attribute("aria-valuenow", "356")
    expect(width).to_be_focused()
    page.get_by_role("button", name="Columns").focus()
    keys.press("Enter")
    page.get_by_role("button", name="Move text down").focus()
    keys.press("Enter")
    expect(page.locator("th[data-movable]").first).to_contain_text("State")
    expect(page.get_by_role("button", name="Move text down")).to_be_focused()
    expect(page.locator("#dm-results[aria-busy]")).to_have_count(0)
    page.wait_for_load_state("networkidle")  # leaving the page would break off what it asks for
    keys.press("Escape")
    expect(page.locator("#dm-columns")).to_be_hidden()
    expect(page.get_by_role("button", name="Columns")).to_be_focused()

    page.evaluate("document.activeElement.blur()")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/tasks/\d+$"))


def test_a_phone_shows_the_grid_and_acts(watched: OpenWatched, players: Cast, project: Project) -> None:
    watch = watched(players.owner, width=390, height=800, theme="dark")
    page = watch.page
    page.goto(f"/projects/{project.pk}/tasks?page_size=25")

    page.get_by_role("link", name="Grid").click()
    expect(page.locator("#dm-grid > li")).to_have_count(25)
    expect_no_findings(page)
    page.locator("#dm-grid").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Select all 30 matching").click()
    expect(page.locator("#dm-selected")).to_have_text("30 selected")
    expect_no_findings(page)
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Delete completions").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("with 3 completions and 0 predictions")).to_be_visible()
    expect_no_findings(page)
    dialog.get_by_role("button", name="Delete completions").click()
    expect(page.get_by_role("article").get_by_text("3 completions deleted.")).to_be_visible()
    expect(page.locator("#dm-grid .status", has_text="Labeled")).to_have_count(0)

    page.get_by_label("Search the data").fill("zebra")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No task matches")).to_be_visible()
    expect_no_findings(page)
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#dm-grid > li")).to_have_count(25)
