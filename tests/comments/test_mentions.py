"""Whom a text names, and how that is kept: ids in the database, names on pages."""

from __future__ import annotations

import pytest

from apps.accounts.services import erase_user, update_profile
from apps.comments.mentions import mentioned_ids, names_typed, with_ids, with_names
from apps.comments.models import Mention
from apps.comments.queries import count_unread, mentionable_members, mentions_of
from apps.comments.services import add_comment, delete_comment, edit_comment, mark_read
from apps.core.errors import ValidationFailed
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Project
from apps.projects.policy import Role
from tests.factories import make_comment, make_completion, make_project

PEOPLE = {"ana": 1, "ana torres": 2, "ana@example.com": 1, "o'brien": 3, "józef kowalski": 4}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("@Ana Torres look", "@[user:2] look"),
        ("@Ana, look", "@[user:1], look"),
        ("@ana torres.", "@[user:2]."),
        ("(@ana@example.com)", "(@[user:1])"),
        ("@ana@example.com, @Ana Torres!", "@[user:1], @[user:2]!"),
        ("@O'Brien? @JÓZEF KOWALSKI", "@[user:3]? @[user:4]"),
        ("first\n@Ana\nTorres", "first\n@[user:1]\nTorres"),
        ("@Anabel", "@Anabel"),
        ("mail ana@example.com", "mail ana@example.com"),
        ("@nobody at 3 @ noon", "@nobody at 3 @ noon"),
        ("@[user:2] stays", "@[user:2] stays"),
        ("@", "@"),
    ],
)
def test_the_longest_known_name_after_an_at_sign_is_the_person(typed: str, stored: str) -> None:
    assert with_ids(typed, PEOPLE) == stored


def test_a_stored_text_is_typed_with_names_again() -> None:
    names = {1: "Ana", 2: "Ana Torres"}
    assert with_names("@[user:2] and @[user:1]. @[user:3]", names) == "@Ana Torres and @Ana. @[user:3]"
    assert mentioned_ids("@[user:2] @[user:1] @[user:2] @[user:01] @[user:x]") == [2, 1]


def test_a_text_full_of_at_signs_asks_for_few_names() -> None:
    assert len(names_typed("@a " * 5_000)) < 2_000


@pytest.fixture
def task(cast):
    return cast.project.tasks.order_by("pk").first()


def test_who_is_named_is_told_once_and_who_wrote_it_is_not(cast, task) -> None:
    update_profile(user=cast.annotator, first_name="Ana", last_name="Torres")

    comment = make_comment(task, cast.reviewer, "@Ana Torres, @ana torres and @reviewer@example.com: look")

    assert comment.text == (
        f"@[user:{cast.annotator.pk}], @[user:{cast.annotator.pk}] and @[user:{cast.reviewer.pk}]: look"
    )
    assert [row.user for row in Mention.objects.all()] == [cast.annotator]
    assert (count_unread(cast.annotator), count_unread(cast.reviewer)) == (1, 0)


def test_editing_tells_only_whom_it_names_anew(cast, task) -> None:
    comment = make_comment(task, cast.reviewer, "@annotator@example.com @viewer@example.com")
    mark_read(user=cast.annotator)

    edit_comment(comment_id=comment.pk, text="@annotator@example.com @owner@example.com")

    unread = {person.email: count_unread(person) for person in (cast.annotator, cast.viewer, cast.owner)}
    assert unread == {"annotator@example.com": 0, "viewer@example.com": 0, "owner@example.com": 1}


def test_somebody_who_is_no_member_is_not_named(cast, task) -> None:
    with pytest.raises(ValidationFailed, match="is no member of this project"):
        make_comment(task, cast.reviewer, f"@[user:{cast.stranger.pk}] look")

    assert make_comment(task, cast.reviewer, "@stranger@example.com").text == "@stranger@example.com"
    assert not Mention.objects.exists()


