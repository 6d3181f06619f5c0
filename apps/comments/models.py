"""Comments on tasks and completions, and whom they mention."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.comments.querysets import CommentQuerySet, MentionQuerySet
from apps.projects.models import Project
from apps.tasks.models import Task


class Comment(models.Model):
    """What somebody says about a task, or about one completion of it.

    The completion is named by its id alone: a deleted completion can be brought back under it, and what was said of
    it must then still be there. In `text` people are named by their ids (`apps.comments.mentions`), so that it never
    holds a name that must be forgotten one day.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    completion_id = models.BigIntegerField(null=True, help_text="Absent: it is about the task.")
    region_id = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="The result item it is about, as the editor calls it.",
    )
    text = models.TextField()
    client_id = models.UUIDField(
        null=True,
        help_text="Chosen by the client, so that a repeated request stores one comment.",
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(null=True, help_text="When its text was changed last.")

    objects = CommentQuerySet.as_manager()

    is_new: bool
    """Whether it was stored just now, on the comment that `add_comment` returns."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_id"],
                condition=Q(client_id__isnull=False),
                name="one_comment_per_client_id",
            )
        ]
        indexes = [
            models.Index(fields=["task", "id"], name="comment_of_task"),
            models.Index(fields=["project", "id"], name="comment_of_project"),
            models.Index(
                fields=["completion_id"],
                condition=Q(completion_id__isnull=False),
                name="comment_of_completion",
            ),
            models.Index(
                fields=["project", "task"], condition=Q(resolved_at__isnull=True), name="comment_unresolved"
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} on task {self.task_id}"


class Mention(models.Model):
    """That a comment names somebody, and whether they have read it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True, help_text="When its person was told by e-mail.")

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="one_mention_per_person_and_comment")
        ]
        indexes = [
            models.Index(fields=["user", "id"], name="mention_of_person"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="mention_unread"),
            models.Index(
                fields=["created_at"],
                condition=Q(read_at__isnull=True, mailed_at__isnull=True),
                name="mention_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"Mention of {self.user_id} in comment {self.comment_id}"


class NoMail(models.Model):
    """Somebody who wants no e-mail about mentions; everybody else gets them where the server sends e-mail."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    since = models.DateTimeField(db_default=Now(), editable=False)

    objects: models.Manager[NoMail] = models.Manager()

    def __str__(self) -> str:
        return f"No mail for {self.user_id}"
