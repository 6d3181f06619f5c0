"""Background work: lists of jobs, one job's card, cancel and retry."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core.errors import NotFound, ProductError
from apps.jobs import services
from apps.jobs.models import Job, JobStatus
from apps.jobs.queries import with_waiting_reasons
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.navigation import tabs_of

PAGE_SIZE = 25
RECENT = 6


@require_GET
def jobs(request: SignedInRequest) -> HttpResponse:
    """List all jobs this person may see."""
    return _list(request, None)


@require_GET
def project_jobs(request: SignedInRequest, project_id: int) -> HttpResponse:
    """List the jobs of one project."""
    return _list(request, open_project(request, project_id, Action.VIEW_JOBS))


@require_GET
def recent_jobs(request: SignedInRequest) -> HttpResponse:
    """Return the last few jobs for the bell in the top bar."""
    recent = with_waiting_reasons(Job.objects.for_user(request.user)[:RECENT])
    return render(request, "web/parts/recent_jobs.html", {"jobs": recent})


@require_GET
def job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """Return one job's card; while the job is active the card asks for itself again."""
    [found] = with_waiting_reasons([_find(request, job_id)])
    return render(request, "web/parts/job.html", {"job": found})


@require_POST
def cancel_job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """Stop a job."""
    return _act(request, job_id, "cancel")


@require_POST
def retry_job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """Run a failed or cancelled job again."""
    return _act(request, job_id, "retry")


def _act(request: SignedInRequest, job_id: UUID, action: str) -> HttpResponse:
    found = _find(request, job_id)
    try:
        if action == "cancel":
            found = services.cancel(job=found, cancelled_by=request.user)
        else:
            found = services.retry(job=found, retried_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
    if request.htmx:
        return render(request, "web/parts/job.html", {"job": with_waiting_reasons([found])[0]})
    return redirect("web:jobs")


def _find(request: SignedInRequest, job_id: UUID) -> Job:
    found = Job.objects.for_user(request.user).filter(pk=job_id).first()
    if found is None:
        raise NotFound("There is no such job, or you may not see it.")
    return found


def _list(request: SignedInRequest, project: Project | None) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in JobStatus.values else ""
    found = Job.objects.for_user(request.user).matching(
        project_id=project.pk if project else None, status=status or None
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "tabs": tabs_of(project) if project else [],
        "tab": "jobs",
        "page": page,
        "jobs": with_waiting_reasons(page.object_list),
        "statuses": JobStatus.choices,
        "status": status,
    }
    return render(request, "web/pages/jobs.html", context)
