"""E-mails about mentions that their person has not read after some minutes: one a person, with all of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.mentions import with_names
from apps.comments.models import Mention, NoMail
from apps.comments.naming import typed_names
from apps.comments.queries import mentions_of, people_named

logger = logging.getLogger(__name__)

MAILED_AFTER = timedelta(minutes=10)
"""So long a mention may wait to be read on the page, before an e-mail tells of it."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Older mentions are no news: after a time without a mail server nobody gets a heap of them."""

MAX_MENTIONS = 20
"""How many mentions one e-mail tells of."""

EXCERPT = 500


@dataclass(frozen=True, slots=True)
class Mailed:
    """How many people were told, and how many could not be."""

    people: int = 0
    failed: int = 0


def sends_mail() -> bool:
    """Whether the server sends e-mail at all."""
    return bool(settings.EMAIL_HOST)


def wants_mail(user: User) -> bool:
    """Whether somebody is told by e-mail when they are mentioned."""
    return not NoMail.objects.filter(user=user).exists()


def set_wants_mail(*, user: User, wanted: bool) -> None:
    """Keep whether somebody is told by e-mail when they are mentioned."""
    if wanted:
        NoMail.objects.filter(user=user).delete()
    else:
        NoMail.objects.get_or_create(user=user)


def mail_unread_mentions() -> Mailed:
    """Tell people of mentions that they have not read; who cannot be reached is tried again next time."""
    if not sends_mail():
        return Mailed()
    now = timezone.now()
    waiting = Mention.objects.filter(
        read_at=None, mailed_at=None, created_at__lte=now - MAILED_AFTER, created_at__gt=now - FORGOTTEN_AFTER
    )
    people = User.objects.filter(pk__in=waiting.values("user_id"), is_active=True, is_guest=False)
    told = [
        _tell(person) for person in people.exclude(pk__in=NoMail.objects.values("user_id")).order_by("pk")
    ]
    return Mailed(people=told.count(True), failed=told.count(False))


@transaction.atomic
def _tell(person: User) -> bool | None:
    """Send a person one e-mail about all that waits; None when nothing of it is for them any more.

    The mentions stay locked until it is sent, so that two workers never send it twice.
    """
    begin = timezone.now() - FORGOTTEN_AFTER
    locked = Mention.objects.select_for_update(skip_locked=True).filter(
        user=person, read_at=None, mailed_at=None, created_at__gt=begin
    )
    ids = list(locked.order_by("pk").values_list("pk", flat=True))
    # Whoever left the project, or does not see the completion any more, is told nothing.
    mentions = list(mentions_of(person).filter(pk__in=ids))
    if not mentions:
        return None
    try:
        _message(person, mentions).send()
    except (SMTPException, OSError):
        logger.exception("Person %s cannot be told of mentions by e-mail", person.pk)
        return False
    Mention.objects.filter(pk__in=ids).update(mailed_at=timezone.now())
    return True


def _message(person: User, mentions: Sequence[Mention]) -> EmailMessage:
    newest = mentions[0]
    author = " ".join(str(newest.comment.author or "Somebody").split())  # a header is one line
    subject = (
        f"{author} mentioned you" if len(mentions) == 1 else f"You were mentioned {len(mentions):,} times"
    )
    account = _address(reverse("web:account"))
    parts = [_told(mention) for mention in mentions[:MAX_MENTIONS]]
    if len(mentions) > MAX_MENTIONS:
        parts.append(f"All of them: {_address(reverse('web:mentions'))}")
    parts.append(f"--\nTo get no more of these e-mails, change your profile: {account}")
    headers = {"List-Unsubscribe": f"<{account}>"} if settings.EXTERNAL_URL else {}
    return EmailMessage(subject, "\n\n".join(parts) + "\n", to=[person.email], headers=headers)


def _told(mention: Mention) -> str:
    comment = mention.comment
    text = with_names(comment.text, typed_names(people_named([comment]).values()))
    place = f"{comment.author or 'Somebody'} in {comment.project}, task {comment.task.inner_id}:"
    task = reverse("web:task", args=[comment.project_id, comment.task_id])
    link = _address(f"{task}?comment={comment.pk}#comment-{comment.pk}")
    return f"{place}\n{text[:EXCERPT]}\n{link}"


def _address(path: str) -> str:
    """Return the whole address of a page, where the server knows its own; else its path."""
    return f"{settings.EXTERNAL_URL}{path}"
