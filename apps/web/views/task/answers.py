"""What is done with single completions: deleting, ground truth, reviewing, duplicating."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from apps.completions import restoring, services
from apps.completions.models import Completion, Verdict
from apps.completions.queries import changeable_completion, completion_for
from apps.completions.reviewing import require_reviewing, review_completion
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.core.ids import id_in
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.tasks.models import Task
from apps.web.access import SignedInRequest
from apps.web.views.task.opening import open_task


@require_http_methods(["GET", "POST"])
def delete_completion(
    request: SignedInRequest, project_id: int, task_id: int, completion_id: int
) -> HttpResponse:
    """Ask, then delete a completion; its history brings it back."""
    project, task = open_task(request, project_id, task_id)
    completion = _of_task(task, changeable_completion(request.user, completion_id))
    if request.method == "GET":
        base = "web/dialog_part.html" if request.htmx else "web/dialog_page.html"
        context = {"project": project, "task": task, "completion": completion, "dialog_base": base}
        return render(request, "web/dialogs/delete_completion.html", context)
    try:
        services.delete_completion(completion_id=completion.pk, deleted_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Completion {completion.pk} is deleted. The history can bring it back.")
    return _back(project, task)


@require_POST
def set_ground_truth(
    request: SignedInRequest, project_id: int, task_id: int, completion_id: int
) -> HttpResponse:
    """Mark a completion as ground truth; with `unset` take the mark away."""
    project, task = open_task(request, project_id, task_id, Action.SET_GROUND_TRUTH)
    completion = _of_task(task, changeable_completion(request.user, completion_id))
    marked = "unset" not in request.POST
    try:
        services.update_completion(completion_id=completion.pk, updated_by=request.user, ground_truth=marked)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        done = "is ground truth" if marked else "is no longer ground truth"
        messages.success(request, f"Completion {completion.pk} {done}.")
    return _back(project, task)


_REVIEWED = {
    Verdict.ACCEPTED: "is accepted",
    Verdict.REJECTED: "is rejected",
    Verdict.NONE: "waits for a review again",
}


@require_POST
def review(request: SignedInRequest, project_id: int, task_id: int, completion_id: int) -> HttpResponse:
    """Accept or reject a completion as it was shown; without a verdict take the present one back."""
    project, task = open_task(request, project_id, task_id, Action.REVIEW)
    completion = _of_task(task, completion_for(request.user, completion_id))
    require_reviewing(request.user, completion)
    verdict = request.POST.get("verdict", "")
    if verdict not in Verdict.values:
        raise ValidationFailed("Accept or reject the completion, or take the verdict back.")
    try:
        review_completion(
            completion_id=completion.pk,
            verdict=Verdict(verdict),
            reviewed_by=request.user,
            version=id_in(request.POST.get("version", "")),
        )
    except ProductError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Completion {completion.pk} {_REVIEWED[Verdict(verdict)]}.")
    return redirect(f"{resolve_url('web:task', project.pk, task.pk)}#completion-{completion.pk}")


@require_POST
def duplicate(request: SignedInRequest, project_id: int, task_id: int, completion_id: int) -> HttpResponse:
    """Store a copy of a completion as a new one of the person who asks."""
    project, task = open_task(request, project_id, task_id, Action.LABEL)
    completion = _of_task(task, completion_for(request.user, completion_id))
    require(project.my_role, Action.LABEL)
    try:
        copy, _ = restoring.duplicate_completion(completion_id=completion.pk, duplicated_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Completion {copy.pk} is a copy of it, under your name.")
    return _back(project, task)


def _of_task(task: Task, completion: Completion) -> Completion:
    if completion.task_id != task.pk:
        raise NotFound(f"Task {task.pk} has no completion {completion.pk}.")
    return completion


def _back(project: Project, task: Task) -> HttpResponse:
    return redirect("web:task", project.pk, task.pk)
