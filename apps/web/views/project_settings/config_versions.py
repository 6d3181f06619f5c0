"""Earlier labeling configs of a project: looked at, compared, restored."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from apps.completions.queries import count_by_config_version
from apps.core.errors import ProductError
from apps.jobs.models import Job
from apps.jobs.queries import with_waiting_reasons
from apps.projects.config_changing import RELABEL
from apps.projects.config_impact import ConfigBreaksAnswers
from apps.projects.config_versions import version_for, versions_of
from apps.projects.models import ConfigVersion, Project
from apps.projects.policy import Action
from apps.projects.renames import Renames, read_renames
from apps.projects.services import restore_config_version
from apps.web.access import SignedInRequest, open_project
from apps.web.config_diff import DiffLine, diff_lines
from apps.web.config_impact import impact_dialog, read_decision, save_as_decided
from apps.web.settings_pages import settings_context

PAGE_SIZE = 50


@require_GET
def versions(request: SignedInRequest, project_id: int) -> HttpResponse:
    """List the configs this project had, newest first, with how many completions were made with each."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    page = Paginator(versions_of(project, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **settings_context(project, "settings-labeling"),
        "page": page,
        "counts": count_by_config_version(project),
        "jobs": _relabeling_jobs(request, project),
    }
    return render(request, "web/pages/config_versions.html", context)


@require_GET
def version(request: SignedInRequest, project_id: int, number: int) -> HttpResponse:
    """Show one config: what it changed, how it differs from the present one, or all of it (`?show=`)."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    shown = version_for(request.user, project.pk, number)
    previous = _before(request, shown)
    views = {
        "changes": f"Changes since version {previous.number}" if previous else "",
        "present": "Compared with the present config" if shown.number != project.config_version else "",
        "text": "Whole config",
    }
    views = {name: label for name, label in views.items() if label}
    asked = request.GET.get("show", "")
    view = asked if asked in views else next(iter(views))
    context = {
        **settings_context(project, "settings-labeling"),
        "version": shown,
        "is_present": shown.number == project.config_version,
        "renames": _rename_lines(read_renames(shown.renames)),
        "views": views,
        "view": view,
        "lines": _lines(view, project, shown, previous),
    }
    return render(request, "web/pages/config_version.html", context)


@require_POST
def restore(request: SignedInRequest, project_id: int, number: int) -> HttpResponse:
    """Make a version the present one again; asks when that breaks something."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    chosen = version_for(request.user, project.pk, number)
    address = reverse("web:config-version", args=[project.pk, number])

    def save(on_impact: str, renames: Renames) -> Project:
        return restore_config_version(
            project_id=project.pk,
            number=number,
            restored_by=request.user,
            on_impact=on_impact,
            renames=renames,
        )

    try:
        decision = read_decision(request.POST)
        restored = save_as_decided(save, decision)
    except ConfigBreaksAnswers as error:
        return impact_dialog(
            request, project, error, decision=decision, new_config=chosen.label_config,
            address=reverse("web:restore-config", args=[project.pk, number]),
            target="#dialog-content", back=address,
        )  # fmt: skip
    except ProductError as error:
        messages.error(request, f"Version {number} was not restored. {error.message}")
        return _go(request, address)
    messages.success(request, _told(number, restored))
    return _go(request, reverse("web:config-versions", args=[project.pk]))


def _told(number: int, restored: Project) -> str:
    told = f"Version {number} is restored as version {restored.config_version}."
    return f"{told} A job renames what is in the answers." if restored.relabeling_job else told


def _go(request: SignedInRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _before(request: SignedInRequest, version: ConfigVersion) -> ConfigVersion | None:
    earlier = ConfigVersion.objects.for_user(request.user).filter(project_id=version.project_id)
    found: ConfigVersion | None = earlier.filter(number__lt=version.number).order_by("-number").first()
    return found


def _lines(
    view: str, project: Project, version: ConfigVersion, previous: ConfigVersion | None
) -> list[DiffLine]:
    if view == "changes" and previous is not None:
        return diff_lines(previous.label_config, version.label_config)
    if view == "present":
        return diff_lines(version.label_config, project.label_config)
    return []


def _rename_lines(renames: Renames) -> list[tuple[str, str]]:
    """Return each old name with its new one, for people."""
    labels: list[tuple[str, str]] = [
        (f"{old} ({control})", new) for control, names in renames.labels.items() for old, new in names.items()
    ]
    return [*renames.objects.items(), *renames.controls.items(), *labels]


def _relabeling_jobs(request: SignedInRequest, project: Project) -> list[Job]:
    running: Any = Job.objects.for_user(request.user).active().filter(project=project, kind=RELABEL)
    return with_waiting_reasons(running)
