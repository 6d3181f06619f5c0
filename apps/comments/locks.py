"""Every row lock of this app; a comment's task is locked before the comment where both are."""

from __future__ import annotations

from apps.comments.models import Comment
from apps.core.errors import NotFound


def lock_comment(comment_id: int) -> Comment:
    """Lock a comment that is about to change, and read it with its task and project.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    comments = Comment.objects.select_for_update(of=("self",), no_key=True)
    with_task = comments.select_related("project", "task", "author").defer("task__data", "task__meta")
    comment: Comment | None = with_task.filter(pk=comment_id).first()
    if comment is None:
        raise NotFound(f"There is no comment {comment_id}.")
    return comment
