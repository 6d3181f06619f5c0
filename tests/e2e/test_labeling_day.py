"""Days of annotators on the label page: drafts, a lost connection, others at the same work, the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from apps.accounts.models import User
from apps.completions.models import Completion, Draft, Revision
from apps.completions.services import update_completion
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.e2e.conftest import OpenContext, Watched
from tests.e2e.looks import expect_accessible
from tests.e2e.test_labeling import editor, shown_text
from tests.factories import make_completion, make_member, make_project, make_tasks
from tests.jobs.conftest import wait_until

OpenWatched = Callable[..., Watched]

BEAT_AT_ONCE = """
const plain = window.setInterval;
window.setInterval = (task, time, ...rest) => plain(task, time === 60000 ? 250 : time, ...rest);
"""
"""Lets the page ask for its reservations every quarter of a second, not every minute."""

TWO_QUESTIONS = """
<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text"><Choice value="Positive"/><Choice value="Negative"/></Choices>
  <Choices name="topic" toName="text"><Choice value="Food"/><Choice value="Room"/></Choices>
</View>
"""


@pytest.fixture
def project(transactional_db: None) -> Project:
    """A project with three tasks."""
    return make_project(tasks=3)


@pytest.fixture
def annotator(project: Project) -> User:
    """Somebody who labels in it."""
    return make_member(project, Role.ANNOTATOR, "ana@example.com")


def open_label_page(page: Page, project: Project, text: str, query: str = "") -> None:
    """Open the label page and wait for a task."""
    page.goto(f"/projects/{project.pk}/label{query}")
    expect(shown_text(page, text)).to_be_visible()


def expect_next_task_to_be_ready(page: Page, text: str) -> None:
    """Wait until the task after the one shown is open, out of sight."""
    waiting = page.frame_locator("iframe.editor-frame.is-spare")
    expect(waiting.locator(".lsf-htx-richtext", has_text=text)).to_be_attached()


def submit(page: Page, choice: str) -> None:
    """Answer the task that is shown."""
    editor(page).get_by_text(choice).click()
    editor(page).get_by_label("submit", exact=True).click()


def answer_menu(page: Page, item: str) -> None:
    """Choose from the menu of one's answer."""
    page.get_by_role("button", name="Your answer").click()
    page.locator("#answer-menu").get_by_role("button", name=item).click()


def answers(project: Project) -> list[tuple[str, str]]:
    """Return who chose what, oldest first."""
    rows = Completion.objects.filter(project=project).order_by("pk").select_related("completed_by")
    return [(row.completed_by.email, chosen(row.result)) for row in rows if row.completed_by]


def chosen(result: list[dict[str, Any]]) -> str:
    """Return what a result chose, or that it is a skip."""
    return ", ".join(label for item in result for label in item["value"]["choices"]) or "nothing"


def test_a_day_of_an_annotator(watched: OpenWatched, project: Project, annotator: User) -> None:
    page = watched(annotator).page
    open_label_page(page, project, "text 1")
    expect(page.get_by_text("0 by you today")).to_be_visible()
    submit(page, "Positive")
    expect(shown_text(page, "text 2")).to_be_visible()
    expect(page.get_by_text("1 by you today")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"task={Task.objects.get(inner_id=2).pk}$"))
    editor(page).get_by_label("skip-task").click()
    expect(shown_text(page, "text 3")).to_be_visible()

    # Another visit, after the first one gave its task back: the way back leads to what was answered before.
    page.goto("/")
    wait_until(lambda: not Lease.objects.filter(user=annotator).exists())
    open_label_page(page, project, "text 3")
    page.get_by_role("button", name="Previous task").click()
    expect(shown_text(page, "text 2")).to_be_visible()
    answer_menu(page, "Take back the skip")
    expect(page.get_by_text(re.compile(r"^Your draft of .* was restored\."))).to_be_visible()
    page.get_by_role("button", name="Previous task").click()
    expect(shown_text(page, "text 1")).to_be_visible()
    editor(page).get_by_text("Negative").click()
    editor(page).get_by_label("submit", exact=True).click()
    expect(shown_text(page, "text 2")).to_be_visible()
    submit(page, "Positive")
    expect(shown_text(page, "text 3")).to_be_visible()
    submit(page, "Positive")
    expect(page.get_by_text("No task for you now")).to_be_visible()
    expect(page.get_by_text("All 3 tasks are labeled.")).to_be_visible()
    assert [answer for _, answer in answers(project)] == ["Negative", "Positive", "Positive"]

    page.get_by_role("button", name="Previous task").click()
    expect(shown_text(page, "text 3")).to_be_visible()
    answer_menu(page, "Delete your answer")
    page.get_by_role("dialog", name="Delete your answer?").get_by_role("button", name="Delete").click()
    expect(page.locator("#answer-menu")).to_contain_text("Submit or skip first")
    assert [answer for _, answer in answers(project)] == ["Negative", "Positive"]
    assert not Draft.objects.exists()


