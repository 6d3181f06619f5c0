"""The labeling config: editor, live preview, saving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from apps.core.errors import NotFound, ProductError
from apps.labeling.tags import registry_document
from apps.labeling.templates import LabelingTemplate, find_template
from apps.projects.config_impact import ConfigBreaksAnswers
from apps.projects.models import Project
from apps.projects.policy import Action, require_project_creation
from apps.projects.queries import project_for
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.tasks.models import Task
from apps.web.access import SignedInRequest, open_project
from apps.web.config_editor import editor_context, preview_tasks, verdict
from apps.web.config_impact import impact_dialog, read_decision, save_as_decided
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.project_settings import LabelingForm
from apps.web.settings_pages import settings_context


@require_http_methods(["GET", "POST"])
def labeling(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show and save what is shown and asked; `?template=` loads a template, which is not saved yet."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    if request.method == "POST":
        return _save(request, project)
    template = asked_template(request)
    initial = {"label_config": template.config} if template else None
    form = LabelingForm(project=project, **({"initial": initial} if initial else {}))
    return _page(request, project, form, template)


@require_POST
def check_project_config(request: SignedInRequest, project_id: int) -> JsonResponse:
    """Say what is wrong with a config that is being written for a project."""
    project_for(request.user, project_id, Action.CHANGE_PROJECT)
    return JsonResponse(verdict(request.POST.get("label_config", "")))


@require_POST
def check_config(request: SignedInRequest) -> JsonResponse:
    """Say what is wrong with a config that is being written for a new project."""
    require_project_creation(request.user)
    return JsonResponse(verdict(request.POST.get("label_config", "")))


@require_GET
def preview_task(request: SignedInRequest, project_id: int, task_id: int) -> JsonResponse:
    """Return the data of a project's task, to be previewed."""
    project = project_for(request.user, project_id, Action.CHANGE_PROJECT)
    task = Task.objects.for_user(request.user).filter(project=project, pk=task_id).first()
    if task is None:
        raise NotFound(f"Project {project.pk} has no task {task_id}.")
    return JsonResponse({"id": task.pk, "data": task.data})


@cache_control(private=True, max_age=300)
@require_GET
def labeling_tags(request: SignedInRequest) -> JsonResponse:
    """Return all tags and attributes that a config may hold, for completion."""
    return JsonResponse(registry_document())


@require_GET
def labeling_template(request: SignedInRequest, name: str) -> JsonResponse:
    """Return a template's config and its sample task, to be loaded into the editor."""
    found = find_template(name)
    if found is None:
        raise NotFound(f"There is no template “{name[:80]}”.")
    return JsonResponse({"title": found.title, "config": found.config, "task": found.task})


def asked_template(request: SignedInRequest) -> LabelingTemplate | None:
    """Return the template that the address asks for."""
    name = request.GET.get("template", "")
    return find_template(name) if name else None


def _save(request: SignedInRequest, project: Project) -> HttpResponse:
    form = LabelingForm(request.POST, project=project)
    if form.is_valid():
        try:
            return _store(request, project, form.cleaned_data["label_config"])
        except ProductError as error:
            form.take_errors(error)
    if request.htmx:
        return render(request, "web/parts/config_refused.html", {"form": form}, status=422)
    return _page(request, project, form, None)


def _store(request: SignedInRequest, project: Project, config: str) -> HttpResponse:
    """Save a config, or ask what becomes of what it breaks."""

    def save(on_impact: str, renames: Renames) -> Project:
        return update_project(
            project_id=project.pk,
            changed_by=request.user,
            on_impact=on_impact,
            renames=renames,
            label_config=config,
        )

    decision = read_decision(request.POST)
    address = reverse("web:settings-labeling", args=[project.pk])
    try:
        saved = save_as_decided(save, decision)
    except ConfigBreaksAnswers as error:
        return impact_dialog(
            request, project, error, decision=decision, new_config=config, address=address,
            fields={"label_config": config},
        )  # fmt: skip
    messages.success(request, "The labeling config is saved.")
    if not request.htmx:
        return redirect("web:settings-labeling", project.pk)
    answer = render(request, "web/parts/config_saved.html", {"job": saved.relabeling_job})
    return trigger_client_event(answer, "config:saved")


def _page(
    request: SignedInRequest, project: Project, form: LabelingForm, template: LabelingTemplate | None
) -> HttpResponse:
    mark_invalid(form)
    context = {
        **settings_context(project, "settings-labeling"),
        "form": form,
        "template": template,
        "preview_tasks": preview_tasks(request.user, project),
        "editor_context": editor_context(
            request.user, saved=project.label_config, project=project, template=template
        ),
    }
    return render(request, "web/pages/labeling_setup.html", context, status=422 if form.errors else 200)
