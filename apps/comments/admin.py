"""Comments in the admin panel, to look at and to delete: they are written where people talk."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.requests import caller
from apps.comments import services
from apps.comments.mentions import with_names
from apps.comments.models import Comment
from apps.comments.naming import typed_names
from apps.comments.queries import people_named, require_deleting
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.scoped import ScopedAdmin

EXCERPT_LENGTH = 100


@admin.register(Comment)
class CommentAdmin(ScopedAdmin[Comment]):
    """Comments, newest first."""

    list_display = ("id", "task_id", "project", "author", "excerpt", "resolved_at", "created_at")
    list_select_related = ("project", "author")
    list_filter = (ProjectFilter,)
    search_fields = ("^author__email",)
    search_help_text = "Comment id, or beginning of an e-mail"
    finds_by_id = True
    sortable_by = ("id",)
    ordering = ("-id",)
    fields = (
        "id", "task", "project", "author", "completion_id", "region_id", "shown_text", "client_id", "resolved_at",
        "resolved_by", "created_at", "updated_at", "edited_at",
    )  # fmt: skip
    readonly_fields = ("shown_text",)
    actions = ("delete_comments",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        """Leave out the data of the tasks."""
        return super().get_queryset(request).defer("task__data", "task__meta")

    def view_on_site(self, comment: Comment) -> str:
        """The task, with the comment in sight."""
        return f"{reverse('web:task', args=[comment.project_id, comment.task_id])}#comments"

    @admin.display(description="text")
    def excerpt(self, comment: Comment) -> SafeString:
        """The beginning of what it says, with people by their ids, as it is stored."""
        return format_html('<span class="admin-excerpt">{}</span>', comment.text[:EXCERPT_LENGTH])

    @admin.display(description="text")
    def shown_text(self, comment: Comment) -> str:
        """What it says, with people under the names they have today."""
        return with_names(comment.text, typed_names(people_named([comment]).values()))

    @admin.action(description="Delete…")
    @confirmed(
        question="Delete {rows} for ever? The audit log keeps what was taken from somebody else.",
        button="Delete comments",
    )
    def delete_comments(self, request: HttpRequest, comments: Sequence[Comment]) -> str:
        """Delete comments."""
        for comment in comments:
            require_deleting(caller(request), comment)
            services.delete_comment(comment_id=comment.pk, deleted_by=caller(request))
        return "Deleted {rows}."
