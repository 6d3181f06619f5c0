"""The settings pages: how they look, the live preview of instructions, and the guard of unsaved changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from apps.projects.models import Project
from tests.cast import Cast
from tests.e2e.conftest import SAY_IT_FOR_LONG, Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import choice, make_tasks

OpenWatched = Callable[..., Watched]
INSTRUCTIONS = """# How to judge

Read the **whole** review, then choose *one* answer.

| review | answer |
| - | - |
| “We loved the breakfast.” | Positive |
| “Never again.” | Negative |

> When in doubt, [ask in the forum](https://example.com/forum).

1. Read.
2. Choose `Positive` or `Negative`.
"""


@pytest.fixture
def project(players: Cast) -> Project:
    """A project with every setting changed, and predictions of two versions."""
    Project.objects.filter(pk=players.project.pk).update(
        description="How people felt about a hotel, from their reviews.",
        color="#12939E",
        instruction=INSTRUCTIONS,
        show_instruction=True,
        model_version="bert-2",
    )
    predictions = [{"result": choice(), "model_version": version} for version in ("bert-1", "bert-2")]
    make_tasks(players.project, [{"data": {"text": "The room was quiet."}, "predictions": predictions}])
    return players.project


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_settings_pages(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    page = watched(players.owner, width=width, theme=theme).page
    for name in ("", "/labeling", "/instructions", "/task-order", "/api", "/danger"):
        answer = page.goto(f"/projects/{project.pk}/settings{name}")
        assert answer is not None
        assert answer.status == 200, name
        check(page, f"settings{name.replace('/', '-')}", width, theme)


def test_instructions_are_previewed_as_they_are_typed(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    page = watched(players.owner).page
    page.goto(f"/projects/{project.pk}/settings/instructions")
    preview = page.get_by_role("region", name="What annotators see")
    expect(preview.get_by_role("heading", name="How to judge")).to_be_visible()

    page.get_by_role("textbox", name="Instructions").fill(
        "Only **this** <script>document.title = 'taken'</script>"
    )

    expect(preview.locator("strong")).to_have_text("this")
    expect(preview.get_by_role("heading")).to_have_count(0)
    assert page.title().startswith("Instructions")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    page.goto(f"/projects/{project.pk}/label")
    expect(page.get_by_role("dialog", name="Instructions").locator("strong")).to_have_text("this")


def answer_dialogs(page: Page, *, leave: bool) -> list[str]:
    """Answer every question of the browser, and return the kinds of those that were asked."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if leave:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return asked


def test_a_page_with_unsaved_changes_is_not_left_by_mistake(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    page = watched(players.owner).page
    page.goto(f"/projects/{project.pk}/settings")
    asked = answer_dialogs(page, leave=False)
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    page.get_by_label("Name").fill("Hotels")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Overview").click(no_wait_after=True)

    expect(page.get_by_label("Name")).to_have_value("Hotels")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page).to_have_title("Hotels · Label Studio")
    assert asked == ["beforeunload"]


def test_a_change_that_was_taken_back_is_no_change(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    page = watched(players.owner).page
    page.goto(f"/projects/{project.pk}/settings")
    asked = answer_dialogs(page, leave=False)

    page.get_by_label("Name").fill("Hotels")
    page.get_by_label("Name").fill("Sentiments")
    page.get_by_role("link", name="Overview").click()

    expect(page).to_have_title("Sentiments · Label Studio")
    assert asked == []


def test_what_was_refused_is_still_unsaved(watched: OpenWatched, players: Cast, project: Project) -> None:
    watch = watched(players.owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/settings/task-order")
    page.get_by_label("Completions per task").fill("0")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Ensure this value is greater than or equal to 1.")).to_be_visible()
    page.wait_for_load_state()  # the guard is a script
    asked = answer_dialogs(page, leave=True)

    page.get_by_role("main").click()  # browsers ask only on pages that were touched
    with page.expect_event("dialog"):
        page.get_by_role("link", name="General").click()

    expect(page.get_by_role("heading", name="General")).to_be_visible()
    assert asked == ["beforeunload"]
    watch.expect_problem("422 (Unprocessable Entity)")


def test_a_color_is_chosen_with_the_keyboard(watched: OpenWatched, players: Cast, project: Project) -> None:
    page = watched(players.owner).page
    page.goto(f"/projects/{project.pk}/settings")

    page.get_by_role("radio", name="Teal").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    assert Project.objects.get(pk=project.pk).color == "#3A9A3F"


def test_a_command_is_copied(watched: OpenWatched, players: Cast, project: Project) -> None:
    page = watched(players.owner).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(SAY_IT_FOR_LONG)
    page.goto(f"/projects/{project.pk}/settings/api")

    page.get_by_role("button", name="Copy: Import tasks").click()

    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -X POST")
    assert f"/api/projects/{project.pk}/import" in copied


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_gallery_is_searched_and_a_template_is_chosen(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    page = watched(players.owner, width=width, theme=theme).page
    page.goto(f"/projects/{project.pk}/settings/templates")
    check(page, "gallery", width, theme)
    search = page.get_by_role("searchbox", name="Search templates")

    search.press_sequentially("zebra")
    expect(page.get_by_text("No template matches")).to_be_visible()
    check(page, "gallery-none-found", width, theme)
    page.get_by_role("button", name="Show all templates").click()
    expect(search).to_be_focused()
    page.get_by_role("combobox", name="Group of templates").select_option("Images")
    search.press_sequentially("boxes rectanglelabels")
    cards = page.locator(".gallery-card:visible")
    expect(cards.first).to_be_visible()
    assert all(
        "rectanglelabels" in text
        for text in cards.evaluate_all("all => all.map(card => card.dataset.galleryText)")
    )

    page.get_by_role("button", name="Preview").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("RectangleLabels").first).to_be_visible()
    check(page, "gallery-preview", width, theme)
    dialog.get_by_role("link", name="Use template").click()
    expect(page).to_have_url(re.compile(rf"/projects/{project.pk}/settings/labeling\?template=\w+$"))
