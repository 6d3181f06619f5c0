"""E-mails about mentions: for what was not read in time, once, and only to who may and wants to know."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from apps.accounts.services import update_profile
from apps.comments.mails import Mailed, mail_unread_mentions, set_wants_mail
from apps.comments.models import Mention
from apps.comments.services import mark_read
from apps.projects.membership import remove_member
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_comment

NAMED = "@annotator@example.com is this <b>right</b>?"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    """A server that sends e-mail, and knows its own address."""
    settings.EMAIL_HOST = "smtp.example.com"
    settings.EXTERNAL_URL = "https://label.example.com"


def wait(minutes: int = 11) -> None:
    """Let some minutes pass since the mentions."""
    Mention.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))


@pytest.fixture
def task(cast: Cast) -> Task:
    update_profile(user=cast.reviewer, first_name="Rui", last_name="Costa")
    found: Task = cast.project.tasks.order_by("pk")[1]
    return found


def test_who_has_not_read_a_mention_is_told_once_with_the_way_to_it(cast: Cast, task: Task) -> None:
    comment = make_comment(task, cast.reviewer, NAMED)
    wait()

    assert mail_unread_mentions() == Mailed(people=1)
    assert mail_unread_mentions() == Mailed()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["annotator@example.com"], "Rui Costa mentioned you")
    address = f"https://label.example.com/projects/{task.project_id}/tasks/{task.pk}"
    assert f"Rui Costa in Sentiments, task 2:\n{NAMED}\n{address}?comment={comment.pk}" in sent.body
    assert (
        "To get no more of these e-mails, change your profile: https://label.example.com/account" in sent.body
    )
    assert sent.extra_headers == {"List-Unsubscribe": "<https://label.example.com/account>"}


def test_several_mentions_come_in_one_mail_with_those_that_came_just_now(cast: Cast, task: Task) -> None:
    make_comment(task, cast.reviewer, NAMED)
    wait()
    make_comment(task, cast.owner, "@annotator@example.com and this?")

    assert mail_unread_mentions() == Mailed(people=1)

    [sent] = mail.outbox
    assert sent.subject == "You were mentioned 2 times"
    assert not Mention.objects.filter(mailed_at=None).exists()


@pytest.mark.parametrize("minutes", [9, 60 * 25])
def test_what_may_still_be_read_and_what_is_no_news_is_not_mailed(
    cast: Cast, task: Task, minutes: int
) -> None:
    make_comment(task, cast.reviewer, NAMED)
    wait(minutes)

    assert (mail_unread_mentions(), mail.outbox) == (Mailed(), [])


def test_what_was_read_is_not_mailed(cast: Cast, task: Task) -> None:
    make_comment(task, cast.reviewer, NAMED)
    mark_read(user=cast.annotator)
    wait()

    assert (mail_unread_mentions(), mail.outbox) == (Mailed(), [])


def test_who_left_the_project_or_was_deactivated_is_told_nothing(cast: Cast, task: Task) -> None:
    make_comment(task, cast.reviewer, f"{NAMED} @viewer@example.com")
    remove_member(project_id=task.project_id, user_id=cast.annotator.pk, removed_by=cast.owner)
    type(cast.viewer).objects.filter(pk=cast.viewer.pk).update(is_active=False)
    wait()

    assert (mail_unread_mentions(), mail.outbox) == (Mailed(), [])


def test_who_wants_no_mail_gets_none_until_they_change_their_mind(cast: Cast, task: Task) -> None:
    make_comment(task, cast.reviewer, NAMED)
    wait()
    set_wants_mail(user=cast.annotator, wanted=False)
    assert (mail_unread_mentions(), mail.outbox) == (Mailed(), [])

    set_wants_mail(user=cast.annotator, wanted=True)
    assert mail_unread_mentions() == Mailed(people=1)


def test_a_server_without_mail_sends_none(cast: Cast, task: Task, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    make_comment(task, cast.reviewer, NAMED)
    wait()

    assert (mail_unread_mentions(), mail.outbox) == (Mailed(), [])


class BrokenBackend(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        """Refuse."""
        raise SMTPException("down")


def test_who_cannot_be_reached_is_told_when_the_mail_server_is_back(
    cast: Cast, task: Task, settings: Any
) -> None:
    make_comment(task, cast.reviewer, NAMED)
    wait()
    with_mail = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    assert mail_unread_mentions() == Mailed(failed=1)

    settings.EMAIL_BACKEND = with_mail
    assert mail_unread_mentions() == Mailed(people=1)


def test_a_title_or_name_with_line_breaks_adds_no_header(cast: Cast, task: Task) -> None:
    Project.objects.filter(pk=task.project_id).update(title="a\nBcc: all@example.com")
    type(cast.reviewer).objects.filter(pk=cast.reviewer.pk).update(first_name="Rui\nBcc: all@example.com")
    make_comment(task, cast.reviewer, NAMED)
    wait()

    assert mail_unread_mentions() == Mailed(people=1)

    assert mail.outbox[0].subject == "Rui Bcc: all@example.com Costa mentioned you"
    assert mail.outbox[0].recipients() == ["annotator@example.com"]
