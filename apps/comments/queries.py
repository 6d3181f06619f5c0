"""What is read of comments: those of a task, how many there are, and the mentions of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from apps.accounts.models import User
from apps.comments.mentions import mentioned_ids
from apps.comments.models import Comment, Mention
from apps.comments.querysets import CommentQuerySet, MentionQuerySet
from apps.completions.own_tasks import on_readable_tasks
from apps.core.compiled_queries import CompiledQuery, number, numbers
from apps.core.errors import NotAllowed, NotFound
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, allows
from apps.projects.queries import role_in
from apps.tasks.models import Task

MENTIONABLE = 8
"""How many members are proposed while somebody types a name."""


@dataclass(frozen=True, slots=True)
class CommentCounts:
    """What a task's row tells of its comments."""

    total: int = 0
    unresolved: int = 0
    last_updated_at: datetime | None = None
    author_ids: tuple[int, ...] = ()


def comments_of(task: Task, user: User) -> CommentQuerySet:
    """Return the comments on a task that `user` may see, oldest first, with their people."""
    comments = Comment.objects.for_user(user).filter(task=task)
    return comments.select_related("author", "resolved_by").order_by("pk")


def comment_for(user: User, comment_id: int) -> Comment:
    """Return a comment that `user` may see, with its author.

    Raises:
        NotFound: there is none.
    """
    comments = on_readable_tasks(Comment.objects.for_user(user).filter(pk=comment_id), user)
    comment: Comment | None = comments.select_related("author", "resolved_by").first()
    if comment is None:
        raise NotFound(f"There is no comment {comment_id}, or you may not see it.")
    return comment


def require_editing(user: User, comment: Comment) -> None:
    """Let `user` go on to change what a comment says.

    Raises:
        NotAllowed: it is somebody else's, or they may only look on by now.
    """
    if comment.author_id != user.pk or not allows(role_in(user, comment.project_id), Action.COMMENT):
        raise NotAllowed("You may change only your own comments.")


def require_deleting(user: User, comment: Comment) -> None:
    """Let `user` go on to delete a comment: their own, or anybody's if the role allows it.

    Raises:
        NotAllowed: it is somebody else's, or they may only look on by now.
    """
    role = role_in(user, comment.project_id)
    own = comment.author_id == user.pk and allows(role, Action.COMMENT)
    if not own and not allows(role, Action.DELETE_COMMENTS):
        raise NotAllowed("You may delete only your own comments in this project.")


def people_named(comments: Iterable[Comment]) -> dict[int, User]:
    """Return the people that the texts of comments name, by id, in one query; those who are gone are left out."""
    ids = {user_id for comment in comments for user_id in mentioned_ids(comment.text)}
    return User.objects.in_bulk(ids) if ids else {}


@cache
def _visible_comments(user_role: str) -> CompiledQuery[Comment]:
    visible = Comment.objects.for_user(User(pk=number("user"), role=user_role))
    counted = visible.only("task_id", "author_id", "resolved_at", "updated_at")
    return CompiledQuery("comments", counted.filter(task_id__in=numbers("tasks")))


def comment_counts(task_ids: Collection[int], user: User) -> dict[int, CommentCounts]:
    """Return the numbers of comments on each given task that `user` may see, by id, in one query."""
    found: dict[int, list[Comment]] = {task_id: [] for task_id in task_ids}
    if found:
        for comment in _visible_comments(user.role).rows(user=user.pk, tasks=list(found)):
            found[comment.task_id].append(comment)
    return {task_id: _counts(comments) for task_id, comments in found.items()}


def _counts(comments: list[Comment]) -> CommentCounts:
    if not comments:
        return CommentCounts()
    return CommentCounts(
        total=len(comments),
        unresolved=sum(comment.resolved_at is None for comment in comments),
        last_updated_at=max(comment.updated_at for comment in comments),
        author_ids=tuple(sorted({comment.author_id for comment in comments if comment.author_id})),
    )


def mentions_of(user: User) -> MentionQuerySet:
    """Return the mentions of `user` in comments they may see, newest first, with where and by whom."""
    visible = Comment.objects.for_user(user).filter(mentions__user=user).values("pk")
    mentions = Mention.objects.for_user(user).filter(comment__in=visible)
    shown = mentions.select_related("comment__author", "comment__project", "comment__task")
    return shown.defer("comment__task__data", "comment__task__meta").order_by("-pk")


@cache
def _unread_of(user_role: str) -> CompiledQuery[Mention]:
    user = User(pk=number("user"), role=user_role)
    return CompiledQuery("unread_mention", Mention.objects.for_user(user).unread()[:1])


def count_unread(user: User) -> int:
    """Return how many mentions of `user` they have not read; every page asks, and mostly there is none."""
    if _unread_of(user.role).first(user=user.pk) is None:
        return 0
    return mentions_of(user).unread().count()


def mentionable_members(project: Project, text: str) -> list[User]:
    """Return the first members of a project whose name or address holds `text`, who can be mentioned."""
    members = Membership.objects.filter(project=project, user__is_active=True).matching(text)
    people = members.select_related("user").order_by("user__first_name", "user__last_name", "user__email")
    return [member.user for member in people[:MENTIONABLE]]
