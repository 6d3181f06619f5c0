"""What is done with comments: each answers with the panel of comments as it is then."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.comments import services
from apps.comments.mentions import with_names
from apps.comments.models import Comment
from apps.comments.naming import typed_names
from apps.comments.queries import (
    comment_for,
    mentionable_members,
    people_named,
    require_deleting,
    require_editing,
)
from apps.completions.queries import completion_for
from apps.core.errors import NotFound, ProductError
from apps.core.ids import id_in
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.tasks.models import Task
from apps.web.access import SignedInRequest, open_project
from apps.web.views.task.opening import open_task
from apps.web.views.task.panels import panel_response


@require_POST
def add_comment(request: SignedInRequest, project_id: int, task_id: int) -> HttpResponse:
    """Store a comment on a task, or on the completion that was chosen."""
    project, task = open_task(request, project_id, task_id, Action.COMMENT)
    about, region = request.POST.get("completion", ""), request.POST.get("region", "")
    try:
        completion_id = completion_for(request.user, _number(about)).pk if about else None
        services.add_comment(
            task_id=task.pk,
            author=request.user,
            text=request.POST.get("text", ""),
            completion_id=completion_id,
            region_id=region,
            client_id=_uuid(request.POST.get("unique_id", "")),
        )
    except ProductError as error:
        written = {"text": request.POST.get("text", ""), "about": about, "region": region}
        return _refused(request, project, task, error, written=written)
    return _done(request, project, task)


@require_http_methods(["GET", "POST"])
def edit_comment(request: SignedInRequest, project_id: int, task_id: int, comment_id: int) -> HttpResponse:
    """Show the comment as a form, or store what was changed."""
    project, task, comment = _open_comment(request, project_id, task_id, comment_id)
    require_editing(request.user, comment)
    people = people_named([comment])
    if request.method == "GET":
        text = with_names(comment.text, typed_names(people.values()))
        return panel_response(request, project, task, "comments", edited=comment.pk, edited_text=text)
    text = request.POST.get("text", "")
    try:
        services.edit_comment(comment_id=comment.pk, text=text)
    except ProductError as error:
        return _refused(request, project, task, error, edited=comment.pk, edited_text=text)
    return _done(request, project, task)


@require_POST
def resolve_comment(request: SignedInRequest, project_id: int, task_id: int, comment_id: int) -> HttpResponse:
    """Mark a comment as done; with `reopen` as waiting again."""
    project, task, comment = _open_comment(request, project_id, task_id, comment_id)
    resolved = "reopen" not in request.POST
    try:
        services.set_resolved(comment_id=comment.pk, resolved=resolved, changed_by=request.user)
    except ProductError as error:
        return _refused(request, project, task, error)
    return _done(request, project, task)


@require_POST
def delete_comment(request: SignedInRequest, project_id: int, task_id: int, comment_id: int) -> HttpResponse:
    """Delete a comment; the page has asked already."""
    project, task, comment = _open_comment(request, project_id, task_id, comment_id)
    require_deleting(request.user, comment)
    try:
        services.delete_comment(comment_id=comment.pk, deleted_by=request.user)
    except ProductError as error:
        return _refused(request, project, task, error)
    messages.success(request, "The comment is deleted.")
    return _done(request, project, task)


@require_GET
def find_members(request: SignedInRequest, project_id: int) -> JsonResponse:
    """Return members to mention, while somebody types a name: `insert` is what is written after the `@`."""
    project = open_project(request, project_id, Action.COMMENT)
    people = mentionable_members(project, request.GET.get("q", "")[:100])
    typed = typed_names(people)
    rows = [{"name": str(person), "email": person.email, "insert": typed[person.pk]} for person in people]
    return JsonResponse({"members": rows})


def _open_comment(
    request: SignedInRequest, project_id: int, task_id: int, comment_id: int
) -> tuple[Project, Task, Comment]:
    project, task = open_task(request, project_id, task_id, Action.COMMENT)
    comment = comment_for(request.user, comment_id)
    if comment.task_id != task.pk:
        raise NotFound(f"Task {task.pk} has no comment {comment_id}.")
    return project, task, comment


def _number(text: str) -> int:
    number = id_in(text)
    if number is None:
        raise NotFound("There is no such completion.")
    return number


def _uuid(text: str) -> UUID | None:
    """Return the number under which a form was sent, so that a double click stores one comment; None for none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _done(request: SignedInRequest, project: Project, task: Task) -> HttpResponse:
    if request.htmx:
        return panel_response(request, project, task, "comments")
    return redirect(f"{reverse('web:task', args=[project.pk, task.pk])}#comments")


def _refused(
    request: SignedInRequest, project: Project, task: Task, error: ProductError, **more: Any
) -> HttpResponse:
    if request.htmx:
        return panel_response(request, project, task, "comments", status=422, refusal=error.message, **more)
    messages.error(request, error.message)
    written = {"text": more.get("written", {}).get("text", "")}
    kept = f"?{urlencode(written)}" if len(written["text"]) < 1_500 and written["text"] else ""
    return redirect(f"{reverse('web:task', args=[project.pk, task.pk])}{kept}#comments")