def test_an_answer_is_duplicated_and_both_can_be_opened(
    watched: OpenWatched, project: Project, annotator: User
) -> None:
    task = Task.objects.get(inner_id=1)
    make_completion(task, annotator)
    page = watched(annotator).page
    open_label_page(page, project, "text 1", f"?task={task.pk}")

    answer_menu(page, "Duplicate as new")
    page.get_by_role("button", name="Your answer").click()
    expect(page.get_by_role("button", name=re.compile("^Open your answer of"))).to_be_visible()
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.keyboard.press("Escape")
    editor(page).get_by_text("Negative").click()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("Updated")).to_be_visible()

    assert [answer for _, answer in answers(project)] == ["Positive", "Negative"]
    expect(shown_text(page, "text 1")).to_be_visible()


def test_work_goes_on_without_a_connection_and_is_sent_in_order_when_it_is_back(
    open_context: OpenContext, project: Project, annotator: User
) -> None:
    context = open_context(annotator)
    page = context.new_page()
    open_label_page(page, project, "text 1")
    expect_next_task_to_be_ready(page, "text 2")

    context.set_offline(True)
    submit(page, "Positive")
    expect(shown_text(page, "text 2")).to_be_visible()
    submit(page, "Negative")
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    expect(page.get_by_text("Offline – 2 answers kept on this device")).to_be_visible()
    assert answers(project) == []
    context.set_offline(False)

    expect(shown_text(page, "text 3")).to_be_visible()
    assert answers(project) == [("ana@example.com", "Positive"), ("ana@example.com", "Negative")]


def test_answers_of_a_closed_page_go_out_when_it_is_opened_again(
    open_context: OpenContext, project: Project, annotator: User
) -> None:
    context = open_context(annotator)
    page = context.new_page()
    open_label_page(page, project, "text 1")
    expect_next_task_to_be_ready(page, "text 2")
    context.set_offline(True)
    submit(page, "Negative")
    expect(page.get_by_text("Offline – 1 answer kept on this device")).to_be_visible()
    page.close()
    context.set_offline(False)

    open_label_page(context.new_page(), project, "text 2")

    assert answers(project) == [("ana@example.com", "Negative")]


def test_a_draft_survives_a_closed_browser(
    open_context: OpenContext, project: Project, annotator: User
) -> None:
    first = open_context(annotator)
    page = first.new_page()
    open_label_page(page, project, "text 1")
    editor(page).get_by_text("Negative").click()
    expect(page.get_by_text(re.compile(r"^Saved \d"))).to_be_visible()
    first.close()

    page = open_context(annotator).new_page()
    open_label_page(page, project, "text 1")
    expect(page.get_by_text(re.compile(r"^Your draft of .* was restored\."))).to_be_visible()
    editor(page).get_by_label("submit", exact=True).click()
    expect(shown_text(page, "text 2")).to_be_visible()

    assert answers(project) == [("ana@example.com", "Negative")]
    assert not Draft.objects.exists()


