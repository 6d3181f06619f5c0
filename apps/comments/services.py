"""What changes comments and mentions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.comments.events import CommentChanged
from apps.comments.locks import lock_comment
from apps.comments.mentions import mentioned_ids
from apps.comments.models import Comment, Mention
from apps.comments.naming import stored_text
from apps.completions.models import Completion
from apps.completions.revisions import ClientIdReused
from apps.core.errors import NotFound, ValidationFailed
from apps.core.events import publish
from apps.projects.archiving import require_labeling
from apps.tasks.locks import lock_task


@transaction.atomic
def add_comment(
    *,
    task_id: int,
    author: User,
    text: str,
    completion_id: int | None = None,
    region_id: str = "",
    client_id: UUID | None = None,
) -> Comment:
    """Store a comment on a task, or on one of its completions, and mention whom its text names.

    The same `client_id` sent again by the same person returns the stored comment, as it is by now: a client that heard
    no answer may ask again. `is_new` on the comment says which it was.

    Args:
        text: as it was typed: people stand in it as `@name`, `@address` or `@[user:ID]`.
        region_id: the result item it is about, if any.

    Raises:
        NotFound: the task or the completion was deleted.
        NotAllowed: the project is archived.
        ValidationFailed: there is no text, or too much, or it names somebody who cannot be told of it.
        ClientIdReused: `client_id` belongs to another comment.
    """
    task = lock_task(task_id)
    require_labeling(task.project)
    completion = _completion(task_id, completion_id)
    stored = stored_text(task.project, text, completion=completion)
    wanted = Comment(
        task=task, project_id=task.project_id, author=author, completion_id=completion_id,
        region_id=_checked_region(region_id), text=stored, client_id=client_id,
    )  # fmt: skip
    if client_id and (known := Comment.objects.filter(author=author, client_id=client_id).first()):
        return _sent_again(known, wanted)
    _insert(wanted)
    _mention(wanted)
    _publish(wanted, "created")
    return wanted


def _sent_again(known: Comment, wanted: Comment) -> Comment:
    """Return the stored comment if `wanted` is the same; what was edited since may say something else by now."""
    is_same_place = (known.task_id, known.completion_id, known.region_id) == (
        wanted.task_id, wanted.completion_id, wanted.region_id,
    )  # fmt: skip
    if not is_same_place or (known.text != wanted.text and known.edited_at is None):
        raise _client_id_reused()
    known.is_new = False
    return known


def _insert(comment: Comment) -> None:
    """Store a comment.

    Raises:
        ClientIdReused: another one was stored under its client id at the same moment.
    """
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
    except IntegrityError as error:
        if "one_comment_per_client_id" not in str(error):
            raise
        raise _client_id_reused() from error  # at the same moment, on another task
    comment.is_new = True


def _client_id_reused() -> ClientIdReused:
    return ClientIdReused("unique_id belongs to another comment of yours. Send a new one for each comment.")


def _completion(task_id: int, completion_id: int | None) -> Completion | None:
    if completion_id is None:
        return None
    found: Completion | None = Completion.objects.filter(pk=completion_id, task_id=task_id).first()
    if found is None:
        raise NotFound(f"Task {task_id} has no completion {completion_id}.")
    return found


def _checked_region(region_id: str) -> str:
    longest = Comment._meta.get_field("region_id").max_length or 0
    if len(region_id) > longest or "\x00" in region_id:
        message = f"The id of a region has at most {longest} characters."
        raise ValidationFailed(message, fields={"region_ref": [message]})
    return region_id


def _mention(comment: Comment, *, named_before: Collection[int] = ()) -> None:
    """Tell those whom a comment names anew; who wrote it knows already, and who is not named any more forgets it."""
    named = mentioned_ids(comment.text)
    comment.mentions.exclude(user_id__in=named).delete()
    told = [user_id for user_id in named if user_id != comment.author_id and user_id not in named_before]
    Mention.objects.bulk_create([Mention(comment=comment, user_id=user_id) for user_id in told])


def _publish(comment: Comment, change: Literal["created", "updated", "deleted"]) -> None:
    publish(CommentChanged(comment.pk, comment.task_id, comment.project_id, change))


@transaction.atomic
def edit_comment(*, comment_id: int, text: str) -> Comment:
    """Change what a comment says; whoever is named anew is told.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
        ValidationFailed: as for `add_comment`.
    """
    comment = lock_comment(comment_id)
    require_labeling(comment.project)
    completion = Completion.objects.filter(pk=comment.completion_id or 0).first()
    kept = frozenset(mentioned_ids(comment.text))
    stored = stored_text(comment.project, text, completion=completion, named_before=kept)
    if stored != comment.text:
        comment.text = stored
        comment.edited_at = comment.updated_at = timezone.now()
        comment.save(update_fields=["text", "edited_at", "updated_at"])
        _mention(comment, named_before=kept)
        _publish(comment, "updated")
    return comment


@transaction.atomic
def set_resolved(*, comment_id: int, resolved: bool, changed_by: User) -> Comment:
    """Mark a comment as done, or as waiting for somebody again; one that is so already stays as it is.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
    """
    comment = lock_comment(comment_id)
    require_labeling(comment.project)
    if resolved != (comment.resolved_at is not None):
        comment.updated_at = timezone.now()
        comment.resolved_at = comment.updated_at if resolved else None
        comment.resolved_by = changed_by if resolved else None
        comment.save(update_fields=["resolved_at", "resolved_by", "updated_at"])
        _publish(comment, "updated")
    return comment


@transaction.atomic
def delete_comment(*, comment_id: int, deleted_by: User) -> None:
    """Delete a comment with its mentions; the audit log keeps what was taken from somebody else.

    Raises:
        NotFound: it was deleted already.
        NotAllowed: the project is archived.
    """
    comment = lock_comment(comment_id)
    require_labeling(comment.project)
    if comment.author_id != deleted_by.pk:
        author = comment.author.email if comment.author else None
        record(
            AuditAction.COMMENT_DELETED, actor=deleted_by, target=comment.task, project_id=comment.project_id,
            before={"author": author, "comment": comment.text},
        )  # fmt: skip
    _publish(comment, "deleted")
    comment.delete()


def mark_read(*, user: User, mention_ids: Collection[int] | None = None) -> int:
    """Mark mentions of `user` as read (None: all of them), and return how many were not."""
    unread = Mention.objects.filter(user=user, read_at=None)
    chosen = unread if mention_ids is None else unread.filter(pk__in=mention_ids)
    return chosen.update(read_at=timezone.now())


def mark_unread(*, user: User, mention_id: int) -> None:
    """Have a mention of `user` wait for them again."""
    Mention.objects.filter(user=user, pk=mention_id).update(read_at=None)
