"""People who talk about a task: comments with mentions, two answers side by side, going back to an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.services import update_profile
from apps.comments.models import Comment
from apps.completions.models import Completion
from apps.labeling.templates import labeling_templates
from apps.predictions.services import save_prediction
from apps.tasks.models import Task
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check, expect_accessible, photograph
from tests.e2e.test_labeling import editor
from tests.factories import (
    assign,
    choice,
    make_comment,
    make_completion,
    make_completion_of_two_versions,
    make_project,
    make_tasks,
)

OpenWatched = Callable[..., Watched]


@pytest.fixture
def task(players: Cast) -> Task:
    """The first of a few tasks, in a project of people with names."""
    update_profile(user=players.annotator, first_name="Ana", last_name="Torres")
    update_profile(user=players.reviewer, first_name="Rui", last_name="Costa")
    task: Task = players.project.tasks.order_by("pk")[0]
    assign(task, players.annotator)
    return task


def page_of(task: Task) -> str:
    return f"/projects/{task.project_id}/tasks/{task.pk}"


def test_who_is_mentioned_finds_the_comment_and_resolves_it(
    watched: OpenWatched, players: Cast, task: Task
) -> None:
    ana, rui = watched(players.annotator).page, watched(players.reviewer).page

    ana.goto(page_of(task))
    field = ana.get_by_label("New comment")
    field.press_sequentially("Is this <b>positive</b>? @rui")
    expect(ana.get_by_role("option", name="Rui Costa reviewer@example.com")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("Is this <b>positive</b>? @Rui Costa ")
    field.press("Control+Enter")
    expect(ana.locator(".comment-text")).to_have_text("Is this <b>positive</b>? @Rui Costa")
    expect(field).to_have_value("")

    rui.goto("/")
    rui.get_by_role("link", name="Mentions of you, 1 unread").click()
    rui.get_by_role("button", name="Open the task").click()
    comment = rui.locator(".comment.is-sought")
    expect(comment.locator(".mention.is-me")).to_have_text("@Rui Costa")
    comment.get_by_role("button", name="Resolve").click()
    expect(rui.get_by_text("1 resolved")).to_be_visible()
    expect(rui.get_by_role("link", name="Mentions of you", exact=True)).to_be_visible()

    stored = Comment.objects.get()
    assert stored.text == f"Is this <b>positive</b>? @[user:{players.reviewer.pk}]"
    assert stored.resolved_by == players.reviewer


def test_two_answers_are_compared_and_an_earlier_version_comes_back(
    watched: OpenWatched, players: Cast, task: Task
) -> None:
    changed = make_completion_of_two_versions(task, players.annotator)
    make_completion(task, players.reviewer)
    page = watched(players.reviewer).page

    page.goto(page_of(task))
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("1 difference")).to_be_visible()
    expect(page.get_by_role("row", name="Differs another answer")).to_be_visible()

    history = page.get_by_role("article", name=f"Completion {changed.pk} of Ana Torres")
    history.locator("summary", has_text="Restore").click()
    history.get_by_role("button", name="Restore version 1").click()
    expect(
        page.get_by_text(f"Version 1 of completion {changed.pk} is the present one again.")
    ).to_be_visible()
    changed.refresh_from_db()
    assert changed.result == choice()

    page.get_by_role("button", name="Undo").click()
    expect(
        page.get_by_text(f"Version 2 of completion {changed.pk} is the present one again.")
    ).to_be_visible()
    changed.refresh_from_db()
    assert (changed.version, changed.result) == (4, choice("Negative"))

    comment = page.get_by_label("New comment")
    comment.press_sequentially("a")
    comment.fill("")
    expect(page.get_by_text("Not reviewed")).to_have_count(2)
    page.wait_for_load_state("networkidle")  # the cards are shown anew with what was restored
    comment.blur()
    page.keyboard.press("r")
    expect(page.get_by_text(f"Completion {changed.pk} is rejected.")).to_be_visible()


def test_the_panel_beside_the_editor_follows_the_task_and_keeps_what_was_begun(
    watched: OpenWatched, players: Cast, task: Task
) -> None:
    make_comment(task, players.reviewer, "About the first one")
    page = watched(players.annotator).page

    page.goto(f"/projects/{task.project_id}/label?task={task.pk}")
    panel = page.get_by_role("complementary", name="About this task")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.get_by_role("button", name="Comments, history, predictions").click()
    expect(panel.get_by_text("About the first one")).to_be_visible()
    panel.get_by_label("New comment").fill("I am not")
    panel.get_by_role("tab", name="History").click()
    expect(panel.get_by_text("Nothing has been submitted yet.")).to_be_visible()
    panel.get_by_role("tab", name="Comments").click()
    expect(panel.get_by_label("New comment")).to_have_value("I am not")
    panel.get_by_label("New comment").press_sequentially(" sure")
    panel.get_by_role("button", name="Comment", exact=True).click()
    expect(panel.get_by_text("I am not sure")).to_have_class("comment-text")

    page.reload()
    expect(panel.get_by_text("I am not sure")).to_be_visible()
    assert Completion.objects.count() == 0


def test_a_comment_leads_to_its_region_in_the_editor(watched: OpenWatched, players: Cast) -> None:
    config = labeling_templates()["text_named_entity"].config
    project = make_project(players.owner, label_config=config)
    [task] = make_tasks(project, [{"text": "Ada met Sherlock Holmes."}])
    spans = [(0, 3, "first"), (8, 23, "second")]
    make_completion(task, players.owner, result=[_person(*span) for span in spans])
    make_comment(task, players.owner, "Is he a person?", region_id="second")
    page = watched(players.owner).page

    page.goto(f"/projects/{project.pk}/label?task={task.pk}")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.get_by_role("button", name="Comments, history, predictions").click()
    panel = page.get_by_role("complementary", name="About this task")
    expect(panel.get_by_text("About the selected region")).to_be_hidden()
    panel.get_by_role("link", name="Region second").click()

    # The editor tells the panel which region it has selected: the next comment is about the same one.
    expect(panel.get_by_text("About the selected region")).to_be_visible()
    panel.get_by_label("New comment").fill("He is.")
    panel.get_by_role("button", name="Comment", exact=True).click()
    expect(panel.get_by_role("link", name="Region second")).to_have_count(2)
    assert list(Comment.objects.values_list("region_id", flat=True)) == ["second", "second"]


def _person(start: int, end: int, region: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": "", "labels": ["Person"]}
    return {"id": region, "from_name": "entity", "to_name": "text", "type": "labels", "value": value}


def test_a_prediction_is_copied_into_ones_answer(watched: OpenWatched, players: Cast, task: Task) -> None:
    save_prediction(task_id=task.pk, result=choice("Positive"), model_version="bert-1")
    wanted = save_prediction(task_id=task.pk, result=choice("Negative"), model_version="bert-2")
    page = watched(players.annotator).page

    page.goto(f"/projects/{task.project_id}/label?task={task.pk}")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.get_by_role("button", name="Comments, history, predictions").click()
    panel = page.get_by_role("complementary", name="About this task")
    panel.get_by_role("tab", name="Predictions").click()
    prediction = panel.locator(".prediction", has_text="bert-2")
    prediction.get_by_role("button", name="Copy into my answer").click()
    expect(editor(page).get_by_label("Negative")).to_be_checked()
    expect(editor(page).get_by_label("Positive")).not_to_be_checked()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.locator("#label-state[data-state=submitted]")).to_be_attached()

    completion = Completion.objects.get()
    assert completion.result[0]["value"] == {"choices": ["Negative"]}
    assert completion.parent_prediction == wanted.pk


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_talk(watched: OpenWatched, players: Cast, task: Task, width: int, theme: str) -> None:
    completion = make_completion_of_two_versions(task, players.annotator)
    make_completion(task, players.reviewer, ground_truth=True)
    prediction = save_prediction(task_id=task.pk, result=choice(), score=0.83, model_version="bert-2")
    make_comment(task, players.reviewer, "@Ana Torres, is this one ironic?", completion_id=completion.pk)
    make_comment(task, players.annotator, "@owner@example.com @Rui Costa: please look", region_id="r7")
    page = watched(players.owner, width=width, theme=theme).page

    page.goto(f"{page_of(task)}?first=c{completion.pk}&second=p{prediction.pk}")
    _scroll_to_history(page)
    page.locator("summary", has_text="What it says").first.click()
    expect(page.get_by_text("The whole version")).to_be_visible()
    page.locator("summary", has_text="The task as the API has it").click()
    expect(page.locator("#raw-task")).to_be_visible()
    check(page, "talk-task", width, theme)
    page.goto("/mentions")
    check(page, "talk-mentions", width, theme)
    page.goto(f"/projects/{task.project_id}/label?task={task.pk}")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()  # the bar above moves no more
    page.get_by_role("button", name="Comments, history, predictions").click()
    expect(page.locator("#label-panel .comment").first).to_be_visible()
    for tab in ("Comments", "History", "Predictions"):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"#label-panel #{tab.lower()}-panel")).to_be_visible()
        photograph(page, f"talk-panel-{tab.lower()}-{width}-{theme}")
        expect_accessible(page, iframes=False)


def _scroll_to_history(page: Page) -> None:
    page.locator("#history").scroll_into_view_if_needed()
    expect(page.locator("#history-panel")).to_be_visible()