def test_a_draft_that_never_reached_the_server_is_there_for_its_person_alone_and_can_be_discarded(
    open_context: OpenContext, project: Project, annotator: User
) -> None:
    Project.objects.filter(pk=project.pk).update(overlap=2)
    Task.objects.filter(project=project).update(overlap=2)
    context = open_context(annotator)
    page = context.new_page()
    open_label_page(page, project, "text 1")
    context.set_offline(True)
    editor(page).get_by_text("Negative").click()
    expect(page.get_by_text("Offline – kept on this device")).to_be_visible()
    page.close()
    context.set_offline(False)

    other = make_member(project, Role.ANNOTATOR, "other@example.com")
    mine = sign_in_as(context, open_context(other))
    page = context.new_page()
    open_label_page(page, project, "text 1")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    expect(page.locator("#label-notices")).to_be_empty()
    page.close()
    assert not Draft.objects.exists()

    context.add_cookies(mine)
    page = context.new_page()
    open_label_page(page, project, "text 1")
    expect(page.get_by_text(re.compile(r"^Your draft of .* was restored\."))).to_be_visible()
    expect(editor(page).locator("input:checked")).to_have_count(1)
    page.get_by_role("button", name="Discard").click()
    expect(editor(page).locator("input:checked")).to_have_count(0)
    expect(page.locator("#label-notices")).to_be_empty()
    assert not Draft.objects.exists()


def test_what_is_done_in_an_editor_that_another_task_is_about_to_replace_counts_for_none(
    watched: OpenWatched, project: Project, annotator: User
) -> None:
    earlier = make_completion(project.tasks.order_by("pk")[0], annotator)
    page = watched(annotator).page
    open_label_page(page, project, "text 2")
    expect_next_task_to_be_ready(page, "text 3")
    page.route("**/label/frame", lambda _: None)

    with page.expect_request("**/label/frame"):
        page.get_by_role("button", name="Previous task").click()
    expect(page.locator("#label-task")).to_have_text(f"Task {earlier.task_id}")
    editor(page).get_by_label("submit", exact=True).dispatch_event("click")
    page.unroute("**/label/frame")  # lets go on what waits
    expect(shown_text(page, "text 1")).to_be_visible()
    submit(page, "Negative")
    expect(shown_text(page, "text 2")).to_be_visible()

    assert answers(project) == [("ana@example.com", "Negative")]
    assert Revision.objects.filter(completion_id=earlier.pk).count() == 1


def sign_in_as(context: BrowserContext, other: BrowserContext) -> Any:
    """Let the person of another context be signed in here; return the cookies of who was."""
    before = context.cookies()
    cookies: Any = other.cookies()
    context.add_cookies(cookies)
    return before


def test_two_people_who_change_one_answer_merge_it(watched: OpenWatched, transactional_db: None) -> None:
    project = make_project(label_config=TWO_QUESTIONS)
    [task] = make_tasks(project, [{"text": "The eggs were cold."}])
    annotator = make_member(project, Role.ANNOTATOR, "ana@example.com")
    reviewer = make_member(project, Role.REVIEWER, "rea@example.com")
    completion = make_completion(task, annotator, result=[answer("sentiment", "Positive")])
    watch = watched(annotator)
    page = watch.page
    open_label_page(page, project, "The eggs", f"?task={task.pk}")
    both = [answer("sentiment", "Positive"), answer("topic", "Food")]
    update_completion(completion_id=completion.pk, updated_by=reviewer, result=both)

    editor(page).get_by_text("Negative").click()
    editor(page).get_by_label("submit", exact=True).click()
    dialog = page.get_by_role("dialog", name="This answer was changed meanwhile")
    expect(dialog).to_contain_text("rea@example.com changed your answer")
    expect(dialog.locator("#conflict-mine")).to_contain_text("sentiment: Negative")
    expect(dialog.locator("#conflict-theirs")).to_contain_text("topic: Food")
    expect_accessible(page, iframes=False)
    dialog.get_by_role("button", name="Merge both").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Updated")).to_be_visible()

    completion.refresh_from_db()
    assert sorted(item["value"]["choices"][0] for item in completion.result) == ["Food", "Negative"]
    assert completion.version == 3
    assert Revision.objects.filter(completion_id=completion.pk).count() == 2
    watch.expect_problem("409")


