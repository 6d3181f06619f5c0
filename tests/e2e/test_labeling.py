"""Labeling in the real editor: what is drawn is what is exported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FloatRect, FrameLocator, Locator, Page, expect

from apps.accounts.models import GlobalRole, User
from apps.completions.models import Completion, Draft
from apps.labeling.templates import labeling_templates
from apps.projects.models import Project
from apps.projects.policy import Role
from tests.e2e.conftest import DATA, OpenContext, Watched
from tests.factories import make_member, make_project, make_tasks, make_user

OpenWatched = Callable[..., Watched]


def config(name: str) -> str:
    """Return the packaged labeling config of this name."""
    return labeling_templates()[name].config


def editor(page: Page) -> FrameLocator:
    """Return the editor that is shown, not the one waiting behind it."""
    return page.frame_locator("iframe.editor-frame:not(.is-spare)")


def shown_text(page: Page, text: str = "") -> Locator:
    """Return the text that the editor shows; beside it, the editor keeps a hidden copy."""
    return editor(page).locator(".lsf-htx-richtext", has_text=text)


def exported(page: Page, project: Project) -> list[dict[str, Any]]:
    """Download the project's export through its page and return the tasks in it."""
    page.goto(f"/projects/{project.pk}/export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    return list(json.loads(download.value.path().read_text()))


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Somebody who may create projects."""
    return make_user("owner@example.com", role=GlobalRole.MANAGER)


def test_a_text_span_is_exported_as_it_was_selected(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=config("text_named_entity"))
    rows = json.loads((DATA / "bohemia.json").read_text())
    make_tasks(project, rows[:1])
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "To Sherlock Holmes")).to_be_visible()
    page.keyboard.press("1")
    select(page, 3, 18)
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    [task] = exported(page, project)
    [annotation] = task["annotations"]
    [item] = annotation["result"]
    assert item["value"] == {"start": 3, "end": 18, "text": "Sherlock Holmes", "labels": ["Person"]}
    assert (item["from_name"], item["to_name"], item["type"]) == ("entity", "text", "labels")
    assert annotation["completed_by"] == owner.pk
    assert annotation["lead_time"] > 0


def expect_ready(page: Page) -> None:
    """Wait until the page has opened a task, and has nothing to say of it."""
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()


def place_of_picture(page: Page, width: int) -> FloatRect:
    """Return where on the page the editor shows a picture, so many pixels wide, as soon as it has settled there."""
    expect_ready(page)
    expect(editor(page).locator("img[src*='/images/']").first).to_have_js_property("naturalWidth", width)
    canvas = editor(page).locator("canvas").first
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()  # waits until it does not move
    box = canvas.bounding_box()
    assert box is not None
    return box


def select(page: Page, start: int, end: int) -> None:
    """Select characters of the shown text with the mouse."""
    shown_text(page).scroll_into_view_if_needed()  # waits until it does not move
    box = shown_text(page).evaluate(
        """(element, [start, end]) => {
          const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
          const node = walker.nextNode();
          const range = document.createRange();
          range.setStart(node, start);
          range.setEnd(node, end);
          const { left, right, top, bottom } = range.getBoundingClientRect();
          const frame = window.frameElement.getBoundingClientRect();
          return { left: left + frame.left, right: right + frame.left, y: (top + bottom) / 2 + frame.top };
        }""",
        [start, end],
    )
    page.mouse.move(box["left"] + 1, box["y"])
    page.mouse.down()
    page.mouse.move(box["right"] - 1, box["y"], steps=5)
    page.mouse.up()


def test_a_rectangle_on_a_photograph_is_exported_where_it_was_drawn(
    watched: OpenWatched, owner: User, data_host: str
) -> None:
    project = make_project(owner, label_config=config("image_bbox"))
    make_tasks(project, [{"image": f"{data_host}/images/chelsea.png"}])
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    box = place_of_picture(page, 451)
    page.keyboard.press("1")
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    page.mouse.up()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    [task] = exported(page, project)
    [item] = task["annotations"][0]["result"]
    assert (item["original_width"], item["original_height"]) == (451, 300)
    assert item["value"]["x"] == pytest.approx(25, abs=1)
    assert item["value"]["y"] == pytest.approx(25, abs=1)
    assert item["value"]["width"] == pytest.approx(50, abs=1.5)
    assert item["value"]["height"] == pytest.approx(25, abs=1.5)


def test_a_choice_by_keyboard_leads_to_the_next_task_without_a_reload(
    watched: OpenWatched, owner: User
) -> None:
    project = make_project(owner, tasks=2)
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "text 1")).to_be_visible()
    page.evaluate("window.stillTheSamePage = true")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(shown_text(page, "text 2")).to_be_visible()
    expect(page.get_by_text("1 by you")).to_be_visible()

    assert page.evaluate("window.stillTheSamePage")
    [completion] = Completion.objects.filter(project=project)
    assert completion.result[0]["value"] == {"choices": ["Positive"]}


def test_a_skipped_task_is_stored_as_skipped(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, tasks=1)
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    editor(page).get_by_label("skip-task").click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    assert [row.was_cancelled for row in Completion.objects.filter(project=project)] == [True]


def test_the_previous_task_can_be_changed(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, tasks=2)
    page = watched(owner).page
    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "text 1")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(shown_text(page, "text 2")).to_be_visible()

    page.get_by_role("button", name="Previous task").click()
    expect(shown_text(page, "text 1")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(shown_text(page, "text 2")).to_be_visible()

    [completion] = Completion.objects.filter(project=project)
    assert completion.result[0]["value"] == {"choices": ["Negative"]}


def test_labeling_starts_from_the_prediction(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner)
    result = [
        {
            "id": "p1",
            "from_name": "sentiment",
            "to_name": "text",
            "type": "choices",
            "value": {"choices": ["Negative"]},
        }
    ]
    [task] = make_tasks(
        project,
        [
            {
                "data": {"text": "predicted"},
                "predictions": [{"result": result, "score": 0.9, "model_version": "m1"}],
            }
        ],
    )
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "predicted")).to_be_visible()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    completion = Completion.objects.get(task=task)
    assert completion.result[0]["value"] == {"choices": ["Negative"]}
    assert completion.parent_prediction == task.predictions.get().pk


def test_work_survives_a_lost_connection_and_is_stored_once(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, tasks=1)
    watch = watched(owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "text 1")).to_be_visible()
    page.keyboard.press("1")

    # The request reaches the server and is stored there, but the reply gets lost.
    def lose_the_reply(route: Any) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(r"/api/tasks/\d+/annotations/"), lose_the_reply, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("No task for you now")).to_be_visible()

    assert Completion.objects.filter(project=project).count() == 1
    watch.expect_problem("/annotations/")


def test_a_config_that_the_editor_cannot_show_is_explained(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, tasks=1)
    Project.objects.filter(pk=project.pk).update(
        label_config='<View><Nonsense name="a" value="$text"/></View>'
    )
    watch = watched(owner)

    watch.page.goto(f"/projects/{project.pk}/label")

    expect(watch.page.get_by_text("The editor cannot show this task.")).to_be_visible()
    watch.expect_problem("No model registered for tag: nonsense")


def test_html_inside_a_task_runs_no_script(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config='<View><HyperText name="html" value="$html"/></View>')
    html = "<p>Read me</p><SCRIPT>top.hacked = 1</SCRIPT><img src='data:image/png,' onerror='top.hacked = 1'>"
    make_tasks(project, [{"html": html}])
    watch = watched(owner)

    watch.page.goto(f"/projects/{project.pk}/label")
    shown = editor(watch.page).locator("iframe").first.content_frame
    expect(shown.get_by_text("Read me")).to_be_visible()
    watch.page.wait_for_timeout(500)

    assert watch.page.evaluate("window.hacked") is None
    watch.expect_problem("Content Security Policy", "CSP script-src")


def test_a_recording_is_played_and_transcribed(watched: OpenWatched, owner: User, data_host: str) -> None:
    project = make_project(owner, label_config=config("audio_transcribe"))
    make_tasks(project, [{"audio": f"{data_host}/audio/pluck-pcm16.wav"}])
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/label")
    expect(editor(page).locator("wave").first).to_be_visible()
    editor(page).locator("textarea").fill("a plucked string")
    page.keyboard.press("Shift+Enter")
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    [completion] = Completion.objects.filter(project=project)
    assert completion.result[0]["value"] == {"text": ["a plucked string"]}


def test_a_session_that_ended_keeps_the_work_and_goes_on_by_itself_after_signing_in(
    watched: OpenWatched, owner: User
) -> None:
    project = make_project(owner, tasks=2)
    watch = watched(owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "text 1")).to_be_visible()
    editor(page).get_by_text("Positive").click()
    cookies: Any = page.context.cookies()

    page.context.clear_cookies()
    editor(page).get_by_label("submit", exact=True).click()
    dialog = page.get_by_role("dialog", name="You are signed out; your work is still here")
    expect(dialog).to_be_visible()
    page.context.add_cookies(cookies)
    expect(dialog).to_be_hidden()
    expect(shown_text(page, "text 2")).to_be_visible()

    [completion] = Completion.objects.filter(project=project)
    assert completion.result[0]["value"] == {"choices": ["Positive"]}
    watch.expect_problem("401")


def test_work_is_not_saved_for_somebody_else_who_signs_in(
    watched: OpenWatched, open_context: OpenContext, owner: User
) -> None:
    project = make_project(owner, tasks=1)
    other = make_member(project, Role.ANNOTATOR, "other@example.com")
    watch = watched(owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/label")
    expect(shown_text(page, "text 1")).to_be_visible()
    cookies: Any = open_context(other).cookies()

    page.context.add_cookies(cookies)
    editor(page).get_by_text("Positive").click()
    editor(page).get_by_label("submit", exact=True).click()

    expect(page.get_by_text("You are signed in as other@example.com now.")).to_be_visible()
    assert not Completion.objects.filter(project=project).exists()
    assert not Draft.objects.filter(user=other).exists()
    watch.expect_problem("400")
