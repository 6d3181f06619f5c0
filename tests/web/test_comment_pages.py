"""Comments as pages handle them, and the list of mentions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import erase_user, update_profile
from apps.comments.models import Comment, Mention
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import assign, make_comment, make_completion, make_project

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def task(cast: Cast) -> Task:
    task: Task = cast.project.tasks.order_by("pk")[0]
    return task


def page_of(task: Task) -> str:
    return f"/projects/{task.project_id}/tasks/{task.pk}"


def test_a_comment_names_people_as_they_are_called_today(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    update_profile(user=cast.reviewer, first_name="Ana", last_name="Torres")
    assign(task, cast.annotator)
    browser = browser_of(cast.annotator)

    answer = browser.post(f"{page_of(task)}/comments", {"text": "@Ana Torres, look"}, headers=HTMX)
    assert (
        '<span class="mention" title="reviewer@example.com">@Ana Torres</span>, look'
        in answer.content.decode()
    )

    erase_user(user_id=cast.reviewer.pk, erased_by=cast.administrator)
    later = browser.get(f"{page_of(task)}/panel/comments").content.decode()
    assert "Ana" not in later
    assert f"@Person {cast.reviewer.pk}</span>, look" in later


def test_a_comment_that_is_refused_keeps_what_was_written(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion(task, cast.reviewer)
    sent = {"text": "@annotator@example.com why?", "completion": str(completion.pk), "region": "r1"}

    answer = browser_of(cast.reviewer).post(f"{page_of(task)}/comments", sent, headers=HTMX)

    assert answer.status_code == 422
    assert "does not see this completion" in answer.context["refusal"]
    assert answer.context["written"] == {"text": sent["text"], "about": sent["completion"], "region": "r1"}
    assert b"@annotator@example.com why?</textarea>" in answer.content
    assert not Comment.objects.exists()


def test_a_form_that_is_sent_twice_makes_one_comment(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.reviewer)
    first, second = (browser.get(f"{page_of(task)}/panel/comments").context["comment_id"] for _ in range(2))
    sent = {"text": "Look here", "unique_id": str(first)}

    answers = [browser.post(f"{page_of(task)}/comments", sent, headers=HTMX) for _ in range(2)]

    assert f'name="unique_id" value="{second}"' not in answers[0].content.decode()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Comment.objects.get().client_id == first != second


@pytest.mark.parametrize("about", ["x", "0", "99999999999999999999"])
def test_a_completion_that_is_not_there_takes_no_comment(
    cast: Cast, task: Task, browser_of: BrowserOf, about: str
) -> None:
    sent = {"text": "a", "completion": about}

    assert browser_of(cast.owner).post(f"{page_of(task)}/comments", sent, headers=HTMX).status_code == 422
    assert not Comment.objects.exists()


def test_without_scripts_one_comes_back_to_the_task(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    assign(task, cast.annotator)

    answer = browser_of(cast.annotator).post(f"{page_of(task)}/comments", {"text": "Look"})

    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(task)}#comments")
    assert Comment.objects.get().author == cast.annotator


def test_a_text_is_edited_as_it_was_typed(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    update_profile(user=cast.viewer, first_name="Ana", last_name="Torres")
    comment = make_comment(task, cast.annotator, "@Ana Torres: @owner@example.com knows")
    browser, address = browser_of(cast.annotator), f"{page_of(task)}/comments/{comment.pk}/edit"

    form = browser.get(address, headers=HTMX)
    assert form.context["edited_text"] == "@Ana Torres: @owner@example.com knows"
    browser.post(address, {"text": form.context["edited_text"] + " all"}, headers=HTMX)

    comment.refresh_from_db()
    assert comment.text == f"@[user:{cast.viewer.pk}]: @[user:{cast.owner.pk}] knows all"


def test_the_newest_comments_are_shown_and_the_one_that_is_sought(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    comments = [make_comment(task, cast.annotator, f"comment {number}") for number in range(52)]
    browser = browser_of(cast.viewer)

    page = browser.get(page_of(task))
    assert [shown.row for shown in page.context["open_comments"]] == comments[2:]
    assert page.context["comments_left_out"] == 2

    sought = browser.get(f"{page_of(task)}?comment={comments[0].pk}")
    assert sought.context["open_comments"][0].row == comments[0]
    assert f'class="comment is-sought" id="comment-{comments[0].pk}"' in sought.content.decode()


def test_resolved_comments_are_folded_away_unless_one_is_sought(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    comment = make_comment(task, cast.annotator)
    browser = browser_of(cast.reviewer)

    resolved = browser.post(f"{page_of(task)}/comments/{comment.pk}/resolve", headers=HTMX)
    assert [shown.row for shown in resolved.context["resolved_comments"]] == [comment]
    assert resolved.context["open_comments"] == []
    assert browser.get(f"{page_of(task)}?comment={comment.pk}").context["resolved_is_open"]

    browser.post(f"{page_of(task)}/comments/{comment.pk}/resolve", {"reopen": "1"}, headers=HTMX)
    comment.refresh_from_db()
    assert comment.resolved_at is None


def test_members_are_proposed_with_what_has_to_be_typed(cast: Cast, browser_of: BrowserOf) -> None:
    for person, last_name in ((cast.viewer, "Torres"), (cast.annotator, "Lima"), (cast.reviewer, "Lima")):
        update_profile(user=person, first_name="Ana", last_name=last_name)

    answer = browser_of(cast.owner).get(f"/projects/{cast.project.pk}/members/find?q=ana")

    assert {row["email"]: row["insert"] for row in answer.json()["members"]} == {
        "viewer@example.com": "Ana Torres",
        "manager@example.com": "manager@example.com",
        "annotator@example.com": "annotator@example.com",
        "reviewer@example.com": "reviewer@example.com",
    }


def test_the_top_bar_counts_what_is_unread(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    make_comment(task, cast.reviewer, "@annotator@example.com one")
    make_comment(task, cast.reviewer, "@annotator@example.com two")

    page = browser_of(cast.annotator).get("/account").content.decode()

    assert 'aria-label="Mentions of you, 2 unread"' in page


def test_a_mention_leads_to_its_comment_and_is_read_then(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    comment = make_comment(task, cast.reviewer, "@annotator@example.com look")
    browser = browser_of(cast.annotator)
    [mention] = browser.get("/mentions").context["mentions"]

    opened = browser.post(f"/mentions/{mention['row'].pk}/open")

    assert opened["Location"] == f"{page_of(task)}?comment={comment.pk}#comment-{comment.pk}"
    assert browser.get("/mentions").context["mentions"] == []
    [read] = browser.get("/mentions?show=all").context["mentions"]
    assert read["row"].read_at is not None


def test_mentions_are_marked_one_by_one_and_all_at_once(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    for text in ("one", "two", "three"):
        make_comment(task, cast.reviewer, f"@annotator@example.com {text}")
    browser = browser_of(cast.annotator)
    first = Mention.objects.earliest("pk")

    browser.post(f"/mentions/{first.pk}/read", headers=HTMX)
    assert browser.get("/mentions").context["unread_mentions"] == 2
    browser.post(f"/mentions/{first.pk}/read", {"unread": "1", "show": "all"}, headers=HTMX)
    assert browser.get("/mentions").context["unread_mentions"] == 3
    answer = browser.post("/mentions/read", headers=HTMX)
    assert answer.context["unread_mentions"] == 0
    assert b"Nothing new" in answer.content


def test_the_list_of_mentions_comes_in_pages_of_equal_cost(
    cast: Cast, task: Task, browser_of: BrowserOf, django_assert_num_queries: Callable[..., object]
) -> None:
    make_comment(task, cast.reviewer, "@annotator@example.com")
    browser = browser_of(cast.annotator)
    browser.get("/mentions")
    with django_assert_num_queries(9):  # type: ignore[attr-defined]
        browser.get("/mentions")
    for _ in range(29):
        make_comment(task, cast.reviewer, "@annotator@example.com @viewer@example.com")

    with django_assert_num_queries(9):  # type: ignore[attr-defined]
        first = browser.get("/mentions")
    assert len(first.context["mentions"]) == 25
    assert len(browser.get("/mentions?page=2").context["mentions"]) == 5


def test_mentions_of_projects_one_left_are_gone(cast: Cast, browser_of: BrowserOf) -> None:
    other = make_project(cast.stranger, tasks=1)
    task = other.tasks.get()
    membership = other.memberships.create(user=cast.annotator, role="annotator")
    make_comment(task, cast.stranger, "@annotator@example.com secret")
    browser = browser_of(cast.annotator)
    assert b"secret" in browser.get("/mentions").content

    membership.delete()

    assert b"secret" not in browser.get("/mentions?show=all").content