def answer(control: str, label: str) -> dict[str, Any]:
    """Return an item of a result that answers one question."""
    value = {"choices": [label]}
    return {"id": control, "from_name": control, "to_name": "text", "type": "choices", "value": value}


def test_two_annotators_at_once_never_get_the_same_task(
    open_context: OpenContext, annotator: User, project: Project
) -> None:
    make_tasks(project, [{"text": f"more {number}"} for number in range(3)])
    other = make_member(project, Role.ANNOTATOR, "ben@example.com")
    pages = [open_context(person).new_page() for person in (annotator, other)]
    for page in pages:
        page.goto(f"/projects/{project.pk}/label")
    for _ in range(6):
        for page in pages:
            if has_task(page):
                submit_and_wait(page)
    assert [has_task(page) for page in pages] == [False, False]

    rows = Completion.objects.filter(project=project)
    assert sorted(rows.values_list("task_id", flat=True)) == sorted(
        project.tasks.values_list("pk", flat=True)
    )
    assert {row.completed_by_id for row in rows} == {annotator.pk, other.pk}


def test_who_loses_a_reservation_is_told_and_keeps_the_work(
    watched: OpenWatched, project: Project, annotator: User
) -> None:
    other = make_member(project, Role.ANNOTATOR, "ben@example.com")
    watch = watched(annotator)
    page = watch.page
    page.add_init_script(BEAT_AT_ONCE)
    open_label_page(page, project, "text 1")
    editor(page).get_by_text("Negative").click()
    expect(page.get_by_text(re.compile(r"^Saved \d"))).to_be_visible()
    with transaction.atomic():  # at one moment: the page would take it again
        Lease.objects.filter(user=annotator).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert reserve_next(project=project, user=other) == Task.objects.get(inner_id=1).pk

    expect(page.get_by_text("Your reservation ran out: others may get this task too.")).to_be_visible()
    expect(editor(page).get_by_label("Negative")).to_be_checked()
    assert Draft.objects.get(user=annotator).result[0]["value"] == {"choices": ["Negative"]}
    editor(page).get_by_label("submit", exact=True).click()
    expect(shown_text(page, "text 1")).to_be_hidden()

    assert answers(project) == [("ana@example.com", "Negative")]
    watch.expect_problem("404")


def has_task(page: Page) -> bool:
    """Wait for a task, or for being told that there is none."""
    nothing = page.get_by_text("No task for you now")
    expect(page.locator("#label-task:not(:empty)").or_(nothing)).to_be_visible()
    return not nothing.is_visible()


def submit_and_wait(page: Page) -> None:
    """Answer the task that is shown and wait until it is gone."""
    shown = page.locator("#label-task").inner_text()
    submit(page, "Positive")
    expect(page.locator("#label-task")).not_to_have_text(shown)


def test_the_whole_day_by_keyboard_alone(watched: OpenWatched, project: Project, annotator: User) -> None:
    Project.objects.filter(pk=project.pk).update(instruction="<p>Judge the whole text.</p>")
    page = watched(annotator).page
    open_label_page(page, project, "text 1")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("Alt+i")
    expect(page.get_by_role("dialog", name="Instructions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Instructions")).to_be_hidden()
    expect(page.locator("iframe.editor-frame:not(.is-spare)")).to_be_focused()

    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(shown_text(page, "text 2")).to_be_visible()
    page.keyboard.press("Control+Space")
    expect(shown_text(page, "text 3")).to_be_visible()
    page.keyboard.press("Alt+PageUp")
    expect(shown_text(page, "text 2")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.locator("#answer-menu")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"^Your draft of .* was restored\."))).to_be_visible()
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(shown_text(page, "text 3")).to_be_visible()

    assert [answer for _, answer in answers(project)] == ["Negative", "Positive"]