def test_who_was_named_and_left_stays_named_when_the_text_is_changed(cast, task) -> None:
    comment = make_comment(task, cast.reviewer, "@viewer@example.com look")
    remove_member(project_id=cast.project.pk, user_id=cast.viewer.pk)

    changed = edit_comment(comment_id=comment.pk, text=f"@[user:{cast.viewer.pk}] look again")

    assert changed.text == f"@[user:{cast.viewer.pk}] look again"
    assert count_unread(cast.viewer) == 0  # no member, so they see nothing of it


def test_two_members_of_one_name_are_told_apart_by_e_mail(cast, task) -> None:
    for person in (cast.annotator, cast.viewer):
        update_profile(user=person, first_name="Ana", last_name="")

    with pytest.raises(ValidationFailed, match="Several members are called “ana”"):
        make_comment(task, cast.reviewer, "@Ana look")

    assert make_comment(task, cast.reviewer, "@viewer@example.com").text == f"@[user:{cast.viewer.pk}]"


def test_nobody_is_named_about_a_completion_they_may_not_see(cast, task) -> None:
    completion = make_completion(task, cast.reviewer)
    add = {"task_id": task.pk, "author": cast.reviewer, "text": "@annotator@example.com"}

    with pytest.raises(ValidationFailed, match="Comment on the task instead"):
        add_comment(**add, completion_id=completion.pk)
    Project.objects.filter(pk=cast.project.pk).update(show_completions_to_annotators=True)

    assert add_comment(**add, completion_id=completion.pk).mentions.get().user == cast.annotator


def test_a_mention_goes_with_the_comment_and_with_the_membership(cast, task) -> None:
    gone = make_comment(task, cast.reviewer, "@annotator@example.com")
    make_comment(task, cast.reviewer, "@annotator@example.com")
    assert count_unread(cast.annotator) == 2

    delete_comment(comment_id=gone.pk, deleted_by=cast.reviewer)
    assert count_unread(cast.annotator) == 1

    remove_member(project_id=cast.project.pk, user_id=cast.annotator.pk)
    assert list(mentions_of(cast.annotator)) == []

    set_member(project_id=cast.project.pk, user=cast.annotator, role=Role.ANNOTATOR)
    assert count_unread(cast.annotator) == 1


def test_marking_read_touches_only_ones_own(cast, task) -> None:
    make_comment(task, cast.reviewer, "@annotator@example.com @viewer@example.com")
    of_annotator = Mention.objects.get(user=cast.annotator)

    assert mark_read(user=cast.viewer, mention_ids=[of_annotator.pk]) == 0
    assert mark_read(user=cast.annotator) == 1
    assert (count_unread(cast.annotator), count_unread(cast.viewer)) == (0, 1)


def test_nothing_that_is_stored_holds_the_name_of_an_erased_person(cast, task) -> None:
    update_profile(user=cast.annotator, first_name="Ana", last_name="Torres")
    comment = make_comment(task, cast.reviewer, "@Ana Torres and @annotator@example.com")

    erase_user(user_id=cast.annotator.pk, erased_by=cast.administrator)

    comment.refresh_from_db()
    assert "Ana" not in comment.text
    assert "annotator" not in comment.text


def test_members_are_proposed_by_name_or_address(cast) -> None:
    update_profile(user=cast.viewer, first_name="Ana", last_name="Torres")
    other = make_project(cast.stranger)

    assert mentionable_members(cast.project, "torr") == [cast.viewer]
    assert mentionable_members(cast.project, "reviewer@") == [cast.reviewer]
    assert mentionable_members(other, "ana") == []


def test_the_inbox_costs_the_same_for_one_mention_and_for_many(cast, task, django_assert_num_queries) -> None:
    for _ in range(20):
        make_comment(task, cast.reviewer, "@annotator@example.com")

    with django_assert_num_queries(1):
        assert [row.comment.author for row in mentions_of(cast.annotator)] == [cast.reviewer] * 20
    with django_assert_num_queries(2):  # the first one is all for those who have none
        assert count_unread(cast.annotator) == 20
