"""Tasks, assignments and leases in the admin panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.requests import caller
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.projects.admin_totals import total_from_tallies
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.assigning import unassign_tasks
from apps.tasks.leases import release_lease
from apps.tasks.models import Assignment, Lease, Task
from apps.tasks.services import delete_tasks

EXCERPT_LENGTH = 100


@admin.register(Task)
class TaskAdmin(ScopedAdmin[Task]):
    """Tasks, newest first; a list reads the beginning of their data only."""

    list_display = (
        "id", "project", "excerpt", "is_labeled", "completions_count", "predictions_count", "created_at",
    )  # fmt: skip
    list_select_related = ("project",)
    list_filter = ("is_labeled", ProjectFilter)
    list_defer = ("data", "meta")
    search_fields = ("pk",)
    search_help_text = "Task id"
    finds_by_id = True
    sortable_by = ("id",)
    ordering = ("-id",)
    fields = (
        "id", "project", "inner_id", "is_labeled", "overlap", "completions_count", "skips_count",
        "predictions_count", "prediction_score", "data_json", "meta_json", "file_upload", "created_at",
        "updated_at", "completed_at", "updated_by",
    )  # fmt: skip
    readonly_fields = ("data_json", "meta_json")
    actions = ("delete_tasks",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        """Return the tasks with the beginning of their data."""
        return super().get_queryset(request).annotate(start=Left(Cast("data", TextField()), EXCERPT_LENGTH))

    def known_total(self, request: HttpRequest) -> int | None:
        """How many tasks the projects have."""
        return total_from_tallies(request, lambda totals: totals.tasks)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a task by its id; text is looked for on the project's page of tasks."""
        if search_term.strip().isdecimal() or not search_term.strip():
            return super().get_search_results(request, queryset, search_term.strip())
        return queryset.none(), False

    def view_on_site(self, task: Task) -> str:
        """The task's own page."""
        return reverse("web:task", args=[task.project_id, task.pk])

    @admin.display(description="data")
    def excerpt(self, task: Any) -> SafeString:
        """The beginning of its data, on one line."""
        return format_html('<span class="admin-excerpt">{}</span>', task.start)

    @admin.display(description="data")
    def data_json(self, task: Task) -> SafeString:
        """What is shown to people."""
        return formatted_json(task.data)

    @admin.display(description="meta")
    def meta_json(self, task: Task) -> SafeString:
        """What pipelines keep beside it."""
        return formatted_json(task.meta)

    @admin.action(description="Delete…")
    @confirmed(
        question="Delete {rows}, with all completions and predictions? Nothing of it comes back.",
        button="Delete tasks",
    )
    def delete_tasks(self, request: HttpRequest, tasks: Sequence[Task]) -> str:
        """Delete tasks, project by project."""
        for project_id in sorted({task.project_id for task in tasks}):
            require(role_in(caller(request), project_id), Action.CHANGE_TASKS)
            ids = [task.pk for task in tasks if task.project_id == project_id]
            delete_tasks(project_id=project_id, task_ids=ids, deleted_by=caller(request))
        return "Deleted {rows}."


@admin.register(Assignment)
class AssignmentAdmin(ScopedAdmin[Assignment]):
    """Which task is meant for whom."""

    list_display = ("task", "project", "user", "is_open", "assigned_by", "assigned_at")
    list_select_related = ("task", "project", "user", "assigned_by")
    list_filter = ("is_open", ProjectFilter)
    sortable_by = ()
    actions = ("take_back",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        """Leave out the data of the tasks."""
        return super().get_queryset(request).defer("task__data", "task__meta")

    @admin.action(description="Take back…")
    @confirmed(
        question="Take back {rows}? Whoever has such a task in hand may finish it.",
        button="Take tasks back",
    )
    def take_back(self, request: HttpRequest, assignments: Sequence[Assignment]) -> str:
        """Take tasks from the people they are assigned to."""
        for assignment in assignments:
            require(role_in(caller(request), assignment.project_id), Action.CHANGE_TASKS)
            unassign_tasks(
                project=assignment.project,
                task_ids=[assignment.task_id],
                user_ids=[assignment.user_id],
                unassigned_by=caller(request),
            )
        return "Took back {rows}."


@admin.register(Lease)
class LeaseAdmin(ScopedAdmin[Lease]):
    """Reservations of tasks."""

    list_display = ("task", "project", "user", "slot", "expires_at")
    list_select_related = ("task", "project", "user")
    list_filter = (ProjectFilter,)
    sortable_by = ("expires_at",)
    actions = ("give_back",)

    def rows_for(self, user: Any) -> QuerySet[Lease]:
        """Reservations in the projects `user` may see."""
        return Lease.objects.filter(project__in=Project.objects.for_user(user).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lease]:
        """Leave out the data of the tasks."""
        return super().get_queryset(request).defer("task__data", "task__meta")

    @admin.action(description="Give back…")
    @confirmed(
        question="End {rows}? The tasks go to other people; who works on one now may label it in vain.",
        button="Give tasks back",
    )
    def give_back(self, request: HttpRequest, leases: Sequence[Lease]) -> str:
        """End reservations before their time."""
        for lease in leases:
            require(role_in(caller(request), lease.project_id), Action.CHANGE_TASKS)
            release_lease(task_id=lease.task_id, user_id=lease.user_id)
        return "Ended {rows}."
