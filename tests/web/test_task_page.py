"""The page of one task: what it shows to whom, what it costs, and what is done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.services import delete_comment
from apps.completions.models import Completion
from apps.completions.services import delete_completion
from apps.predictions.services import save_prediction
from apps.projects.archiving import archive_project
from apps.projects.models import Project
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Task
from apps.web.task_answers import MAX_LINES, PER_PAGE
from tests.cast import Cast
from tests.factories import (
    choice,
    make_comment,
    make_completion,
    make_completion_of_two_versions,
    make_member,
    make_project,
    make_tasks,
)

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&lt;script&gt;alert(2)&lt;/script&gt;"


@pytest.fixture
def task(cast: Cast) -> Task:
    task: Task = cast.project.tasks.order_by("pk")[1]
    return task


def page_of(task: Task) -> str:
    return f"/projects/{task.project_id}/tasks/{task.pk}"


def test_it_shows_the_data_by_kind_and_the_tasks_beside_it(cast: Cast, browser_of: BrowserOf) -> None:
    config = (
        '<View><Image name="i" value="$image"/><Audio name="a" value="$audio"/><Text name="t" value="$text"/>'
        '<Choices name="c" toName="t"><Choice value="A"/></Choices></View>'
    )
    project = make_project(cast.owner, label_config=config)
    data = {
        "image": "https://x.org/i.png",
        "audio": "/data/a.mp3",
        "text": "words",
        "source": "https://x.org/p",
        "n": {"a": 1},
    }
    first, second, third = make_tasks(project, [data, data, data])

    page = browser_of(cast.owner).get(page_of(second))

    assert {value.key: (value.kind, value.is_link) for value in page.context["values"]} == {
        "image": ("image", False),
        "audio": ("audio", False),
        "text": ("text", False),
        "source": ("text", True),
        "n": ("json", False),
    }
    assert (page.context["previous"], page.context["next"]) == (first.pk, third.pk)
    assert b'href="https://x.org/p" target="_blank" rel="noopener noreferrer"' in page.content


def test_nothing_in_data_answers_or_comments_becomes_html(cast: Cast, browser_of: BrowserOf) -> None:
    [task] = make_tasks(cast.project, [{"text": EVIL, EVIL: [EVIL]}])
    make_completion(task, cast.annotator, result=choice(EVIL))
    save_prediction(task_id=task.pk, result=choice(EVIL), score=0.5, model_version=EVIL)
    make_comment(task, cast.annotator, f"{EVIL} @reviewer@example.com")
    User.objects.filter(pk=cast.reviewer.pk).update(first_name=EVIL)
    browser = browser_of(cast.owner)

    for address in (
        "",
        "/raw",
        "/panel/comments",
        "/panel/history",
        "/panel/predictions",
        "?first=c1&second=p1",
    ):
        completion = Completion.objects.get()
        prediction = task.predictions.get()
        asked = address.replace("c1", f"c{completion.pk}").replace("p1", f"p{prediction.pk}")
        page = browser.get(page_of(task) + asked).content.decode()
        assert "<script>alert(2)" not in page, asked
        assert "<img src=x" not in page, asked
        if asked != "/panel/history":
            assert ESCAPED in page or "&lt;script&gt;" in page, asked


def test_a_link_that_could_act_is_shown_as_text(cast: Cast, browser_of: BrowserOf) -> None:
    [task] = make_tasks(cast.project, [{"text": "a", "source": "javascript:alert(1)"}])

    page = browser_of(cast.owner).get(page_of(task)).content.decode()

    assert 'href="javascript:' not in page


def test_annotators_see_their_own_answers_and_no_others(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    own = make_completion(task, cast.annotator)
    others = make_completion(task, cast.reviewer)
    browser = browser_of(cast.annotator)

    page = browser.get(page_of(task))

    assert [shown.row.pk for shown in page.context["page"].object_list] == [own.pk]
    assert browser.get(f"{page_of(task)}?first=c{own.pk}&second=c{others.pk}").status_code == 404
    assert browser.get(f"{page_of(task)}/raw?answer=c{others.pk}").status_code == 404
    assert f'"id": {others.pk},' not in browser.get(f"{page_of(task)}/raw").content.decode()
    Project.objects.filter(pk=cast.project.pk).update(show_completions_to_annotators=True)
    assert len(browser.get(page_of(task)).context["page"].object_list) == 2


def test_predictions_are_kept_from_annotators_where_the_project_says_so(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    save_prediction(task_id=task.pk, result=choice(), model_version="bert-2")
    Project.objects.filter(pk=cast.project.pk).update(show_predictions=False)

    for address in (page_of(task), f"{page_of(task)}/panel/predictions"):
        assert b"bert-2" not in browser_of(cast.annotator).get(address).content
        assert b"bert-2" in browser_of(cast.reviewer).get(address).content


@pytest.mark.parametrize("panel", ["", "/panel/comments", "/panel/history", "/panel/predictions", "/raw"])
def test_it_costs_the_same_number_of_queries_however_much_there_is(
    cast: Cast, task: Task, browser_of: BrowserOf, django_assert_max_num_queries: Any, panel: str
) -> None:
    browser = browser_of(cast.owner)
    make_completion_of_two_versions(task, cast.annotator)
    make_comment(task, cast.annotator, "@owner@example.com")
    save_prediction(task_id=task.pk, result=choice(), model_version="0")
    browser.get(page_of(task) + panel)
    with django_assert_max_num_queries(30) as few:
        browser.get(page_of(task) + panel)

    for number in range(15):
        person = make_member(cast.project, "annotator")  # type: ignore[arg-type]
        completion = make_completion_of_two_versions(task, person)
        make_comment(task, person, "@owner@example.com @viewer@example.com", completion_id=completion.pk)
        save_prediction(task_id=task.pk, result=choice(), model_version=f"m{number}")
    deleted = make_completion(task, cast.reviewer)
    delete_completion(completion_id=deleted.pk, deleted_by=cast.owner)

    with django_assert_max_num_queries(len(few)):
        browser.get(page_of(task) + panel)


def test_a_thousand_answers_do_not_make_a_large_page(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    person = {
        "completed_by": cast.annotator,
        "updated_by": cast.annotator,
        "project": cast.project,
        "task": task,
    }
    long = choice() * 60
    Completion.objects.bulk_create(Completion(**person, result=long) for _ in range(1_000))
    browser = browser_of(cast.owner)

    page = browser.get(page_of(task))

    assert len(page.content) < 300_000
    assert page.context["page"].paginator.num_pages == 1_000 // PER_PAGE
    first = page.context["page"].object_list[0]
    assert (len(first.lines), first.more) == (MAX_LINES, 60 - MAX_LINES)
    assert browser.get(f"{page_of(task)}?page=100").context["page"].number == 100
    assert len(browser.get(f"{page_of(task)}/panel/history").content) < 150_000
    assert len(browser.get(f"{page_of(task)}/raw").content) < 100_000


def test_two_answers_are_compared_in_words(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    positive = make_completion(task, cast.annotator)
    negative = make_completion(task, cast.reviewer, result=choice("Negative"))
    prediction = save_prediction(task_id=task.pk, result=choice(), model_version="bert-2")
    browser = browser_of(cast.viewer)

    other = browser.get(f"{page_of(task)}?first=c{positive.pk}&second=c{negative.pk}")
    same = browser.get(f"{page_of(task)}?first=c{positive.pk}&second=p{prediction.pk}")

    assert [(item.kind, item.note) for item in other.context["compared"]] == [("different", "another answer")]
    assert b"Differs" in other.content
    assert [item.kind for item in same.context["compared"]] == ["same"]
    assert b"The two say the same." in same.content


@pytest.mark.parametrize("key", ["c0", "x1", "c", "c99999999999999999999", "p-1", "c1;drop"])
def test_what_cannot_be_compared_is_not_there(
    cast: Cast, task: Task, browser_of: BrowserOf, key: str
) -> None:
    make_completion(task, cast.annotator)

    assert browser_of(cast.owner).get(page_of(task), {"first": key, "second": key}).status_code == 404


def test_an_answer_of_another_task_is_not_compared_with_this_one(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    elsewhere = make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)

    asked = {"first": f"c{elsewhere.pk}", "second": f"c{elsewhere.pk}"}
    assert browser_of(cast.owner).get(page_of(task), asked).status_code == 404


def marked() -> int:
    return Completion.objects.filter(ground_truth=True).count()


def test_ground_truth_is_set_and_taken_by_who_may(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    completion = make_completion(task, cast.annotator)
    address = f"{page_of(task)}/completions/{completion.pk}/ground-truth"

    assert browser_of(cast.annotator).post(address).status_code == 403
    assert marked() == 0

    browser_of(cast.reviewer).post(address)
    assert marked() == 1

    browser_of(cast.reviewer).post(address, {"unset": "1"})
    assert marked() == 0


def test_a_completion_is_accepted_as_it_was_shown_and_the_verdict_taken_back(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion(task, cast.annotator)
    address = f"{page_of(task)}/completions/{completion.pk}/review"
    browser = browser_of(cast.reviewer)

    def judged(**posted: str) -> str:
        back = browser.post(address, posted)
        assert back["Location"] == f"{page_of(task)}#completion-{completion.pk}"
        completion.refresh_from_db()
        return completion.review

    assert judged(verdict="accepted", version="1") == "accepted"
    assert f'Accepted</span> <span class="text-secondary small">by {cast.reviewer}' in shown(browser, task)
    assert judged(verdict="rejected", version="1") == "accepted"  # somebody was faster
    assert judged(verdict="", version="2") == ""


def test_a_panel_that_loads_by_itself_leaves_what_the_page_has_just_told(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    make_completion(task, cast.annotator)

    panel = browser_of(cast.reviewer).get(f"{page_of(task)}/panel/history", headers=HTMX).content.decode()

    assert 'id="toasts"' not in panel


@pytest.mark.parametrize(
    ("person", "author", "offered"),
    [
        ("reviewer", "annotator", True),
        ("reviewer", "reviewer", False),
        ("owner", "owner", True),
        ("viewer", "annotator", False),
    ],
)
def test_reviewing_is_offered_to_whom_the_policy_lets(
    cast: Cast, task: Task, browser_of: BrowserOf, person: str, author: str, offered: bool
) -> None:
    make_completion(task, getattr(cast, author))
    assert (b"Not reviewed" in browser_of(getattr(cast, person)).get(page_of(task)).content) is offered


def shown(browser: Client, task: Task) -> str:
    return browser.get(page_of(task)).content.decode()


def test_a_copy_is_ones_own(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    completion = make_completion(task, cast.annotator)

    browser_of(cast.reviewer).post(f"{page_of(task)}/completions/{completion.pk}/duplicate")

    copy = Completion.objects.latest("pk")
    assert (copy.completed_by, copy.result, copy.parent_completion) == (
        cast.reviewer,
        choice(),
        completion.pk,
    )


def test_deleting_asks_first_and_the_history_brings_it_back(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion(task, cast.annotator)
    browser = browser_of(cast.annotator)
    address = f"{page_of(task)}/completions/{completion.pk}"

    assert b"Delete completion" in browser.get(f"{address}/delete").content
    assert Completion.objects.filter(pk=completion.pk).exists()
    browser.post(f"{address}/delete")
    assert not Completion.objects.filter(pk=completion.pk).exists()

    history = browser.get(f"{page_of(task)}/panel/history")
    assert b"Deleted" in history.content
    browser.post(f"{address}/versions/1/restore")
    assert Completion.objects.get(pk=completion.pk).result == choice()


def test_a_version_is_looked_at_restored_and_the_restoring_undone(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion_of_two_versions(task, cast.annotator)
    browser = browser_of(cast.annotator)
    address = f"{page_of(task)}/completions/{completion.pk}/versions"

    second = browser.get(f"{address}/2").content.decode()
    assert "Changed in version 1" in second
    assert "another answer" in second

    restored = browser.post(f"{address}/1/restore", {"seen": "2"}, headers=HTMX)
    completion.refresh_from_db()
    assert (completion.version, completion.result) == (3, choice())
    assert restored["HX-Trigger"] == "panel:answers-changed"
    undo = restored.context["undo"]
    assert undo.address == f"{address}/2/restore"

    browser.post(undo.address, headers=HTMX)
    completion.refresh_from_db()
    assert (completion.version, completion.result) == (4, choice("Negative"))


def test_restoring_over_what_one_has_not_seen_is_refused(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion_of_two_versions(task, cast.annotator)

    address = f"{page_of(task)}/completions/{completion.pk}/versions/1/restore"
    answer = browser_of(cast.annotator).post(address, {"seen": "1"}, headers=HTMX)

    completion.refresh_from_db()
    assert completion.version == 2
    assert b"was changed in the meantime" in answer.content


def test_things_of_another_task_are_not_there(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    other: Task = cast.project.tasks.order_by("pk")[0]
    completion = make_completion_of_two_versions(other, cast.annotator)
    comment = make_comment(other, cast.owner)
    browser = browser_of(cast.owner)

    for method, rest in (
        ("get", f"completions/{completion.pk}/versions/1"),
        ("post", f"completions/{completion.pk}/versions/1/restore"),
        ("post", f"completions/{completion.pk}/delete"),
        ("post", f"completions/{completion.pk}/ground-truth"),
        ("post", f"completions/{completion.pk}/review"),
        ("post", f"completions/{completion.pk}/duplicate"),
        ("post", f"comments/{comment.pk}/delete"),
        ("post", f"comments/{comment.pk}/resolve"),
        ("post", f"comments/{comment.pk}/edit"),
    ):
        assert getattr(browser, method)(f"{page_of(task)}/{rest}", {"text": "x"}).status_code == 404, rest

    completion.refresh_from_db()
    assert (completion.version, completion.ground_truth, Completion.objects.count()) == (2, False, 1)
    assert list(Comment.objects.values_list("text", "resolved_at")) == [("Look here", None)]


def test_managers_see_what_the_audit_log_has_about_the_task(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    delete_comment(comment_id=make_comment(task, cast.annotator, "Rude").pk, deleted_by=cast.manager)

    [entry] = browser_of(cast.owner).get(page_of(task)).context["entries"]

    assert (entry.row.action, entry.row.actor_name) == ("comment.deleted", "manager@example.com")
    assert browser_of(cast.reviewer).get(page_of(task)).context["entries"] is None


def test_it_says_to_whom_the_task_is_assigned(cast: Cast, task: Task, browser_of: BrowserOf) -> None:
    assign_tasks(
        project=cast.project, task_ids=[task.pk], user_ids=[cast.annotator.pk], assigned_by=cast.owner
    )

    assert browser_of(cast.viewer).get(page_of(task)).context["assignees"] == [cast.annotator]


def test_an_archived_project_offers_nothing_that_changes_it(
    cast: Cast, task: Task, browser_of: BrowserOf
) -> None:
    completion = make_completion(task, cast.annotator)
    make_comment(task, cast.owner)
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)
    browser = browser_of(cast.owner)

    page = browser.get(page_of(task)).content.decode()
    for word in ("Mark as ground truth", "Duplicate as mine", "Delete comment", "New comment", "Resolve"):
        assert word not in page, word

    browser.post(f"{page_of(task)}/completions/{completion.pk}/delete")
    assert Completion.objects.filter(pk=completion.pk).exists()
