"""What is said of tasks and completions: who sees it, who changes it, and what stays of it."""

from __future__ import annotations

import pytest

from apps.audit.models import Entry
from apps.comments.models import Comment
from apps.comments.naming import MAX_LENGTH
from apps.comments.queries import (
    CommentCounts,
    comment_counts,
    comments_of,
)
from apps.comments.services import add_comment, delete_comment, set_resolved
from apps.completions.restoring import restore_version
from apps.completions.services import delete_completion
from apps.core.errors import NotAllowed, NotFound, ValidationFailed
from apps.projects.archiving import archive_project
from apps.projects.models import Project
from apps.tasks.models import Task
from apps.tasks.services import delete_tasks
from tests.factories import make_comment, make_completion


@pytest.fixture
def task(cast) -> Task:
    task: Task = cast.project.tasks.order_by("pk")[0]
    return task


def seen_by(task: Task, person) -> list[str]:
    return [comment.text for comment in comments_of(task, person)]


def test_annotators_see_what_is_said_of_the_task_and_of_their_own_completions(cast, task) -> None:
    own, others = make_completion(task, cast.annotator), make_completion(task, cast.reviewer)
    make_comment(task, cast.reviewer, "of the task")
    make_comment(task, cast.reviewer, "of theirs", completion_id=own.pk)
    make_comment(task, cast.reviewer, "of another one", completion_id=others.pk)

    assert seen_by(task, cast.annotator) == ["of the task", "of theirs"]
    assert seen_by(task, cast.viewer) == ["of the task", "of theirs", "of another one"]
    assert seen_by(task, cast.administrator) == ["of the task", "of theirs", "of another one"]
    assert seen_by(task, cast.stranger) == []

    Project.objects.filter(pk=cast.project.pk).update(show_completions_to_annotators=True)
    assert seen_by(task, cast.annotator) == ["of the task", "of theirs", "of another one"]


def test_what_was_said_of_a_deleted_completion_stays_and_is_there_when_it_comes_back(cast, task) -> None:
    completion = make_completion(task, cast.annotator)
    make_comment(task, cast.reviewer, "Too hasty", completion_id=completion.pk)

    delete_completion(completion_id=completion.pk, deleted_by=cast.annotator)
    assert seen_by(task, cast.annotator) == ["Too hasty"]

    restore_version(completion_id=completion.pk, number=1, restored_by=cast.annotator)
    assert seen_by(task, cast.annotator) == ["Too hasty"]


def test_comments_go_with_their_task_and_with_nothing_else(cast, task) -> None:
    make_comment(task, cast.reviewer, "@annotator@example.com look")
    kept = make_comment(cast.project.tasks.order_by("pk")[1], cast.reviewer)

    delete_tasks(project_id=cast.project.pk, deleted_by=cast.owner, task_ids=[task.pk])

    assert list(Comment.objects.all()) == [kept]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write something first"),
        (" \r\n ", "Write something first"),
        ("a\x00b", "NUL"),
        ("x" * (MAX_LENGTH + 1), "at most 5,000 characters; this one has 5,001"),
    ],
    ids=["empty", "blank", "NUL", "too long"],
)
def test_a_text_that_cannot_be_kept_is_refused_with_the_reason(cast, task, text, message) -> None:
    with pytest.raises(ValidationFailed, match=message) as refused:
        make_comment(task, cast.annotator, text)

    assert list(refused.value.fields) == ["text"]
    assert not Comment.objects.exists()


def test_a_completion_of_another_task_takes_no_comment_of_this_one(cast, task) -> None:
    elsewhere = make_completion(cast.project.tasks.order_by("pk")[1], cast.annotator)

    with pytest.raises(NotFound, match=f"Task {task.pk} has no completion {elsewhere.pk}"):
        make_comment(task, cast.annotator, completion_id=elsewhere.pk)

    assert not Comment.objects.exists()


def test_resolving_says_who_and_when_and_reopening_forgets_it(cast, task) -> None:
    comment = make_comment(task, cast.annotator)

    resolved = set_resolved(comment_id=comment.pk, resolved=True, changed_by=cast.reviewer)
    assert (resolved.resolved_by, resolved.resolved_at) == (cast.reviewer, resolved.updated_at)
    again = set_resolved(comment_id=comment.pk, resolved=True, changed_by=cast.owner)
    assert (again.resolved_by, again.resolved_at) == (cast.reviewer, resolved.resolved_at)

    reopened = set_resolved(comment_id=comment.pk, resolved=False, changed_by=cast.owner)
    assert (reopened.resolved_by, reopened.resolved_at) == (None, None)


def test_the_audit_log_keeps_what_was_taken_from_somebody_else_and_nothing_of_ones_own(cast, task) -> None:
    delete_comment(comment_id=make_comment(task, cast.annotator).pk, deleted_by=cast.annotator)
    assert not Entry.objects.filter(action="comment.deleted").exists()

    delete_comment(comment_id=make_comment(task, cast.annotator, "Rude").pk, deleted_by=cast.manager)

    entry = Entry.objects.get(action="comment.deleted")
    assert (entry.actor, entry.target_kind, entry.target_id) == (cast.manager, "task", str(task.pk))
    assert entry.before == {"author": "annotator@example.com", "comment": "Rude"}
    assert not Comment.objects.exists()


def test_an_archived_project_takes_no_comments_and_loses_none(cast, task) -> None:
    comment = make_comment(task, cast.annotator)
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)

    with pytest.raises(NotAllowed):
        add_comment(task_id=task.pk, author=cast.annotator, text="more")
    with pytest.raises(NotAllowed):
        delete_comment(comment_id=comment.pk, deleted_by=cast.annotator)

    assert seen_by(task, cast.annotator) == ["Look here"]


def test_the_comments_of_many_tasks_are_counted_in_one_query(cast, django_assert_num_queries) -> None:
    first, second, third = cast.project.tasks.order_by("pk")
    make_comment(first, cast.annotator)
    last = make_comment(first, cast.reviewer)
    done = make_comment(second, cast.reviewer)
    done = set_resolved(comment_id=done.pk, resolved=True, changed_by=cast.reviewer)
    last.refresh_from_db()
    authors = tuple(sorted([cast.annotator.pk, cast.reviewer.pk]))

    with django_assert_num_queries(1):
        counts = comment_counts([first.pk, second.pk, third.pk], cast.owner)

    assert counts == {
        first.pk: CommentCounts(2, 2, last.updated_at, authors),
        second.pk: CommentCounts(1, 0, done.updated_at, (cast.reviewer.pk,)),
        third.pk: CommentCounts(),
    }


def test_a_person_counts_only_what_they_see(cast, task) -> None:
    make_comment(task, cast.reviewer, completion_id=make_completion(task, cast.reviewer).pk)
    make_comment(task, cast.reviewer)

    assert comment_counts([task.pk], cast.annotator)[task.pk].total == 1
    assert comment_counts([task.pk], cast.viewer)[task.pk].total == 2
    assert comment_counts([task.pk], cast.administrator)[task.pk].total == 2
